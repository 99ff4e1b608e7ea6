"""Where the sandbox takes hold of moto's insides."""

from threading import RLock
from typing import TypeVar

from moto.cloudformation.parsing import get_model_list, get_model_map, get_name_type_map
from moto.core.common_models import CloudFormationModel

MOTO_LOCK = RLock()
"""moto's models are plain dictionaries without locks; one caller at a time. Never held while
waiting."""

Model = TypeVar("Model", bound=type[CloudFormationModel])


def add(model: Model) -> Model:
    """Decorate a class of a resource type: moto deploys it then.

    moto finds types by looking at the subclasses of CloudFormationModel, once. If it has looked, it
    is to look again.
    """
    for found in (get_model_list, get_model_map, get_name_type_map):
        found.cache_clear()
    return model
