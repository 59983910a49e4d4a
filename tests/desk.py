"""A provider's desk for a test: it writes down what was asked of it and answers what it is told to."""
import contextlib
import http.server
import json
import socket
import threading


class Desk:
    """answer(method, path, headers, body) returns (status, value for JSON or None), or None: it hangs up."""

    def __init__(self, answer):
        self.answer = answer
        self.calls = []
        self.lock = threading.Lock()
        self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def asked(self, path):
        with self.lock:
            return [call for call in self.calls if call[1].split("?")[0].endswith(path)]


@contextlib.contextmanager
def open_desk(answer):
    desk = Desk(answer)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            with desk.lock:
                desk.calls.append((self.command, self.path, body))
                answer = desk.answer(self.command, self.path, self.headers, body)
            if answer is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            text = b"" if answer[1] is None else json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = serve

    desk.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    desk.server.daemon_threads = True
    threading.Thread(target=desk.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield desk
    finally:
        desk.server.shutdown()
        desk.server.server_close()
