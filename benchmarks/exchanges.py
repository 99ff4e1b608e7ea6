"""Runs like worker.py, but only makes HTTP exchanges: the lower bound for providers that make them.

    AWS_ENDPOINT_URL_SAGEMAKER=ADDRESS python -I -S -B exchanges.py

Each line of standard input is a list of requests. A request is an X-Amz-Target, such as
SageMaker.ListTags, and its JSON. They are sent one after another, without an SDK, over one open
connection to each service. For each line, a line of standard output has the seconds.
"""

import http.client
import json
import os
import sys
import time
from functools import cache

TOKEN_LENGTH = 800  # approximate number of characters in the session token of a role
# The headers that the SDK sends for this provider, of similar length: the server reads them all.
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "User-Agent": "Botocore/1.43.0 Python/3.12.1 Linux/6.1.0",
    "X-Amz-Date": "20260101T000000Z",
    "X-Amz-Security-Token": "t" * TOKEN_LENGTH,
    "amz-sdk-invocation-id": "00000000-0000-0000-0000-000000000000",
    "amz-sdk-request": "attempt=1",
}
_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=ASIA0000000000000000/20260101/us-east-1/{}/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
    f"Signature={'0' * 64}"
)
# The names of a service in a variable and in a signature, by its name in a target.
_SERVICES = {
    "SageMaker": ("SAGEMAKER", "sagemaker"),
    "Logs_20140328": ("LOGS", "logs"),
    "GraniteServiceVersion20100801": ("CLOUDWATCH", "monitoring"),
}


def main() -> None:
    """Serve lists of requests until standard input ends."""
    for line in sys.stdin:
        requests = [_request(target, request) for target, request in json.loads(line)]
        started = time.perf_counter()
        for connection, body, headers in requests:
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{headers['X-Amz-Target']} was answered with {answer.status}")
        print(time.perf_counter() - started, flush=True)


def _request(
    target: str, request: object
) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    name, signed_for = _SERVICES[target.partition(".")[0]]
    signature = {"Authorization": _AUTHORIZATION.format(signed_for)}
    headers = {**_HEADERS, "X-Amz-Target": target, **signature}
    return _connection(os.environ[f"AWS_ENDPOINT_URL_{name}"]), json.dumps(request), headers


@cache
def _connection(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(url.removeprefix("http://"))


if __name__ == "__main__":
    main()
