"""The provider of AWS::SageMaker::ModelQualityJobDefinition: what runs in Lambda, no more."""

import gc
import os

# Lambda has the name of the function's handler in _HANDLER
# (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). There, what is imported
# stays as long as the process: the collector is spared the search for garbage in it, both while it
# grows, which every cold start waits for, and in all later collections. What an invocation makes is
# some ten thousand objects, nearly all of which go without the collector, so it looks for garbage
# once in that time and not some ten times. Any other process may have garbage of its own, and its
# collector is left alone.
if os.environ.get("_HANDLER", "").startswith(f"{__name__}."):
    gc.disable()
    try:
        from . import handlers  # noqa: F401 - what Lambda imports next

        gc.freeze()
        gc.set_threshold(10_000)
    finally:
        gc.enable()
