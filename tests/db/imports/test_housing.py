"""A file of homes of several landlords: every row accounted for, blocks made of them, undone with them."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.audit import Event, first_broken
from estate.people.models import Agency
from estate.register.changes import retire_building
from estate.register.imports.check import Options
from estate.register.imports.undo import ask_to_undo, undo_import
from estate.register.imports.uploads import apply_import, check_import, start_import
from estate.register.listed import verify
from estate.register.matches.sites import rebuild_sites
from estate.register.models import Building, BuildingKind, BuildingListed, BuildingStatus, Import, Sensitivity
from tests.db.imports.snapshots import content_of_register
from tests.factories import make_agency, make_area, make_user
from tests.housing import bring_housing, home, house, housing_csv


@pytest.fixture
def county(session: Session) -> Agency:
    make_area(session, bounds=(-2.5, 53.3, -2.0, 53.6))
    return make_agency(session, name="Test County")


def counts(brought: Import) -> tuple[int | None, ...]:
    return (
        brought.row_count, brought.inserted_count, brought.updated_count, brought.unchanged_count,
        brought.rejected_count,
    )  # fmt: skip


def named(session: Session, name: str) -> Building:
    return session.scalars(select(Building).where(Building.name == name, Building.retired_at.is_(None))).unique().one()


def test_homes_of_two_landlords_come_in_one_file(session: Session, county: Agency) -> None:
    rows = [home("H1"), home("H2", Bedrooms="bedsit"), house("H3"), home("H1", Landlord="Wear Homes", Tenure="")]
    brought = bring_housing(session, county, *rows, home("H9", Landlord=""))
    assert counts(brought) == (5, 4, 0, 0, 1)
    assert brought.options["blocks"] == [2, 0]
    landlords = session.scalars(select(Agency).where(Agency.parent_id == county.id).order_by(Agency.name)).all()
    assert [(one.name, one.kind_code) for one in landlords] == [("Tees Homes", "housing"), ("Wear Homes", "housing")]
    first, alone = named(session, "Flat H2, Elm Court"), named(session, "H3 High Street")
    block = session.get_one(Building, first.parent_id)
    assert (block.name, block.is_block, block.agency_id) == ("Elm Court", True, landlords[0].id)
    assert (block.kind, block.use_class_code) == (BuildingKind.BUILDING, "home_block")
    assert (block.management_patch, block.post_town) == ("North", "Testham")
    assert (first.bedrooms, first.home_tenure, first.management_patch) == (0, "Social rent", "North")
    assert (alone.parent_id, alone.use_class_code, alone.bedrooms) == (None, "home", 2)
    listed = session.execute(select(BuildingListed.asset_class_code, BuildingListed.is_usual, func.count()).group_by(
        BuildingListed.asset_class_code, BuildingListed.is_usual)).all()  # fmt: skip
    assert listed == [("housing", False, 6)]
    assert not verify(session)
    events = session.scalar(select(func.count()).where(Event.group_id == brought.change_set))
    assert (events, first_broken(session)) == (6, None)


def test_a_check_foresees_it_and_stores_nothing(session: Session, county: Agency) -> None:
    content = housing_csv(home("H1"), home("H2"))
    brought = start_import(
        session, content, "homes.csv", agency=county, actor=None, options=Options(create_agencies=True)
    )
    check_import(session, brought)
    assert (counts(brought), brought.options["blocks"]) == ((2, 2, 0, 0, 0), [1, 0])
    assert session.scalar(select(func.count()).select_from(Building)) == 0


def test_landlords_that_nobody_may_create_keep_their_rows_out(session: Session, county: Agency) -> None:
    brought = start_import(session, housing_csv(home("H1")), "homes.csv", agency=county, actor=None, options=Options())
    apply_import(session, brought, actor=None)
    assert (counts(brought), brought.options.get("blocks")) == ((1, 0, 0, 0, 1), None)


def test_the_same_file_twice_changes_nothing(session: Session, county: Agency) -> None:
    rows = [home("H1"), home("H2", Management_patch="South"), house("H3")]
    bring_housing(session, county, *rows)
    before = content_of_register(session)
    again = bring_housing(session, county, *rows)
    assert (counts(again), again.options.get("blocks")) == ((3, 0, 0, 3, 0), None)
    assert content_of_register(session) == before


def test_a_home_moves_to_another_block_and_back_by_undoing(session: Session, county: Agency) -> None:
    bring_housing(session, county, home("H1"), home("H2"))
    before = content_of_register(session)
    moved = home("H2", Block_reference="B2", Block_name="Oak Court", Bedrooms="3")
    second = bring_housing(session, county, home("H1", Block_name="Elm House"), moved, name="second.csv")
    assert (counts(second), second.options["blocks"]) == ((2, 0, 2, 0, 0), [1, 1])
    assert session.get_one(Building, named(session, "Flat H2, Elm Court").parent_id).name == "Oak Court"
    assert not verify(session)
    user = make_user(session)
    ask_to_undo(session, second, actor=user.id, reason="The wrong file")
    undo_import(session, second)
    assert content_of_register(session) == before
    oak = session.scalars(select(Building).where(Building.name == "Oak Court")).unique().one()
    assert oak.status is BuildingStatus.RETIRED
    assert not verify(session)


def test_a_block_stays_while_homes_of_another_file_are_in_it(session: Session, county: Agency) -> None:
    first = bring_housing(session, county, home("H1"))
    bring_housing(session, county, home("H2"))
    user = make_user(session)
    ask_to_undo(session, first, actor=user.id, reason="The wrong file")
    undo_import(session, first)
    kept = named(session, "Flat H2, Elm Court")
    assert session.get_one(Building, kept.parent_id).status is BuildingStatus.ACTIVE
    assert counts(bring_housing(session, county, home("H1"))) == (1, 1, 0, 0, 0)
    assert named(session, "Flat H1, Elm Court").parent_id == kept.parent_id


def test_homes_leave_a_retired_block_and_come_back_to_a_new_one(session: Session, county: Agency) -> None:
    bring_housing(session, county, home("H1"), home("H2"))
    block, user = named(session, "Elm Court"), make_user(session)
    retire_building(session, block, version=block.version, actor=user.id, reason="Pulled down")
    rebuild_sites(session, [block.id])
    session.expire_all()
    assert named(session, "Flat H1, Elm Court").parent_id is None
    brought = bring_housing(session, county, home("H1"), home("H2"), home("H3"))
    assert (counts(brought), brought.options["blocks"]) == ((3, 1, 0, 2, 0), [1, 0])
    assert {named(session, f"Flat H{n}, Elm Court").parent_id for n in (1, 2, 3)} == {named(session, "Elm Court").id}


def test_a_full_rebuild_leaves_homes_in_their_blocks(session: Session, county: Agency) -> None:
    bring_housing(session, county, home("H1"), house("H2"))
    before = content_of_register(session)
    rebuild_sites(session)
    assert content_of_register(session) == before


def test_a_restricted_home_makes_no_block(session: Session, county: Agency) -> None:
    rows = [{**home("H1"), "Status": "Let"}]
    content = housing_csv(*rows).replace(b"Status", b"Who may see it").replace(b",Let", b",owner")
    brought = start_import(
        session, content, "homes.csv", agency=county, actor=None, options=Options(create_agencies=True)
    )
    apply_import(session, brought, actor=None)
    found = session.scalars(select(Building)).unique().one()
    assert (found.sensitivity, found.parent_id, found.block_reference) == (Sensitivity.OWNER, None, "B1")


@pytest.mark.parametrize("cell", ["two", "2.5", "-1", "51"])
def test_what_is_no_number_of_bedrooms_is_unknown(session: Session, county: Agency, cell: str) -> None:
    brought = bring_housing(session, county, home("H1", Bedrooms=cell))
    assert brought.inserted_count == (0 if cell == "two" else 1)
    if cell != "two":
        assert named(session, "Flat H1, Elm Court").bedrooms is None
