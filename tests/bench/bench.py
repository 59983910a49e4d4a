"""Measures dangol beside the bare libraries, in the same run, and prints each figure, its reference and the ratio.

Ratios above 1 mean faster (or leaner) than the reference. Speed is CPU each where both sides share two cores, wall time
where the other side sets the pace. Everything is run three times, reference and dangol in turn, and the run with the middle
ratio is printed: a shared machine has bad moments.
"""
import contextlib
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

import imports
import outward
from rig import (BUILD, LOAD, ONLY, PORT, REFERENCE, RUNS, Daemon, children, cpu, mark_rehearsal, memory, out, print_middle,
                 reference_http_out, show, store_of)

MATCHING = "rule matching { when order.paid purpose info send push \"m\" }\n"


def twenty(matching):
    others = "".join(f"rule other{i} {{ when reservation.made if orders.count >= {i} purpose info send push \"t\" }}\n"
                     for i in range(19))
    return others + matching


def reference_http_in(n):
    server = subprocess.Popen([REFERENCE, "http-in", str(PORT)], stdout=subprocess.PIPE)
    server.stdout.readline()
    out(LOAD, "events", PORT, 32, n, 1, 10000)
    server.terminate()
    return json.loads(server.stdout.read().decode().strip().splitlines()[-1])["cpu_us"]


def reference_ingest(n, batch, what="ingest"):
    folder = tempfile.mkdtemp()
    try:
        return out(REFERENCE, what, n, batch, os.path.join(folder, "r.db"))
    finally:
        shutil.rmtree(folder)


def bench_events():
    """In, durable and answered; the second also keeps an order and sends what its rule plans, and so does its reference."""
    n = 40000
    read = reference_http_in(n)
    taken = read + reference_ingest(n, 100)["cpu_us"]
    sent = read + reference_ingest(n, 100, "ingest-orders")["cpu_us"] + reference_http_out(PORT + 6, n, 64)["cpu_us"]
    webhook = f"channel push {{ provider webhook connections 64 url \"http://127.0.0.1:{PORT + 1}/\" }}\n"
    plain = MATCHING.replace("order.paid", "till.rang").replace("purpose info", "if orders.total >= 9_999_999_999")
    kinds = (("one matches, its condition is not true", plain, "till.rang", "channel push { provider outbox }\n", taken),
             ("orders, one matches and sends", MATCHING, "order.paid", webhook, sent))
    for name, rule, kind, channel, both in kinds:
        daemon = Daemon("fields { till.rang.order text }\n" + twenty(rule), channel)
        sink = subprocess.Popen([LOAD, "sink", str(PORT + 1)], stdout=subprocess.DEVNULL)
        before = cpu(daemon.pid)
        out(LOAD, "events", daemon.socket, 32, n, 1, 10000, kind)
        while both == sent and daemon.queue().get("accepted", 0) < n:
            time.sleep(0.05)
        each = (cpu(daemon.pid) - before) / n * 1e6
        daemon.stop()
        sink.terminate()
        show(f"events, one a request, {name}", f"{each:.1f} µs", f"{both:.1f} µs", both / each, "CPU each")


def bench_batches():
    n = 100000
    reference = reference_ingest(n, 1000)
    daemon = Daemon(twenty(""), "channel push { provider outbox }\n")
    before = cpu(daemon.pid)
    ours = out(LOAD, "events", daemon.socket, 2, n, 1000, 10000, "till.rang")
    each = (cpu(daemon.pid) - before) / n * 1e6
    daemon.stop()
    show("events, 1,000 a request (NDJSON)", f"{each:.1f} µs", f"{reference['cpu_us']:.1f} µs", reference["cpu_us"] / each, "CPU each")
    show("events, 1,000 a request (NDJSON)", f"{n / ours['seconds']:.0f}/s", f"{n / reference['seconds']:.0f}/s",
         reference["seconds"] / ours["seconds"], "wall")


def bench_trip():
    daemon = Daemon(MATCHING, f"channel push {{ provider webhook url \"http://127.0.0.1:{PORT + 2}/\" }}\n")
    ours = out(LOAD, "trip", daemon.socket, PORT + 2, 1000, 10000)
    daemon.stop()
    show("event to its webhook, 1,000/s, 99th percentile", f"{ours['p99_ms']:.1f} ms", "10 ms", 10 / ours["p99_ms"], "goal")


def bench_sweep():
    n = 1000000
    store = store_of(n)
    question = ("SELECT id FROM customer c NOT INDEXED WHERE orders_count >= 16 AND orders_total >= 100000 AND gender IS NULL AND phone_key IS NOT NULL"
                " AND orders_last_at < 0")
    reference = out(REFERENCE, "sweep", store, question)
    daemon = Daemon("rule daily { when every day at 11:00 if orders.count >= 16 and orders.total >= 100_000원 and customer.gender is unknown"
                    " and has phone and last order before 1970-01-02 limit once per 30 days send push \"t\" }\n",
                    "channel push { provider outbox }\n", templates=(("t.push", "t"),),
                    clock="2026-11-23T10:59:57+09:00,1", store=mark_rehearsal(store))
    time.sleep(1.5)
    before = cpu(daemon.pid)
    time.sleep(6)
    ours = cpu(daemon.pid) - before
    idle = 6 * 0.002
    idle_mb = memory(daemon.pid, "VmRSS")
    daemon.stop()
    show("a daily rule over 1,000,000 customers", f"{(ours - idle) * 1e3:.0f} ms", f"{reference['cpu_s'] * 1e3:.0f} ms",
         reference["cpu_s"] / max(ours - idle, 0.001), "CPU")
    show("memory after it", f"{idle_mb:.1f} MB", "16 MB", 16 / idle_mb, "goal idle")


# As many borders as a large shop has. Nobody crosses one, so that the look alone is measured.
BORDERS = "".join(
    f"segment s{i} {{ last order at least {20 * i + 10} days ago and orders.count >= {i % 5} and customer.gender is known }}\n"
    f"rule r{i} {{ when enters s{i} at 00:00 purpose ad send push \"t\" }}\n" for i in range(20))
MOVED = "".join(f"segment s{i} {{ orders.count in last {i + 5} days >= 900 and not tag \"x\" }}\n"
                f"rule r{i} {{ when enters s{i} purpose ad send push \"t\" }}\n" for i in range(20))


def seconds_before(instant, seconds):
    """A clock, in the shop's zone."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+09:00,1", time.gmtime(instant / 1000 + 9 * 3600 - seconds))


def known_borders(store, midnight):
    """The store, after everybody inside was written down."""
    daemon = Daemon(BORDERS, "channel push { provider outbox }\n",
                    clock=seconds_before(midnight, 3600), store=store)
    with contextlib.closing(sqlite3.connect(os.path.join(daemon.folder, "shop.db"))) as db:
        while db.execute("SELECT count(*) FROM segment WHERE seed IS NOT NULL").fetchone()[0]:
            time.sleep(0.5)
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.wait(30)
    kept = tempfile.mktemp(prefix="dangol-bench-store")
    os.rename(os.path.join(daemon.folder, "shop.db"), kept)
    shutil.rmtree(daemon.folder)
    return kept


def bench_segments():
    """A day passes at twenty borders, beside twenty windows of an index written by hand."""
    n, day = 1000000, 86400000
    store = mark_rehearsal(store_of(n))
    with contextlib.closing(sqlite3.connect(store)) as db:
        newest = db.execute("SELECT max(orders_last_at) FROM customer").fetchone()[0]
    midnight = (newest + 9 * 3600000) // day * day - 9 * 3600000 + day
    store = known_borders(store, midnight)
    reference = out(REFERENCE, "sweep", store, *(
        "SELECT id FROM customer INDEXED BY customer_last_order WHERE orders_last_at >="
        f" {midnight - (20 * i + 11) * day} AND orders_last_at < {midnight - (20 * i + 10) * day}"
        f" AND orders_count >= {i % 5} AND gender IS NOT NULL" for i in range(20)))["cpu_s"]
    os.sync()  # what made the store is not to be written back in the look's time
    daemon = Daemon(BORDERS, "channel push { provider outbox }\n",
                    clock=seconds_before(midnight, 4), store=store)
    time.sleep(1.5)
    before = cpu(daemon.pid)
    time.sleep(6)
    ours = max(cpu(daemon.pid) - before - 6 * 0.002, 0.001)
    daemon.stop()
    show("a day passes at 20 segments, 1,000,000 customers", f"{ours * 1e3:.0f} ms", f"{reference * 1e3:.0f} ms",
         reference / ours, "CPU")


def answer_p99(rules, n=3000):
    """Of the time in which an order sent alone is answered, ms."""
    daemon = Daemon(rules, "channel push { provider outbox }\n")
    took = []
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(daemon.socket)
        for i in range(n):
            body = json.dumps({"id": f"d{i}", "type": "order.paid", "customer": {"id": f"C{i % 100}"},
                               "data": {"order": f"O{i}", "total": 1000}}).encode()
            began = time.perf_counter()
            sock.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                         % (len(body), body))
            if b" 202 " not in sock.recv(65536):
                sys.exit("an event of the bench was refused")
            took.append((time.perf_counter() - began) * 1e3)
    daemon.stop()
    return sorted(took)[n * 99 // 100]


def bench_decision():
    """What twenty segments that an order may move add to its answer."""
    plain, ours = answer_p99(""), answer_p99(MOVED)
    show("an order's decision at 20 segments, 99th percentile", f"{ours - plain:.2f} ms", "0.5 ms",
         0.5 / max(ours - plain, 0.001), "goal")


YEAR = """coupon gift { discount 10% code "B-########" valid 14 days }
rule birthday { when 7 days before birthday at 10:00 give gift send sms "gift" else email "note" }
rule birthday_day { when birthday at 09:00 send push "note" }
rule lapsed { when 60 days after last order at 10:00 send sms "note" wait 7 days unless order.paid send email "note" limit once per 60 days }
rule long_lapsed { when 365 days after last order at 11:00 send push "note" limit once per 180 days }
rule joined { when 1 year after joined at 12:00 send push "note" }
rule weekly { when every monday at 11:00 if orders.count >= 16 and customer.city = "부산" send push "note" limit once per 30 days }
rule monthly { when every month on 1 at 11:00 if tag "VIP" send sms "note" limit once per 25 days }
rule season { when 2027-03-01 at 10:00 if orders.total >= 100_000 send email "note" }
rule daily { when every day at 15:00 if orders.count >= 16 and last order before 2026-06-01 send push "note" limit once per 90 days }
rule report { when every monday at 08:00 send owner "week" }
"""
YEAR_CHANNELS = """channel sms { sender "0212345678" refuse "080-123-4567" price sms 9원 lms 30원 }
channel email { from "단골 <hi@example.com>" price 1원 }
channel push { price 0원 }
"""
YEAR_TEXTS = (("gift.sms", "#{이름}님 생일 축하드려요 #{coupon.code}"), ("note.sms", "#{이름}님, 새 원두가 왔어요."),
              ("note.email", "Subject: 소식\n\n#{이름}님, 새 원두가 왔어요."), ("note.push", "새 원두가 왔어요."), ("week.owner", "주간 보고"))


def bench_simulate():
    """A year of ten rules over 200,000 customers; about 900,000 messages come of it."""
    n = 200000
    store = mark_rehearsal(store_of(n))
    db = sqlite3.connect(store)
    now = int(time.time() * 1000)
    db.execute("UPDATE customer SET birth_year = 1990, birth_md = (id % 12 + 1) * 100 + id % 28 + 1, joined_at = ? - id % 700 * 86400000,"
               " city = CASE WHEN id % 10 THEN '서울' ELSE '부산' END", (now,))
    db.execute("INSERT INTO customer_tag(customer, tag) SELECT id, 'VIP' FROM customer WHERE id % 20 = 0")
    db.commit()
    db.close()
    daemon = Daemon(YEAR, YEAR_CHANNELS, templates=YEAR_TEXTS, clock="2026-11-25T00:00:00+09:00,1", store=store)
    began = time.monotonic()
    asked = subprocess.Popen([os.path.join(BUILD, "dangolctl"), "-s", daemon.socket, "simulate", "--from", "2026-12-01", "--to", "2027-11-30"],
                             stdout=subprocess.DEVNULL)
    peak, own = 0, 0
    while asked.poll() is None:
        for pid in children(daemon.pid):
            try:
                peak = max(peak, memory(pid, "VmHWM"))
                own = max(own, memory(asked.pid, "VmHWM"))
            except (OSError, StopIteration):
                pass
        time.sleep(0.2)
    seconds = time.monotonic() - began
    daemon.stop()
    show("a year of 10 rules, 200,000 customers, simulated", f"{seconds:.1f} s", "60 s", 60 / seconds, "goal")
    show("memory of it at its highest, dangolctl included", f"{peak + own:.0f} MB", "200 MB", 200 / (peak + own), "goal")


def people(first, n):
    """Orders of a web shop, as NDJSON: who buys, what, and where it goes."""
    return "".join(json.dumps({"id": f"s{i}", "type": "order.paid", "customer": {
        "id": f"C{i % 10000}", "name": "김하늘", "phone": f"010-{i % 10000:04}-5678", "email": f"c{i % 10000}@example.com"},
        "data": {"order": f"O{i}", "total": 23500, "receiver": "이바다", "phone": "010-2345-6789", "address": "서울 마포구 독막로 1",
                 "items": [{"sku": f"S{i % 50}", "name": "드립백", "category": "원두", "quantity": 1, "price": 8500},
                           {"sku": f"S{i % 49}", "name": "콜드브루", "category": "음료", "quantity": 2, "price": 7500}]}},
        ensure_ascii=False) + "\n" for i in range(first, first + n)).encode()


def ingest_of_people(bodies, sealed):
    """CPU an event, s."""
    daemon = Daemon(twenty(""), "channel push { provider outbox }\n", sealed=sealed)
    before = cpu(daemon.pid)
    for body in bodies:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(daemon.socket)
            sock.sendall(b"POST /v1/events HTTP/1.0\r\nContent-Type: application/x-ndjson\r\nContent-Length: %d\r\n\r\n%s"
                         % (len(body), body))
            if b" 202 " not in b"".join(iter(lambda: sock.recv(65536), b""))[:64]:
                sys.exit("events of the bench were refused")
    each = (cpu(daemon.pid) - before) / len(bodies) / 1000
    daemon.stop()
    return each


def sweep_of(store, sealed):
    """CPU of one daily look at everybody, s."""
    daemon = Daemon("rule daily { when every day at 11:00 if orders.count >= 16 and orders.total >= 100_000원 and customer.gender is unknown"
                    " and has phone and last order before 1970-01-02 limit once per 30 days send push \"t\" }\n",
                    "channel push { provider outbox }\n", templates=(("t.push", "t"),),
                    clock="2026-11-23T10:59:56+09:00,1", store=store, sealed=sealed)
    time.sleep(2)
    before = cpu(daemon.pid)
    time.sleep(5)
    took = cpu(daemon.pid) - before - 5 * 0.002
    daemon.stop()
    return max(took, 0.001)


def sealed_copy(store):
    copy = tempfile.mktemp(prefix="dangol-bench-sealed")
    shutil.copy(store, copy)
    daemon = Daemon("", "", clock="2026-11-23T10:00:00+09:00,1", store=copy, sealed=True)
    while daemon.status()["store"]["sealing"]:
        time.sleep(0.5)
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.wait(30)
    os.rename(os.path.join(daemon.folder, "shop.db"), copy)
    shutil.rmtree(daemon.folder)
    return copy


def bench_sealed():
    """The same with the key and without it: what sealing costs. The goal is 0.87."""
    bodies = [people(first, 1000) for first in range(0, 40000, 1000)]
    plain, sealed = ingest_of_people(bodies, False), ingest_of_people(bodies, True)
    show("orders with name, phone and address: sealed, or not", f"{sealed * 1e6:.1f} µs", f"{plain * 1e6:.1f} µs",
         plain / sealed, "CPU each, goal 0.87")
    store = mark_rehearsal(store_of(200000))
    copy = sealed_copy(store)
    plain, sealed = sweep_of(store, False), sweep_of(copy, True)
    show("a daily rule over 200,000 customers: sealed, or not", f"{sealed * 1e3:.0f} ms", f"{plain * 1e3:.0f} ms",
         plain / sealed, "CPU, goal 0.87")


def bench_idle():
    daemon = Daemon(twenty(MATCHING), "channel push { provider outbox }\n")
    ours = memory(daemon.pid, "VmRSS")
    daemon.stop()
    show("memory when idle, 20 rules", f"{ours:.1f} MB", "16 MB", 16 / ours, "goal")


def main():
    print(f"{'':58} {'dangol':>12} {'reference':>12} {'ratio':>8}")
    for name, bench in [*globals().items(), *vars(outward).items(), *vars(imports).items()]:
        if name.startswith("bench_") and (not ONLY or name[6:] in ONLY):
            for _ in range(RUNS):
                bench()
            print_middle()


main()
