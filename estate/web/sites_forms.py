"""Forms of sites: which buildings stand where, what a record stands for, and what a site is called."""

from wtforms import RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from estate.register.matches.site_changes import Relation
from estate.web.form_fields import reason_field, text_field, version_field
from estate.web.forms import Form

RELATIONS = [
    SelectChoice(Relation.SAME_SITE.value, "They stand on one site with this building"),
    SelectChoice(Relation.THEY_ARE_PARTS.value, "They are parts of this building"),
    SelectChoice(Relation.IT_IS_PART.value, "This building is a part of the one that I ticked"),
]
KINDS = [
    SelectChoice("building", "One building"),
    SelectChoice("site", "A whole site, with its buildings in records of their own"),
]


class RelateForm(Form):
    """How other buildings stand to one."""

    relation = RadioField("How do they belong together?", choices=RELATIONS, default=Relation.SAME_SITE.value)
    others = SelectMultipleField(
        "Buildings", coerce=int, validate_choice=False, validators=[InputRequired("Tick at least one building")]
    )
    reason = reason_field("It is kept with each decision, with your name.")

    def validate_others(self, field: SelectMultipleField) -> None:
        """A building is a part of one other."""
        if self.relation.data == Relation.IT_IS_PART.value and len(field.data) > 1:
            raise ValidationError("Tick one building only: a building is a part of one other")


class LeaveForm(Form):
    """Why a building does not stand on its site."""

    reason = reason_field()


class KindForm(Form):
    """What a record stands for."""

    kind = RadioField("This record stands for", choices=KINDS, validators=[InputRequired()])
    reason = reason_field()


class NameForm(Form):
    """What a site is called."""

    version = version_field()
    name = text_field("Name of the site", description="Empty: it goes by its own record, or its oldest building")
    reason = reason_field()
