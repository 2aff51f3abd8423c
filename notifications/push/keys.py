"""The pair of keys by which push services know an installation (VAPID, RFC 8292), and the browsers' own keys."""

import base64
import binascii
import secrets
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE: Final = ec.SECP256R1()
#: Bytes of a private key, of a point that is not compressed, and of a browser's secret (RFC 8291, 3.1 and 3.2).
PRIVATE, POINT, SECRET = 32, 65, 16


class KeyNotValid(ValueError):
    """It is not what it should be; the message never holds it."""


def make_private_key() -> str:
    """A new one, as it stands in `CLUSTR_VAPID_PRIVATE_KEY`."""
    while True:
        # All but one of four thousand million such numbers are keys.
        text = _text(secrets.token_bytes(PRIVATE))
        try:
            read_private_key(text)
        except KeyNotValid:
            continue
        return text


def read_private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """`text`: 32 bytes in base64url, with or without padding. Raises `KeyNotValid`."""
    raw = _raw(text, PRIVATE)
    try:
        return ec.derive_private_key(int.from_bytes(raw, "big"), CURVE)
    except ValueError:
        raise KeyNotValid("it is not a key of the curve P-256") from None


def public_key_of(private_key: str) -> str:
    """What a browser is given to subscribe with. Raises `KeyNotValid`."""
    point = read_private_key(private_key).public_key()
    return _text(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def check_browser_keys(*, p256dh: str, auth: str) -> tuple[str, str]:
    """The same keys, spelt without padding. Raises `KeyNotValid` where messages could not be encrypted with them."""
    point, secret = _raw(p256dh, POINT), _raw(auth, SECRET)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError:
        raise KeyNotValid("p256dh is not a point of the curve P-256") from None
    return _text(point), _text(secret)


def _raw(text: str, length: int) -> bytes:
    bare = text.strip().rstrip("=")
    try:
        raw = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise KeyNotValid("it is not base64url") from None
    if len(raw) != length:
        raise KeyNotValid(f"it has {len(raw)} bytes instead of {length}")
    return raw


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
