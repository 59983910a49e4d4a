"""The programs as the owner meets them: messages in both languages, --check, wrong configurations, backups."""
import os
import re
import sqlite3

import pytest
from shop import Shop, run_program

GOOD = 'rule receipt { when order.paid  purpose info  send sms "r" }\n'
TYPO = 'rule receipt {\n    when order.paid\n    if event.totl >= 20_000\n    send sms "r"\n}\n'
TEXTS = {"r.sms": "결제 고맙습니다"}


@pytest.fixture
def folder():
    made = []

    def make(**kw):
        made.append(Shop(**kw))
        return made[-1]
    yield make
    for one in made:
        one.close()


def test_the_documented_diagnostic_in_english(folder):
    shop = folder(rules=TYPO, templates=TEXTS)
    ran = run_program("dangolctl", "check", lang="C.UTF-8", cwd=shop.root)
    assert ran.code == 1
    said = ran.out + ran.err
    assert "shop.rule:3:8: unknown field 'event.totl'\n" in said
    assert "    if event.totl >= 20_000\n" in said
    assert "       ^^^^^^^^^^ did you mean 'event.total'?" in said


def test_the_documented_diagnostic_in_korean(folder):
    shop = folder(rules=TYPO, templates=TEXTS)
    for env in ({"LANG": "ko_KR.UTF-8"}, {"LC_ALL": "ko_KR.UTF-8"}, {"LC_MESSAGES": "ko_KR.UTF-8"}):
        lang = env.pop("LANG", "C.UTF-8")
        ran = run_program("dangolctl", "check", lang=lang, cwd=shop.root, **env)
        assert ran.code == 1
        said = ran.out + ran.err
        assert "shop.rule:3:8:" in said and "event.total" in said
        assert re.search("[가-힣]", said.split("shop.rule:3:8:")[1].split("\n")[0]), said


@pytest.mark.parametrize("lang", ["C.UTF-8", "ko_KR.UTF-8"])
def test_check_is_quiet_about_good_files(folder, lang):
    shop = folder(rules=GOOD, templates=TEXTS)
    for program, args in (("dangold", ("-c", shop.conf, "--check")), ("dangolctl", ("check",))):
        ran = run_program(program, *args, cwd=shop.root, lang=lang)
        assert ran.code == 0, ran
    assert not os.path.exists(shop.path("shop.db"))


def test_check_reports_every_mistake_of_rules_and_templates(folder):
    shop = folder(rules={"a.rule": 'rule a { when order.paid  if event.totl > 3  send sms "r" }\n',
                         "b.rule": 'rule b { when order.paidd  send fax "r" }\n',
                         "c.rule": 'rule c { when order.paid  purpose info  send sms "t" }\n'},
                  templates={**TEXTS, "t.sms": "#{if 태그\n"})
    ran = run_program("dangold", "-c", shop.conf, "--check", cwd=shop.root)
    assert ran.code == 1
    for place in ("a.rule:1:", "b.rule:1:", "t.sms:1:"):
        assert place in ran.err, ran


def test_check_reports_a_template_that_is_not_there(folder):
    shop = folder(rules='rule a { when order.paid  send sms "rr" }\n', templates=TEXTS)
    ran = run_program("dangold", "-c", shop.conf, "--check", cwd=shop.root)
    assert ran.code == 1 and "shop.rule:1:" in ran.err and "'r'" in ran.err, ran


def test_check_reports_an_unknown_variable_of_a_template(folder):
    shop = folder(rules='rule c { when order.paid  purpose info  send sms "t" }\n',
                  templates={"t.sms": "안녕하세요\n#{고객.이룸}님 #{event.totl}\n"})
    ran = run_program("dangold", "-c", shop.conf, "--check", cwd=shop.root)
    assert ran.code == 1 and "t.sms:2:" in ran.err and "고객.이름" in ran.err, ran


def test_check_of_one_file_looks_beside_it(folder):
    shop = folder(rules=GOOD, templates=TEXTS)
    path = shop.rule("shop.rule", GOOD)
    assert run_program("dangolctl", "check", path, cwd="/").code == 0
    shop.rule("shop.rule", TYPO)
    ran = run_program("dangolctl", "check", path, cwd="/")
    assert ran.code == 1 and "shop.rule:3:8:" in ran.out + ran.err


@pytest.mark.parametrize("conf, place", [
    ('shop { name "가"  name "나" }', ":1:"), ('shop { nam "가" }', ":1:8"), ("shop {", ":1:"), ('nonsense { }', ":1:1"),
    ('shop { name "가" timezone "Mars/Base" }', ":1:"), ('shop { name "가" }\nlimits { quiet 25:00 to 08:00 }', ":2:"),
    ('shop { name "가" }\nchannel sms { provider nobody }', ":2:"),
    ('shop { name "가" }\nchannel fax { }', ":2:"), ('shop { name 가 }', ":1:")])
def test_a_wrong_configuration_is_told_by_line(folder, conf, place):
    shop = folder()
    shop.write("dangol.conf", conf + '\nrules "rules"  templates "templates"\nstore { path "shop.db" }\n')
    for args in (("--check",), ("--clock", "2026-11-23T10:00:00+09:00,1")):
        ran = run_program("dangold", "-c", shop.conf, *args, cwd=shop.root)
        assert ran.code == 1 and "dangol.conf" + place in ran.err, ran


def test_a_missing_credential_stops_the_daemon(folder):
    shop = folder(channels={"push": 'provider webhook  url "http://127.0.0.1:9/"  secret credential "absent"'})
    ran = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
    assert ran.code == 1 and "credentials/absent" in ran.err, ran


def test_a_credential_that_others_may_read_is_a_mistake(folder):
    shop = folder(tcp=True)
    os.chmod(shop.path("credentials", "api-token"), 0o644)
    ran = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
    assert ran.code == 1 and "api-token" in ran.err and shop.token not in ran.err, ran
    shop.write("credentials/api-token", "\n", 0o600)
    ran = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
    assert ran.code == 1 and "api-token" in ran.err, ran


def test_credentials_directory_of_systemd_goes_first(folder):
    shop = folder(tcp=True)
    other = shop.path("creds")
    os.makedirs(other, mode=0o700)
    shop.write("creds/api-token", "from-systemd", 0o600)
    shop.start(CREDENTIALS_DIRECTORY=other)
    assert shop.get("/v1/status", tcp=True, token="from-systemd").status == 200
    assert shop.get("/v1/status", tcp=True, token=shop.token).status == 401


def test_no_configuration_and_no_daemon(folder):
    shop = folder()
    assert run_program("dangold", "-c", shop.path("absent.conf"), cwd="/").code == 1
    assert shop.ctl("status").code == 1
    assert run_program("dangolctl").code == 2
    assert run_program("dangold", "--no-such-option").code in (1, 2)


def test_the_clock_opens_only_new_and_rehearsal_stores(folder):
    shop = folder(rules=GOOD, templates=TEXTS)
    shop.start(clock=None)
    shop.stop()
    ran = run_program("dangold", "-c", shop.conf, "--clock", "2026-11-23T10:00:00+09:00,1", cwd=shop.root)
    assert ran.code == 1 and "--rehearsal" in ran.err, ran


def test_backup(make_shop):
    shop = make_shop(rules=GOOD, templates=TEXTS)
    for n in range(20):
        shop.event("order.paid", {"id": f"C{n}", "phone": f"0101234{n:04}"}, id=f"o{n}", order=f"A{n}", total=100)
    shop.wait(lambda: shop.queue()["accepted"] == 20, "all of them")
    target = shop.path("copy.db")
    assert shop.ctl("backup", target).code == 0
    assert os.stat(target).st_mode & 0o077 == 0
    with sqlite3.connect(target) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again = shop.ctl("backup", target)
    assert again.code == 1, "a backup overwrites nothing"
    rehearsal = shop.path("rehearsal.db")
    assert shop.ctl("backup", "--rehearsal", rehearsal).code == 0
    other = Shop(rules=GOOD, templates=TEXTS, store=f'store {{ path "{rehearsal}" }}')
    assert shop.ctl("key", "backup", other.path("credentials/store-key")).code == 0, "a copy opens with the same key"
    try:
        other.start("2026-12-01T10:00:00+09:00")
        assert other.queue()["accepted"] == 20
    finally:
        other.close()


def test_audit_and_status_verbs(make_shop):
    shop = make_shop(rules=GOOD, templates=TEXTS)
    shop.customer("C1", "sms", phone="01012345678")
    audit = shop.ctl("audit", "--json")
    assert audit.code == 0 and "customer.put" in audit.out
    for args in (("status",), ("rules",), ("queue",), ("queue", "list"), ("suppression", "list")):
        plain, as_json = shop.ctl(*args), shop.ctl(*args, "--json")
        assert plain.code == 0 and plain.out.strip(), (args, plain)
        assert as_json.code == 0, (args, as_json)
        as_json.json
    english, korean = shop.ctl("status"), shop.ctl("status", lang="ko_KR.UTF-8")
    assert english.out != korean.out and re.search("[가-힣]", korean.out)
    message = shop.event("order.paid", "C1", id="o1", order="A", total=1) and shop.message_in("accepted", customer="C1")
    shown = shop.ctl("message", "show", message["id"], "--json")
    assert shown.code == 0 and shown.json["id"] == message["id"]


def test_queue_hold_release_drop(make_shop):
    shop = make_shop(rules='rule a { when customer.joined  send sms "r"  limit once }', templates=TEXTS,
                     clock="2026-11-23T22:00:00+09:00")
    for ref in ("C1", "C2", "C3"):
        shop.customer(ref, phone="0101234567" + ref[1])
        shop.event("customer.joined", ref, id="j" + ref)
        shop.message_in("held", customer=ref)
    dropped = shop.messages(customer="C3")[0]["id"]
    assert shop.ctl("queue", "drop", dropped).code == 0
    assert shop.ctl("queue", "hold").code == 0
    shop.at("2026-11-24T08:30:00+09:00")
    shop.event("visit", "C1")
    assert not shop.outbox()
    assert shop.ctl("queue", "release").code == 0
    shop.wait(lambda: len(shop.outbox()) == 2, "what was released")
    assert shop.messages(customer="C3")[0]["state"] == "dropped"


def test_no_personal_data_in_the_log(make_shop):
    shop = make_shop(rules=GOOD, templates=TEXTS)
    shop.event("order.paid", {"id": "C1", "name": "비밀이름", "phone": "010-8765-4321", "email": "secret@example.com"},
               id="o1", order="A", total=1)
    shop.post("/v1/events", {"type": "order.paid", "id": "o2", "customer": {"name": "비밀이름", "birthday": "x"},
                             "data": {"order": 1}})
    shop.idle()
    shop.stop()
    log = shop.log()
    for word in ("비밀이름", "8765", "secret@example.com", shop.token):
        assert word not in log
