"""All stand-ins as one list: how a channel sms is set up for each, and what its provider can be asked."""
import dataclasses

from .solapi import Solapi


@dataclasses.dataclass
class One:
    name: str
    standin: object  # its class
    keys: str        # of the channel, behind provider and url
    secrets: object  # of a stand-in: its credentials
    blind: bool = False  # what nobody knows cannot be looked up for sure

    def channel(self, url):
        return f'provider {self.name} url "{url}" {self.keys}'

    def credentials(self, provider):
        return self.secrets(provider)


FLEET = [
    One("solapi", Solapi, 'key credential "key" secret credential "secret" sender "0212345678" refuse "080-123-4567"',
        lambda p: {"key": p.key, "secret": p.secret}),
]
