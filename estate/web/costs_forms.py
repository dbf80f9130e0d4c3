"""The form of the cost pages: a further edition of the price index."""

from wtforms import BooleanField, FileField, TextAreaField
from wtforms.validators import InputRequired

from estate.errors import InvalidInput
from estate.web.form_fields import DayField, needed_text_field
from estate.web.forms import Form

LARGEST_BYTES = 200_000


class UnreadableTable(InvalidInput):
    """The file is not a table in CSV of up to 200 kB. Save the sheet as CSV, or paste its two columns."""


class PriceReleaseForm(Form):
    """One edition: pasted, or as the CSV file that was published."""

    name = needed_text_field("Name of the index", "Give the index its name", render_kw={"autocomplete": "off"})
    published_on = DayField("Published on", [InputRequired("Enter the day on which this edition was published")])
    source = needed_text_field(
        "Source",
        "Say where the figures come from",
        500,
        description="Such as: HM Treasury, GDP deflators at market prices, Quarterly National Accounts",
    )
    file = FileField("The official CSV file", description="Leave it empty to take the text below.")
    figures = TextAreaField(
        "Or: year and index, one a line",
        description="Such as 2023-24,100.0. Lines without a financial year are passed over.",
        render_kw={"rows": 12, "spellcheck": "false"},
    )
    is_checked = BooleanField("I compared these figures with the source")

    def table(self) -> str:
        """The text of the file, else the text that was typed. Raises `UnreadableTable`."""
        if not self.file.data or not getattr(self.file.data, "filename", ""):
            return str(self.figures.data or "")
        content = self.file.data.read(LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES or b"\0" in content:
            raise UnreadableTable(fields={"file": UnreadableTable.__doc__ or ""})
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return str(content.decode("cp1252", "replace"))
