"""Runs like worker.py, and makes the bare HTTP exchanges of a READ: what no provider can be below.

    python -I -S -B exchanges.py ADDRESS

Each line of standard input is a list of requests, each an operation and its JSON; they are sent one
after another over one kept connection, without an SDK. Each line of standard output is the seconds.
"""

import http.client
import json
import sys
import time

TOKEN_LENGTH = 800  # characters of a role's session token, about
# All that the SDK sends for this provider, in about its length: the server reads all of it.
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "User-Agent": "Botocore/1.43.0 Python/3.12.1 Linux/6.1.0",
    "X-Amz-Date": "20260101T000000Z",
    "X-Amz-Security-Token": "t" * TOKEN_LENGTH,
    "Authorization": "AWS4-HMAC-SHA256 "
    "Credential=ASIA0000000000000000/20260101/us-east-1/sagemaker/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
    f"Signature={'0' * 64}",
    "amz-sdk-invocation-id": "00000000-0000-0000-0000-000000000000",
    "amz-sdk-request": "attempt=1",
}


def main() -> None:
    """Serve lists of requests until standard input ends."""
    connection = http.client.HTTPConnection(sys.argv[1].removeprefix("http://"))
    for line in sys.stdin:
        requests = [(name, json.dumps(request)) for name, request in json.loads(line)]
        started = time.perf_counter()
        for operation, body in requests:
            headers = {**_HEADERS, "X-Amz-Target": f"SageMaker.{operation}"}
            connection.request("POST", "/", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{operation} was answered with {answer.status}")
        print(time.perf_counter() - started, flush=True)


if __name__ == "__main__":
    main()
