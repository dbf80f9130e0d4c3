"""The mapping screen: guesses, corrections, words, a remembered mapping, other sheets, encodings, whose file it is."""

import re

import pytest
from sqlalchemy import func, select, text

from estate.people.models import Role
from estate.register.imports import reporting
from estate.register.imports.check import Options
from estate.register.imports.read import SUFFIXES, warm_reader
from estate.register.imports.uploads import apply_import, check_import, start_import
from estate.register.models import Building, Import, ImportMapping, ImportStatus, Interest, RunningCost
from estate.settings import ROOT
from tests import factories
from tests.messy_files import HEADER, ROWS, messy_workbook

BAD_FILES = ROOT.parent / "shared" / "data" / "bad_files"
CSV = b"Code;Title;PC;Held as\n7;Caf\xe9;M32 0TH;Peppercorn\n8;Depot;M31 1AA;Freehold\n"


@pytest.fixture
def council(session):
    factories.make_place(session)
    return factories.make_agency(session, name="Test Council")


@pytest.fixture
def manager(sign_in, council):
    return sign_in(Role.ASSET_MANAGER, council)


def bring(session, council, content=None, name="list.xlsx", **options):
    content = messy_workbook() if content is None else content
    brought = start_import(session, content, name, agency=council, actor=None, options=Options(**options))
    check_import(session, brought)
    session.flush()
    return brought


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the mapping form as it stands."""
    form = re.search(r'<form method="post" action="/imports/\d+/mapping".*?</form>', page, re.DOTALL)[0]
    data = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    data |= dict(re.findall(r'<input id="\w+" name="(\w+)" type="hidden" value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        data[name] = re.search(r'<option value="([^"]*)" selected', options)[1] if " selected" in options else ""
    for tag in re.findall(r'<input[^>]*type="text"[^>]*>', form):
        data[re.search(r'name="(\w+)"', tag)[1]] = (re.search(r'value="([^"]*)"', tag) or [0, ""])[1]
    for tag in re.findall(r'<input[^>]*type="checkbox"[^>]*>', form):
        if " checked" in tag:
            data[re.search(r'name="(\w+)"', tag)[1]] = "y"
    return data


def send(client, brought, action="check", **changes):
    page = client.get(f"/imports/{brought.id}/mapping").text
    return client.post(f"/imports/{brought.id}/mapping", data={**fields_of(page), **changes, "action": action})


def check_again(session, brought):
    session.refresh(brought)
    assert brought.status is ImportStatus.WAITING
    check_import(session, brought)
    session.flush()


def test_an_unknown_file_is_mapped_checked_and_stored(manager, council, session):
    brought = bring(session, council)
    assert brought.status is ImportStatus.MAPPING
    assert manager.get(f"/imports/{brought.id}").location == f"/imports/{brought.id}/mapping"
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "the header on line 4" in page
    assert "freehold - owner occ." in page.casefold()
    assert "£13,000.00" in page
    assert "“approx 500 sq ft” is approximate. It was taken as 46.45 m²." in page
    answer = send(manager, brought, word_7_3="licence")
    assert answer.location == f"/imports/{brought.id}"
    check_again(session, brought)
    assert (brought.status, brought.row_count) == (ImportStatus.CHECKED, 6)
    assert (brought.inserted_count, brought.rejected_count) == (4, 2)
    apply_import(session, brought, actor=None)
    found = {one.name: one for one in session.scalars(select(Building))}
    assert set(found) == {"Town Hall", "Mill Lane Depot", "Park Library", "Oldtown Clinic"}
    assert found["Town Hall"].street == "1 High Street"
    assert found["Oldtown Clinic"].street == "12a Station Road"
    assert (found["Park Library"].post_town, found["Park Library"].gross_internal_area_m2) == ("Testford", None)
    assert found["Mill Lane Depot"].use_class_code == "depot"
    lease = session.scalars(select(Interest).where(Interest.building_id == found["Park Library"].id)).one()
    assert (lease.tenure.value, lease.lease_end_on.isoformat()) == ("leasehold", "2031-02-01")
    costs = {(c.category_code, c.year_start): float(c.amount) for c in session.scalars(
        select(RunningCost).where(RunningCost.building_id == found["Mill Lane Depot"].id))}  # fmt: skip
    assert costs == {("rent", 2022): 12500, ("rent", 2023): 13000, ("energy", 2023): 900}


def test_the_mapping_is_remembered_and_says_so(manager, council, session):
    first = bring(session, council)
    send(manager, first, name="Jean's list")
    check_again(session, first)
    apply_import(session, first, actor=None)
    rows = [[*row] for row in ROWS]
    rows[0][1] = "City Hall"
    again = bring(session, council, messy_workbook(rows), "next year.xlsx")
    assert (again.status, again.updated_count, again.unchanged_count) == (ImportStatus.CHECKED, 1, 3)
    page = manager.get(f"/imports/{again.id}").text
    assert "read by your mapping “Jean&#39;s list”" in page
    other = factories.make_agency(session)
    assert bring(session, other).status is ImportStatus.MAPPING


def test_a_column_more_next_year_changes_the_same_buildings(manager, council, session):
    first = bring(session, council)
    send(manager, first)
    check_again(session, first)
    apply_import(session, first, actor=None)
    wider = bring(session, council, messy_workbook([[*row, "x"] for row in ROWS], [*HEADER, "New column"]))
    assert wider.status is ImportStatus.MAPPING
    send(manager, wider)
    check_again(session, wider)
    assert (wider.inserted_count, wider.unchanged_count) == (0, 4)


def test_corrections_update_the_page_and_new_words_are_asked(manager, council, session):
    brought = bring(session, council, CSV, "list.csv")
    answer = send(manager, brought, "update", use_3="tenure", use_1="name", use_0="key")
    page = manager.get(answer.location).text
    assert "Peppercorn" in page
    assert "word_3_0" in page
    session.refresh(brought)
    assert brought.status is ImportStatus.MAPPING
    answer = send(manager, brought, use_3="status")
    assert "/mapping" in answer.location
    assert "Look at what the words of “Held as” mean" in manager.get(answer.location).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"use_0": ""}, "Say which column is the reference"),
        ({"use_1": "uprn"}, "Say which column is the name"),
        ({"use_3": "postcode"}, "Only one column can be"),
        ({"use_3": "easting"}, "needs Northing beside it"),
        ({"use_3": "cost:energy"}, "Give the financial year of the costs"),
        ({"name": " "}, "Enter a name for the mapping"),
    ],
)
def test_what_a_mapping_needs(manager, council, session, changes, sentence):
    brought = bring(session, council, CSV, "list.csv")
    send(manager, brought, "update", use_0="key", use_1="name", use_2="postcode", use_3="")
    answer = send(manager, brought, **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalar(select(func.count()).select_from(ImportMapping)) == 0


def test_costs_without_a_year_are_said_to_wait_for_it(manager, council, session):
    content = b"Ref,Name,Postcode,Energy\n1,Hall,M32 0TH,500\n2,Shed,M31 1AA,700\n"
    brought = bring(session, council, content, "list.csv")
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "Costs are shown here once their financial year is given above." in page
    assert "£500.00" not in page
    send(manager, brought, action="update", year="2023-24")
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "£500.00" in page
    assert "Costs are shown here once" not in page


def test_unknown_uses_and_stale_pages_are_refused(manager, council, session):
    brought = bring(session, council, CSV, "list.csv")
    assert send(manager, brought, use_0="secret").status_code == 422
    assert send(manager, brought, more="1").status_code == 422
    assert send(manager, brought, token="0" * 16).status_code == 409


def test_the_file_is_read_in_another_encoding_line_and_sheet(manager, council, session):
    brought = bring(session, council, CSV, "list.csv")
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "text in Windows-1252, columns separated by semicolons" in page
    wish = {"sheet": "list", "header_line": "1", "encoding": "mac-roman", "delimiter": ","}
    manager.submit(f"/imports/{brought.id}/read-again", wish)
    check_again(session, brought)
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "text in Mac Roman, columns separated by commas" in page
    manager.submit(f"/imports/{brought.id}/read-again", {**wish, "header_line": "0", "delimiter": ""})
    check_again(session, brought)
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "3 rows below no header" in page
    assert "Column A" in page
    wish["encoding"] = "punycode"
    manager.submit(f"/imports/{brought.id}/read-again", wish)
    session.refresh(brought)
    assert brought.status is ImportStatus.MAPPING


def test_another_sheet_is_an_import_of_its_own(manager, council, session):
    brought = bring(session, council)
    assert "Import “Youth service” too" in manager.get(f"/imports/{brought.id}/mapping").text
    answer = manager.submit(f"/imports/{brought.id}/sheets", {"sheet": "Youth service"})
    other = session.scalars(select(Import).order_by(Import.id.desc()).limit(1)).one()
    assert answer.location == f"/imports/{other.id}"
    check_import(session, other)
    assert (
        "2 rows below the header on line 1, sheet “Youth service”" in manager.get(f"/imports/{other.id}/mapping").text
    )
    send(manager, other)
    check_again(session, other)
    assert (other.inserted_count, other.rejected_count) == (2, 0)


def test_rejected_rows_come_back_mended_by_the_same_mapping(manager, council, session):
    brought = bring(session, council)
    send(manager, brought)
    check_again(session, brought)
    apply_import(session, brought, actor=None)
    rejected = manager.get(f"/imports/{brought.id}/rejected.csv").data
    mended = rejected.replace(b"lots", b"2000").replace(b"holding over", b"31/12/2031")
    again = bring(session, council, mended, "rejected.csv")
    assert (again.status, again.mapping_id) == (ImportStatus.CHECKED, brought.mapping_id)
    assert (again.inserted_count, again.rejected_count) == (1, 1)
    apply_import(session, again, actor=None)
    hall = session.scalars(select(Building).where(Building.name == "Weavers Hall")).one()
    assert (hall.post_town, float(hall.gross_internal_area_m2)) == ("Oldtown", 185.81)


def test_a_known_layout_can_be_mapped_all_the_same(manager, council, session):
    content = b"Reference,Name,Postcode,Gross internal area m2,Financial year\nB1,Town Hall,M32 0TH,100,\n"
    brought = bring(session, council, content, "a.csv")
    assert "Say yourself what the columns are" in manager.get(f"/imports/{brought.id}").text
    manager.submit(f"/imports/{brought.id}/read-again")
    check_again(session, brought)
    assert brought.status is ImportStatus.MAPPING
    assert "You asked to say yourself" not in manager.get(f"/imports/{brought.id}/mapping").text


def test_mappings_are_listed_renamed_and_retired(manager, council, session, sign_in):
    assert "No mapping is remembered yet" in manager.get("/imports/mappings").text
    brought = bring(session, council)
    send(manager, brought, name="Jean's list")
    kept = session.scalars(select(ImportMapping)).one()
    here = f"/imports/mappings/{kept.id}"
    assert "Jean&#39;s list" in manager.get("/imports/mappings").text
    assert "square feet" in manager.get(here).text
    assert manager.submit(f"{here}/name", {"name": " ", "version": kept.version}).status_code == 422
    manager.submit(f"{here}/name", {"name": "Terrier", "version": kept.version})
    session.refresh(kept)
    assert (kept.name, kept.version) == ("Terrier", 2)
    assert manager.submit(f"{here}/name", {"name": "Stale", "version": 1}).status_code == 409
    stranger = sign_in(Role.ASSET_MANAGER, factories.make_agency(session))
    assert stranger.get(here).status_code == 404
    assert stranger.submit(f"{here}/retire", {"reason": "x", "version": 2}).status_code == 404
    assert "Terrier" not in stranger.get("/imports/mappings").text
    assert manager.submit(f"{here}/retire", {"reason": "", "version": 2}).status_code == 422
    manager.submit(f"{here}/retire", {"reason": "A new terrier system", "version": 2})
    assert "A new terrier system" in manager.get(here).text
    assert bring(session, council).status is ImportStatus.MAPPING
    actions = session.scalars(text("SELECT action FROM event WHERE subject_type = 'import_mapping' ORDER BY id")).all()
    assert actions == ["add_mapping", "rename_mapping", "retire_mapping"]


def test_another_agencys_file_can_not_be_mapped(sign_in, council, session):
    brought = bring(session, council)
    stranger = sign_in(Role.ASSET_MANAGER, factories.make_agency(session))
    assert stranger.get(f"/imports/{brought.id}/mapping").status_code == 404
    for path in ("mapping", "read-again", "sheets", "cancel"):
        assert stranger.submit(f"/imports/{brought.id}/{path}").status_code == 404


def test_cancelling_while_a_job_is_at_work(manager, council, session):
    brought = start_import(session, b"x,y\n1,2\n", "a.csv", agency=council, actor=None, options=Options())
    session.flush()
    assert "Cancel: store nothing" in manager.get(f"/imports/{brought.id}").text
    manager.submit(f"/imports/{brought.id}/cancel")
    session.refresh(brought)
    assert (brought.status, brought.message) == (
        ImportStatus.DISCARDED, "The import was cancelled. Nothing of it was stored.",
    )  # fmt: skip
    assert manager.submit(f"/imports/{brought.id}/cancel").status_code == 409


@pytest.mark.parametrize("part", range(4))
def test_every_bad_file_passes_the_screens_without_an_error_of_ours(manager, council, session, monkeypatch, part):
    if not BAD_FILES.is_dir():
        pytest.skip("the collection of bad files is not here")
    files = [path for path in sorted(BAD_FILES.rglob("*")) if path.suffix.lower() in SUFFIXES][part::4]
    seen = dict.fromkeys(ImportStatus, 0)
    with warm_reader() as reader:
        monkeypatch.setattr(reporting, "read_file", reader.read)
        for path in files:
            seen[walk(manager, council, session, path)] += 1
    assert sum(seen.values()) == len(files) > 175
    assert seen[ImportStatus.FAILED] > 75
    assert seen[ImportStatus.MAPPING] + seen[ImportStatus.CHECKED] > 25
    assert seen[ImportStatus.CHECKED] > 0


def walk(manager, council, session, path) -> ImportStatus:
    """Bring one file; say that its first two columns are the reference and the name, whatever they hold."""
    brought = bring(session, council, path.read_bytes(), path.name)
    assert manager.get(f"/imports/{brought.id}").status_code in (200, 302), path
    if brought.status is ImportStatus.MAPPING:
        uses = {"use_0": "key", "use_1": "name"} if len(brought.profile["columns"]) > 1 else {}
        assert send(manager, brought, **uses).status_code in (302, 422), path
        session.refresh(brought)
        if brought.status is ImportStatus.WAITING:
            check_import(session, brought)
            session.flush()
            assert manager.get(f"/imports/{brought.id}").status_code == 200, path
    status = brought.status
    if status is ImportStatus.CHECKED:
        stored = session.begin_nested()
        counts = apply_import(session, brought, actor=None)
        assert counts.rows_in == counts.inserted + counts.updated + counts.unchanged + counts.rejected, path
        stored.rollback()
    return status


def test_the_person_says_what_one_row_is(manager, council, session):
    hall = bring(session, council, b"Ref,Name,Postcode\nA1,Town Hall,M32 0TH\n", "list.csv")
    send(manager, hall)
    check_again(session, hall)
    apply_import(session, hall, actor=None)
    content = b"Place,Spent on,When,How much\nA1,Cleaners,2023-24,900\nA1,Electricity,2023-24,\xa3800\n"
    brought = bring(session, council, content, "ledger.csv", encoding="cp1252")
    assert "Such a file never adds" not in manager.get(f"/imports/{brought.id}/mapping").text
    assert send(manager, brought, "update", rows="nonsense").status_code == 422
    assert send(manager, brought, "update", rows="costs").status_code == 302
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "such a file adds none" in page
    assert "Gross internal area" not in page
    uses = {"use_0": "key", "use_1": "category_code", "use_2": "financial_year", "use_3": "amount"}
    assert send(manager, brought, "update", **uses).status_code == 302
    page = manager.get(f"/imports/{brought.id}/mapping").text
    assert "£800.00" in page
    send(manager, brought, word_1_0="cleaning")
    check_again(session, brought)
    shown = manager.get(f"/imports/{brought.id}").text
    assert "told of buildings that are there" in shown
    apply_import(session, brought, actor=None)
    found = {cost.category_code: float(cost.amount) for cost in session.scalars(select(RunningCost))}
    assert found == {"cleaning": 900, "energy": 800}
    assert "One cost of a building" in manager.get(f"/imports/mappings/{brought.mapping_id}").text
