"""What ``cfn-lint --append-rules validation/rules`` loads: every rule of this package.

cfn-lint imports each file of such a folder by itself, outside of any package, and leaves out those
whose names begin with an underscore (cfnlint/helpers.py, ``load_plugins``). So this is the only
file that it imports. It imports the package, from wherever the folder is, under a name that no
other package has.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_NAME = "model_quality_job_definition_rules"


def _package() -> ModuleType:
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    spec = importlib.util.spec_from_file_location(_NAME, Path(__file__).with_name("__init__.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"{Path(__file__).parent} is not a package")
    package = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = package
    spec.loader.exec_module(package)
    return package


# cfn-lint takes every class of a module that is a rule.
globals().update({rule.__name__: rule for rule in (*_package().RULES, *_package().FOR_OWN_NAMES)})
