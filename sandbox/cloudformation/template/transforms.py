"""Apply the transforms that a template declares: first the snippets, then AWS's extensions."""

from __future__ import annotations

from sandbox.cloudformation.template.configuration import Configuration
from sandbox.cloudformation.template.includes import Fetch, include
from sandbox.cloudformation.template.language_extensions import expand
from sandbox.cloudformation.template.template import LANGUAGE_EXTENSIONS, Template


def transformed(configuration: Configuration, fetch: Fetch) -> Template:
    """Return the processed template of a configuration.

    fetch: returns the content of an S3 object.

    Raises ValidationError if a transform fails, or if its result is not a well-formed template.
    """
    if configuration.template.has_includes:
        configuration = configuration.with_template(include(configuration, fetch))
        configuration.template.check_frame()
    if LANGUAGE_EXTENSIONS in configuration.template.declared_transforms:
        configuration = configuration.with_template(expand(configuration))
    configuration.template.check()
    return configuration.template
