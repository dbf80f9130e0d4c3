"""Text, numbers and codes of a record brought to one form, so that equal things compare equal."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

NUMBER = re.compile(r"\d+")
HOUSE_NUMBER = re.compile(r"(\d{1,6})[a-z]?(?:(?:\s*(?:-|/|to|and)\s*|\s+)(\d{1,6})[a-z]?\b)*", re.ASCII)
BRITISH = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")
BRITISH_OUTWARD = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?")
CANADIAN = re.compile(r"([A-Z]\d[A-Z])(\d[A-Z]\d)")
ZIP = re.compile(r"(\d{5})(?:-?\d{4})?")
IN_ADDRESS = re.compile(r"\b(?:[A-Za-z]{1,2}\d[A-Za-z\d]?\s+\d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z]\s*\d[A-Za-z]\d)\b")
APOSTROPHE = re.compile("['’`]")
NOT_CODE = re.compile(r"[^A-Z0-9]")
NOT_WORD = re.compile(r"[\W_]+")
NOT_ADDRESS = re.compile(r"[^a-z0-9\-/]+")
ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\b")
NO_NUMBER = -1


@cache
def short_forms() -> dict[str, dict[str, str]]:
    """The word lists of words.toml: `any` and `address` map short forms, `unit` and `light` are sets as keys."""
    table = tomllib.loads((files(__package__) / "words.toml").read_text())
    return {
        "name": table["any"],
        "address": table["any"] | table["address"],
        "unit": dict.fromkeys(table["unit"]["words"], ""),
        "light": dict.fromkeys(table["light"]["words"], ""),
    }


PLAIN = bytes(
    code if code >= 128 or chr(code) == "\n" else ord(chr(code).lower()) if chr(code).isalnum() else ord(" ")
    for code in range(256)
)
"""What becomes of each byte: ASCII letters small, a space for what is no letter or digit; lines stay, and non-ASCII."""


def plain_text(text: str) -> str:
    """Lower case, without accents, apostrophes or punctuation, one space between words."""
    if text.isascii():
        return " ".join(_plain(text).split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = "".join(sign for sign in folded if not unicodedata.combining(sign))
    return NOT_WORD.sub(" ", APOSTROPHE.sub("", text.casefold()).replace("&", " and ")).strip()


def _plain(text: str) -> str:
    return text.replace("&", " and ").encode().translate(PLAIN, b"'`").decode()


def name_text(name: str) -> str:
    """A name with its short forms written out and without a leading "the"."""
    return _named([plain_text(name)])[0]


def name_texts(names: Sequence[str]) -> list[str]:
    """`name_text` of each of many names, in a third of the time."""
    lines = _plain("\n".join([name if name.isascii() else plain_text(name) for name in names])).split("\n")
    return _named(lines) if len(lines) == len(names) else [name_text(name) for name in names]


def _named(plain: list[str]) -> list[str]:
    """Plain texts, spaces aside, as names."""
    longer = short_forms()["name"]
    found = []
    for text in plain:
        words = [longer.get(word, word) for word in text.split()]
        if len(words) > 1 and words[0] == "the":
            words = words[1:]
        found.append(" ".join(words))
    return found


def address_text(address: str) -> str:
    """An address with its short forms written out and without its postcode."""
    longer = short_forms()["address"]
    return " ".join([longer.get(word, word) for word in plain_text(IN_ADDRESS.sub(" ", address)).split()])


def street_text(address: str) -> str:
    """The words of a normalised address without any that hold a digit, except ordinals ("5th avenue")."""
    if not NUMBER.search(address):
        return address
    return " ".join(word for word in address.split() if not NUMBER.search(word) or ORDINAL.fullmatch(word))


def house_numbers(address: str) -> tuple[int, int]:
    """Lowest and highest house number of an address, (-1, -1) where it has none.

    "12-14 High Street" gives (12, 14); "Unit 3, 12A High Street" gives (12, 12); "5th Avenue" gives none.
    """
    if not NUMBER.search(address):
        return NO_NUMBER, NO_NUMBER
    text = address.casefold().replace("–", "-").replace("&", " and ")
    words = NOT_ADDRESS.sub(" ", ORDINAL.sub(" ", text)).split()
    units = short_forms()["unit"]
    for start, word in enumerate(words):
        if word[0].isdigit() and (not start or words[start - 1] not in units):
            found = HOUSE_NUMBER.match(" ".join(words[start:]))
            if found:
                return _as_range([int(number) for number in NUMBER.findall(found.group())])
    return NO_NUMBER, NO_NUMBER


def _as_range(numbers: list[int]) -> tuple[int, int]:
    """Lowest and highest; a second number that is no higher ("12-4") or far off is another thing's number."""
    near = [number for number in numbers if 0 <= number - numbers[0] <= 100]
    return near[0], max(near)


def postcode_text(postcode: str) -> str:
    """A postcode in capitals without spaces; "" where it is empty, a partial British code stays partial."""
    text = postcode.upper().replace(" ", "")
    if not (text.isascii() and text.isalnum()):
        text = NOT_CODE.sub("", text)
    zip_code = ZIP.fullmatch(text) if text.isdigit() else None
    return zip_code.group(1) if zip_code else text


def outward_text(postcode: str) -> str:
    """The outward part of a normalised postcode: "M314FL" and "M31" give "M31"; "" where no such part is known."""
    for form in (BRITISH, CANADIAN):
        found = form.fullmatch(postcode)
        if found:
            return found.group(1)
    return postcode if BRITISH_OUTWARD.fullmatch(postcode) or ZIP.fullmatch(postcode) else ""


def full_postcode(postcode: str) -> str:
    """The normalised postcode if it is a whole one, else ""."""
    return postcode if any(form.fullmatch(postcode) for form in (BRITISH, CANADIAN, ZIP)) else ""


LONGEST_UPRN = 12


def uprn_text(uprn: str) -> str:
    """A UPRN as digits without leading zeros; "" where it is empty, zero or spoilt ("1.00E+11" lost its digits)."""
    if len(uprn) <= LONGEST_UPRN and uprn.isdigit() and uprn.isascii():
        return uprn.lstrip("0")
    text = uprn.strip().removesuffix(".0")
    return text.lstrip("0") if re.fullmatch(r"\d{1,12}", text, re.ASCII) else ""


def telephone_text(telephone: str) -> str:
    """The last nine digits of a telephone number, which leave out country and trunk codes; "" if it has fewer."""
    digits = re.sub(r"\D", "", telephone)
    return digits[-9:] if len(digits) >= 9 else ""
