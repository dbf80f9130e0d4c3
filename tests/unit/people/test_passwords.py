"""Passwords are stored as argon2id, salted, and compared without raising."""

import pytest

from estate.people.passwords import MINIMUM_LENGTH, NOBODYS_HASH, hash_password, is_outdated, verify_password

PASSWORD = "correct horse battery staple"


def test_right_and_wrong() -> None:
    stored = hash_password(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored
    assert verify_password(stored, PASSWORD)
    assert not verify_password(stored, PASSWORD + " ")
    assert not verify_password(stored, "")


def test_two_hashes_of_one_password_differ() -> None:
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


@pytest.mark.parametrize("stored", ["", "plain text", "$argon2id$v=19$broken", "$2b$12$abc"])
def test_a_broken_hash_lets_nobody_in(stored: str) -> None:
    assert not verify_password(stored, PASSWORD)


def test_a_user_without_a_password_can_never_sign_in() -> None:
    assert not verify_password(None, PASSWORD)
    assert not verify_password(None, "a password that nobody has")


def test_letters_of_any_script() -> None:
    assert verify_password(hash_password("пароль из слов и ключей"), "пароль из слов и ключей")


def test_minimum_length() -> None:
    assert MINIMUM_LENGTH >= 12


def test_nobody_s_hash_costs_as_much_as_a_new_one() -> None:
    assert not is_outdated(NOBODYS_HASH)
