"""A proxy with TLS before a shop's public port, made of the file in contrib/ with this test's ports and certificate."""
import http.client
import os
import re
import socket
import ssl
import subprocess
import tempfile

from shop import HERE, free_port, wait

NAME = "m.example.com"


def certificate(folder):
    key, crt = os.path.join(folder, "privkey.pem"), os.path.join(folder, "fullchain.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", key, "-out", crt],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return key, crt


def contrib(name):
    with open(os.path.join(HERE, "..", "contrib", "proxy", name), encoding="utf-8") as file:
        return file.read()


class Proxy:
    """command(folder, port, public port): how it is started, after it has written what it needs."""

    def __init__(self, command, public):
        self.folder = tempfile.TemporaryDirectory(prefix="dgl-proxy")
        self.port = free_port()
        self.process = subprocess.Popen(command(self.folder.name, self.port, public), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.context = ssl.create_default_context(cafile=os.path.join(self.folder.name, "fullchain.pem"))

    def ask(self, method, path, body=None, headers=None, source="127.0.0.1"):
        """(status, body), from an address of this machine; the certificate is looked at."""
        one = http.client.HTTPConnection("127.0.0.1", self.port)
        one.sock = self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 30, (source, 0)),
                                            server_hostname=NAME)
        try:
            one.request(method, path, body, {"Host": NAME, **(headers or {})})
            got = one.getresponse()
            return got.status, got.read()
        finally:
            one.close()

    def ready(self):
        assert self.process.poll() is None, self.process.stdout.read().decode()
        try:
            return self.ask("GET", "/") is not None
        except OSError:
            return False

    def __enter__(self):
        wait(self.ready, "the proxy")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()
        self.folder.cleanup()


def nginx(folder, port, public):
    key, crt = certificate(folder)
    site = contrib("nginx.conf")
    for pattern, word in ((r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"), (r" *listen \[::\]:443 ssl;\n", ""),
                          (r"/etc/letsencrypt/\S+/fullchain\.pem", crt), (r"/etc/letsencrypt/\S+/privkey\.pem", key),
                          (r"127\.0\.0\.1:8485(?=;)", f"127.0.0.1:{public}")):
        site, n = re.subn(pattern, word, site)
        assert n, pattern
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as file:
        file.write(("user root;\n" if os.geteuid() == 0 else "") + f"pid {folder}/pid;\ndaemon off;\nevents {{ }}\n"
                   f"http {{\naccess_log {folder}/access;\n{temporary}{site}}}\n")
    command = ["/usr/sbin/nginx", "-p", folder, "-e", os.path.join(folder, "errors"), "-c",
               os.path.join(folder, "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return command


def caddy(program):
    def command(folder, port, public):
        key, crt = certificate(folder)
        site = contrib("Caddyfile").replace(f"\n{NAME} {{", f"\nhttps://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {crt} {key}")
        site = "{\n\tadmin off\n\tauto_https off\n}\n" + site.replace("127.0.0.1:8485 {", f"127.0.0.1:{public} {{")
        with open(os.path.join(folder, "Caddyfile"), "w", encoding="utf-8") as file:
            file.write(site)
        return [program, "run", "--config", os.path.join(folder, "Caddyfile"), "--adapter", "caddyfile"]
    return command
