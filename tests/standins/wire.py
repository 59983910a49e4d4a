"""What travels between a client and a stand-in: a request, an answer, certificates. Knows no provider."""
import json
import os
import ssl
import subprocess
import tempfile
import urllib.parse

NOT_JSON = object()


class Request:
    __slots__ = ("method", "target", "path", "headers", "body", "time", "_json", "_query")

    def __init__(self, method, target, headers, now):
        self.method, self.target, self.headers, self.time = method, target, headers, now
        self.path = target.partition("?")[0]
        self.body = b""
        self._json = self._query = None

    def query(self):
        """{name: [values]}, as it was carried; blanks are kept."""
        if self._query is None:
            self._query = urllib.parse.parse_qs(self.target.partition("?")[2], keep_blank_values=True)
        return self._query

    def one(self, name, otherwise=None):
        return self.query().get(name, [otherwise])[0]

    def json(self):
        """The body parsed, or NOT_JSON."""
        if self._json is None:
            try:
                self._json = json.loads(self.body.decode("utf-8"))
            except ValueError:
                self._json = NOT_JSON
        return self._json

    def kind(self):
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form(self):
        """[(name, value)] of a form, urlencoded (values str) or multipart (a file: (file name, bytes)); None if neither."""
        if self.kind() == "application/x-www-form-urlencoded":
            return urllib.parse.parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        if self.kind() == "multipart/form-data":
            return list(_parts(self.headers["content-type"], self.body))
        return None


def _parameter(header, name):
    for one in header.split(";")[1:]:
        key, _, value = one.strip().partition("=")
        if key.lower() == name:
            return value.strip('"')
    return None


def _parts(content_type, body):
    boundary = _parameter(content_type, "boundary")
    if not boundary:
        return
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            return
        head, found, value = part.partition(b"\r\n\r\n")
        if not found:
            continue
        for line in head.decode("utf-8", "replace").split("\r\n"):
            if line.lower().startswith("content-disposition:"):
                file = _parameter(line, "filename")
                yield (_parameter(line, "name"),
                       (file, value) if file is not None else value.decode("utf-8", "replace"))


class Answer:
    """body: bytes as they are, or anything else as JSON."""
    __slots__ = ("status", "body", "headers")

    def __init__(self, status, body=b"", headers=None, kind=None):
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            kind = kind or "application/json; charset=utf-8"
        self.status, self.body = status, body
        self.headers = {"Content-Type": kind or "text/plain", **(headers or {})}

    def bytes(self, length=None):
        lines = [f"HTTP/1.1 {self.status} As-Told", f"Content-Length: {len(self.body) if length is None else length}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


class Certificates:
    """One that is right for localhost and 127.0.0.1 (its path: `right`), one that names another host."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="dgl-standin", dir="/tmp")
        self.right, self.right_context = self._make("right", "localhost", "DNS:localhost,IP:127.0.0.1")
        self.wrong, self.wrong_context = self._make("wrong", "elsewhere.invalid", "DNS:elsewhere.invalid")

    def _make(self, file, name, names):
        pem, key = (os.path.join(self.folder.name, file + end) for end in (".pem", ".key"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", pem, "-days", "3", "-subj", "/CN=" + name,
                        "-addext", "subjectAltName=" + names, "-addext", "basicConstraints=critical,CA:TRUE"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, key)
        return pem, context

    def close(self):
        self.folder.cleanup()
