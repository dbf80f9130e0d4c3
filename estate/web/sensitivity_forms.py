"""Forms and words of the levels: who may see a record, who may see a field."""

from dataclasses import dataclass

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from estate.register.models import Sensitivity
from estate.web.form_fields import DayField, reason_field, version_field
from estate.web.forms import Form


@dataclass(frozen=True)
class LevelWords:
    """A level in words."""

    title: str
    who: str
    """Who sees the record, as a clause."""
    meaning: str
    """What that means, in whole sentences."""
    of_field: str
    """What it means for a field."""


LEVELS = {
    Sensitivity.OPEN: LevelWords(
        "Open",
        "everybody who is signed in sees this record",
        "Everybody who is signed in sees it, and it may leave the partnership in the public file.",
        "Wherever its record is seen, in the public file too.",
    ),
    Sensitivity.PARTNER: LevelWords(
        "Partner",
        "every agency of the partnership sees this record",
        "Every agency of the partnership sees it. It is in no public file.",
        "Every agency sees it. The public file leaves it out.",
    ),
    Sensitivity.OWNER: LevelWords(
        "Owner",
        "only your agency sees this record; others learn that you have a restricted building in its district",
        "Only people with a role for the agency see it. Other agencies, and their administrators, learn that the "
        "agency has a restricted building in a district: no name, address, UPRN, position, team or cost. Their "
        "figures, maps, searches and proposals leave it out.",
        "Only the agency that holds it and the one that answers for the building see it. Others read that it is kept "
        "back.",
    ),
    Sensitivity.SECRET: LevelWords(
        "Secret",
        "only your agency sees this record; others don't learn that it exists",
        "As owner, and other agencies don't learn that it exists: no line in a list, no count.",
        "As owner, and others read “unknown”, as where nobody knows it.",
    ),
}


def _choices(text: str) -> list[SelectChoice]:
    return [
        SelectChoice(value=level.value, label=f"{words.title}: {getattr(words, text)}")
        for level, words in LEVELS.items()
    ]


class SensitivityForm(Form):
    """Who may see a record."""

    version = version_field()
    level = RadioField(
        "Who may see this record",
        [InputRequired("Choose who may see this record")],
        choices=_choices("meaning"),
        coerce=lambda value: Sensitivity(getattr(value, "value", value)),
    )
    reason = reason_field("Such as: police custody, a refuge. The reason is seen by whoever may see the record.")


class FieldLevelForm(Form):
    """Who may see a field."""

    level = RadioField(
        "Who may see it",
        [InputRequired("Choose who may see it")],
        choices=_choices("of_field"),
        coerce=lambda value: Sensitivity(getattr(value, "value", value)),
    )
    valid_from = DayField("From", [InputRequired("Enter the day from which this holds")])
    reason = reason_field("It is kept with the change, with your name.")
