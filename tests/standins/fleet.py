"""All stand-ins as one list: how a channel sms is set up for each, and what its provider can be asked."""
import dataclasses

from .aligo import Aligo
from .nhn import Nhn
from .popbill import Popbill
from .sens import Sens
from .solapi import Solapi
from .twilio import Twilio

KEYS = 'key credential "key" secret credential "secret" sender "0212345678" refuse "080-123-4567"'


@dataclasses.dataclass
class One:
    name: str
    standin: object  # its class
    keys: object     # of a stand-in: the channel's keys behind provider and url
    secrets: object  # of a stand-in: its credentials
    blind: bool = False  # what nobody knows cannot be looked up for sure
    zero: str = "refused"  # what comes of an answer that took nothing, in its own shape

    def channel(self, provider):
        return f'provider {self.name} url "{provider.url}" {self.keys(provider)}'

    def credentials(self, provider):
        return self.secrets(provider)


def both(provider):
    return {"key": provider.key, "secret": provider.secret}


FLEET = [
    One("solapi", Solapi, lambda p: KEYS, both),
    One("nhn", Nhn, lambda p: KEYS, both, zero="sent"),  # it asks to come again
    One("sens", Sens, lambda p: f'{KEYS} service "{p.services["sms"]}"', both),
    One("aligo", Aligo, lambda p: f'key credential "key" user "{p.user}" sender "0212345678" refuse "080-123-4567"',
        lambda p: {"key": p.key}, blind=True),
    One("popbill", Popbill, lambda p: f'{KEYS} user "{p.user}"',
        lambda p: {"key": p.link_id, "secret": p.secret}, zero="sent"),  # by its name: not there
    One("twilio", Twilio, lambda p: f'user "{p.account}" secret credential "secret" sender "{p.numbers[0]}" '
        'refuse "080-123-4567"', lambda p: {"secret": p.token}),
]
