"""The register as somebody sees it: rows and fields, the past, and row-level security below the views."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.register.area_statistics import area_statistics
from estate.register.areas import assign_areas
from estate.register.as_at import begin_change_set, look_at_today, look_back
from estate.register.changes import change_building
from estate.register.filters import BuildingFilters
from estate.register.listed import refresh, verify
from estate.register.matches.decide import Said, decide, retract
from estate.register.matches.overrides import owners_of
from estate.register.models import Building, BuildingListed, Interest, MatchVerdict, Occupation, Sensitivity, Valuation
from estate.register.models.listed import IN_USE_SQL
from estate.register.queries import list_buildings
from estate.register.seen import EVERY_AGENCY, THE_PUBLIC, Viewer, see_as, see_everything, seen_by
from estate.register.sensitivity import change_field_level, change_sensitivity, list_field_levels, list_stubs
from estate.register.summary import register_summary
from tests import factories


def today() -> date:
    """The local calendar day, asked when it is needed: midnight may come while the tests run."""
    return date.today()  # noqa: DTZ011


@pytest.fixture
def police(session):
    return factories.make_agency(session, name="Shire Police")


@pytest.fixture
def council(session):
    return factories.make_agency(session, name="Shire Council")


def viewer(*agencies) -> Viewer:
    return Viewer(frozenset(agency.id for agency in agencies), is_partner=True)


def restrict(session: Session, building: Building, level: Sensitivity) -> None:
    change_sensitivity(session, building, level, version=building.version, actor=None, reason="Custody")


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Building.name).order_by(Building.name)))


@pytest.fixture
def four(session, police):
    """One record of each level, named after it."""
    return {
        level: factories.make_building(session, name=level.value, agency=police, sensitivity=level)
        for level in Sensitivity
    }


def test_each_level_is_seen_by_whom_it_says(session, four, police, council):
    every = ["open", "owner", "partner", "secret"]
    assert names(session) == every
    for who, seen in (
        (viewer(police), every),
        (viewer(council), ["open", "partner"]),
        (EVERY_AGENCY, ["open", "partner"]),
        (THE_PUBLIC, ["open"]),
    ):
        see_as(session, who)
        assert names(session) == seen, who
    see_everything(session)
    assert names(session) == every


def test_only_an_owner_record_leaves_a_stub(session, four, police, council):
    area = factories.make_area(session, name="Westshire")
    assign_areas(session)
    see_as(session, viewer(council))
    (stub,) = list_stubs(session)
    assert (stub.building_id, stub.agency, stub.district) == (four[Sensitivity.OWNER].id, police.name, area.name)
    assert list_stubs(session, BuildingFilters(agency_id=police.id)) == [stub]
    for filters in (
        BuildingFilters(text="owner"),
        BuildingFilters(area_id=area.id),
        BuildingFilters(agency_id=council.id),
    ):
        assert list_stubs(session, filters) == []
    for nobody in (viewer(police), THE_PUBLIC):
        see_as(session, nobody)
        assert list_stubs(session) == []


def test_totals_of_others_leave_it_out_so_that_no_difference_tells(session, police, council):
    """District less wards, before less after: what others see is the same as if the building were not there."""
    district = factories.make_area(session)
    wards = [
        factories.make_area(session, level="ward", parent=district, bounds=bounds)
        for bounds in ((-2.4, 53.3, -2.3, 53.5), (-2.3, 53.3, -2.2, 53.5))
    ]
    for agency, lonlat, amount in (
        (council, (-2.35, 53.4), 100),
        (council, (-2.25, 53.4), 10),
        (police, (-2.25, 53.41), 7),
    ):
        building = factories.make_building(session, agency=agency, lonlat=lonlat)
        factories.make_running_cost(session, building, amount=Decimal(amount))
        factories.make_occupation(session, building)
    restrict(session, building, Sensitivity.OWNER)
    assign_areas(session)
    totals = {}
    for name, who in (("own", viewer(police)), ("other", viewer(council))):
        see_as(session, who)
        frames = [area_statistics(session, area.level, 2024, BuildingFilters()) for area in (district, wards[0])]
        totals[name] = [(frame["cost"].sum(), frame["building_count"].sum(), frame["fte"].sum()) for frame in frames]
        summary = register_summary(session)
        totals[name].append((summary.annual_cost, summary.building_count, summary.fte))
    assert totals["other"] == [(110, 2, 20)] * 2 + [(Decimal(110), 2, 20)]
    assert totals["own"] == [(117, 3, 30)] * 2 + [(Decimal(117), 3, 30)]


def test_a_search_for_a_hidden_name_finds_nothing(session, four, council):
    hidden = four[Sensitivity.SECRET].id
    see_as(session, viewer(council))
    session.expunge_all()
    assert list_buildings(session, BuildingFilters(text="secret")).count == 0
    assert session.get(Building, hidden) is None


def test_the_past_is_hidden_by_the_level_of_today(session, police, council):
    building = factories.make_building(session, agency=police, name="Old name")
    moment = session.scalar(select(func.now()))
    begin_change_set(session, "import:1")
    change_building(session, building, version=building.version, actor=None, reason="x", name="New name")
    see_as(session, viewer(council))
    look_back(session, moment)
    assert names(session) == ["Old name"]
    see_everything(session)
    restrict(session, building, Sensitivity.SECRET)
    for who, seen in ((viewer(council), []), (viewer(police), ["Old name"])):
        see_as(session, who)
        look_back(session, moment)
        assert names(session) == seen
        assert bool(session.scalar(text("SELECT count(*) FROM history.building"))) == bool(seen)


def set_level(session: Session, code: str, level: Sensitivity) -> None:
    change_field_level(session, code, level, valid_from=today(), actor=None, reason="Asked for")


def test_a_field_is_withheld_from_whom_it_does_not_belong_to(session, police, council):
    building = factories.make_building(session, agency=council)
    factories.make_interest(
        session, building, agency_id=police.id, rent_per_year=Decimal(5), landlord="Lord", lease_end_on=date(2040, 1, 1)
    )
    factories.make_occupation(session, building, agency_id=police.id, team="Covert")
    factories.make_valuation(session, building)
    for code in ("rent", "landlord", "lease_dates", "team", "valuation"):
        set_level(session, code, Sensitivity.OWNER)
    for who in (viewer(police), viewer(council)):
        see_as(session, who)
        session.expire_all()
        interest = session.scalars(select(Interest)).one()
        assert (interest.rent_per_year, interest.landlord, interest.lease_end_on) == (5, "Lord", date(2040, 1, 1))
        assert session.scalars(select(Occupation.team)).one() == "Covert"
    see_as(session, viewer(factories.make_agency(session)))
    session.expire_all()
    interest = session.scalars(select(Interest)).one()
    assert (interest.rent_per_year, interest.landlord, interest.lease_end_on) == (None, None, None)
    assert session.scalars(select(Occupation.team)).one().startswith("Team ")
    assert session.scalar(select(func.count()).select_from(Valuation)) == 0


def test_a_field_that_is_not_open_is_not_in_what_leaves_the_partnership(session, police):
    building = factories.make_building(session, agency=police, sensitivity=Sensitivity.OPEN, note="For us")
    factories.make_running_cost(session, building)
    with seen_by(session, THE_PUBLIC) as reading:
        (row,) = list_buildings(reading, BuildingFilters()).rows
        assert (row.building.note, row.annual_cost) == (None, None)
    assert building.note == "For us"


def test_a_level_holds_from_its_day(session):
    tomorrow = today() + timedelta(days=1)
    change_field_level(session, "rent", Sensitivity.SECRET, valid_from=tomorrow, actor=None, reason="Soon")
    (rent,) = [one for one in list_field_levels(session) if one.field.code == "rent"]
    assert (rent.level, rent.since, len(rent.dated)) == (Sensitivity.PARTNER, None, 1)
    for bad in (
        {"valid_from": date(2020, 1, 1), "reason": "x"},
        {"valid_from": None, "reason": "x"},
        {"valid_from": tomorrow, "reason": " "},
    ):
        with pytest.raises(InvalidInput):
            change_field_level(session, "rent", Sensitivity.OPEN, actor=None, **bad)


def test_a_restricted_record_leaves_the_building_it_shared(session, police, council):
    low = factories.make_building(session, agency=police, name="Suite")
    high = factories.make_building(session, agency=council, name="Suite")
    decide(session, low, high, Said(MatchVerdict.SAME, "Same", None))
    assert high.canonical_id == low.id
    restrict(session, low, Sensitivity.OWNER)
    assert (low.canonical_id, high.canonical_id) == (None, None)
    restrict(session, low, Sensitivity.PARTNER)
    assert high.canonical_id == low.id


def test_what_a_viewer_writes_reaches_the_tables(session, police):
    building = factories.make_building(session, agency=police, note="A note")
    set_level(session, "note", Sensitivity.OWNER)
    see_as(session, viewer(police))
    session.expire_all()
    begin_change_set(session, "import:1")
    change_building(session, building, version=building.version, actor=None, reason="x", note="Another")
    session.add(Interest(building_id=building.id, agency_id=police.id, tenure="freehold", rent_per_year=Decimal(3)))
    session.flush()
    assert session.scalar(text("SELECT count(*) FROM history.building")) == 1
    see_everything(session)
    session.expire_all()
    assert building.note == "Another"
    assert session.scalars(select(Interest.rent_per_year)).all() == [3]


def test_the_tables_themselves_are_closed_below_the_views(session, four, council):
    """The second net: a query that forgets the views, as the web's role, reads no more than they show."""
    see_as(session, viewer(council))
    assert session.scalar(text("SELECT current_user")) == "estate_web"
    for table in ("public.building", "history.building", "seen_as_at.building"):
        session.execute(text("SELECT set_config('estate.as_at', now()::text, true)"))
        assert set(session.scalars(text(f"SELECT name FROM {table}"))) <= {"open", "partner"}, table
    hidden = four[Sensitivity.SECRET].id
    assert session.execute(text("UPDATE public.building SET name = 'x' WHERE id = :id"), {"id": hidden}).rowcount == 0
    assert session.execute(text("DELETE FROM public.building WHERE id = :id"), {"id": hidden}).rowcount == 0


FORBIDDEN = (
    "SELECT FROM as_at.building",
    "SELECT FROM as_at.building_listed",
    "UPDATE public.event SET reason = 'x'",
    "DELETE FROM public.event",
    "INSERT INTO history.building SELECT * FROM history.building",
    "CREATE TABLE public.mine (id int)",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_web_can_neither_rewrite_events_nor_history_nor_pass_by_the_views_of_the_past(session, council, statement):
    see_as(session, viewer(council))
    with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
        session.execute(text(statement))


def test_every_table_that_names_a_building_is_covered(session):
    """A table added later, with a foreign key to a building or to what is made of it, has a view and a policy."""
    session.execute(text("CREATE TABLE later (id int PRIMARY KEY, building_id bigint REFERENCES building (id))"))
    session.execute(text("SELECT seen.refresh()"))
    named = """
        SELECT DISTINCT c.conrelid::regclass::text FROM pg_constraint c WHERE c.contype = 'f'
            AND c.confrelid IN ('building'::regclass, 'proposal'::regclass, 'decision'::regclass, 'import'::regclass,
                'bulk_edit'::regclass)
        UNION SELECT unnest(ARRAY['building', 'building_listed', 'event', 'import', 'proposal', 'decision', 'site'])
    """
    wanted = {name.strip('"') for name in session.scalars(text(named))}
    views = set(session.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'seen'")))
    policies = set(session.scalars(text("SELECT tablename FROM pg_policies WHERE schemaname = 'public'")))
    versioned = set(session.scalars(text("SELECT tablename FROM pg_policies WHERE schemaname = 'history'")))
    assert "later" in wanted
    assert wanted <= views
    assert wanted <= policies
    counts = {"cost_year_step"}  # How many buildings tell of a year's costs: it names none.
    kept = set(session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'history'")))
    assert versioned == kept - counts
    past = set(session.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'as_at'")))
    assert past - counts <= set(session.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'seen_as_at'")))
    readable = """
        SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'as_at'::regnamespace
            AND has_table_privilege('estate_web', oid, 'SELECT')
    """
    assert set(session.scalars(text(readable))) <= counts


def test_eyes_are_kept_after_a_rollback(session, four, council, engine):
    with Session(engine) as other:
        see_as(other, viewer(council))
        other.execute(text("SELECT 1"))
        other.rollback()
        assert other.scalar(text("SELECT current_user")) == "estate_web"
        assert other.scalar(text("SELECT current_setting('search_path')")) == "seen_whole, seen, public"
        see_everything(other)
        assert other.scalar(text("SELECT current_setting('search_path')")) == "public"


def test_a_past_day_is_read_whole_by_who_sees_every_field_alone(session, four, council):
    """The list of that day as it is; once a field is withheld, through its conditions; and nothing hidden in either."""
    session.flush()
    moment = session.scalar(select(func.clock_timestamp()))
    see_as(session, viewer(council))
    look_back(session, moment)
    path = "SELECT current_setting('search_path')"
    assert session.scalar(text(path)).startswith("seen_whole_as_at, seen_as_at, ")
    whole = set(session.scalars(select(BuildingListed.id)))
    session.execute(text("SELECT set_config('search_path', 'seen_as_at, seen, as_at, public', true)"))
    assert whole == set(session.scalars(select(BuildingListed.id)))
    assert 0 < len(whole) < len(four)
    look_at_today(session)
    assert session.scalar(text(path)) == "seen_whole, seen, public"
    see_everything(session)
    change_field_level(
        session, "running_cost", Sensitivity.OWNER, valid_from=today(), actor=None, reason="Contracts under negotiation"
    )
    see_as(session, viewer(council))
    look_back(session, moment)
    assert session.scalar(text(path)).startswith("seen_as_at, ")


def test_the_row_of_a_list_is_worked_out_with_everybody_s_eyes(session, council, police):
    """A former member changes its record of a building of which a partner keeps another: the partner's stays in it."""
    own = factories.make_building(session, agency=council, name="Town Hall")
    other = factories.make_building(session, agency=police, name="Town Hall police desk")
    factories.make_running_cost(session, other, agency=police)
    decide(session, own, other, Said(MatchVerdict.SAME, "One building", None))
    see_as(session, Viewer(frozenset({council.id})))
    change_building(session, own, version=own.version, actor=None, reason="Renamed", name="City Hall")
    see_everything(session)
    assert not verify(session)
    listed = session.get_one(BuildingListed, own.id)
    assert set(listed.agency_ids) == {council.id, police.id}
    assert listed.has_cost


def test_a_list_withholds_the_fields_that_the_viewer_may_not_see(session, council, police):
    building = factories.make_building(session, agency=council)
    factories.make_running_cost(session, building)
    change_field_level(
        session, "running_cost", Sensitivity.OWNER, valid_from=today(), actor=None, reason="Contracts under negotiation"
    )
    session.flush()
    for agency, is_known in ((council, True), (police, False)):
        see_as(session, viewer(agency))
        row = session.execute(text("SELECT annual_cost, has_cost, cost_years FROM building_listed")).one()
        assert ((row.annual_cost is not None), row.has_cost, bool(row.cost_years)) == (is_known,) * 3
        (shown,) = list_buildings(session, BuildingFilters(), sort="cost").rows
        assert (shown.annual_cost is not None) == is_known


def test_what_a_part_of_another_agency_costs_can_not_be_worked_out_of_the_whole(session, council, police):
    """The keeper of the whole knows its own costs: the row's, less these, would be the part's."""
    hall = factories.make_building(session, agency=council, name="Hall")
    cells, desk = (factories.make_building(session, agency=agency) for agency in (police, council))
    store = factories.make_building(session, agency=council, name="Store")
    annexe = factories.make_building(session, agency=council)
    for building, amount in ((hall, 100), (cells, 7), (desk, 3), (store, 50), (annexe, 5)):
        kind = "water" if building in (desk, annexe) else "energy"
        factories.make_running_cost(session, building, amount=Decimal(amount), category_code=kind)
    for part, whole in ((cells, hall), (desk, hall), (annexe, store)):
        decide(session, whole, part, Said(MatchVerdict.PART_OF, "Seen", None, part_id=part.id))
    listed = {row.building.name: row for row in list_buildings(session, BuildingFilters()).rows}
    assert (listed["Hall"].annual_cost, listed["Store"].annual_cost) == (Decimal(110), Decimal(55))
    set_level(session, "running_cost", Sensitivity.OWNER)
    see_as(session, viewer(council))
    listed = {row.building.name: row for row in list_buildings(session, BuildingFilters(), sort="cost").rows}
    assert (listed["Hall"].annual_cost, listed["Hall"].is_cost_kept_back) == (None, True)
    assert (listed["Store"].annual_cost, listed["Store"].is_cost_kept_back) == (Decimal(55), False)
    row = session.get_one(BuildingListed, hall.id, populate_existing=True)
    assert (row.has_cost, row.cost_years) == (False, [])
    assert register_summary(session).annual_cost == Decimal(55), "no total holds what a row keeps back"
    see_everything(session)
    set_level(session, "running_cost", Sensitivity.SECRET)
    see_as(session, viewer(council))
    listed = {row.building.name: row for row in list_buildings(session, BuildingFilters()).rows}
    assert (listed["Hall"].annual_cost, listed["Hall"].is_cost_kept_back) == (None, False), "not even that is said"


def test_nor_out_of_the_row_of_a_past_day(session, council, police):
    """A part that is one no more was in the row of that day."""
    hall, cells = (factories.make_building(session, agency=agency) for agency in (council, police))
    for building in (hall, cells):
        factories.make_running_cost(session, building, amount=Decimal(7))
    decision = decide(session, hall, cells, Said(MatchVerdict.PART_OF, "Seen", None, part_id=cells.id))
    moment = session.get_one(BuildingListed, hall.id).recorded_at
    begin_change_set(session, "import:1")
    retract(session, decision, actor=None, reason="Never was")
    set_level(session, "running_cost", Sensitivity.OWNER)
    see_as(session, viewer(council))
    assert session.scalars(text("SELECT annual_cost FROM building_listed WHERE has_cost")).all() == [Decimal(7)]
    look_back(session, moment)
    assert session.scalars(text("SELECT annual_cost FROM building_listed WHERE has_cost")).all() == []


def plan(session: Session, statement: str) -> str:
    return "\n".join(session.scalars(text(f"EXPLAIN {statement}")))


def test_indexes_are_used_as_before(session, council, police):
    """At a realistic size, the list, a search and a look at one building by a viewer use the indexes of the table."""
    session.execute(
        text("""
            INSERT INTO building (name, agency_id, location, fix_source, postcode, status, is_listed, is_protected,
                version, sensitivity)
            SELECT 'Building ' || md5(n::text), CASE WHEN n % 50 = 0 THEN :police ELSE :council END,
                ST_SetSRID(ST_MakePoint(-3 + (n % 400) / 100.0, 52 + (n / 400) / 100.0), 4326), 'coordinates', 'M' || n,
                'active', false, false, 1, CASE WHEN n % 500 = 0 THEN 'owner' ELSE 'partner' END::sensitivity
            FROM generate_series(1, 40000) n
        """),
        {"police": police.id, "council": council.id},
    )
    refresh(session)
    session.execute(text("ANALYZE building"))
    session.execute(text("SELECT gin_clean_pending_list('ix_building_listed_search_text')"))
    session.execute(text("ANALYZE building_listed"))
    see_as(session, viewer(council))
    search = "SELECT id FROM building_listed WHERE search_text ILIKE '%abcdef%'"
    assert "ix_building_listed_search_text" in plan(session, search)
    dearest = f"SELECT id FROM building_listed WHERE {IN_USE_SQL} ORDER BY annual_cost, id LIMIT 30"
    assert "Sort" not in plan(session, dearest), "who sees every field reads the cost by its index"
    postcode = f"SELECT id FROM building_listed WHERE {IN_USE_SQL} AND postcode = 'M77'"
    assert "ix_building_listed_postcode" in plan(session, postcode)
    assert "pk_building" in plan(session, "SELECT name FROM building WHERE id = 77")


def test_a_past_list_does_not_tell_of_a_record_that_was_restricted_since(session, council, police):
    """What two agencies' records were one building, its row of that day names both: it is left out of that day."""
    own = factories.make_building(session, agency=council, name="Town Hall")
    other = factories.make_building(session, agency=police, name="Custody suite")
    decide(session, own, other, Said(MatchVerdict.SAME, "One building", None))
    moment = session.get_one(BuildingListed, own.id).recorded_at
    see_as(session, viewer(council))
    look_back(session, moment)
    (words,) = session.scalars(text("SELECT search_text FROM building_listed")).all()
    assert "custody" in words, "what the test looks for is there"
    look_at_today(session)
    see_everything(session)
    begin_change_set(session, "import:1")
    restrict(session, other, Sensitivity.OWNER)
    see_as(session, viewer(council))
    assert [row.building.name for row in list_buildings(session, BuildingFilters()).rows] == ["Town Hall"]
    look_back(session, moment)
    assert session.scalars(text("SELECT search_text FROM building_listed")).all() == []


def test_whose_building_it_is_is_asked_with_everybody_s_eyes(session, council, police):
    """A former member who sees only its own record does not own the whole building by it."""
    own = factories.make_building(session, agency=council)
    other = factories.make_building(session, agency=police)
    decide(session, own, other, Said(MatchVerdict.SAME, "One building", None))
    see_as(session, Viewer(frozenset({council.id})))
    assert owners_of(session, own).agency_ids == {council.id, police.id}
