"""What the stand-ins of SENS and Aligo share: refusing what is not as documented, sizes, the time of Korea."""
import datetime
import json

KST = datetime.timezone(datetime.timedelta(hours=9))


class Broken(Exception):
    """A request that the provider does not take; a client never sends such a one. code: the provider's own."""

    def __init__(self, why, code=None):
        super().__init__(why)
        self.code = code


def require(held, why, code=None):
    if not held:
        raise Broken(why, code)


def shape(where, value, fields):
    """Refuses what is no object, fields without a name in `fields`, and values of another type."""
    require(isinstance(value, dict), f"{where} is no object")
    for name, given in value.items():
        require(name in fields, f"{where} has an unknown field {name}")
        wanted = fields[name]
        right = isinstance(given, wanted) and not (isinstance(given, bool) and wanted is not bool)
        require(right, f"{where}.{name} is a {type(given).__name__}")
    return value


def sound(value):
    """The parsed JSON; refuses half a letter of two (\\ud83d alone), which nobody can write down."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Broken("the body is no UTF-8") from None
    return value


def size(text):
    """Bytes as carriers count them (CP949); 99999 of a text with a letter that cannot be sent."""
    try:
        return len(text.encode("cp949"))
    except UnicodeEncodeError:
        return 99999


def korea(seconds, form="%Y-%m-%d %H:%M:%S"):
    return datetime.datetime.fromtimestamp(seconds, KST).strftime(form)


def key_of(to, text):
    """A message's key where the provider carries none of ours: the same text to a number twice counts as sent twice,
    so a test gives every message a text of its own."""
    return f"{to} {text}"
