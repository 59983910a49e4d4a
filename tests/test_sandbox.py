"""The unit's sandbox: its system calls and its ban on memory that is written and run, by a filter of the kernel."""
import os
import re
import subprocess

import pytest

from shop import BUILD, open_shop, wait

seccomp = pytest.importorskip("seccomp")

UNIT = os.path.join(os.path.dirname(__file__), "..", "systemd", "dangold.service")
RULE = ('rule receipt { when order.paid  purpose info  send email "r" }\n'
        'rule text { when order.paid  purpose info  send sms "r" }\n')
TEXTS = {"r.email": "Subject: 고맙습니다\n\n<p>#{이름}님, 결제 고맙습니다</p>\n", "r.sms": "#{이름}님 결제 고맙습니다"}


def setting(name):
    with open(UNIT, encoding="utf-8") as unit:
        return re.findall(f"^{name}=(.*)$", unit.read(), re.M)


def calls(name, seen=None):
    """The system calls of one of systemd's sets, and of the sets in it."""
    said = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], capture_output=True, text=True,
                          check=True).stdout
    words = [line.strip() for line in said.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    found = {word for word in words if not word.startswith("@")}
    return found.union(*(calls(word) for word in words if word.startswith("@")))


def allowed():
    first, *rest = setting("SystemCallFilter")
    found = calls("@default").union(*(calls(word) for word in first.split()))
    for line in rest:
        assert line.startswith("~"), line
        found = found.difference(*(calls(word) for word in line[1:].split()))
    return found


def load():
    """What systemd does at the start of the unit; then it cannot be undone."""
    assert setting("MemoryDenyWriteExecute") == ["yes"] and setting("SystemCallErrorNumber") == ["EPERM"]
    deny = seccomp.ERRNO(1)
    sandbox = seccomp.SyscallFilter(seccomp.ALLOW)
    good = GOOD
    for name in KNOWN - good:
        try:
            sandbox.add_rule(deny, name)
        except (RuntimeError, ValueError, OSError):
            continue  # not of this machine
    sandbox.add_rule(deny, "mmap", seccomp.Arg(2, seccomp.MASKED_EQ, 6, 6))
    for name in ("mprotect", "pkey_mprotect"):
        if name in good:
            sandbox.add_rule(deny, name, seccomp.Arg(2, seccomp.MASKED_EQ, 4, 4))
    sandbox.load()


KNOWN = calls("@known")
GOOD = allowed()


def test_the_filter_is_one():
    assert len(KNOWN) > 300 and {"read", "execve", "mmap"} <= GOOD and not GOOD & {"mount", "ptrace", "chown", "setuid", "reboot", "bpf"}


def test_the_access_log_sees_users():
    """In a user namespace of its own the daemon would take everybody at the socket for nobody."""
    assert not setting("PrivateUsers")


@pytest.mark.skipif("asan" in BUILD, reason="the sanitizer needs more calls than the daemon")
def test_the_daemon_works_behind_the_filter(mail_sink):
    """Letters, texts, a backup, a simulation, a reload, explanations and the end: nothing asks for more."""
    mail = f'from "a@example.com"  server "127.0.0.1:{mail_sink.port}"  tls none'
    with open_shop(rules=RULE, templates=TEXTS, channels={"email": mail}, start=False) as shop:
        shop.start(preexec=load)
        with open(f"/proc/{shop.process.pid}/status", encoding="ascii") as status:
            assert re.search(r"^Seccomp:\s*2$", status.read(), re.M)
        shop.customer("C1", phone="010-1234-5678", email="h@example.com")
        shop.event("order.paid", "C1", order="1", total=1)
        shop.message_in("accepted", customer="C1", rule="text")
        wait(lambda: mail_sink.to("h@example.com"), "the letter")
        assert "결제 고맙습니다" in mail_sink.letter("h@example.com").get_body().get_content()
        shop.ok("POST", "/v1/backups", {"file": shop.path("copy.db")})
        shop.ok("POST", "/v1/reload")
        assert shop.ok("GET", "/v1/explain?rule=text&customer=C1")["rule"] == "text"
        assert shop.simulate("--from", "2026-11-23", "--to", "2026-11-24") is not None
        assert shop.ok("GET", "/v1/audit/check")["whole"]
        shop.stop()
        assert not re.search("not permitted|허용하지", shop.log()), shop.log()
