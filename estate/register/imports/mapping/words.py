"""Words for coded values, such as "Freehold - owner occ." for `freehold`: what a word most likely means, and why."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz import fuzz, process

from estate.register.imports.fields import ANSWERS, FIELDS

NEAR = 88
"""Of 100: from here on a word is taken for a misspelling of one that is known."""


class Meaning(NamedTuple):
    """A guess: the code, "" for unknown or no guess, how sure it is from 0 to 1, and why."""

    code: str
    confidence: float
    why: str


@cache
def _tables() -> dict[str, Any]:
    folder = Path(__file__).parent
    words = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
    # What people call a cost is the same in a heading and in a cell.
    costs = tomllib.loads((folder / "synonyms.toml").read_text(encoding="utf-8"))["costs"]
    return {**words, "category_code": costs}


def unknown_words() -> frozenset[str]:
    """Cells that mean "not known", folded."""
    return frozenset(_tables()["unknown"])


@cache
def known_words(field: str) -> dict[str, str]:
    """Code by folded word for a coded field, "answers" for those of yes or no."""
    return {word: code for code, words in _tables().get(field, {}).items() for word in words}


def is_coded(field: str) -> bool:
    """Whether the field takes only some codes."""
    return field in FIELDS and bool(FIELDS[field].codes or FIELDS[field].vocabulary)


def codes_of(field: str, vocabularies: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Code to name of a coded field's values."""
    target = FIELDS[field]
    if target.vocabulary:
        return dict(vocabularies.get(target.vocabulary, {}))
    return {code: code if len(code) < 3 else code.replace("_", " ") for code in target.codes}


def fold_word(cell: str) -> str:
    """A cell for comparison."""
    return " ".join(cell.split()).casefold()


def guess_word(field: str, cell: str, vocabularies: Mapping[str, Mapping[str, str]]) -> Meaning:
    """What `cell` most likely means in the coded field `field`."""
    codes = codes_of(field, vocabularies)
    words = {fold_word(name): code for code, name in codes.items()} | {code.casefold(): code for code in codes}
    table = "answers" if FIELDS[field].codes == ANSWERS else field
    words |= {word: code for word, code in known_words(table).items() if code in codes}
    word = fold_word(cell)
    if word in unknown_words():
        return Meaning("", 1.0, "It says that nothing is known")
    if word in words:
        return Meaning(words[word], 1.0, "")
    plain = " ".join(re.sub(r"[^a-z0-9&'/+]+", " ", word).split())
    held = [known for known in words if len(known) > 2 and re.search(rf"\b{re.escape(known)}\b", plain)]
    if held:
        longest = max(held, key=len)
        return Meaning(words[longest], 0.8, f"It holds “{longest}”")
    near = process.extractOne(plain, [known for known in words if len(known) > 3], scorer=fuzz.ratio, score_cutoff=NEAR)
    if near:
        return Meaning(words[near[0]], near[1] / 100 - 0.1, f"It is nearly “{near[0]}”")
    return Meaning("", 0.0, "No known word is like it")
