"""The stand-ins themselves: each fault does what it says, and each message that counts is counted."""
import http.client
import pytest

from standins.base import Answer, StandIn


class Echo(StandIn):
    routes = (("POST", "/send/([0-9]+)", "send"),)

    def send(self, request, key):
        self.accept(key, "01012345678", "text", "SMS", f"id-{key}")
        return Answer(200, {"accepted": 1})

    def zero(self, request):
        return Answer(200, {"accepted": 0})


def post(provider, key="1"):
    connection = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=5)
    connection.request("POST", f"/send/{key}", b"{}")
    answer = connection.getresponse()
    return answer.status, answer.read(), answer


@pytest.mark.parametrize("name, more, status, counted", [
    ("429", {"retry_after": 7}, 429, 0), ("500-before", {}, 500, 0), ("500-after", {}, 500, 1),
    ("zero", {}, 200, 0), ("html", {}, 200, 0), ("html", {"accepted": True}, 200, 1), ("big", {}, 200, 0),
    ("slow", {"seconds": 0.05, "accepted": True}, 200, 1), ("slow", {"seconds": 0.05}, 500, 0)])
def test_fault_is_answered_once(name, more, status, counted):
    with Echo() as provider:
        provider.fault(name, times=1, where="/send", **more)
        got, _, answer = post(provider)
        assert (got, len(provider.accepted)) == (status, counted)
        assert answer.headers.get("Retry-After") == ("7" if name == "429" else None)
        assert post(provider)[:2] == (200, b'{"accepted":1}')
        assert provider.duplicates() == ({"1": 2} if counted else {}) and provider.violations == []


@pytest.mark.parametrize("name, more, counted", [
    ("reset-connect", {}, 0), ("reset-headers", {}, 0), ("reset-before", {}, 0), ("reset-after", {}, 1),
    ("half", {}, 0), ("half", {"accepted": True}, 1)])
def test_fault_breaks_the_connection_once(name, more, counted):
    with Echo() as provider:
        provider.fault(name, times=1, **more)
        with pytest.raises((OSError, http.client.HTTPException)):
            post(provider)
        assert len(provider.accepted) == counted
        assert post(provider)[0] == 200


def test_down_refuses_and_up_listens_on_the_same_port():
    with Echo() as provider:
        port = provider.port
        provider.down()
        with pytest.raises(ConnectionRefusedError):
            post(provider)
        provider.up()
        assert post(provider)[0] == 200 and provider.port == port


def test_path_that_is_not_known_is_a_violation():
    with Echo() as provider:
        assert post(provider, "x")[0] == 404
        assert len(provider.violations) == 1
