"""Data quality over HTTP: the work list and where it leads, tables and files, a building's gaps, editing a rule."""

import csv
import io
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.models import Building, QualityRule
from estate.register.queries import list_use_classes
from estate.web.attestation_files import _folded
from tests.factories import make_agency, make_area, make_building, make_running_cost
from tests.web.conftest import SignIn


@pytest.fixture
def agency(session: Session) -> Agency:
    """An agency with two offices without floor areas; what one costs is known."""
    agency = make_agency(session, name="Alpha <Council>")
    first = make_building(session, agency=agency, name="Dear House")
    make_building(session, agency=agency, name="Mute House")
    make_running_cost(session, first, year_start=2025, amount=Decimal(6_200_000))
    return agency


def test_a_line_says_what_it_costs_and_leads_to_the_list_and_to_the_costliest(sign_in: SignIn, agency: Agency) -> None:
    viewer = sign_in(Role.VIEWER)
    page = viewer.get(f"/quality?agency={agency.id}").text
    assert "2 buildings without a net internal area" in page
    assert "<b>£6.2m a year</b> of running cost can&#39;t be explained per m²" in page
    assert "unknown of 1 building, left out" in page
    listed = viewer.get(f"/buildings?agency={agency.id}&gap=net_area").text
    assert "2 buildings" in listed
    assert "No net internal area" in listed
    answer = viewer.get(f"/quality/rules/net_area/next?agency={agency.id}")
    assert answer.status_code == 302
    shown = viewer.get(answer.headers["Location"]).text
    assert "Dear House" in shown
    assert "Edit facts: No net internal area" not in shown


def test_a_building_s_page_says_what_is_missing_who_could_tell_and_where_to_mend_it(
    sign_in: SignIn, agency: Agency, session: Session
) -> None:
    building = session.query(Building).filter_by(name="Dear House").one()
    manager = sign_in(Role.ASSET_MANAGER, agency)
    page = manager.get(f"/buildings/{building.id}?mend=net_area&agency={agency.id}").text
    assert "The facilities manager, or a measured survey" in page
    assert f"/buildings/{building.id}/edit" in page
    assert f"/quality/rules/net_area/next?agency={agency.id}&amp;after={building.id}" in page
    past = manager.get(f"/buildings/{building.id}?as_at=2026-01-01")
    assert "What is missing or old here" not in past.text
    last = manager.get(f"/quality/rules/areas_disagree/next?agency={agency.id}")
    assert last.headers["Location"] == f"/quality?agency={agency.id}"


def test_tables_by_agency_and_area_and_their_files_agree(sign_in: SignIn, agency: Agency, session: Session) -> None:
    make_area(session)
    viewer = sign_in(Role.VIEWER)
    page = viewer.get("/quality/agencies").text
    assert "Alpha &lt;Council&gt;" in page
    assert "0 of 2" in page
    answer = viewer.get("/quality/agencies.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    row = next(row for row in rows if row["name"] == "Alpha <Council>")
    assert (row["buildings"], row["complete"], row["complete_share"]) == ("2", "0", "0.0")
    assert "filename=quality-agencies.csv" in answer.headers["Content-Disposition"]
    assert viewer.get("/quality/areas").status_code == 200
    assert viewer.get("/quality/areas.csv?level=district").status_code == 200
    work = list(csv.DictReader(io.StringIO(viewer.get(f"/quality/work.csv?agency={agency.id}").text[1:])))
    line = next(line for line in work if line["rule"] == "net_area")
    assert (line["gbp_a_year"], line["gbp_known_of_buildings"]) == ("6200000.00", "1")
    assert line["sentence"].startswith("2 buildings without a net internal area: £6.2m a year of running cost")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/quality?agency=x", 422),
        ("/quality?area=0", 422),
        ("/quality/areas?level=castle", 422),
        ("/quality/castle.csv", 404),
        ("/quality/rules/castle/next", 404),
        ("/quality/rules/castle/edit", 404),
        ("/buildings?gap=castle", 422),
        ("/buildings?gap=%00", 422),
        ("/quality?agency=999999", 200),
    ],
)
def test_addresses_that_name_nothing(sign_in: SignIn, path: str, status: int) -> None:
    assert sign_in(Role.ADMINISTRATOR).get(path).status_code == status


def test_without_areas_the_table_says_so(sign_in: SignIn) -> None:
    assert "No area has a building" in sign_in(Role.VIEWER).get("/quality/areas").text


FIELDS = {
    "is_on": "y",
    "title": "No UPRN",
    "gap": "without a UPRN",
    "consequence": "of running cost",
    "who": "The gazetteer",
    "weight": "3",
    "source": "Us",
    "reason": "Agreed in May",
    "version": "1",
}


def test_an_administrator_changes_and_switches_a_rule_and_the_history_keeps_it(
    sign_in: SignIn, session: Session, agency: Agency
) -> None:
    administrator = sign_in(Role.ADMINISTRATOR)
    use = list_use_classes(session)[0].code
    here = "/quality/rules/uprn/edit"
    answer = administrator.submit(here, {**FIELDS, "uses": [use]}, page=here)
    assert answer.headers["Location"] == "/quality/rules"
    rule = session.get_one(QualityRule, "uprn")
    assert (rule.weight, rule.uses, rule.statuses, rule.version) == (3, [use], None, 2)
    page = administrator.get(here).text
    assert "Agreed in May" in page
    stale = administrator.submit(here, FIELDS, page=here)
    assert stale.status_code == 409
    assert "Somebody else changed this first" in stale.text
    off = {name: value for name, value in FIELDS.items() if name != "is_on"} | {"version": "2"}
    assert administrator.submit(here, off, page=here).status_code == 302
    session.expire_all()
    assert not session.get_one(QualityRule, "uprn").is_on
    assert "without a UPRN" not in administrator.get(f"/quality?agency={agency.id}").text
    assert administrator.get(f"/buildings?gap=uprn&agency={agency.id}").status_code == 200


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"weight": "11"}, "Enter a weight from 1 to 10"),
        ({"weight": "many"}, "Enter a whole number"),
        ({"reason": " "}, "Say why you make this change"),
        ({"uses": ["castle"]}, "not a valid choice"),
        ({"code": "other"}, "is not a field of this form"),
    ],
)
def test_a_rule_s_form_says_what_is_wrong(
    sign_in: SignIn, session: Session, fields: dict[str, object], message: str
) -> None:
    administrator = sign_in(Role.ADMINISTRATOR)
    here = "/quality/rules/uprn/edit"
    answer = administrator.submit(here, {**FIELDS, **fields}, page=here)
    assert answer.status_code == 422
    assert message in answer.text
    assert session.get_one(QualityRule, "uprn").version == 1


def test_long_lines_of_a_calendar_are_folded_without_cutting_a_letter() -> None:
    folded = _folded("SUMMARY:" + "Größe, " * 30)
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == "SUMMARY:" + "Größe, " * 30
