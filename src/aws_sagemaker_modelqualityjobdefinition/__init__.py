"""The provider of AWS::SageMaker::ModelQualityJobDefinition: all that runs in Lambda."""

import gc
import os

# Lambda sets _HANDLER to the name of the function's handler
# (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). In Lambda, imported
# modules live as long as the process. So the garbage collector need not search them, neither during
# the import, which every cold start waits for, nor in later collections. An invocation creates some
# ten thousand objects, and nearly all are freed without the collector. The threshold makes it run
# about once in that time instead of ten times. Other processes may have garbage of their own, so
# their collector is left alone.
if os.environ.get("_HANDLER", "").startswith(f"{__name__}."):
    gc.disable()
    try:
        from . import handlers  # noqa: F401 - Lambda imports it next

        gc.freeze()
        gc.set_threshold(10_000)
    finally:
        gc.enable()
