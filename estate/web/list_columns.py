"""Which columns the list shows: those in its address, else the reader's own, else the usual ones."""

from collections.abc import Mapping
from typing import Any

from estate.exports.buildings import list_columns
from estate.register.queries import SORTS
from estate.register.views import preference_of
from estate.web.access import signed_in_identity
from estate.web.building_filters import arguments_of, filters_from
from estate.web.database import current_session

PARAMETER = "columns"


def columns_from(arguments: Mapping[str, str]) -> list[str]:
    """The columns of this request, in their order; names that are none are left out."""
    given = arguments.get(PARAMETER, "")
    if given:
        return list_columns(given.split(","))
    return list_columns(preference_of(current_session(), signed_in_identity()).columns or [])


def sort_from(arguments: Mapping[str, str]) -> str:
    """The sort of this request, such as `-cost`; by name where there is none of that name."""
    sort = arguments.get("sort", "name")
    return sort if sort.removeprefix("-") in SORTS else "name"


def list_arguments(arguments: Mapping[str, str]) -> dict[str, Any]:
    """What the list's address says, tidied: filters, sort and columns; what is not set is absent."""
    found = arguments_of(filters_from(arguments))
    sort = sort_from(arguments)
    if sort != "name":
        found["sort"] = sort
    if arguments.get(PARAMETER):
        found[PARAMETER] = ",".join(columns_from(arguments))
    return found
