"""How fast messages leave: webhook, the senders of Korea and Twilio, mail, and one of them dead.

A campaign is planned first, while the queue is held; what is measured begins when it is released and ends when the last
message is known to be accepted.
"""
import contextlib
import functools
import json
import subprocess
import time

from rig import PORT, PROVIDER, Daemon, children, cpu, mark_rehearsal, memory, pss, reference_http_out, show, store_of

WHEN, CLOCK = "2026-11-23 at 11:00", "2026-11-23T10:59:58+09:00,1"
N = 50000
ONE_TEXT, PERSONAL = "가을 원두가 왔어요.", "#{이름}님, 가을 원두가 왔어요. 쿠폰 #{customer.phone}"
KEYS = "key credential \"bench\" secret credential \"bench\""
@contextlib.contextmanager
def desk(name, port):
    """A provider's stand-in that takes everything."""
    process = subprocess.Popen([PROVIDER, name, str(port)], stdout=subprocess.PIPE)
    process.stdout.readline()
    try:
        yield process
    finally:
        if process.poll() is None:
            counted(process)


def counted(process):
    """Ends a desk. Returns what came to it."""
    process.terminate()
    last = process.stdout.read().decode().strip().splitlines()[-1]
    process.wait()
    return json.loads(last)


class Campaign:
    """Messages on all channels named, planned and held; send() measures those of the first n accepted."""

    def __init__(self, channels, templates, blocks, customers=N):
        rules = "".join(f"rule {name} {{ when {WHEN} purpose ad send {name} \"c\" }}\n" for name in channels)
        self.daemon = Daemon(rules, blocks, templates=templates, store=mark_rehearsal(store_of(customers)), clock=CLOCK)
        self.daemon.ctl("queue", "hold")
        self.planned = customers * len(channels)
        while self.daemon.queue()["planned"] < self.planned:
            time.sleep(0.1)
        self.peak = 0

    def send(self, n):
        """Seconds, and seconds of CPU, until n are accepted."""
        before = cpu(self.daemon.pid)
        self.daemon.ctl("queue", "release")
        began = time.monotonic()
        looks = 0
        while self.daemon.queue().get("accepted", 0) < n:
            looks += 1
            if looks % 20 == 0:  # walking pages costs the cores that are measured
                self.peak = max(self.peak, self.memory())
            time.sleep(0.02)
        return time.monotonic() - began, cpu(self.daemon.pid) - before

    def memory(self):
        """Of the daemon alone at its highest; with children of all now, what they share counted once."""
        young = children(self.daemon.pid)
        return sum(pss(pid) for pid in [self.daemon.pid, *young]) if young else memory(self.daemon.pid, "VmHWM")

    def stop(self):
        self.peak = max(self.peak, self.memory())
        self.daemon.stop()


def show_http(what, campaign, seconds, used, flight, size, goal=None):
    """Beside libcurl alone with one message a request and as many at once."""
    reference = reference_http_out(PORT + 3, N, flight, size)
    show(f"{what}, messages", f"{N / seconds:.0f}/s", f"{N / reference['seconds']:.0f}/s", reference["seconds"] / seconds, "wall")
    if goal:
        show(f"{what}, messages", f"{N / seconds:.0f}/s", f"{goal}/s", N / seconds / goal, "goal")
    show(f"{what}, on disk and settled", f"{used / N * 1e6:.1f} µs", f"{reference['cpu_us']:.1f} µs",
         reference["cpu_us"] * N / 1e6 / used, "CPU each")
    show(f"{what}, memory at its highest", f"{campaign.peak:.1f} MB", "64 MB", 64 / campaign.peak, "goal")


def bench_webhook():
    with desk("webhook", PORT + 4):
        campaign = Campaign(["push"], (("c.push", PERSONAL),),
                            f"channel push {{ provider webhook connections 64 url \"http://127.0.0.1:{PORT + 4}/\" }}\n")
        seconds, used = campaign.send(N)
        campaign.stop()
    show_http("webhook, 64 in flight", campaign, seconds, used, 64, 600)


def through(name, texts, flight, keys):
    """Text messages through a provider: where many go in one request with the connections that it has by itself, where
    each needs one of its own with as many as the webhook has."""
    text = ONE_TEXT if texts == "one text" else PERSONAL
    block = (f"channel sms {{ provider {name} sender \"0212345678\" refuse \"080-123-4567\" connections {flight}"
             f" url \"http://127.0.0.1:{PORT + 7}\" {keys} }}\n")
    with desk(name, PORT + 7) as process:
        campaign = Campaign(["sms"], (("c.sms", text),), block)
        seconds, used = campaign.send(N)
        campaign.stop()
        came = counted(process)
    if came["messages"] != N:
        raise SystemExit(f"{name}: {N} were sent and {came['messages']} came")
    what = f"{name}, {texts}, {flight} in flight"
    show_http(what, campaign, seconds, used, flight, 600, goal=20000 if name == "solapi" else None)


bench_solapi = functools.partial(through, "solapi", "personal texts", 4, KEYS)
bench_nhn = functools.partial(through, "nhn", "one text", 4, KEYS)
bench_nhn_personal = functools.partial(through, "nhn", "personal texts", 64, KEYS)
bench_sens = functools.partial(through, "sens", "personal texts", 4, KEYS + " service \"ncp:sms:kr:1:shop\"")
bench_aligo = functools.partial(through, "aligo", "personal texts", 4, "key credential \"bench\" user \"shop\"")
bench_popbill = functools.partial(through, "popbill", "personal texts", 4, KEYS + " user \"1234567890\"")
bench_twilio = functools.partial(through, "twilio", "personal texts", 64, "secret credential \"bench\" user \"AC1\"")


def bench_dead():
    """Two channels whose providers are dead, one that refuses connections and one that never answers, beside one that works."""
    texts = tuple((f"c.{name}", PERSONAL) for name in ("sms", "push")) + (("c.email", "Subject: 소식\n\n" + PERSONAL),)
    live = (f"channel sms {{ provider solapi sender \"0212345678\" refuse \"080-123-4567\" url \"http://127.0.0.1:{PORT + 7}\" {KEYS} }}\n")
    dead = (f"channel push {{ provider webhook url \"http://127.0.0.1:{PORT + 8}/\" }}\n"
            f"channel email {{ provider webhook from \"단골 <hi@example.com>\" url \"http://127.0.0.1:{PORT + 9}/\" }}\n")
    rates = []
    for channels in (["sms"], ["sms", "push", "email"]):
        with desk("solapi", PORT + 7), desk("silent", PORT + 9):
            campaign = Campaign(channels, texts, live + dead)
            rates.append(N / campaign.send(N)[0])
            campaign.stop()
    show("solapi beside one that refuses and one that is silent", f"{rates[1]:.0f}/s", f"{rates[0]:.0f}/s", rates[1] / rates[0],
         "wall, goal 0.9")


def smtp_sink(port):
    sink = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "512"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    return sink


def smtp(sessions):
    n = 20000
    sink = smtp_sink(PORT + 5)
    began = time.monotonic()
    subprocess.run(["/usr/sbin/smtp-source", "-d", "-s", str(sessions), "-m", str(n), "-l", "10240", f"127.0.0.1:{PORT + 5}"],
                   check=True, timeout=300)
    reference = time.monotonic() - began
    # Two parts in base64: 10 KB on the wire, as smtp-source sends.
    body = "Subject: 가을 원두\n\n" + "<p>#{이름}님, 가을 원두가 왔어요. 향이 깊고 끝이 답니다.</p>\n" * 42
    campaign = Campaign(["email"], (("c.email", body),),
                        f"channel email {{ provider smtp server \"127.0.0.1:{PORT + 5}\" tls none from \"단골 <hi@example.com>\""
                        f" connections {sessions} }}\n", customers=n)
    ours, _ = campaign.send(n)
    campaign.stop()
    sink.terminate()
    show(f"SMTP, 20,000 mails of 10 KB, {sessions} sessions", f"{n / ours:.0f}/s", f"{n / reference:.0f}/s", reference / ours, "wall")
    show(f"SMTP, {sessions} sessions, memory, children included", f"{campaign.peak:.1f} MB", "64 MB", 64 / campaign.peak, "goal")


bench_smtp_4 = functools.partial(smtp, 4)
bench_smtp_16 = functools.partial(smtp, 16)
