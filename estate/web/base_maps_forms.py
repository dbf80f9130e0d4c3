"""The form of a base map."""

from wtforms import BooleanField

from estate.gis.base_addresses import LONGEST
from estate.gis.base_maps import LONGEST as LONGEST_TEXTS
from estate.gis.base_maps import NEEDED
from estate.web.form_fields import WholeNumberField, needed_text_field, reason_field, version_field
from estate.web.forms import Form


class NewBaseMapForm(Form):
    """A base map that readers may choose."""

    name = needed_text_field("Name", NEEDED["name"], LONGEST_TEXTS["name"], render_kw={"autocomplete": "off"})
    address = needed_text_field(
        "Address of its tiles",
        "Enter the address of the tiles",
        LONGEST,
        description=(
            "With {z}, {x} and {y}, such as https://tiles.example.org/streets/{z}/{x}/{y}.png. A WMTS address, in "
            "either of its two ways of asking, has {TileMatrix}, {TileCol} and {TileRow} in their place; its matrix "
            "set must be Web Mercator (GoogleMapsCompatible, EPSG:3857)."
        ),
        render_kw={"autocomplete": "off", "spellcheck": False},
    )
    attribution = needed_text_field(
        "Whose map it is",
        NEEDED["attribution"],
        LONGEST_TEXTS["attribution"],
        description="As its licence asks. It stands on every map that shows it.",
        render_kw={"autocomplete": "off"},
    )
    minimum_zoom = WholeNumberField("Smallest zoom", description="0 is the whole world", render_kw={"width": 3})
    maximum_zoom = WholeNumberField("Largest zoom", description="Often 19", render_kw={"width": 3})
    is_offered = BooleanField(
        "Readers may choose it",
        description="Withdrawn, it is shown to nobody from then on. It can be offered again.",
    )
    reason = reason_field("It is kept in the base map's history, with your name.")


class BaseMapForm(NewBaseMapForm):
    """Changes to a base map."""

    version = version_field()
