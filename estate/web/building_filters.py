"""Register filters in an address: the list, its file and the maps share `filters_from` and `arguments_of`."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from estate.errors import InvalidInput
from estate.gis.tiles import NoSuchTile, Tile
from estate.register.filters import Attention, BuildingFilters, Fullness
from estate.register.models import BuildingKind, BuildingStatus, Tenure
from estate.register.quality.checks import CHECKS
from estate.register.regions import Within, within_from
from estate.register.squares import square_from, written
from estate.web.database import current_session
from estate.web.programmes import current_scope

LARGEST_ID = 2**63 - 1
LONGEST_PATCH = 200


class UnknownFilter(InvalidInput):
    """A filter in this address has a value that does not exist. Go back to the list and choose from the panel."""


def filters_from(arguments: Mapping[str, str]) -> BuildingFilters:
    """The filters in a query string.

    `text agency area use tenure status attention kind site fullness gap class patch block within square`.

    Within what the reader is shown.

    Raises `UnknownFilter` for a value that does not exist, and for a place the errors of `register.regions`.
    """
    return BuildingFilters(
        text=arguments.get("text", "").strip(),
        agency_id=_read(arguments, "agency", _id),
        area_id=_read(arguments, "area", _id),
        use_class_code=_read(arguments, "use", _code),
        tenure=_read(arguments, "tenure", Tenure),
        status=_read(arguments, "status", BuildingStatus),
        attention=_read(arguments, "attention", Attention),
        kind=_read(arguments, "kind", BuildingKind),
        site_id=_read(arguments, "site", _id),
        fullness=_read(arguments, "fullness", Fullness),
        gap=_read(arguments, "gap", _gap),
        class_code=_read(arguments, "class", _code),
        patch=" ".join(arguments.get("patch", "").split())[:LONGEST_PATCH],
        block_id=_read(arguments, "block", _id),
        within=_within(arguments),
        square=_read(arguments, "square", _square),
        scope=current_scope(),
    )


def building_id_from(text: str) -> int:
    """The number of a building in an address. Raises `UnknownFilter` for what is none."""
    try:
        return _id(text)
    except ValueError as error:
        raise UnknownFilter(fields={"id": f"has no value “{text[:40]}”"}) from error


def arguments_of(filters: BuildingFilters) -> dict[str, Any]:
    """The filters as a query string's arguments; what is not set is absent."""
    names = {
        "agency_id": "agency",
        "area_id": "area",
        "use_class_code": "use",
        "site_id": "site",
        "class_code": "class",
        "block_id": "block",
    }
    return {names.get(name, name): _written(value) for name, value in filters.chosen.items()}


def _written(value: Any) -> Any:
    if isinstance(value, Within):
        return value.written
    if isinstance(value, Tile):
        return written(value)
    return value.value if isinstance(value, Enum) else value


def _within(arguments: Mapping[str, str]) -> Within | None:
    text = arguments.get("within", "").strip()
    return within_from(current_session(), text, current_scope()) if text else None


def _read(arguments: Mapping[str, str], name: str, convert: Callable[[str], Any]) -> Any:
    text = arguments.get(name, "").strip()
    if not text:
        return None
    try:
        return convert(text)
    except ValueError as error:
        raise UnknownFilter(fields={name: f"has no value “{text[:40]}”"}) from error


def _id(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < number <= LARGEST_ID:
        raise ValueError(text)
    return number


def _square(text: str) -> Tile:
    try:
        return square_from(text)
    except NoSuchTile as error:
        raise ValueError(text) from error


def _code(text: str) -> str:
    if not text.replace("_", "").isalnum() or not text.isascii():
        raise ValueError(text)
    return text


def _gap(text: str) -> str:
    if text not in CHECKS:
        raise ValueError(text)
    return text
