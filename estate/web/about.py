"""Pages about Estate itself: where its data comes from, and how accessible it is."""

from flask import Blueprint, render_template

from estate.web.access import public

blueprint = Blueprint("about", __name__)


@blueprint.get("/about")
@public
def data() -> str:
    """Where figures come from and what the words mean."""
    return render_template("about/data.html")


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("about/accessibility.html")
