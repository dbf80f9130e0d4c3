"""Forms of the review: a verdict on a pair, and taking one back."""

import re
from collections.abc import Iterable

from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from estate.register.matches.pair import Pair
from estate.register.models import MatchVerdict
from estate.web.forms import Form

LOW_IS_PART, HIGH_IS_PART = "low_is_part", "high_is_part"
CHOICES = ("same", "same_site", LOW_IS_PART, HIGH_IS_PART, "different", "unsure")


class VerdictForm(Form):
    """One of the buttons, and why."""

    verdict = HiddenField(validators=[InputRequired(), AnyOf(CHOICES, "Choose one of the buttons")])
    reason = StringField("Why (optional; kept with the decision)", validators=[Length(max=500)])
    queue = HiddenField()
    seen = IntegerField(validators=[Optional()], widget=HiddenInput())
    """The live decision on the pair when the page was opened."""


class RetractForm(Form):
    """Why a decision is taken back."""

    reason = StringField("Why", validators=[Length(max=500)])
    queue = HiddenField()


def part_of(choice: str, pair: Pair) -> tuple[MatchVerdict, int | None]:
    """The verdict that a button stands for, and which record is the part."""
    if choice == LOW_IS_PART:
        return MatchVerdict.PART_OF, pair.low.record.id
    if choice == HIGH_IS_PART:
        return MatchVerdict.PART_OF, pair.high.record.id
    return MatchVerdict(choice), None


def skipped_pairs(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Pairs from texts such as "3-17"; anything else is left out."""
    found = [re.fullmatch(r"(\d{1,18})-(\d{1,18})", text) for text in texts]
    return [(int(match[1]), int(match[2])) for match in found if match]
