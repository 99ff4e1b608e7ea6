"""How the demo can end early."""


class Refused(Exception):
    """The demo cannot be told as asked; the message says why.

    command: what to try instead.
    """

    def __init__(self, message: str, command: str) -> None:
        super().__init__(message)
        self.command = command


class TemplateRejected(Exception):
    """CloudFormation rejects a template or its parameters; the message is CloudFormation's."""


class OutputFailed(Exception):
    """What the demo shows cannot be written; the message says why."""


class StoryFailed(Exception):
    """Something did not go as expected; the message says what."""
