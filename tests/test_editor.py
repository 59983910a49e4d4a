"""The editor files: what the grammar colours, tried the way an editor reads it."""
import json
import os
import re

import pytest
from shop import run_program

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "contrib", "editor")


def grammar():
    ran = run_program("dangolctl", "--syntax", "vscode")
    assert ran.code == 0
    return json.loads(ran.out)


def coloured(patterns, line):
    """[(text, scope)]: at each place the first pattern that matches earliest."""
    at, found = 0, []
    while at < len(line):
        tries = []
        for order, pattern in enumerate(patterns):
            regex = pattern.get("match") or pattern["begin"] + r'(?:\\.|[^"])*' + pattern["end"]
            match = re.compile(regex, re.ASCII).search(line, at)
            if match and match.group():
                tries.append((match.start(), order, match, pattern))
        if not tries:
            break
        _, _, match, pattern = min(tries, key=lambda one: one[:2])
        for group, scope in pattern.get("captures", {"0": pattern}).items():
            if match.group(int(group)):
                found.append((match.group(int(group)).strip(), scope["name"].rsplit(".", 1)[0]))
        at = match.end()
    return found


NUMBER, UNIT, DATE = "constant.numeric", "storage.type.unit", "constant.numeric.date"
CLAUSE, TRIGGER, STEP = "keyword.other.clause", "keyword.control.trigger", "support.function.step"
CONDITION, NAME, PATH = "keyword.operator.word", "support.variable.name", "variable.other.path"
DECLARATION, STRING, RESERVED = "storage.type.declaration", "string.quoted.double", "invalid.illegal.reserved"


@pytest.mark.parametrize("line, wanted", [
    ('rule cart "when \\" x" # limit', [("rule", DECLARATION), ('"when \\" x"', STRING),
                                       ("# limit", "comment.line.number-sign")]),
    ("when order.paid", [("when", CLAUSE), ("order.paid", NAME)]),
    ("언제 생일 7일 전 오전 10시 30분", [("언제", CLAUSE), ("생일", TRIGGER), ("7", NUMBER), ("일 전", UNIT),
                                   ("오전 10시 30분", DATE)]),
    ("조건 주문.횟수 3회이상 그리고 전화 있음", [("조건", CLAUSE), ("주문.횟수", NAME), ("3", NUMBER), ("회이상", UNIT),
                                      ("그리고", CONDITION), ("전화", CONDITION), ("있음", CONDITION)]),
    ("3일 전화 있음", [("3", NUMBER), ("일", UNIT), ("전화", CONDITION), ("있음", CONDITION)]),
    ("limit first come 500", [("limit", CLAUSE), ("first come", CLAUSE), ("500", NUMBER)]),
    ("every 10th visit at 10:00", [("every", TRIGGER), ("10th", "constant.numeric.nth"), ("visit", NAME),
                                   ("at", TRIGGER), ("10:00", DATE)]),
    ("wait 3 days unless order.cancelled of   this order",
     [("wait", STEP), ("3", NUMBER), ("days", UNIT), ("unless", STEP), ("order.cancelled", NAME),
      ("of   this order", TRIGGER)]),
    ("customer.개업일 customer.whenever", [("customer.개업일", PATH), ("customer.whenever", PATH)]),
    ("whenever 언제나 limit-of", []),
    ("recommend", [("recommend", RESERVED)]),
])
def test_colours(line, wanted):
    assert coloured(grammar()["patterns"], line) == wanted


def test_an_editor_finds_the_grammar():
    with open(os.path.join(HERE, "vscode", "package.json"), encoding="utf-8") as file:
        package = json.load(file)["contributes"]
    entry, language = package["grammars"][0], package["languages"][0]
    with open(os.path.join(HERE, "vscode", entry["path"]), encoding="utf-8") as file:
        assert json.load(file)["scopeName"] == entry["scopeName"]
    with open(os.path.join(HERE, "vscode", language["configuration"]), encoding="utf-8") as file:
        assert json.load(file)["comments"]["lineComment"] == "#"
    assert entry["language"] == language["id"] and language["extensions"] == [".rule"]


def test_an_editor_that_is_not_known():
    assert run_program("dangolctl", "--syntax", "emacs").code == 2
    assert run_program("dangolctl", "--syntax").code == 2
