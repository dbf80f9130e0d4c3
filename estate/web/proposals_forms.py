"""The form that starts a proposal."""

from typing import Any

from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from estate.optimise import TeamRule
from estate.people.programme_models import Programme
from estate.proposals.options import Options
from estate.proposals.reference import Reference
from estate.register.queries import list_current_areas
from estate.web.form_fields import WholeNumberField, set_choices, text_field
from estate.web.forms import Form

RULES = (
    (TeamRule.STAY, "Teams stay in a building that is kept, and all leave one that is emptied (proven in seconds)"),
    (TeamRule.FREE, "Any team may move, also out of a building that is kept (saves a little more, harder to prove)"),
)


class CancelForm(Form):
    """Nothing but the token."""


class ProposalForm(Form):
    """Where, how far, and which question."""

    area_id = SelectField(
        "Area",
        [InputRequired("Choose an area")],
        coerce=lambda value: int(value) if value else None,
        description="The buildings of one area are looked at together",
    )
    level_code = SelectField("Moves stay inside", coerce=lambda value: value or None)
    max_move_m = WholeNumberField(
        "Longest move",
        [InputRequired("Enter a distance in metres, such as 3000")],
        description="In a straight line",
        render_kw={"suffix": "m", "width": 5},
    )
    horizon_years = WholeNumberField(
        "Years to plan for",
        [InputRequired("Enter a number of years, such as 10")],
        description="The cost of moving is spread over these years",
        render_kw={"suffix": "years", "width": 3},
    )
    team_rule = RadioField("Which question to ask")
    time_limit_s = WholeNumberField(
        "Time limit",
        [InputRequired("Enter a number of seconds, such as 20")],
        description="The best plan found by then is kept, with how good it is proven to be",
        render_kw={"suffix": "seconds", "width": 4},
    )
    name = text_field("Name", description="Empty: the area and today's date")

    def fill_choices(self, session: Session, programme: Programme | None) -> None:
        """Offer the areas in force of the programme, their levels, and the two questions."""
        self.fill_rules()
        levels = list_current_areas(session, programme.id if programme else None)
        areas = [(area.id, f"{area.name} ({level.name.lower()})") for level, rows in levels.items() for area in rows]
        set_choices(self.area_id, areas, unknown="Choose an area")
        set_choices(
            self.level_code, [(level.code, f"its own {level.name.lower()}") for level in levels], unknown="the area"
        )

    def fill_rules(self) -> None:
        """Offer the two questions."""
        set_choices(self.team_rule, [(rule.value, text) for rule, text in RULES])

    def options(self) -> Options:
        """What was chosen. Raises `OptionsInvalid`."""
        return Options(
            level_code=self.level_code.data if self.level_code else None,
            max_move_m=self.max_move_m.data,
            team_rule=TeamRule(self.team_rule.data),
            horizon_years=self.horizon_years.data,
            time_limit_s=float(self.time_limit_s.data or 0),
        )


def defaults_of(reference: Reference, programme: Programme | None) -> dict[str, Any]:
    """What the form shows at first: the dated assumptions, or the programme's own."""
    own_years = programme.horizon_years if programme else None
    return {
        "max_move_m": round(reference.figure("move_distance_m")),
        "horizon_years": own_years or round(reference.figure("horizon_years")),
        "team_rule": TeamRule.STAY.value,
        "time_limit_s": round(Options().time_limit_s),
    }
