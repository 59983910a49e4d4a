"""What shop systems post, and how each signs it: written from their documents, apart from the daemon."""
import base64
import hashlib
import hmac
import json
import time


def raw(body):
    return body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()


def hmac_base64(secret, data):
    return base64.b64encode(hmac.new(secret.encode(), data, hashlib.sha256).digest()).decode()


def shopify(secret, topic, body, **more):
    data = raw(body)
    return data, {"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": hmac_base64(secret, data),
                  "X-Shopify-Shop-Domain": "s.myshopify.com", "X-Shopify-Webhook-Id": "w1", **more}


def woocommerce(secret, topic, body, **more):
    data = raw(body)
    return data, {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": hmac_base64(secret, data),
                  "X-WC-Webhook-Delivery-ID": "d1", **more}


def standard(secret, name, body, at=None, **more):
    """secret: whsec_ and base64."""
    data, stamp = raw(body), str(int(time.time() if at is None else at))
    text = secret.removeprefix("whsec_")
    key = base64.b64decode(text + "=" * (-len(text) % 4))
    signed = f"{name}.{stamp}.".encode() + data
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return data, {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}", **more}


def block(name, **keys):
    """A block of dangol.conf; its secret is the credential of its name."""
    said = " ".join(f'{key.replace("_", "-")} "{value}"' for key, value in keys.items())
    return f'hook {name} {{ secret credential "{name}"  {said} }}\n'
