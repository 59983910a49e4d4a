"""A full disk and a COMMIT that fails: scenarios 16 and 69."""
import concurrent.futures
import contextlib
import os
import resource
import subprocess

from shop import FROZEN, Shop

RULE = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'
TEXT = {"r.sms": "결제 고맙습니다"}


def event(n, weight=0):
    return {"type": "order.paid", "id": f"e{n}", "customer": {"id": f"C{n}", "phone": f"0101234{n:04}"},
            "data": {"order": f"A{n}", "total": 100, "note": "x" * weight}}


@contextlib.contextmanager
def tmpfs(path, size):
    os.makedirs(path)
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]  # as the set-up needs it
    subprocess.run([*as_root, "mount", "-t", "tmpfs", "-o", f"size={size},uid={os.geteuid()},mode=0700", "tmpfs", path],
                   check=True)
    try:
        yield
    finally:
        subprocess.run([*as_root, "umount", "-l", path], check=True)


def test_s16_full_disk(tmp_path):
    shop = Shop(rules=RULE, templates=TEXT, store='store { path "full/shop.db" }')
    with tmpfs(shop.path("full"), "6m"):
        try:
            shop.start(rate=600)
            assert shop.post("/v1/events", [event(n) for n in range(10)]).status == 202
            ballast = os.open(shop.path("full", "ballast"), os.O_CREAT | os.O_WRONLY)
            with contextlib.suppress(OSError):
                while True:
                    os.write(ballast, b"x" * 4096)
            os.close(ballast)
            refused, taken, n = None, 10, 10
            while refused is None:
                answer = shop.post("/v1/events", [event(i, 8000) for i in range(n, n + 10)])
                if answer.status == 202:
                    taken += answer.json["accepted"]
                    n += 10
                else:
                    refused = answer
                assert n < 5000, "the disk never filled"
            assert refused.status == 507, refused
            assert refused.headers["Content-Type"].startswith("application/problem+json")
            assert shop.get("/healthz").status == 200
            assert shop.status()["events"]["accepted"] == taken
            os.unlink(shop.path("full", "ballast"))
            again = shop.wait(lambda: (a := shop.post("/v1/events", [event(i) for i in range(n, n + 10)])).status == 202
                              and a, "room to be noticed")
            assert again.json["accepted"] == 10
            queue = shop.idle()
            assert sum(queue.values()) == taken + 10, queue
            shop.at("2026-11-23T10:30:00+09:00")
            assert shop.status()["events"]["accepted"] == taken + 10
        finally:
            shop.close()


def limit(shop, size):
    resource.prlimit(shop.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def biggest(shop):
    return max(os.path.getsize(shop.path(name)) for name in os.listdir(shop.root) if name.startswith("shop.db"))


def test_s16_a_file_that_may_not_grow_is_a_full_disk(make_shop):
    shop = make_shop(rules=RULE, templates=TEXT)
    assert shop.post("/v1/events", [event(n) for n in range(5)]).status == 202
    shop.idle()
    limit(shop, biggest(shop))
    seen = set()
    for n in range(5, 1000, 5):
        answer = shop.post("/v1/events", [event(i, 6000) for i in range(n, n + 5)])
        seen.add(answer.status)
        if answer.status != 202:
            break
    assert answer.status == 507, answer
    assert shop.get("/healthz").status == 200
    assert "disk is full" in shop.status()["why"], shop.status()["why"]
    limit(shop, resource.RLIM_INFINITY)
    answer = shop.wait(lambda: (a := shop.post("/v1/events", event(5000))).status == 202 and a, "room again")
    assert answer.json["accepted"] == 1
    assert "disk is full" not in shop.status()["why"]


def test_s69_a_commit_that_fails_is_answered_to_everyone_in_the_turn(make_shop):
    shop = make_shop(rules=RULE, templates=TEXT, tcp=True)
    assert shop.post("/v1/events", [event(n) for n in range(10)]).status == 202
    shop.idle()
    before = shop.status()
    limit(shop, biggest(shop))

    def post(n):
        return n, shop.post("/v1/events", event(n, 30000)).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        said = list(pool.map(post, range(100, 260)))
    statuses = {status for _, status in said}
    assert statuses <= {202, 503, 507} and statuses & {503, 507}, statuses
    kept = [n for n, status in said if status == 202]
    now = shop.status()
    assert now["events"]["accepted"] == before["events"]["accepted"] + len(kept), "memory and file disagree"
    limit(shop, resource.RLIM_INFINITY)
    assert shop.wait(lambda: shop.post("/v1/events", event(999)).status == 202, "the next turn to work")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        again = dict(pool.map(lambda n: (n, shop.post("/v1/events", event(n, 30000)).json), range(100, 260)))
    for n, answer in again.items():
        assert (answer["accepted"], answer["duplicate"]) == ((0, 1) if n in kept else (1, 0)), n
    queue = shop.idle()
    assert sum(queue.values()) == 10 + 1 + 160, queue
    shop.at("2026-11-23T10:30:00+09:00", FROZEN)
    assert shop.status()["events"]["accepted"] == 171
    assert shop.queue() == queue
    assert len({m["id"] for m in shop.messages()}) == 171
