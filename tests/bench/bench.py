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

BUILD = os.path.abspath(sys.argv[1])
ONLY = sys.argv[2:]
LOAD, REFERENCE = (os.path.join(BUILD, "bench", name) for name in ("load", "reference"))
PORT = 9400
CONF = """shop { name "단골커피" phone "02-123-4567" owner sms "010-0000-0000" }
store { path "shop.db" }
listen { socket "s" mode 0600 url "https://m.example.com" }
limits { quiet none guard none }
"""
MATCHING = "rule matching { when order.paid purpose info send push \"m\" }\n"
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
    def __init__(self, rules, channels, templates=TEMPLATES, clock=None, store=None):
        self.folder = tempfile.mkdtemp(prefix="dangol-bench")
        self.socket = os.path.join(self.folder, "s")
        for name in ("rules", "templates"):
            os.mkdir(os.path.join(self.folder, name))
        self.write("dangol.conf", CONF + channels)
        self.write("rules/bench.rule", rules)
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

    def status(self):
        done = subprocess.run([os.path.join(BUILD, "dangolctl"), "-s", self.socket, "--json", "status"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
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


def reference_http_out(port, n, flight):
    sink = subprocess.Popen([LOAD, "sink", str(port), str(n)], stdout=subprocess.PIPE)
    sink.stdout.readline()
    reference = out(REFERENCE, "http-out", port, n, flight)
    sink.wait()
    return reference


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


def store_of(n, orders=False):
    """A store with n customers who agreed to everything, made by the daemon's own schema."""
    daemon = Daemon("", "")
    daemon.process.send_signal(signal.SIGTERM)
    daemon.process.wait(30)
    path = os.path.join(daemon.folder, "shop.db")
    db = sqlite3.connect(path)
    db.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;")
    now = int(time.time() * 1000)
    rows = ((i, f"C{i}", "김하늘", f"+8210{i:08d}", f"c{i}@example.com", now, now, i % 17, (i % 17) * 9000, now - i % 500 * 86400000)
            for i in range(1, n + 1))
    db.executemany("INSERT INTO customer(id, ref, name, phone, email, created_at, seen_at, orders_count, orders_total, orders_last_at)"
                   " VALUES(?,?,?,?,?,?,?,?,?,?)", rows)
    for channel in ("sms", "email", "push", "data"):
        db.execute("INSERT INTO consent(customer, channel, purpose, given, time) SELECT id, ?, 'ad', 1, 0 FROM customer", (channel,))
    db.commit()
    db.execute("PRAGMA journal_mode=WAL")
    db.close()
    kept = tempfile.mktemp(prefix="dangol-bench-store")
    os.rename(path, kept)
    shutil.rmtree(daemon.folder)
    return kept


WHEN, CLOCK = "2026-11-23 at 11:00", "2026-11-23T10:59:58+09:00,1"


def bench_campaign():
    n = 50000
    reference = reference_http_out(PORT + 3, n, 64)
    sink = subprocess.Popen([LOAD, "sink", str(PORT + 4), str(n)], stdout=subprocess.PIPE)
    sink.stdout.readline()
    daemon = Daemon(f"rule campaign {{ when {WHEN} purpose ad send push \"c\" }}\n",
                    f"channel push {{ provider webhook connections 64 url \"http://127.0.0.1:{PORT + 4}/\" }}\n",
                    templates=(("c.push", "#{이름}님, 가을 원두가 왔어요."),), store=mark_rehearsal(store_of(n)), clock=CLOCK)
    before = cpu(daemon.pid)
    ours = json.loads(sink.stdout.read().decode().strip().splitlines()[-1])
    each = (cpu(daemon.pid) - before) / n * 1e6
    peak = memory(daemon.pid, "VmHWM")
    daemon.stop()
    # While the first half leaves, the rule still looks for whom to write to.
    rate = ours["rate_behind_half"]
    show("webhook campaign, 50,000 messages, 64 in flight, 2nd half", f"{rate:.0f}/s", f"{n / reference['seconds']:.0f}/s",
         rate * reference["seconds"] / n, "wall")
    show("webhook campaign, claims and receipts on disk", f"{each:.1f} µs", f"{reference['cpu_us']:.1f} µs", reference["cpu_us"] / each, "CPU each")
    show("webhook campaign, memory at its highest", f"{peak:.1f} MB", "64 MB", 64 / peak, "goal")


def smtp_sink(port):
    sink = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "512"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return sink


def bench_smtp():
    n, sessions = 20000, 4
    sink = smtp_sink(PORT + 5)
    began = time.monotonic()
    subprocess.run(["/usr/sbin/smtp-source", "-d", "-s", str(sessions), "-m", str(n), "-l", "10240", f"127.0.0.1:{PORT + 5}"],
                   check=True, timeout=300)
    reference = time.monotonic() - began
    # Two parts in base64: 10 KB on the wire, as smtp-source sends.
    body = "Subject: 가을 원두\n\n" + "<p>#{이름}님, 가을 원두가 왔어요. 향이 깊고 끝이 답니다.</p>\n" * 42
    daemon = Daemon(f"rule campaign {{ when {WHEN} purpose ad send email \"c\" }}\n",
                    f"channel email {{ provider smtp server \"127.0.0.1:{PORT + 5}\" tls none from \"단골 <hi@example.com>\" connections {sessions} }}\n",
                    templates=(("c.email", body),), store=mark_rehearsal(store_of(n)), clock=CLOCK)
    first, peak, looks = None, 0, 0
    while True:
        queue = daemon.queue()
        looks += 1
        if queue.get("accepted") and not first:
            first, had = time.monotonic(), queue["accepted"]
        if looks % 20 == 0:  # walking five processes' pages costs the cores that are measured
            peak = max(peak, sum(pss(pid) for pid in [daemon.pid, *children(daemon.pid)]))
        if queue.get("accepted", 0) >= n:
            break
        time.sleep(0.02)
    ours = (time.monotonic() - first) / (n - had) * n if n > had else 0.05
    daemon.stop()
    sink.terminate()
    show(f"SMTP campaign, 20,000 mails of 10 KB, {sessions} sessions", f"{n / ours:.0f}/s", f"{n / reference:.0f}/s", reference / ours, "wall")
    show("SMTP campaign, memory, children included", f"{peak:.1f} MB", "64 MB", 64 / peak, "goal")


def bench_sweep():
    n = 1000000
    store = store_of(n)
    question = ("SELECT id FROM customer c NOT INDEXED WHERE orders_count >= 16 AND orders_total >= 100000 AND gender IS NULL AND phone IS NOT NULL"
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


def mark_rehearsal(path):
    db = sqlite3.connect(path)
    db.execute("INSERT OR REPLACE INTO meta(key, value) VALUES('rehearsal', 1)")
    db.commit()
    db.close()
    return path


def bench_idle():
    daemon = Daemon(twenty(MATCHING), "channel push { provider outbox }\n")
    ours = memory(daemon.pid, "VmRSS")
    daemon.stop()
    show("memory when idle, 20 rules", f"{ours:.1f} MB", "16 MB", 16 / ours, "goal")


def main():
    print(f"{'':58} {'dangol':>12} {'reference':>12} {'ratio':>8}")
    for name, bench in list(globals().items()):
        if name.startswith("bench_") and (not ONLY or name[6:] in ONLY):
            for _ in range(RUNS):
                bench()
            print_middle()


main()
