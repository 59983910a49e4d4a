"""contrib/pos: a till loses nothing while the daemon is away, and nothing happens twice. All clients side by side."""
import concurrent.futures
import http.server
import json
import os
import subprocess
import tempfile
import threading

import pytest
from shop import HERE, free_port, open_shop

POS = os.path.join(HERE, "..", "contrib", "pos")
NAMES = ("c", "python", "php", "node", "shell")
RULE = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'
TEXT = {"r.sms": "#{이름}님 결제 #{event.order}"}


@pytest.fixture(scope="module")
def clients():
    with tempfile.TemporaryDirectory(prefix="dgl-pos") as folder:
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-o", os.path.join(folder, "pos"),
                        os.path.join(POS, "dangol-pos.c")], check=True)
        yield {"c": [os.path.join(folder, "pos")], "python": ["/usr/bin/python3", os.path.join(POS, "dangol_pos.py")],
               "php": ["php", os.path.join(POS, "dangol-pos.php")], "node": ["node", os.path.join(POS, "dangol-pos.js")],
               "shell": ["sh", os.path.join(POS, "dangol-pos.sh")]}


def event(name, n=1, **more):
    return {"id": f"{name}-{n}", "type": "order.paid", "customer": {"id": name, "name": "김하늘", "phone": "01012345678"},
            "data": {"order": f"{name}-{n}", "total": 23500, "items": [{"sku": "B", "name": "\"원두\" \\ ½", "quantity": 1}]},
            **more}


@pytest.fixture
def till(clients, tmp_path):
    """till(name, event or None, **environment): (exit status, what it said)."""
    def run(name, what=None, **settings):
        text = json.dumps(what, ensure_ascii=False, indent=1) if isinstance(what, dict) else what or ""
        done = subprocess.run(clients[name], input=text.encode(), cwd=tmp_path, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, timeout=60,
                              env={**os.environ, "DANGOL_SPOOL": str(tmp_path / name), **settings})
        return done.returncode, done.stdout.decode()
    return run


def every(work):
    with concurrent.futures.ThreadPoolExecutor(len(NAMES)) as pool:
        return dict(zip(NAMES, pool.map(work, NAMES)))


def spooled(tmp_path, name):
    return sorted(one.name for one in (tmp_path / name).iterdir())


def test_an_event_arrives(till, tmp_path):
    with open_shop(rules=RULE, templates=TEXT) as shop:
        for name, (code, said) in every(lambda name: till(name, event(name), DANGOL=shop.socket)).items():
            assert (code, said) == (0, ""), name
            assert shop.message_in("accepted", customer=name)["text"] == f"김하늘님 결제 {name}-1"
            assert not spooled(tmp_path, name)
        every(lambda name: till(name, event(name), DANGOL=shop.socket))
        events = shop.status()["events"]
        assert (events["accepted"], events["duplicate"]) == (5, 5) and len(shop.messages()) == 5


def test_over_http_with_the_token_that_may_only_post(till, tmp_path):
    with open_shop(tcp=True, listen='post-token credential "till"', credentials={"till": "till-token"}) as shop:
        (tmp_path / "token").write_text("till-token\n")
        (tmp_path / "wrong").write_text("no-such-token\n")
        more = {"DANGOL": f"http://127.0.0.1:{shop.port}"}
        for name, (code, said) in every(lambda name: till(name, event(name), DANGOL_TOKEN="token", **more)).items():
            assert (code, said, spooled(tmp_path, name)) == (0, "", []), name
        assert shop.status()["events"]["accepted"] == 5
        for name, (code, said) in every(lambda name: till(name, event(name, 2), DANGOL_TOKEN="wrong", **more)).items():
            assert code == 0 and "401" in said and len(spooled(tmp_path, name)) == 1, (name, said)
            assert "no-such-token" not in said


def test_nothing_is_lost_while_the_daemon_is_away(till, tmp_path):
    with open_shop(rules=RULE, templates=TEXT, start=False) as shop:
        for n in (1, 2):
            for name, (code, said) in every(lambda name: till(name, event(name, n), DANGOL=shop.socket)).items():
                assert code == 0 and "kept" in said and len(spooled(tmp_path, name)) == n, (name, said)
        shop.start()
        for name, (code, said) in every(lambda name: till(name, None, DANGOL=shop.socket)).items():
            assert (code, said, spooled(tmp_path, name)) == (0, "", []), name
        shop.wait(lambda: len(shop.messages(state="accepted")) == 10, "each message once")
        events = shop.status()["events"]
        assert (events["accepted"], events["duplicate"], events["rejected"]) == (10, 0, 0)


class Busy(http.server.BaseHTTPRequestHandler):
    """429, then nothing at all, then 202: each till's own row."""
    seen, lock = {}, threading.Lock()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.lock:
            self.seen.setdefault(body["customer"]["id"], []).append(body)
            n = len(self.seen[body["customer"]["id"]])
        if n == 2:
            self.close_connection = True
            return
        answer = b'{"accepted":1,"duplicate":0,"rejected":[]}' if n > 2 else b'{"title":"Too Many Requests","status":429}'
        self.send_response(202 if n > 2 else 429)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def test_a_busy_daemon_is_asked_again_with_the_same_event(till, tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        said = every(lambda name: till(name, event(name), DANGOL=f"http://127.0.0.1:{server.server_port}"))
    finally:
        server.shutdown()
        server.server_close()
    for name in NAMES:
        assert said[name] == (0, "") and not spooled(tmp_path, name), (name, said[name])
        assert Busy.seen[name] == [event(name)] * 3, name


def test_what_is_refused_for_good_blocks_nothing(till, tmp_path):
    with open_shop() as shop:
        every(lambda name: till(name, event(name, 1, type="Not a type"), DANGOL=shop.socket))
        for name, (code, said) in every(lambda name: till(name, event(name, 2), DANGOL=shop.socket)).items():
            assert (code, said) == (0, ""), name
            [left] = spooled(tmp_path, name)
            assert left.endswith(".refused") and f"{name}-1" in (tmp_path / name / left).read_text()
        assert shop.status()["events"]["accepted"] == 5


def test_what_is_not_safe_is_told(till, tmp_path):
    with open_shop() as shop:
        for name, (code, said) in every(lambda name: till(name, {"type": "visit"}, DANGOL=shop.socket)).items():
            assert code == 1 and "id" in said, (name, said)
            (tmp_path / f"{name}-file").write_text("")
        spool = {name: str(tmp_path / f"{name}-file") for name in NAMES}
        for name, (code, _) in every(lambda name: till(name, event(name), DANGOL=shop.socket,
                                                       DANGOL_SPOOL=spool[name])).items():
            assert code != 0, f"{name}: its folder is a file"
        assert shop.status()["events"]["accepted"] == 0
