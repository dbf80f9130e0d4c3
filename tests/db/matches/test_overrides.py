"""A steward's choice of a value: it beats every record, everywhere, on its day, and can be taken back."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from estate.audit import Event
from estate.board.facts import facts_of
from estate.errors import InvalidInput
from estate.register.as_at import look_at_today, look_back
from estate.register.building_facts import building_facts
from estate.register.changes import change_building, retire_building
from estate.register.details import building_details
from estate.register.filters import Attention, BuildingFilters
from estate.register.listed_past import rebuild
from estate.register.matches.chosen import choices_in_force
from estate.register.matches.decide import Said, decide, retract
from estate.register.matches.members import shown_buildings
from estate.register.matches.overrides import (
    ChosenMeanwhile,
    FromRecord,
    NotChoosable,
    NotSaidThere,
    TakenBackAlready,
    choose_value,
    owners_of,
    take_back,
)
from estate.register.models import (
    Building,
    BuildingStatus,
    ConditionSurvey,
    EnergyKind,
    EnergyRating,
    FieldOverride,
    FixSource,
    MatchVerdict,
)
from estate.register.queries import count_buildings, list_buildings
from estate.register.rules import ReasonMissing, Retired
from tests.factories import make_area, make_building, make_interest, make_user

EVERYTHING = BuildingFilters()


def choose(session: Session, building: Building, field: str, given: Any, seen: int | None = None) -> FieldOverride:
    return choose_value(session, building, field, given, actor=None, reason="Measured by tape", seen=seen)


def join(session: Session, one: Building, other: Building) -> Any:
    return decide(session, one, other, Said(MatchVerdict.SAME, "One front door", None))


def shown_of(session: Session, building: Building) -> Building:
    return shown_buildings(session, [building])[0]


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("name", " The Old Mill ", "The Old Mill"),
        ("uprn", "00123", "00123"),
        ("street", "1 High Street", "1 High Street"),
        ("postcode", "m33 1yh", "M33 1YH"),
        ("use_class_code", "library", "library"),
        ("status", BuildingStatus.SURPLUS, BuildingStatus.SURPLUS),
        ("gross_internal_area_m2", Decimal("1234.5"), Decimal("1234.50")),
        ("built_year", 1901, 1901),
    ],
)
def test_a_typed_value_beats_the_record_until_it_is_taken_back(
    session: Session, field: str, given: Any, expected: Any
) -> None:
    building = make_building(session, name="Mill")
    before = getattr(building, field)
    choice = choose(session, building, field, given)
    row = list_buildings(session, EVERYTHING).rows[0].building
    assert getattr(row, field) == expected
    assert getattr(building, field) == before, "the record itself stays as it is"
    assert building_details(session, building).building.id == building.id
    take_back(session, choice, actor=None, reason="The tape was wrong")
    assert getattr(shown_of(session, building), field) == before


def test_a_choice_counts_in_filters_figures_and_on_the_map(session: Session) -> None:
    west = make_area(session, name="West", bounds=(-2.4, 53.3, -2.3, 53.5))
    east = make_area(session, name="East", bounds=(-2.3, 53.3, -2.2, 53.5))
    building = make_building(session, lonlat=(-2.35, 53.4))
    choose(session, building, "net_internal_area_m2", Decimal(70))
    choose(session, building, "gross_internal_area_m2", Decimal(80))
    choose(session, building, "use_class_code", "library")
    moved = choose(session, building, "location", {"latitude": 53.4, "longitude": -2.25})
    assert count_buildings(session, BuildingFilters(attention=Attention.NO_AREA)) == 0
    assert count_buildings(session, BuildingFilters(use_class_code="library")) == 1
    assert count_buildings(session, BuildingFilters(use_class_code="office")) == 0
    assert count_buildings(session, BuildingFilters(area_id=east.id)) == 1
    assert session.execute(select(building_facts(2024, EVERYTHING))).mappings().one()["gross_internal_area_m2"] == 80
    assert facts_of(session, [building.id])[building.id]["longitude"] == -2.25
    assert shown_of(session, building).fix_source is FixSource.COORDINATES
    take_back(session, moved, actor=None, reason="No")
    assert count_buildings(session, BuildingFilters(area_id=west.id)) == 1


def test_a_chosen_name_is_found_and_so_are_the_others(session: Session) -> None:
    low, high = make_building(session, name="Town Hall"), make_building(session, name="Contact Centre")
    join(session, low, high)
    choose(session, high, "name", "One Stop Shop")
    for word in ("town", "contact", "stop"):
        assert [row.building.name for row in list_buildings(session, BuildingFilters(text=word)).rows] == [
            "One Stop Shop"
        ], word


def test_a_record_s_value_is_chosen_and_stays_when_the_record_changes(session: Session) -> None:
    low, high = make_building(session, built_year=1900), make_building(session, built_year=1950)
    join(session, low, high)
    choose(session, low, "built_year", FromRecord(low.id))
    change_building(session, low, version=low.version, actor=None, reason="Typo", built_year=1999)
    assert shown_of(session, low).built_year == 1900
    with pytest.raises(NotSaidThere):
        choose(session, low, "street", FromRecord(low.id))
    stranger = make_building(session, built_year=1970)
    with pytest.raises(NotSaidThere):
        choose(
            session,
            low,
            "built_year",
            FromRecord(stranger.id),
            seen=choices_in_force(session, [low.id])[low.id]["built_year"].id,
        )


def test_a_record_s_position_is_taken_with_its_source(session: Session) -> None:
    low = make_building(session, lonlat=(-2.3, 53.4))
    high = make_building(session, lonlat=(-2.31, 53.4), fix_source=FixSource.POSTCODE_CENTROID, fix_accuracy_m=90)
    join(session, low, high)
    assert shown_of(session, low).fix_source is FixSource.COORDINATES
    choose(session, low, "location", FromRecord(high.id))
    shown = shown_of(session, low)
    assert (shown.fix_source, shown.fix_accuracy_m) == (FixSource.POSTCODE_CENTROID, 90)


def test_surveys_and_certificates_are_the_newest_dated_unless_chosen(session: Session) -> None:
    low, high = make_building(session), make_building(session)
    for record, grade, year in ((low, "B", 2020), (high, "D", 2023)):
        session.add(ConditionSurvey(building_id=record.id, surveyed_on=date(year, 5, 1), grade=grade, source="x"))
        rated = {"kind": EnergyKind.DEC, "rated_on": date(year, 5, 1), "source": "x"}
        session.add(EnergyRating(building_id=record.id, band=grade, **rated))
    session.flush()
    join(session, low, high)
    details = building_details(session, low)
    assert (details.condition.grade, [rating.band for rating in details.energy]) == ("D", ["D"])
    assert facts_of(session, [low.id])[low.id]["condition"]["grade"] == "D"
    choice = choose(session, low, "condition", FromRecord(low.id))
    choose(session, low, "dec", FromRecord(low.id))
    details = building_details(session, low)
    assert (details.condition.grade, [rating.band for rating in details.energy]) == ("B", ["B"])
    assert facts_of(session, [low.id])[low.id]["condition"]["grade"] == "B"
    with pytest.raises(NotChoosable):
        choose(session, low, "condition", "A", seen=choice.id)
    with pytest.raises(NotSaidThere):
        choose(session, low, "epc", FromRecord(low.id))


def test_choices_of_both_sides_meet_in_a_merge_and_part_again(session: Session) -> None:
    low, high = make_building(session), make_building(session)
    choose(session, low, "name", "First")
    newer = choose(session, high, "name", "Second")
    decision = join(session, low, high)
    assert shown_of(session, low).name == "Second"
    take_back(session, newer, actor=None, reason="No")
    assert shown_of(session, low).name == "First"
    retract(session, decision, actor=None, reason="Two doors")
    assert (shown_of(session, low).name, shown_of(session, high).name) == ("First", high.name)


def test_a_new_choice_replaces_the_one_that_its_maker_saw(session: Session) -> None:
    building = make_building(session)
    first = choose(session, building, "name", "First")
    with pytest.raises(ChosenMeanwhile):
        choose(session, building, "name", "Second")
    second = choose(session, building, "name", "Second", seen=first.id)
    assert first.retracted_reason == "Replaced: Measured by tape"
    with pytest.raises(TakenBackAlready):
        take_back(session, first, actor=None, reason="x")
    take_back(session, second, actor=None, reason="x")
    with pytest.raises(ChosenMeanwhile):
        choose(session, building, "name", "Third", seen=second.id)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", "  "),
        ("uprn", "1.00E+11"),
        ("gross_internal_area_m2", Decimal("NaN")),
        ("net_internal_area_m2", Decimal(-1)),
        ("built_year", 99999),
        ("status", BuildingStatus.RETIRED),
        ("postcode", "somewhere"),
        ("location", {"latitude": 53.4, "longitude": None}),
        ("location", {"latitude": 534.0, "longitude": 2.0}),
        ("street", "x" * 3000),
        ("built_year", None),
        ("agency_id", 3),
        ("canonical_id", 3),
    ],
)
def test_a_value_that_breaks_a_rule_is_not_chosen(session: Session, field: str, given: Any) -> None:
    building = make_building(session)
    with pytest.raises(InvalidInput):
        choose(session, building, field, given)
    assert session.scalars(select(FieldOverride)).all() == []


def test_a_choice_needs_a_reason_and_a_record_in_use(session: Session) -> None:
    building = make_building(session)
    with pytest.raises(ReasonMissing):
        choose_value(session, building, "name", "x", actor=None, reason=" ", seen=None)
    retire_building(session, building, version=building.version, actor=None, reason="Never was")
    with pytest.raises(Retired):
        choose(session, building, "name", "x")


def test_the_database_holds_no_value_that_its_column_could_not(session: Session) -> None:
    building = make_building(session)
    row = {"building_id": building.id, "field": "gross_internal_area_m2", "value": "much", "reason": "x"}
    with pytest.raises(IntegrityError, match="area_is_number"):
        session.execute(insert(FieldOverride), [row])


def test_a_choice_stands_in_the_history_with_who_why_before_and_after(session: Session) -> None:
    user = make_user(session)
    building = make_building(session, name="Mill")
    choice = choose_value(session, building, "name", "The Mill", actor=user.id, reason="Its sign", seen=None)
    take_back(session, choice, actor=user.id, reason="New sign")
    events = session.scalars(select(Event).where(Event.action.like("%value_of_building")).order_by(Event.id)).all()
    told = [(event.subject_id, event.actor_id, event.reason, event.changes) for event in events]
    assert told == [
        (building.id, user.id, "Its sign", {"name": ["Mill", "The Mill"]}),
        (building.id, user.id, "New sign", {"name": ["The Mill", "Mill"]}),
    ]


def test_the_past_shows_the_choice_of_its_day(session: Session) -> None:
    building = make_building(session, name="Mill")
    choice = choose(session, building, "name", "The Mill")
    start = datetime.now(UTC)
    _date_back(session, "building", start - timedelta(days=9))
    _date_back(session, "field_override", start - timedelta(days=5))
    take_back(session, choice, actor=None, reason="No")
    session.flush()
    rebuild(session)
    seen = []
    for days in (7, 3, 0):
        look_back(session, start - timedelta(days=days)) if days else look_at_today(session)
        seen.append(list_buildings(session, EVERYTHING).rows[0].building.name)
    assert seen == ["Mill", "The Mill", "Mill"]


def _date_back(session: Session, table: str, moment: datetime) -> None:
    """Let the current versions of a table stand since `moment`."""
    session.flush()
    session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    session.execute(text(f"UPDATE {table} SET recorded_at = :moment"), {"moment": moment})
    session.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def test_the_newest_value_wins_not_the_record_that_changed_last(session: Session) -> None:
    old = make_building(session, gross_internal_area_m2=Decimal(900), created_at=datetime(2024, 1, 1, tzinfo=UTC))
    new = make_building(session, gross_internal_area_m2=Decimal(950), created_at=datetime(2025, 1, 1, tzinfo=UTC))
    join(session, old, new)
    _date_back(session, "building", datetime(2025, 1, 1, tzinfo=UTC))
    change_building(session, old, version=old.version, actor=None, reason="Typo", street="1 High Street")
    assert shown_of(session, old).gross_internal_area_m2 == Decimal(950)
    change_building(
        session, old, version=old.version, actor=None, reason="Measured", gross_internal_area_m2=Decimal(910)
    )
    assert shown_of(session, old).gross_internal_area_m2 == Decimal(910)


def test_the_uprn_of_most_agencies_wins_not_that_of_most_records(session: Session) -> None:
    three = [make_building(session, uprn="100")]
    three += [make_building(session, uprn="100", agency=three[0].agency) for _ in range(2)]
    others = [make_building(session, uprn="200") for _ in range(2)]
    for record in (*three[1:], *others):
        join(session, three[0], record)
    assert shown_of(session, three[0]).uprn == "200"


def test_the_owner_s_point_goes_before_another_s_and_any_point_before_a_postcode(session: Session) -> None:
    centroid = make_building(session, fix_source=FixSource.POSTCODE_CENTROID)
    make_interest(session, centroid)
    point = make_building(session, lonlat=(-2.31, 53.4), fix_source=FixSource.EASTING_NORTHING)
    join(session, centroid, point)
    assert shown_of(session, centroid).fix_source is FixSource.EASTING_NORTHING
    owner = make_building(session, lonlat=(-2.32, 53.4), fix_source=FixSource.COORDINATES)
    make_interest(session, owner)
    join(session, centroid, owner)
    assert shown_of(session, centroid).fix_source is FixSource.COORDINATES
    outline = make_building(session, lonlat=(-2.33, 53.4), fix_source=FixSource.SURVEYED_POLYGON)
    join(session, centroid, outline)
    assert shown_of(session, centroid).fix_source is FixSource.SURVEYED_POLYGON


def test_everybody_whose_record_it_is_may_choose(session: Session) -> None:
    low, high = make_building(session), make_building(session)
    join(session, low, high)
    assert owners_of(session, high).agency_ids == {low.agency_id, high.agency_id}
