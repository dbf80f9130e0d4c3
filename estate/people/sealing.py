"""Secrets that must be read again, such as a second factor's: encrypted with a key made from `secret_key`."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from estate.errors import EstateError


class SealBroken(EstateError):
    """The second factor can't be read, because this installation's secret key has changed. Have it reset."""


def seal(secret: str, secret_key: str) -> bytes:
    """`secret`, encrypted and protected from change."""
    return _box(secret_key).encrypt(secret.encode())


def unseal(sealed: bytes, secret_key: str) -> str:
    """What was sealed. Raises `SealBroken` under another key."""
    try:
        return _box(secret_key).decrypt(sealed).decode()
    except InvalidToken as error:
        raise SealBroken from error


def _box(secret_key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"estate second factor").derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
