"""Dynamic references in the configuration data of registered types."""

from __future__ import annotations

from typing import Any

from sandbox.cloudformation.errors import ValidationError
from sandbox.cloudformation.template.dynamic_references import parse_reference, substitute
from sandbox.cloudformation.template.stored_values import NoValue, value_of
from sandbox.hosting.hosted_type import ConfigurationFailed
from sandbox.hosting.place import Place


def resolved(place: Place, document: Any) -> Any:
    """Return a document with each dynamic reference replaced by the value that it stands for.

    Raises ConfigurationFailed if a reference is malformed or leads nowhere.
    """
    try:
        return substitute(document, lambda text: value_of(parse_reference(text), place))
    except NoValue as error:
        raise ConfigurationFailed(str(error)) from None
    except ValidationError as error:
        raise ConfigurationFailed(str(error.message)) from None
