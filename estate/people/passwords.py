"""Password hashing with argon2id and its current recommended parameters."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 12

_hasher = PasswordHasher()

NOBODYS_HASH = "$argon2id$v=19$m=65536,t=3,p=4$klkoUNf2es8Kb2wpb6btzg$+sOZ67UIGLgr/8nSPj7jSyq9G0yKcuvruBjiDRI3e34"
"""What a password is compared with where there is no user: it costs as much as a real hash."""


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt."""
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """True when `password` is the one that was hashed. Takes as long where there is no hash to compare with."""
    try:
        return _hasher.verify(password_hash or NOBODYS_HASH, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """True when the hash was made with weaker parameters than today's, so that it should be made anew."""
    return _hasher.check_needs_rehash(password_hash)
