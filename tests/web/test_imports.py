"""Pages of imports: upload, preview, confirm, result; whose files one may see; bad files end in a sentence."""

from io import BytesIO

import pytest
from sqlalchemy import func, select, text

from estate.people.models import Role
from estate.register.imports.check import Options
from estate.register.imports.uploads import apply_import, check_import, confirm_import, start_import
from estate.register.models import Building, Import, ImportStatus
from tests import factories

GOOD = b"Reference,Name,Postcode,Gross internal area m2,Financial year,UPRN\nB1,Town Hall,M32 0TH,100,,\n"
MIXED = GOOD + b"B2,Depot,M32 0TH,50,,1.00E+11\nB3,<script>alert(1)</script>,M31,60,,\n"


@pytest.fixture
def council(session):
    factories.make_place(session)
    return factories.make_agency(session, name="Test Council")


@pytest.fixture
def manager(sign_in, council):
    return sign_in(Role.ASSET_MANAGER, council)


def upload(client, council, content=GOOD, name="buildings.csv", **fields):
    data = {
        "file": (BytesIO(content), name), "agency_id": str(council.id), "layout": "", "year": "", "srid": "",
        "use_class": "", **fields,
    }  # fmt: skip
    return client.submit("/imports/new", data, page="/imports/new", content_type="multipart/form-data")


def checked(session, council, content=MIXED, name="buildings.csv", **options):
    brought = start_import(session, content, name, agency=council, actor=None, options=Options(**options))
    check_import(session, brought)
    session.flush()
    return brought


def test_an_upload_is_kept_and_its_check_queued(manager, council, session):
    assert "Import a file" in manager.get("/imports").text
    answer = upload(manager, council)
    brought = session.scalars(select(Import)).one()
    assert answer.location == f"/imports/{brought.id}"
    assert (brought.status, brought.file_name) == (ImportStatus.WAITING, "buildings.csv")
    job = session.execute(text("SELECT task_name, args FROM procrastinate_jobs")).one()
    assert (job.task_name, job.args) == ("imports.check", {"import_id": brought.id})
    page = manager.get(answer.location).text
    assert "data-progress" in page
    assert manager.get(f"{answer.location}/progress").json == {
        "is_at_work": True,
        "percent": 0,
        "message": "It waits for its turn.",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"file": (BytesIO(b""), "")}, "Choose a file"),
        ({"agency_id": ""}, "Choose an agency"),
        ({"agency_id": "999999"}, "Not a valid choice"),
        ({"year": "2023"}, "Enter a financial year"),
    ],
)
def test_what_the_form_refuses(manager, council, changes, message):
    answer = upload(manager, council, **changes)
    assert answer.status_code == 422
    assert message in answer.text


def test_unknown_fields_and_agencies_of_others_are_refused(manager, council, session):
    other = factories.make_agency(session, name="Other Council")
    assert upload(manager, other).status_code == 422
    assert upload(manager, council, create_agencies="y").status_code == 422
    assert session.scalar(select(func.count()).select_from(Import)) == 0


def test_the_preview_says_what_would_happen_and_stores_nothing(manager, council, session):
    brought = checked(session, council)
    page = manager.get(f"/imports/{brought.id}").text
    assert "3 rows in = 2 added + 0 changed + 0 as they were + 1 rejected" in page
    assert "a spreadsheet has rounded it" in page
    assert "only a part of a postcode" in page
    assert "UTF-8" in page
    assert "Estate&#39;s own template" in page
    assert session.scalar(select(func.count()).select_from(Building)) == 0
    only = manager.get(f"/imports/{brought.id}?code=postcode_partial").text
    assert only.count("Warning</td>") == 1
    assert manager.get(f"/imports/{brought.id}?code=nonsense&page=-3").status_code == 200


def test_the_preview_lists_what_changes_before_and_after(manager, council, session):
    apply_import(session, checked(session, council, GOOD), actor=None)
    brought = checked(session, council, GOOD.replace(b"Town Hall", b"<b>Depot</b>"))
    page = manager.get(f"/imports/{brought.id}").text
    assert 'data-label="Before" class="break">Town Hall<' in page
    assert 'data-label="After" class="break">&lt;b&gt;Depot' in page
    brought.updated_count = 3
    assert "And 2 more rows." in manager.get(f"/imports/{brought.id}").text
    apply_import(session, brought, actor=None)
    assert 'id="changes"' not in manager.get(f"/imports/{brought.id}").text


def test_confirming_queues_the_storing_once(manager, council, session):
    brought = checked(session, council)
    manager.submit(f"/imports/{brought.id}/confirm")
    session.refresh(brought)
    assert brought.status is ImportStatus.APPLYING
    assert session.scalars(text("SELECT task_name FROM procrastinate_jobs")).all() == ["imports.apply"]
    assert manager.submit(f"/imports/{brought.id}/confirm").status_code == 409
    assert manager.submit(f"/imports/{brought.id}/discard").status_code == 409


def test_the_result_and_the_rejected_rows(manager, council, session):
    brought = checked(session, council)
    confirm_import(session, brought)
    apply_import(session, brought, actor=None)
    page = manager.get(f"/imports/{brought.id}").text
    assert "Stored" in page
    assert "<script>alert" not in page
    answer = manager.get(f"/imports/{brought.id}/rejected.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.decode("utf-8-sig").splitlines()[1].startswith("B2,Depot")


def test_a_file_without_rejected_rows_has_no_such_download(manager, council, session):
    brought = checked(session, council, GOOD)
    assert manager.get(f"/imports/{brought.id}/rejected.csv").status_code == 404


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04", "a.xlsx"),
        (b"\x00" * 50, "a.csv"),
        (b"{", "a.geojson"),
        (b"x", "../../etc/passwd"),
        (b"a,b\n", "a.csv"),
    ],
)
def test_bad_files_fail_with_a_sentence(manager, council, session, content, name):
    assert upload(manager, council, content, name).status_code == 302
    brought = session.scalars(select(Import)).one()
    check_import(session, brought)
    page = manager.get(f"/imports/{brought.id}").text
    assert brought.status is ImportStatus.FAILED
    assert "Failed" in page
    manager.submit(f"/imports/{brought.id}/discard")
    session.refresh(brought)
    assert brought.status is ImportStatus.DISCARDED


def test_another_agencys_import_is_not_there(sign_in, council, session):
    brought = checked(session, council)
    stranger = sign_in(Role.ASSET_MANAGER, factories.make_agency(session))
    for path in ("", "/progress", "/rejected.csv"):
        assert stranger.get(f"/imports/{brought.id}{path}").status_code == 404
    for path in ("/confirm", "/discard"):
        assert stranger.submit(f"/imports/{brought.id}{path}").status_code == 404
    assert "buildings.csv" not in stranger.get("/imports").text
    assert "buildings.csv" in sign_in(Role.ADMINISTRATOR, council).get("/imports").text


def test_an_administrator_creates_the_agencies_of_a_file(sign_in, council, session):
    content = b"Trust Code,Trust Name,Site Code,Site Name,Post Code\nRXX,New Trust,S1,Clinic,M32 0TH\n"
    brought = checked(session, council, content)
    manager = sign_in(Role.ASSET_MANAGER, council)
    assert "An administrator can create them" in manager.get(f"/imports/{brought.id}").text
    assert manager.submit(f"/imports/{brought.id}/agencies").status_code == 403
    administrator = sign_in(Role.ADMINISTRATOR, council)
    assert "New Trust" in administrator.get(f"/imports/{brought.id}").text
    administrator.submit(f"/imports/{brought.id}/agencies")
    session.refresh(brought)
    assert brought.status is ImportStatus.WAITING
    check_import(session, brought)
    assert (brought.inserted_count, brought.rejected_count) == (1, 0)


@pytest.mark.parametrize(("kind", "start"), [("csv", b"\xef\xbb\xbfReference"), ("xlsx", b"PK")])
def test_the_template(manager, kind, start):
    assert manager.get(f"/imports/template.{kind}").data.startswith(start)


def test_the_file_for_counts(manager):
    assert manager.get("/imports/counts-template.csv").data.startswith(b"\xef\xbb\xbfBuilding reference,UPRN")
