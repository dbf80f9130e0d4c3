"""The form that uploads populations of small areas, and the one that takes them back."""

from flask_wtf.file import FileField, FileRequired
from wtforms.validators import DataRequired, NumberRange

from estate.web.form_fields import WholeNumberField, needed_text_field, reason_field
from estate.web.forms import Form

FORMATS = "CSV, GeoPackage, GeoJSON, or a ZIP with a Shapefile"


class PopulationForm(Form):
    """A file of people by small area, and where it comes from."""

    file = FileField("People by small area", [FileRequired("Choose a file")], description=FORMATS)
    points = FileField(
        "Points of the small areas",
        description=f"Only where the first file has no coordinates, such as population-weighted centroids: {FORMATS}",
    )
    year = WholeNumberField(
        "Year",
        [DataRequired("Enter the year, such as 2024"), NumberRange(1900, 2200, "Enter a year, such as 2024")],
        description="For which people were counted or estimated",
        render_kw={"width": 4},
    )
    source = needed_text_field(
        "Source", "Say who counted", description="Who counted, under which licence: it stands on every map"
    )


class TakeBackForm(Form):
    """Why a file is taken back."""

    reason = reason_field("It is kept with the file, with your name. The file before it is in force again.")
