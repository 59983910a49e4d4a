"""Fixtures that every test may ask for."""
import contextlib
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shop as shops  # noqa: E402
import sinks  # noqa: E402


@pytest.fixture
def make_shop():
    """make_shop(rules=…, templates=…, clock=…, rate=…): a running shop that is stopped and checked at the end."""
    with contextlib.ExitStack() as stack:
        def make(**kw):
            return stack.enter_context(shops.open_shop(**kw))
        yield make


@pytest.fixture
def mail_sink():
    with sinks.MailSink() as sink:
        yield sink


@pytest.fixture
def hook_sink():
    with sinks.HookSink() as sink:
        yield sink


def pytest_configure(config):
    for name in ("dangold", "dangolctl", "dangol-mail"):
        if not os.access(os.path.join(shops.BUILD, name), os.X_OK):
            raise pytest.UsageError(f"{shops.BUILD}/{name} is missing: run make first")
