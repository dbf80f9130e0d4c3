"""Forms of the programmes' administration."""

from sqlalchemy.orm import Session
from wtforms import HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from estate.people.agencies import list_agencies
from estate.people.programme_models import Programme
from estate.people.programmes import list_partners
from estate.register.programmes import covered_areas
from estate.register.queries import list_current_areas
from estate.web.form_fields import (
    DayField,
    Filled,
    WholeNumberField,
    choice_field,
    needed_text_field,
    reason_field,
    set_choices,
    text_field,
    version_field,
)
from estate.web.forms import Form

LONGEST_REASON = 2000


class NewProgrammeForm(Form):
    """A new programme."""

    name = needed_text_field("Name", "Enter the programme's name", render_kw={"autocomplete": "off"})
    description = TextAreaField("What it is for", [Optional(), Length(max=2000)])
    place_name = text_field(
        "Name of the place", description="Stands on its pages and maps. Leave it empty for the installation's own."
    )
    default_level_code = choice_field("Maps open by")
    horizon_years = WholeNumberField(
        "Years to plan for",
        description="Proposals spread the cost of moving over these years. Leave it empty for the dated assumption.",
        render_kw={"suffix": "years", "width": 3},
    )

    def fill_choices(self, session: Session) -> None:
        """Offer the boundary levels that have areas."""
        levels = [(level.code, level.name) for level in list_current_areas(session)]
        set_choices(self.default_level_code, levels, unknown="The largest level with more than one area")


class ProgrammeForm(NewProgrammeForm):
    """Changes to a programme."""

    version = version_field()
    reason = reason_field("It is kept in the programme's history, with your name.")


class JoinForm(Form):
    """An agency that takes part."""

    agency_id = SelectField("Agency", coerce=int)
    joined_on = DayField(
        "From", description="Leave it empty for “from the beginning”, or for today where it took part before."
    )

    def fill_choices(self, session: Session, programme: Programme) -> None:
        """Offer the agencies that do not take part today."""
        partners = {agency.id for agency in list_partners(session, programme.id)}
        others = [(agency.id, agency.name) for agency in list_agencies(session) if agency.id not in partners]
        set_choices(self.agency_id, others)


class CoverForm(Form):
    """An area to cover."""

    area_id = SelectField("Area", coerce=int)

    def fill_choices(self, session: Session, programme: Programme) -> None:
        """Offer the areas in force that it does not name yet."""
        named = {area.id for area in covered_areas(session, programme)}
        levels = list_current_areas(session)
        areas = [(area.id, f"{area.name} ({level.name.lower()})") for level, rows in levels.items() for area in rows]
        set_choices(self.area_id, [pair for pair in areas if pair[0] not in named])


class UncoverForm(Form):
    """An area to take out; the button says it all."""

    area_id = IntegerField("Area", [InputRequired()], widget=HiddenInput())


class StepBackForm(Form):
    """The day and the reason of stepping back; asked for first, and confirmed beside what will happen."""

    left_on = DayField(
        "First day on which it no longer takes part",
        [InputRequired("Enter the day")],
        description="Today or later. Until then nothing changes, and you can take it back.",
    )
    left_reason = TextAreaField(
        "Reason",
        [Filled("Say why the agency steps back"), Length(max=LONGEST_REASON)],
        description="Its partners read it. It is kept for good, with your name.",
    )
    is_confirmed = HiddenField("Confirmed")


class StayForm(Form):
    """Takes a stepping back away before its day."""

    stay_reason = TextAreaField("Why it stays", [Filled("Say why the agency stays"), Length(max=LONGEST_REASON)])
