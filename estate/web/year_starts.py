"""Agencies whose financial year starts in another month: pages that add years up say which they are."""

from flask import Flask, g

from estate.people.models import Agency
from estate.register.cost_lines import list_other_starts
from estate.web.database import current_session


def other_year_starts() -> list[Agency]:
    """Agencies whose financial year starts in another month than the place's, by name."""
    if "other_year_starts" not in g:
        g.other_year_starts = list_other_starts(current_session())
    found: list[Agency] = g.other_year_starts
    return found


def init_year_starts(app: Flask) -> None:
    """Let templates ask."""
    app.jinja_env.globals["other_year_starts"] = other_year_starts
