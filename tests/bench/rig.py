"""What the benches stand on: the daemon with a shop of its own, the references, and the table of what was measured."""
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1])
ONLY = sys.argv[2:]
LOAD, PROVIDER, REFERENCE = (os.path.join(BUILD, "bench", name) for name in ("load", "provider", "reference"))
PORT = 9400
CONF = """shop { name "단골커피" phone "02-123-4567" owner sms "010-0000-0000" }
store { path "shop.db" }
listen { socket "s" mode 0600 url "https://m.example.com" }
limits { quiet none guard none }
"""
KEY = "dGhlIGtleSBvZiB0aGUgYmVuY2hlcywgMzIgYnl0ZXM=\n"
TEMPLATES = (("t.push", "예약 고맙습니다."), ("m.push", "#{event.order}"))


def out(*args, **kw):
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, check=True, timeout=600, **kw)
    return json.loads(done.stdout.decode().strip().splitlines()[-1])


def cpu(pid):
    """What the threads of a process have run, s."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="utf-8") as stat:
            total += int(stat.read().split()[0])
    return total / 1e9


def memory(pid, key):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key)) / 1024


def pss(pid):
    """Resident memory with what is shared counted once among those who share it, MB."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as rollup:
            return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024
    except OSError:
        return 0


def children(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as stat:
                if int(stat.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(name))
        except OSError:
            pass
    return found


class Daemon:
    def __init__(self, rules, channels, templates=TEMPLATES, clock=None, store=None, sealed=None):
        """sealed: with the key of the benches; a new store is, one that is given is not unless said."""
        self.folder = tempfile.mkdtemp(prefix="dangol-bench")
        self.socket = os.path.join(self.folder, "s")
        for name in ("rules", "templates", "credentials"):
            os.mkdir(os.path.join(self.folder, name))
        self.write("dangol.conf", CONF + channels)
        self.write("rules/bench.rule", rules)
        self.write("credentials/bench", "YmVuY2g=\n")
        os.chmod(os.path.join(self.folder, "credentials", "bench"), 0o600)
        if sealed or (sealed is None and not store):
            self.write("credentials/store-key", KEY)
            os.chmod(os.path.join(self.folder, "credentials", "store-key"), 0o600)
        else:
            os.mkdir(os.path.join(self.folder, "credentials", "store-key.new"))  # none can be made
        for name, text in templates:
            self.write("templates/" + name, text)
        if store:
            os.rename(store, os.path.join(self.folder, "shop.db"))
        args = [os.path.join(BUILD, "dangold"), "-c", os.path.join(self.folder, "dangol.conf")]
        with open(os.path.join(self.folder, "log"), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(args + (["--clock", clock] if clock else []), stderr=log)
        self.pid = self.process.pid
        while not os.path.exists(self.socket) or self.status() is None:
            if self.process.poll() is not None:
                sys.exit(open(os.path.join(self.folder, "log"), encoding="utf-8").read())
            time.sleep(0.02)
        if self.status()["rules"]["errors"]:
            sys.exit(f"the rules of the bench have a mistake: {self.status()['why']}")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def ctl(self, *words):
        return subprocess.run([os.path.join(BUILD, "dangolctl"), "-s", self.socket, *words],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)

    def status(self):
        done = self.ctl("--json", "status")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def queue(self):
        """The queue of status, over the socket itself: a program started for each look would be in the way."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(self.socket)
            sock.sendall(b"GET /v1/status HTTP/1.0\r\n\r\n")
            text = b"".join(iter(lambda: sock.recv(65536), b""))
        return json.loads(text.partition(b"\r\n\r\n")[2])["queue"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


RUNS = int(os.environ.get("RUNS", 3))
seen = {}  # what was measured, and the runs of it


def show(what, ours, reference, ratio, unit=""):
    seen.setdefault((what, unit), []).append((ratio, ours, reference))


def print_middle():
    for (what, unit), runs in seen.items():
        ratio, ours, reference = sorted(runs)[len(runs) // 2]
        print(f"{what:58} {ours:>12} {reference:>12} {ratio:8.2f}  {unit}", flush=True)
    seen.clear()


def store_of(n, orders=False):
    """A store with n customers who agreed to everything, made by the daemon's own schema."""
    daemon = Daemon("", "", sealed=False)
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.wait(30)
    path = os.path.join(daemon.folder, "shop.db")
    db = sqlite3.connect(path)
    db.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;")
    now = int(time.time() * 1000)
    rows = ((i, f"C{i}", now, now, i % 17, (i % 17) * 9000, now - i % 500 * 86400000)
            for i in range(1, n + 1))
    db.executemany("INSERT INTO customer(id, ref, created_at, seen_at, orders_count, orders_total, orders_last_at, named, phone_key, email_key)"
                   " VALUES(?,?,?,?,?,?,?,9,randomblob(16),randomblob(16))", rows)
    db.execute("INSERT INTO person(customer, value) SELECT id, '김하늘' || char(31) || '+8210' || substr(id + 100000000, 2) || char(31)"
               " || 'c' || id || '@example.com' FROM customer")
    for channel in ("sms", "email", "push", "data"):
        db.execute("INSERT INTO consent(customer, channel, purpose, given, time) SELECT id, ?, 'ad', 1, 0 FROM customer", (channel,))
    db.commit()
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
    kept = tempfile.mktemp(prefix="dangol-bench-store")
    os.rename(path, kept)
    shutil.rmtree(daemon.folder)
    return kept


def mark_rehearsal(path):
    db = sqlite3.connect(path)
    db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES('rehearsal', 1)")
    db.commit()
    db.close()
    return path


def reference_http_out(port, n, flight, size=600):
    """libcurl alone: n requests of so many bytes."""
    sink = subprocess.Popen([LOAD, "sink", str(port), str(n)], stdout=subprocess.PIPE)
    sink.stdout.readline()
    reference = out(REFERENCE, "http-out", port, n, flight, size)
    sink.wait()
    return reference
