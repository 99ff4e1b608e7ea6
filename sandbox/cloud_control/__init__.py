"""Cloud Control: the hosted types' handlers without a stack.

    app.py        the protocol: a JSON service in front of moto
    service.py    one method for each operation: from the request to the answer
    resources.py  the resources of one type in one place: identifiers, reads and lists
    requests.py   the resource requests of one account and region: tokens, statuses, cancels
    patching.py   a patch document, and what it must not change
    errors.py     the errors that are Cloud Control's own, in AWS's words

A create, an update or a delete continues in the background after its answer, and its progress is
asked for by its request token. Sources: the user guide of Cloud Control
(https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/) and guide/assumptions.md.
"""

from sandbox.cloud_control.app import CloudControlApp
from sandbox.cloud_control.service import CloudControlService, Types

__all__ = ["CloudControlApp", "CloudControlService", "Types"]
