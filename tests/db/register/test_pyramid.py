"""The pyramid of cells: whatever changes the register, it is what a full recompute gives, and so are the tiles."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from estate.gis.tiles import DEPTH, Tile, tile_of
from estate.people.models import Agency
from estate.register import map_tiles
from estate.register.areas import assign_areas
from estate.register.as_at import begin_change_set
from estate.register.changes import change_building, retire_building
from estate.register.filters import ALL_CLASSES, LEFT_OUT, BuildingFilters
from estate.register.imports.check import Options
from estate.register.imports.undo import ask_to_undo, undo_import
from estate.register.imports.uploads import apply_import, start_import
from estate.register.map_tiles import reading, tile_bytes
from estate.register.matches.decide import Said, decide, retract
from estate.register.models import (
    Building,
    BuildingStatus,
    MapCell,
    MatchVerdict,
    OccupancyMethod,
    OccupancyObservation,
    Sensitivity,
)
from estate.register.programmes import Scope
from estate.register.pyramid import count_by, fold, fold_many, keys_of, rebuild, stored_zoom, verify
from estate.register.seen import EVERY_AGENCY, THE_PUBLIC, Viewer, see_as, see_everything
from estate.register.sensitivity import change_sensitivity
from tests import factories
from tests.vector_tiles import layers_of

HERE = (-2.9, 53.5)


@pytest.fixture
def council(session: Session) -> Agency:
    return factories.make_agency(session, name="Council")


@pytest.fixture
def hall(session: Session, council: Agency) -> Building:
    hall = factories.make_building(
        session, name="Hall", agency=council, lonlat=HERE, gross_internal_area_m2=Decimal("100.25")
    )
    factories.make_running_cost(session, hall, amount=Decimal("1000.50"))
    return hall


def whole(session: Session) -> list[tuple[object, ...]]:
    """Every cell with its sums, once all steps are in it."""
    fold(session)
    return sorted(tuple(row) for row in session.execute(select(*MapCell.__table__.columns)))


def is_right(session: Session) -> bool:
    """What was kept step by step is what working out all anew gives."""
    kept = whole(session)
    assert verify(session) == 0
    rebuild(session)
    return kept == whole(session)


def test_the_database_numbers_places_as_python_does(session: Session) -> None:
    for place in [HERE, (-180, -90), (180, 90), (0, 0), (1.7, 60.8), (-8.6, 49.9), (-0.00001, 51.4778)]:
        point = func.ST_SetSRID(func.ST_MakePoint(*place), 4326)
        assert session.scalar(select(func.map_code(point))) == tile_of(*place, DEPTH).code, place


def test_it_follows_every_change_of_a_building(session: Session, hall: Building, council: Agency) -> None:
    assert is_right(session)
    change_building(session, hall, version=hall.version, actor=None, reason="Moved", longitude=-2.0, latitude=53.0)
    assert is_right(session)
    change_building(session, hall, version=hall.version, actor=None, reason="Sold?", status=BuildingStatus.VACANT)
    assert is_right(session)
    factories.make_running_cost(session, hall, category_code="cleaning", amount=Decimal(7))
    session.add(
        OccupancyObservation(
            building_id=hall.id, observed_on=date(2024, 5, 1), method=OccupancyMethod.SURVEY, source="passes",
            capacity=40, average=Decimal("12.5"), peak=Decimal(20),
        )
    )  # fmt: skip
    assert is_right(session)
    root = session.scalars(select(MapCell).where(MapCell.kind == "all", MapCell.zoom == 0)).one()
    assert (root.building_count, root.building_ids, root.area_m2, root.annual_cost) == (
        1, hall.id, Decimal("100.25"), Decimal("1007.50"),
    )  # fmt: skip
    assert (root.capacity, root.people, root.counted_count) == (40, Decimal("12.5"), 1)
    change_building(session, hall, version=hall.version, actor=None, reason="Sold", status=BuildingStatus.DISPOSED)
    assert is_right(session)
    assert whole(session) == []


def test_it_follows_merges_and_their_undoing(session: Session, hall: Building) -> None:
    other = factories.make_building(session, name="Same hall", lonlat=(-2.9001, 53.5))
    factories.make_running_cost(session, other, amount=Decimal(55))
    decision = decide(session, hall, other, Said(MatchVerdict.SAME, "One house", None))
    assert is_right(session)
    assert count_of(session, tile_of(*HERE, 6), BuildingFilters(agency_id=other.agency_id)) == 1
    retract(session, decision, actor=None, reason="Two houses")
    assert is_right(session)


def test_it_follows_an_import_and_its_undoing(session: Session, hall: Building, council: Agency) -> None:
    before = whole(session)
    rows = "\n".join(f"R{n},House {n},{-2.9 + n / 100},53.5,office,{n + 10},2024-25,{n}" for n in range(60))
    head = "Reference,Name,Longitude,Latitude,Use,Gross internal area m2,Financial year,Cost: energy\n"
    content = (head + rows).encode()
    brought = start_import(session, content, "houses.csv", agency=council, actor=None, options=Options())
    apply_import(session, brought, actor=None)
    assert count_of(session, Tile(0, 0, 0), BuildingFilters()) == 61
    assert is_right(session)
    ask_to_undo(session, brought, actor=None, reason="Wrong file")
    undo_import(session, brought)
    assert is_right(session)
    assert whole(session) == before


def test_it_follows_a_bulk_change_with_sql(session: Session, hall: Building, council: Agency) -> None:
    for number in range(30):
        factories.make_building(session, agency=council, lonlat=(-2.9 + number / 50, 53.5))
    begin_change_set(session, "import:1")
    session.execute(text("UPDATE building SET location = ST_Translate(location, 0.1, 0.1) WHERE id % 2 = 0"))
    assign_areas(session)
    assert is_right(session)


def test_who_leaves_is_no_longer_in_it(session: Session, hall: Building) -> None:
    retire_building(session, hall, version=hall.version, actor=None, reason="A mistake")
    assert is_right(session)
    assert whole(session) == []


@pytest.mark.parametrize("level", [Sensitivity.OWNER, Sensitivity.SECRET])
def test_a_restricted_record_is_in_no_cell(session: Session, hall: Building, level: Sensitivity) -> None:
    factories.make_building(session, name="Suite", lonlat=HERE, sensitivity=level)
    change_sensitivity(session, hall, level, version=hall.version, actor=None, reason="Custody")
    # At once, before anything is folded.
    see_as(session, EVERY_AGENCY)
    assert count_of(session, Tile(0, 0, 0), BuildingFilters()) == 0
    see_everything(session)
    assert is_right(session)
    assert whole(session) == []
    change_sensitivity(session, hall, Sensitivity.OPEN, version=hall.version, actor=None, reason="Closed")
    assert is_right(session)
    assert len({cell[0] for cell in whole(session)}) >= 3


def test_who_sees_only_what_is_open_reads_no_cell(session: Session, hall: Building) -> None:
    see_as(session, THE_PUBLIC)
    assert session.scalar(select(func.count()).select_from(MapCell)) == 0
    assert session.scalar(text("SELECT count(*) FROM map_step")) == 0
    assert count_of(session, Tile(0, 0, 0), BuildingFilters()) == 0
    assert count_by(session, "agency") is None


def test_folding_leaves_nothing_behind_and_changes_nothing(session: Session, hall: Building, council: Agency) -> None:
    see_as(session, EVERY_AGENCY)
    tile = tile_of(*HERE, 8)
    before = layers_of(tile_bytes(session, tile, BuildingFilters(), reading(session, tile)))
    assert count_by(session, "agency") == {str(council.id): 1}
    version = reading(session, tile).version
    see_everything(session)
    assert fold(session) > 0
    assert fold(session) == 0
    see_as(session, EVERY_AGENCY)
    assert layers_of(tile_bytes(session, tile, BuildingFilters(), reading(session, tile))) == before
    assert reading(session, tile).version == version
    assert count_by(session, "agency") == {str(council.id): 1}


def test_few_steps_wait_to_be_folded(session: Session, hall: Building) -> None:
    fold_many(session)
    assert session.scalar(text("SELECT count(*) FROM map_step")) > 0


def count_of(session: Session, tile: Tile, filters: BuildingFilters) -> int:
    layers = layers_of(tile_bytes(session, tile, filters, reading(session, tile)))
    return sum(feature.properties.get("n", 1) for features in layers.values() for feature in features)


@pytest.fixture
def many(session: Session, council: Agency) -> list[BuildingFilters]:
    """Buildings of three agencies over a county, and questions that cells can answer."""
    agencies = [council, *(factories.make_agency(session) for _ in range(2))]
    uses = ("office", "library", None)
    for number in range(60):
        status = (BuildingStatus.ACTIVE, BuildingStatus.VACANT, BuildingStatus.DISPOSED)[number % 7 % 3]
        building = factories.make_building(
            session, agency=agencies[number % 3], use_class_code=uses[number % 4 % 3], status=status,
            lonlat=(-3 + number * number % 97 / 60, 53 + number * 31 % 89 / 80),
            gross_internal_area_m2=None if number % 5 == 0 else Decimal(number), name=f"House {number}",
        )  # fmt: skip
        if number % 2:
            factories.make_running_cost(session, building, amount=Decimal(number) / 3)
    see_as(session, Viewer(frozenset({council.id}), is_partner=True))
    return [
        BuildingFilters(),
        BuildingFilters(agency_id=agencies[1].id),
        BuildingFilters(use_class_code="office"),
        BuildingFilters(status=BuildingStatus.VACANT),
        BuildingFilters(class_code=ALL_CLASSES),
        BuildingFilters(class_code=LEFT_OUT),
        BuildingFilters(class_code="housing"),
    ]


def test_cells_say_what_counting_the_buildings_says(session: Session, many: list[BuildingFilters]) -> None:
    for filters in many:
        for zoom in (0, 4, 6, 7, 8, 9, 11):
            tile = tile_of(-2.5, 53.5, zoom)
            told = [
                sorted((it.points[0], sorted(it.properties.items())) for it in layers_of(content).get("cells", []))
                for content in (
                    tile_bytes(session, tile, filters, reading(session, tile)),
                    map_tiles._of_rows(session, tile, filters),
                )
            ]
            assert told[0] == told[1], (filters.chosen, zoom)


def test_a_tile_of_too_many_buildings_shows_cells(
    session: Session, many: list[BuildingFilters], monkeypatch: pytest.MonkeyPatch
) -> None:
    tile = tile_of(-2.5, 53.5, 13)
    tiles = [Tile(13, tile.x + x, tile.y + y) for x in range(-2, 3) for y in range(-2, 3)]
    shown = {one: layers_of(tile_bytes(session, one, BuildingFilters(), reading(session, one))) for one in tiles}
    assert any("buildings" in layers for layers in shown.values())
    monkeypatch.setattr(map_tiles, "MOST_POINTS", 0)
    for one in tiles:
        layers = layers_of(tile_bytes(session, one, BuildingFilters(), reading(session, one)))
        assert set(layers) <= {"cells"}


def test_which_cells_answer_which_question() -> None:
    assert keys_of(BuildingFilters()) == [("all", "")]
    assert keys_of(BuildingFilters(agency_id=7)) == [("agency", "7")]
    assert keys_of(BuildingFilters(class_code="housing")) == [("class", "housing")]
    assert keys_of(BuildingFilters(class_code=ALL_CLASSES)) == [("all", ""), ("left_out", "")]
    for filters in (
        BuildingFilters(text="hall"),
        BuildingFilters(agency_id=7, use_class_code="office"),
        BuildingFilters(status=BuildingStatus.DISPOSED),
        BuildingFilters(class_code="housing", agency_id=7),
        BuildingFilters(scope=Scope(1)),
    ):
        assert keys_of(filters) is None
    assert stored_zoom([("all", "")], 5) == 6
    assert stored_zoom([("all", "")], 16) == 16
    assert stored_zoom([("all", "")], 17) is None
    assert stored_zoom([("agency", "7")], 15) is None
