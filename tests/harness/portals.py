"""Something between here and AWS that answers in the place of AWS, such as a page to log in."""

import http.server
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

Answer = Callable[[Mapping[str, str], bytes], tuple[int, bytes]]
"""Returns the status and the body of a response to a request's headers and body."""


@contextmanager
def portal(answer: Answer) -> Iterator[str]:
    """Start a server that gives these answers. Returns its address."""

    class Portal(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = answer(dict(self.headers), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
