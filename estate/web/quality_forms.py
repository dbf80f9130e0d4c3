"""Forms of data quality: one rule."""

from typing import Any

from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from estate.register.filters import IN_USE
from estate.register.models import QualityRule
from estate.register.queries import list_use_classes
from estate.web.filters import words
from estate.web.form_fields import WholeNumberField, needed_text_field, reason_field, text_field, version_field
from estate.web.forms import Form


class RuleForm(Form):
    """What an administrator may change of a rule."""

    version = version_field()
    is_on = BooleanField("This rule is on", description="Switched off, it counts nowhere. It can be switched on again.")
    title = needed_text_field("Title", "Give the rule a title")
    gap = needed_text_field(
        "What is wrong with the buildings",
        "Say what is missing, so that it goes on after “41 buildings”",
        description="Goes on after “41 buildings”, such as: without a net internal area",
    )
    consequence = text_field(
        "What the money means",
        300,
        description="Goes on after “£6.2m a year”, such as: of running cost can't be explained",
    )
    who = text_field("Who could tell", 300)
    weight = WholeNumberField(
        "Weight", description="From 1 to 10: how much it matters against other rules", render_kw={"width": 3}
    )
    months = WholeNumberField(
        "Too old after", [Optional()], description="Months", render_kw={"width": 4, "suffix": "months"}
    )
    uses = SelectMultipleField("Uses that it applies to", description="None chosen: every use, also unknown ones")
    statuses = SelectMultipleField("Statuses that it applies to", description="None chosen: every status in use")
    source = text_field("Source", 500)
    reason = reason_field("It is kept in the rule's history, with your name.")

    def fill_choices(self, session: Session, rule: QualityRule) -> None:
        """Offer uses and statuses; a rule without an age has no field for one."""
        self.uses.choices = [SelectChoice(use.code, use.name) for use in list_use_classes(session)]
        statuses = sorted(status.value for status in IN_USE)
        self.statuses.choices = [SelectChoice(status, words(status)) for status in statuses]
        if rule.months is None:
            del self.months

    def values(self) -> dict[str, Any]:
        """What was entered; no use or status chosen is None: all of them."""
        found = super().values()
        return {**found, "uses": found["uses"] or None, "statuses": found["statuses"] or None}
