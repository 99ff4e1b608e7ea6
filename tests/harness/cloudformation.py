"""The sandbox's CloudFormation over a real socket, with a toy resource type for tests to script."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import boto3
from botocore.config import Config
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import (
    MotoRequestHandler,
)
from werkzeug.serving import make_server

from sandbox import cloudformation, moto_seams
from sandbox.cloudformation import HostedType, Timing
from sandbox.unsupported import UnsupportedApp

REGION = "us-east-1"
ACCOUNT = "123456789012"
CREDENTIALS = {"aws_access_key_id": "AKIATESTTESTTESTTEST", "aws_secret_access_key": "secret"}
SESSION = boto3.Session()
THING = "Toy::Shop::Thing"

#: A change of Name requires a replacement. All other properties are updated in place.
SCHEMA: dict[str, Any] = {
    "typeName": THING,
    "properties": {
        "Name": {"type": "string", "pattern": r"^[\p{L}-]+$", "maxLength": 12},
        "Size": {"type": "integer", "minimum": 1},
        "Ratio": {"type": "number"},
        "Open": {"type": "boolean"},
        "Parts": {"type": "array", "items": {"$ref": "#/definitions/Part"}, "maxItems": 2},
        "Environment": {
            "type": "object",
            "patternProperties": {"^[A-Z]+$": {"type": "string", "maxLength": 10}},
            "additionalProperties": False,
        },
        "Empty": {"type": "object"},
        "Secret": {"type": "string"},
        "Tags": {
            "type": "array",
            "insertionOrder": False,
            "items": {"$ref": "#/definitions/Tag"},
        },
        "Arn": {"type": "string"},
        "Made": {"type": "string"},
    },
    "definitions": {
        "Part": {
            "type": "object",
            "properties": {"Kind": {"enum": ["cog", "wheel"]}, "Count": {"type": "integer"}},
            "required": ["Kind"],
            "additionalProperties": False,
        },
        "Tag": {
            "type": "object",
            "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}},
            "additionalProperties": False,
        },
    },
    "required": ["Size"],
    "additionalProperties": False,
    "createOnlyProperties": ["/properties/Name"],
    "readOnlyProperties": ["/properties/Arn", "/properties/Made"],
    "writeOnlyProperties": ["/properties/Secret"],
    "primaryIdentifier": ["/properties/Arn"],
    "tagging": {"taggable": True, "tagUpdatable": True, "tagProperty": "/properties/Tags"},
    "handlers": {
        action: {"permissions": []} for action in ("create", "read", "update", "delete", "list")
    },
}

Event = dict[str, Any]
Answer = dict[str, Any]


def failed(code: str, message: str, model: Any = None) -> Answer:
    """Return a progress event with status FAILED."""
    return {"status": "FAILED", "errorCode": code, "message": message, "resourceModel": model}


def in_progress(model: Any, context: Any = None, delay: float = 0) -> Answer:
    """Return a progress event with status IN_PROGRESS. delay: in seconds."""
    return {
        "status": "IN_PROGRESS",
        "resourceModel": model,
        "callbackContext": context,
        "callbackDelaySeconds": delay,
    }


@dataclass
class Shop:
    """The provider of the toy type. It stores things, and tests can script its responses.

    things: the stored models by ARN. events: all events so far, oldest first.
    script: the next steps for each action: a progress event to return, an exception to raise, a
        function to call with the event, or None to do the real work.
    """

    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    script: dict[str, deque[Any]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def will(self, action: str, *answers: Any) -> None:
        """Script the next invocations of an action; see `script`."""
        self.script.setdefault(action, deque()).extend(answers)

    def invoke(self, event: Event) -> Answer:
        """Handle an event: take the next scripted step, or do the real work."""
        self.events.append(event)
        scripted = self.script.get(event["action"])
        step = scripted.popleft() if scripted else None
        if isinstance(step, Exception):
            raise step
        if callable(step):
            step = step(event)
        if step is not None:
            answer: Answer = step
            return answer
        return self.work(event)

    def work(self, event: Event) -> Answer:
        """Do the real work for an event. Returns its progress event."""
        properties = event["requestData"]["resourceProperties"]
        arn = properties.get("Arn") or f"arn:toy:{properties.get('Name', '')}:{next(self.numbers)}"
        if event["action"] == "DELETE":
            if self.things.pop(arn, None) is None:
                return failed("NotFound", f"no {arn}")
            return {"status": "SUCCESS"}
        if event["action"] == "READ":
            if arn not in self.things:
                return failed("NotFound", f"no {arn}")
            return {"status": "SUCCESS", "resourceModel": self.things[arn]}
        shown = {key: value for key, value in properties.items() if key != "Secret"}
        self.things[arn] = {**shown, "Arn": arn, "Made": "2026-11-20T20:21:24.397Z"}
        return {"status": "SUCCESS", "resourceModel": self.things[arn]}

    def of(self, action: str) -> list[Event]:
        """Return the events of an action, oldest first."""
        return [event for event in self.events if event["action"] == action]

    def sent(self, action: str) -> list[dict[str, Any]]:
        """Return the properties that each invocation of an action received, oldest first."""
        return [event["requestData"]["resourceProperties"] for event in self.of(action)]


@dataclass
class Stacks:
    """A running sandbox with its shop, and helpers to work with its stacks."""

    url: str
    shop: Shop
    clients: dict[Any, Any] = field(default_factory=dict)

    def client(self, service: str = "cloudformation", region: str = REGION, **more: Any) -> Any:
        """Return a boto3 client for the sandbox. more: other credentials."""
        key = (service, region, *more.items())
        if key not in self.clients:
            self.clients[key] = SESSION.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                config=Config(retries={"total_max_attempts": 1}),
                **{**CREDENTIALS, **more},
            )
        return self.clients[key]

    def create(self, resources: Any, name: str = "shop", wait: bool = True, **more: Any) -> str:
        """Create a stack with these resources. Returns its id.

        wait: whether to wait until the stack is settled. more: further arguments of CreateStack,
        or `template` with further sections of the template.
        """
        body = template(resources, more.pop("template", {}))
        answer = self.client().create_stack(StackName=name, TemplateBody=body, **more)
        if wait:
            self.settled(answer["StackId"])
        stack_id: str = answer["StackId"]
        return stack_id

    def update(self, resources: Any, name: str = "shop", wait: bool = True, **more: Any) -> str:
        """Update a stack to these resources. Returns its final status, or "" without `wait`."""
        body = template(resources, more.pop("template", {}))
        answer = self.client().update_stack(StackName=name, TemplateBody=body, **more)
        return self.settled(answer["StackId"]) if wait else ""

    def delete(self, name: str = "shop", **more: Any) -> str:
        """Delete a stack. Returns its final status."""
        stack_id = self.describe(name)["StackId"]
        self.client().delete_stack(StackName=name, **more)
        return self.settled(stack_id)

    def settled(self, name: str = "shop", seconds: float = 20) -> str:
        """Wait until a stack is no longer in progress. Returns its status."""
        return self.until(lambda status: not status.endswith("_IN_PROGRESS"), name, seconds)

    def until(self, reached: Callable[[str], bool], name: str = "shop", seconds: float = 20) -> str:
        """Wait until `reached` is true for the status of a stack. Returns that status."""
        client, end = self.client(), time.monotonic() + seconds
        while True:
            status: str = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            if reached(status):
                return status
            assert time.monotonic() < end, f"{name} stays {status}"
            time.sleep(0.01)

    def describe(self, name: str = "shop") -> dict[str, Any]:
        """Return the description of a stack."""
        stack: dict[str, Any] = self.client().describe_stacks(StackName=name)["Stacks"][0]
        return stack

    def events(self, name: str = "shop", logical_id: str | None = None) -> list[dict[str, Any]]:
        """Return the events of a stack or of one of its resources, oldest first."""
        pages = self.client().get_paginator("describe_stack_events").paginate(StackName=name)
        found = [event for page in pages for event in page["StackEvents"]][::-1]
        return [e for e in found if logical_id in (None, e["LogicalResourceId"])]

    def statuses(self, name: str = "shop", logical_id: str | None = None) -> list[str]:
        """Return the statuses of the events, oldest first.

        Without `logical_id`, each has the form `Resource STATUS`.
        """
        if logical_id:
            return [event["ResourceStatus"] for event in self.events(name, logical_id)]
        return [f"{e['LogicalResourceId']} {e['ResourceStatus']}" for e in self.events(name)]

    def operation_events(self, **asked: Any) -> list[dict[str, Any]]:
        """Return what DescribeEvents returns for a stack or change set, oldest first."""
        pages = self.client().get_paginator("describe_events").paginate(**asked)
        return [event for page in pages for event in page["OperationEvents"]][::-1]

    def invalid(self, **asked: Any) -> list[str]:
        """Return what the validation before provisioning found, in the order of the template.

        asked: as for DescribeEvents; by default the stack `shop`.
        """
        events = self.operation_events(**(asked or {"StackName": "shop"}))
        return [
            event["ValidationStatusReason"]
            for event in events
            if event["EventType"] == "VALIDATION_ERROR"
        ]

    def reason(self, status: str, name: str = "shop", logical_id: str = "Thing") -> str:
        """Return the reason of the last event with this status."""
        found = [e for e in self.events(name, logical_id) if e["ResourceStatus"] == status]
        reason: str = found[-1].get("ResourceStatusReason", "")
        return reason

    def resource(self, logical_id: str = "Thing", name: str = "shop") -> dict[str, Any]:
        """Return the description of a resource."""
        answer = self.client().describe_stack_resource(StackName=name, LogicalResourceId=logical_id)
        detail: dict[str, Any] = answer["StackResourceDetail"]
        return detail

    def upload(self, resources: Any, **more: Any) -> str:
        """Put a template into S3, in the place of the last one; return its URL."""
        s3 = self.client("s3")
        if not s3.list_buckets()["Buckets"]:
            s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key="child.json", Body=template(resources, more))
        return f"{self.url}/templates/child.json"


def thing(properties: Mapping[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    """Return a template's resource of the toy type. Size is 1 by default."""
    return {"Type": THING, "Properties": {"Size": 1, **(properties or {})}, **attributes}


def template(resources: Any, more: Mapping[str, Any] | None = None) -> str:
    """Return the text of a template with these resources. A string is already a template."""
    if isinstance(resources, str):
        return resources
    return json.dumps({"Resources": resources, **(more or {})})


@contextmanager
def running(timing: Timing | None = None, *others: HostedType) -> Iterator[Stacks]:
    """Run an empty sandbox in this process.

    others: hosted types in addition to the toy type.
    """
    shop = Shop()
    fast = Timing(attempts=3, first_delay=0.01, callback_scale=1)
    types = [HostedType(SCHEMA, shop.invoke), *others]
    cloudformation.install(types, timing or fast)
    app = UnsupportedApp(moto_seams.application())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Stacks(f"http://127.0.0.1:{server.port}", shop)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        cloudformation.stop()
        BackendDict.reset()


class _Quiet(MotoRequestHandler):
    def log_request(self, *_args: Any) -> None:
        pass
