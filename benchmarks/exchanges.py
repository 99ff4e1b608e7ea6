"""Runs like worker.py, and makes the bare HTTP exchanges of a READ: what no provider can be below.

    python -I -S -B exchanges.py ADDRESS

Each line of standard input is a list of requests, each an operation and its JSON; they are sent one
after another over one kept connection, without an SDK. Each line of standard output is the seconds.
"""

import http.client
import json
import sys
import time

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "Authorization": "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/sagemaker/aws4_request, "
    "SignedHeaders=host, Signature=none",
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
