"""Spreadsheets taken over, beside the bare library that only keeps the cells."""
import csv
import os
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time

from rig import BUILD, LOAD, Daemon, memory, out, show

N = 50000
MANY = 1000000
FILES = (
    ("customers", "id,name,phone,city,consent_sms", 2, lambda i: f"C{i},김하늘,010{10000000 + i},서울,Y"),
    ("orders", "order,customer,time,total,sku,quantity", 1, lambda i: f"O{i},C{i % 10000},2026-01-02T10:00:00+09:00,9000,S{i % 50},1"),
    ("products", "sku,name,category,price", 0, lambda i: f"P{i},드립백,원두,8500"),
    ("consents", "customer,channel,given,time", 1, lambda i: f"C{i},email,Y,2026-01-02T10:00:00+09:00"),
)


def write(folder, kind, head, line, n):
    path = os.path.join(folder, kind + ".csv")
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + "\n")
        file.writelines(line(i) + "\n" for i in range(n))
    return path


def bare(folder, path, head, indexes):
    """The cells alone, as durable, an index where we look rows up: rows a second."""
    columns = head.split(",")
    db = sqlite3.connect(os.path.join(folder, "bare.db"), isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("DROP TABLE IF EXISTS t")
    db.execute(f"CREATE TABLE t({', '.join(f'c{i} TEXT' for i in range(len(columns)))})")
    for i in range(indexes + 1):
        db.execute(f"CREATE INDEX t{i} ON t(c{i})")
    insert, begun, n = f"INSERT INTO t VALUES ({', '.join('?' * len(columns))})", time.monotonic(), 0
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        db.execute("BEGIN")
        for row in rows:
            db.execute(insert, row)
            n += 1
            if n % 500 == 0:
                db.execute("COMMIT")
                db.execute("BEGIN")
        db.execute("COMMIT")
    db.close()
    return n / (time.monotonic() - begun)


def ctl(daemon, kind, path):
    return subprocess.Popen([os.path.join(BUILD, "dangolctl"), "-s", daemon.socket, "--json", "import", kind, path],
                            stdout=subprocess.DEVNULL)


def bench_imports():
    """Each kind with its journal for undoing, into a sealed store. The goal is 100,000 rows/s."""
    daemon, folder = Daemon("", "channel push { provider outbox }\n"), tempfile.mkdtemp(prefix="dangol-bench")
    for kind, head, indexes, line in FILES:
        path = write(folder, kind, head, line, N)
        reference = bare(folder, path, head, indexes)
        begun = time.monotonic()
        assert ctl(daemon, kind, path).wait() == 0
        ours = N / (time.monotonic() - begun)
        show(f"import of {kind}, beside bare inserts", f"{ours:.0f}/s", f"{reference:.0f}/s", ours / reference, "wall time")
    daemon.stop()
    shutil.rmtree(folder)


def bench_imports_large():
    """A million orders while events come in: load ends where one is refused."""
    daemon, folder = Daemon("", "channel push { provider outbox }\n"), tempfile.mkdtemp(prefix="dangol-bench")
    _, head, _, line = FILES[1]
    importing, taken, over = ctl(daemon, "orders", write(folder, "orders", head, line, MANY)), [], threading.Event()

    def events():
        while not over.is_set():
            taken.append(out(LOAD, "events", daemon.socket, 4, 1000, 1, 10000, "visit"))

    begun, thread = time.monotonic(), threading.Thread(target=events)
    thread.start()
    assert importing.wait() == 0, "rows were refused"
    seconds = time.monotonic() - begun
    over.set()
    thread.join()
    peak = memory(daemon.pid, "VmHWM")
    daemon.stop()
    shutil.rmtree(folder)
    show("memory at its highest, a million orders beside events", f"{peak:.0f} MB", "64 MB", 64 / peak, "goal")
    show("events taken meanwhile, none refused", f"{len(taken) * 1000 / seconds:.0f}/s", "10/s", len(taken) * 100 / seconds, "goal")
    show("the same, how long", f"{seconds:.0f} s", "10 s", 10 / seconds, "goal")
