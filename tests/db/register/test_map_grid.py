"""One count of the register answers every tile of low zoom, as counting for each tile does."""

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from estate.gis.tiles import Tile, tile_of
from estate.people.models import Agency
from estate.people.programmes import today_of
from estate.register import map_tiles
from estate.register.filters import BuildingFilters
from estate.register.map_grid import TILES_UP_TO, grid_of, tile_of_grid
from estate.register.models import Building, Sensitivity
from estate.register.seen import EVERY_AGENCY, Viewer, see_as
from estate.register.sensitivity import change_field_level, change_sensitivity
from tests import factories
from tests.vector_tiles import layers_of

QUESTIONS = (
    BuildingFilters(text="house"),
    BuildingFilters(text="7"),
    BuildingFilters(text="nothing of that name"),
    BuildingFilters(use_class_code="office", text="h"),
)
Told = list[tuple[tuple[int, int], list[tuple[str, object]]]]


@pytest.fixture
def council(session: Session) -> Agency:
    """A county of buildings, and some where the map ends."""
    council = factories.make_agency(session)
    for number in range(80):
        factories.make_building(
            session, agency=council if number % 3 else factories.make_agency(session), name=f"House {number}",
            lonlat=(-3 + number * number % 97 / 60, 53 + number * 31 % 89 / 80),
            use_class_code=("office", "library", None)[number % 3],
            gross_internal_area_m2=None if number % 5 == 0 else Decimal(number) + Decimal("0.25"),
        )  # fmt: skip
    for lonlat in ((-180, 85.05), (179.99999, -85.05), (0, 89), (0, 0)):
        factories.make_building(session, agency=council, name="House at the end", lonlat=lonlat)
    for building in session.query(Building).where(Building.id % 3 == 0):
        factories.make_running_cost(session, building, amount=Decimal(building.id) + Decimal("0.35"))
    factories.make_building(session, agency=council, name="House nowhere", lonlat=None)
    return council


def told(content: bytes) -> Told:
    return sorted((it.points[0], sorted(it.properties.items())) for it in layers_of(content).get("cells", []))


def is_the_same(session: Session, filters: BuildingFilters) -> bool:
    grid = grid_of(session, filters)
    places = ((-2.5, 53.5), (-180, 85), (0, 0))
    tiles = {tile_of(*place, zoom) for place in places for zoom in range(TILES_UP_TO + 1)}
    return all(told(tile_of_grid(session, it, grid)) == told(map_tiles._of_rows(session, it, filters)) for it in tiles)


@pytest.mark.parametrize("filters", QUESTIONS)
def test_a_tile_of_the_grid_is_the_tile(session: Session, council: Agency, filters: BuildingFilters) -> None:
    assert is_the_same(session, filters)
    see_as(session, EVERY_AGENCY)
    assert is_the_same(session, filters)


def test_the_whole_is_counted(session: Session, council: Agency) -> None:
    cells = layers_of(tile_of_grid(session, Tile(3, 3, 2), grid_of(session, QUESTIONS[0])))["cells"]
    assert sum(it.properties["n"] for it in cells) == 80


def test_what_is_hidden_is_not_counted(session: Session, council: Agency) -> None:
    hidden = factories.make_building(session, agency=council, name="House of refuge", lonlat=(-2.5, 53.5))
    session.flush()
    change_sensitivity(session, hidden, Sensitivity.SECRET, version=hidden.version, actor=None, reason="Refuge")
    filters = BuildingFilters(text="refuge")
    see_as(session, EVERY_AGENCY)
    assert grid_of(session, filters).codes == []
    assert tile_of_grid(session, Tile(0, 0, 0), grid_of(session, filters)) == b""
    see_as(session, Viewer(frozenset([council.id]), is_partner=True))
    assert len(grid_of(session, filters).codes) == 1


def test_a_cost_that_is_kept_back_is_unknown(session: Session, council: Agency) -> None:
    today = today_of(session)
    change_field_level(session, "running_cost", Sensitivity.OWNER, valid_from=today, actor=None, reason="Kept back")
    see_as(session, Viewer(frozenset([-1]), is_partner=True))
    assert is_the_same(session, QUESTIONS[0])
    cells = layers_of(tile_of_grid(session, Tile(0, 0, 0), grid_of(session, QUESTIONS[0])))["cells"]
    assert not any("cost" in it.properties for it in cells)
