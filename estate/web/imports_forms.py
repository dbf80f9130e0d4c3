"""The form that uploads a file, and the buttons of an import."""

from flask_wtf.file import FileField, FileRequired
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, Field, SelectField
from wtforms.validators import InputRequired, ValidationError

from estate.people.models import Agency, Role
from estate.people.permissions import Identity, Permission, can
from estate.register.imports import values
from estate.register.imports.check import Options
from estate.register.imports.layouts import layouts
from estate.register.models import UseClass
from estate.settings import get_settings
from estate.web.form_fields import choice_field, set_choices, text_field
from estate.web.forms import Form


class ButtonForm(Form):
    """Nothing but the token."""


class UploadForm(Form):
    """A file, the agency that sends it, and what the file does not say itself."""

    file = FileField(
        "File",
        [FileRequired("Choose a file")],
        description="CSV, XLSX, ODS, GeoJSON, GeoPackage, or a ZIP with a Shapefile or CSV tables",
    )
    agency_id = SelectField(
        "Agency that sends the file",
        [InputRequired("Choose an agency")],
        coerce=lambda value: int(value) if value else None,
    )
    layout = choice_field("Layout", description="Found by the file's header, unless you choose one")
    year = text_field(
        "Financial year of the costs",
        10,
        description="Such as 2023-24, where no column says it",
        render_kw={"width": 10},
    )
    srid = choice_field("Coordinates", description="Where neither a column nor the file itself says it")
    use_class = choice_field("Use of all buildings", description="Only for layouts without a column for it")
    create_agencies = BooleanField(
        "Create agencies that the file names and the register lacks",
        description="Below the agency that sends the file. Administrators only",
    )

    def fill_choices(self, session: Session, identity: Identity) -> None:
        """Offer the agencies that the user may import for, the layouts, the systems and the uses."""
        query = select(Agency.id, Agency.name).order_by(Agency.name)
        if not can(identity, Permission.ADMINISTER):
            query = query.where(Agency.id.in_(identity.roles.get(Role.ASSET_MANAGER, frozenset())))
            del self.create_agencies
        set_choices(self.agency_id, session.execute(query).all(), unknown="Choose an agency")
        set_choices(
            self.layout, [(name, one.title) for name, one in layouts().items()], unknown="Find it by the header"
        )
        metric = get_settings().metric_srid
        systems = [(4326, "Longitude and latitude (WGS 84)"), (metric, f"Eastings and northings (EPSG:{metric})")]
        set_choices(self.srid, systems, unknown="As the layout says")
        uses = session.execute(select(UseClass.code, UseClass.name).order_by(UseClass.sort)).all()
        set_choices(self.use_class, uses, unknown="As the layout or the file's name says")

    def validate_year(self, field: Field) -> None:
        """A financial year that is known."""
        if field.data and isinstance(values.financial_year(field.data.strip()), values.Problem):
            raise ValidationError("Enter a financial year, such as 2023-24")

    def options(self) -> Options:
        """What was chosen."""
        return Options(
            layout=self.layout.data,
            year=(self.year.data or "").strip() or None,
            srid=int(self.srid.data) if self.srid.data else None,
            create_agencies=bool(self.create_agencies and self.create_agencies.data),
            use_class=self.use_class.data,
        )
