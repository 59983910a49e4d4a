"""dangolctl fmt: rule files in the house style, in one step, with no daemon."""
import json
import os
import stat

import pytest
from shop import run_program

ROUGH = 'rule r { # why\nwhen visit   send sms "a" }\n'
NEAT = 'rule r {  # why\n    when   visit\n    send   sms "a"\n}\n'
WRONG = 'rule r { when visit sned sms "a" }\n'


@pytest.fixture
def put(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path
    return write


def fmt(*args, **more):
    return run_program("dangolctl", "fmt", *map(str, args), cwd="/", **more)


def test_replaces_a_file_in_one_step_and_keeps_its_mode(put, tmp_path):
    rough, neat = put("rough.rule", ROUGH), put("neat.rule", NEAT)
    rough.chmod(0o640)
    before = os.stat(neat)
    link = tmp_path / "link.rule"
    link.symlink_to(rough)
    ran = fmt(link, neat)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert rough.read_text() == NEAT and stat.S_IMODE(rough.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert os.stat(neat).st_ino == before.st_ino and os.stat(neat).st_mtime_ns == before.st_mtime_ns
    assert sorted(os.listdir(tmp_path)) == ["link.rule", "neat.rule", "rough.rule"]


@pytest.mark.parametrize("lang, said", [("C.UTF-8", "is not in the house style"), ("ko_KR.UTF-8", "정돈되지")])
def test_check_names_what_would_change_and_writes_nothing(put, lang, said):
    rough, neat = put("rough.rule", ROUGH), put("neat.rule", NEAT)
    ran = fmt("--check", rough, neat, lang=lang)
    assert ran.code == 1 and said in ran.out and str(rough) in ran.out and str(neat) not in ran.out
    assert rough.read_text() == ROUGH
    assert fmt("--check", neat, lang=lang).code == 0


def test_a_file_with_a_mistake_stays_and_the_others_go_on(put):
    wrong, rough = put("wrong.rule", WRONG), put("rough.rule", ROUGH)
    ran = fmt(wrong, rough, "/no/such.rule")
    assert ran.code == 1 and f"{wrong}:1:21:" in ran.err and "/no/such.rule" in ran.err
    assert wrong.read_text() == WRONG and rough.read_text() == NEAT


def test_standard_input_to_standard_output():
    def pipe(text, *args):
        return run_program("dangolctl", "fmt", *args, "-", stdin=text.encode())
    ran = pipe(ROUGH)
    assert (ran.code, ran.out, ran.err) == (0, NEAT, "")
    ran = pipe(WRONG)
    assert ran.code == 1 and ran.out == "" and ":1:21:" in ran.err
    ran = pipe(ROUGH, "--check")
    assert ran.code == 1 and "house style" in ran.out


def test_json_is_one_value(put):
    rough, wrong = put("rough.rule", ROUGH), put("wrong.rule", WRONG)
    ran = fmt("--json", rough, wrong)
    assert ran.code == 1
    first, second = json.loads(ran.out)
    assert first == {"file": str(rough), "changed": True, "mistakes": []}
    assert second["changed"] is False and second["mistakes"][0]["line"] == 1


def test_a_file_that_may_not_be_written_stays(put):
    rough = put("rough.rule", ROUGH)
    rough.chmod(0o440)
    ran = fmt(rough)
    assert ran.code == 1 and str(rough) in ran.err and rough.read_text() == ROUGH


def test_needs_a_file():
    ran = fmt()
    assert ran.code == 2 and "FILE" in ran.err
