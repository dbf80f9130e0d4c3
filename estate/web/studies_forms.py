"""The form that starts a study: a proposal's assumptions, asked inside the boundaries of several levels."""

from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired

from estate.people.programme_models import Programme
from estate.register.queries import list_current_areas
from estate.web.form_fields import WholeNumberField, set_choices, text_field
from estate.web.proposals_forms import ProposalForm


class StudyForm(ProposalForm):
    """Where, inside which boundaries, and which question."""

    area_id = SelectField(
        "Area",
        coerce=lambda value: int(value) if value else None,
        description="The buildings that are looked at",
    )
    level_code = None
    level_codes = SelectMultipleField(
        "Boundaries to compare", description="No team moves out of its own ward, district or county"
    )
    has_no_boundaries = BooleanField(
        "Without boundaries too", description="All buildings at once: the longest calculation of them all"
    )
    time_limit_s = WholeNumberField(
        "Time limit for one area",
        [InputRequired("Enter a number of seconds, such as 20")],
        description="The best plan found by then is kept, with how good it is proven to be",
        render_kw={"suffix": "seconds", "width": 4},
    )
    name = text_field("Name", description="Empty: the area and today's date")

    def fill_choices(self, session: Session, programme: Programme | None) -> None:
        """Offer the areas in force of the programme, its levels, and the two questions."""
        self.fill_rules()
        levels = list_current_areas(session, programme.id if programme else None)
        areas = [(area.id, f"{area.name} ({level.name.lower()})") for level, rows in levels.items() for area in rows]
        set_choices(self.area_id, areas, unknown="Every building of the programme")
        set_choices(self.level_codes, [(level.code, f"By {level.name.lower()}") for level in reversed(levels)])
