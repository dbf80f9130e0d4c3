"""Rows pasted from a spreadsheet: columns guessed, buildings found, cells read as imports read them."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from estate.errors import InvalidInput
from estate.people.models import Agency, Role, User
from estate.register.edits import paste
from estate.register.edits.listing import counts_of, list_rows
from estate.register.edits.perform import work_on
from estate.register.edits.start import confirm_edit, start_pasted
from estate.register.models import BuildingStatus, BulkEdit, Import, SourceRecord, Verdict
from tests.factories import make_agency, make_building, make_membership, make_user


@pytest.fixture
def agency(session: Session) -> Agency:
    return make_agency(session)


@pytest.fixture
def manager(session: Session, agency: Agency) -> User:
    user = make_user(session)
    make_membership(session, user=user, role=Role.ASSET_MANAGER, agency=agency)
    return user


def preview(session: Session, user: User, text: str, *, is_clearing: bool = False, **meanings: str) -> BulkEdit:
    pasted = paste.read_pasted(text)
    guessed = paste.suggest(pasted, paste.guess(pasted))
    chosen = [meanings.get(heading, meaning) for heading, meaning in zip(pasted.header, guessed, strict=True)]
    paste.require_meanings(chosen)
    request = paste.request_of(pasted, chosen, is_clearing=is_clearing)
    edit = start_pasted(session, request, needs_mapping=False, actor=user.id, reason="From the survey")
    work_on(session, edit)
    return edit


def outcome(session: Session, edit: BulkEdit) -> dict[str, list[Any]]:
    """Lines by verdict."""
    counts = counts_of(session, edit)
    return {v.value: [row.line for row in list_rows(session, edit, v).rows] for v in counts if counts[v]}


def refusals(session: Session, edit: BulkEdit) -> list[str]:
    return [row.message for row in list_rows(session, edit, Verdict.REFUSED).rows]


def test_numbers_find_buildings_and_cells_are_read_like_those_of_a_file(
    session: Session, manager: User, agency: Agency
) -> None:
    first, second = make_building(session, agency=agency), make_building(session, agency=agency)
    edit = preview(
        session,
        manager,
        "id\tName\tGross internal area m2\tStatus\tUse\tListed\n"
        f"{first.id}\tTown Hall\t1,250.5\tVacant\tLibrary\tyes\n"
        f"{second.id}.0\tDepot\t£2 000\t\t\tno\n",
    )
    assert outcome(session, edit) == {"change": [2, 3]}
    confirm_edit(session, edit)
    work_on(session, edit)
    session.refresh(first)
    session.refresh(second)
    assert (first.name, first.gross_internal_area_m2, first.status, first.use_class_code, first.is_listed) == (
        "Town Hall",
        Decimal("1250.50"),
        BuildingStatus.VACANT,
        "library",
        True,
    )
    assert (second.name, second.gross_internal_area_m2, second.status) == (
        "Depot",
        Decimal(2000),
        BuildingStatus.ACTIVE,
    )


def test_bad_cells_and_unknown_rows_are_refused_each_with_its_reason(
    session: Session, manager: User, agency: Agency
) -> None:
    own = make_building(session, agency=agency, gross_internal_area_m2=100)
    foreign = make_building(session)
    lines = [
        "UPRN\tNumber\tNet internal area m2\tYear built\tPostcode",
        f"\t{own.id}\t1.5E+400\t\t",
        f"\t{own.id}\t=A1*2\t\t",
        f"1.00E+11\t{own.id}\t\t\t",
        f"\t{own.id}\t200\t\t",
        f"\t{own.id}\t\tVictorian\t",
        f"\t{own.id}\t\t\tnowhere",
        "\t999999\t5\t\t",
        "\t\t5\t\t",
        "\tx\t5\t\t",
        f"\t{foreign.id}\t5\t\t",
        f"\t{own.id}\t90\t\t",
        f"\t{own.id}\t80\t\t",
    ]
    edit = preview(session, manager, "\n".join(lines))
    assert outcome(session, edit) == {
        "change": [12],
        "elsewhere": [11],
        "refused": [2, 3, 4, 5, 6, 7, 8, 9, 10, 13],
    }
    messages = refusals(session, edit)
    for shown, message in zip(
        [
            "is not a number",
            "formula",
            "rounded it",
            "more than the gross",
            "not a year",
            "not a postcode",
            "No building has the number “999999”",
            "does not say which building",
            "No building has the number “x”",
            "Line 12 is about this building already",
        ],
        messages,
        strict=True,
    ):
        assert shown in message
    assert not any("kept as unknown" in message for message in messages)


def test_an_empty_cell_stays_or_clears(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency, street="Old Road", built_year=1900)
    text = f"id\tName\tStreet\tYear built\n{building.id}\t\t\t1901\n"
    kept = list_rows(session, preview(session, manager, text), Verdict.CHANGE).rows[0]
    assert kept.changes == {"built_year": [1900, 1901]}
    cleared = list_rows(session, preview(session, manager, text, is_clearing=True), Verdict.CHANGE).rows[0]
    assert cleared.changes == {"street": ["Old Road", None], "built_year": [1900, 1901]}


def test_a_uprn_is_found_also_without_its_zeros_and_the_own_record_goes_first(
    session: Session, manager: User, agency: Agency
) -> None:
    padded = make_building(session, agency=agency, uprn="000000012345")
    own = make_building(session, agency=agency, uprn="777")
    make_building(session, uprn="777")
    for _ in range(2):
        make_building(session, agency=agency, uprn="888")
    edit = preview(session, manager, "UPRN\tNote\n12345\ta\n777\tb\n888\tc\n999\td\n")
    assert [row.building_id for row in list_rows(session, edit, Verdict.CHANGE).rows] == [padded.id, own.id]
    several, missing = refusals(session, edit)
    assert "2 buildings have “888”" in several
    assert "No building has the UPRN “999”" in missing


def test_the_own_reference_of_an_import_finds_a_building(session: Session, manager: User, agency: Agency) -> None:
    building = make_building(session, agency=agency)
    brought = Import(agency_id=agency.id, file_name="a.csv", sha256="0", content=b"", options={})
    session.add(brought)
    session.flush()
    session.add(
        SourceRecord(
            import_id=brought.id,
            agency_id=agency.id,
            layout="estate_template",
            key="B-007",
            line=2,
            content_hash="x",
            raw={},
            building_id=building.id,
        )
    )
    session.flush()
    edit = preview(session, manager, "Asset code\tTown\nB-007\tSale\nB-008\tHale\n")
    assert outcome(session, edit) == {"change": [2], "refused": [3]}


def guessed(header: str, row: str = "x") -> list[str | None]:
    return paste.guess(paste.read_pasted(f"{header}\n{row}\n"))


def test_headings_are_guessed_and_unknown_ones_asked() -> None:
    assert guessed("id\tUPRN\tName\tAgency\tColour") == ["key:id", "uprn", "name", "", None]
    assert guessed("UPRN\tPropertyName\tPostCode\tGIA") == [
        "key:uprn",
        "name",
        "postcode",
        "gross_internal_area_m2",
    ]
    assert guessed("Name,Street,Name") == ["name", "street", None]
    table = paste.read_pasted("Where\tWhat\tWho\nM32 0TH\t100012345678\tAda\nM33 2AB\t100012345679\tBob\n")
    assert paste.suggest(table, paste.guess(table)) == ["postcode", "key:uprn", ""]


def test_estates_own_file_pastes_back(session: Session) -> None:
    header = "id,uprn,name,street,post_town,postcode,agency,use,status,tenure,areas,gross_internal_area_m2"
    assert not paste.needs_mapping(guessed(header))


@pytest.mark.parametrize("text", ["", "\n\n", "id\tName", "id\tName\n\t\n", 'id\tName\n1\t"never closed'])
def test_what_is_no_table_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        paste.read_pasted(text)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("meanings", "error"),
    [
        (["name", ""], paste.NoKey),
        (["key:id", "key:uprn", "name"], paste.NoKey),
        (["key:id", "name", "name"], paste.RepeatedMeaning),
        (["key:id", ""], paste.NothingToChange),
        (["key:id", "agency_id"], InvalidInput),
    ],
)
def test_columns_that_can_not_be_used(meanings: list[str], error: type[Exception]) -> None:
    with pytest.raises(error):
        paste.require_meanings(meanings)


def test_more_rows_than_can_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paste, "MOST_ROWS", 2)
    with pytest.raises(paste.TooManyRows):
        paste.read_pasted("id\tName\n1\ta\n2\tb\n3\tc\n")
