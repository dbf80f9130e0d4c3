"""Forms of the list's views and columns."""

from collections.abc import Sequence

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from estate.exports.buildings import LIST_COLUMNS
from estate.web.form_fields import needed_text_field, version_field
from estate.web.forms import Form

CHOICES = [SelectChoice(name, column.title) for name, column in LIST_COLUMNS.items()]


class ViewForm(Form):
    """A view's name and who sees it."""

    version = version_field()
    name = needed_text_field("Name", "Give the view a name", 80, description="Such as: leases that end within a year")
    agency_id = SelectField("Who sees it besides you", coerce=lambda value: int(value) if value else None)
    is_default = BooleanField("Let my list open with this view")


class ColumnsForm(Form):
    """The columns in their order, those that are shown, and the button that moved one, such as `up:agency`."""

    order = SelectMultipleField("Order", choices=CHOICES)
    shown = SelectMultipleField("Shown", choices=CHOICES)
    move = StringField("Move", [Optional()])


def moved(order: Sequence[str], move: str) -> list[str]:
    """The order with one column a place up or down; as it is where `move` names none. The name stays in front."""
    direction, _, name = move.partition(":")
    found = list(order)
    if name not in found[1:] or direction not in ("up", "down"):
        return found
    place = found.index(name)
    other = place - 1 if direction == "up" else place + 1
    if 0 < other < len(found):
        found[place], found[other] = found[other], found[place]
    return found
