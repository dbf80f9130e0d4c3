"""Sheets and files of a map: who gets them, what they say, and what never stands in them."""

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from estate.gis.models import Area
from estate.people.models import Agency, Role
from estate.people.programmes import today_of
from estate.register.areas import assign_areas
from estate.register.models import Sensitivity
from estate.register.sensitivity import change_field_level, change_sensitivity
from estate.web.configuration import EXTENSION
from tests.factories import make_agency, make_area, make_building, make_place, make_running_cost
from tests.web.canaries import canaries_in, plant

EVIL = "</script><script>alert(1)</script>${alert(1)}`{{ 7 * 7 }}\"'<b>"


@pytest.fixture
def west(session: Session) -> Area:
    """Two districts: seven buildings with costs in the west, two in the east."""
    make_place(session, name="Testshire")
    west = make_area(session, name="West", bounds=(-3, 53, -2.5, 54))
    make_area(session, name="East", bounds=(-2.5, 53, -2, 54))
    agency = make_agency(session, name="Town council")
    for number in range(9):
        at = (-2.9 + number / 100, 53.5) if number < 7 else (-2.1, 53.5 + number / 100)
        hall = make_building(session, name=f"Hall {number}", agency=agency, lonlat=at, gross_internal_area_m2=100)
        make_running_cost(session, hall, amount=Decimal(1234))
    assign_areas(session)
    return west


def text_of_sheet(content: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(content)).pages[0].extract_text().split())


def test_sheet_says_what_the_page_says(west: Area, sign_in: Any) -> None:
    answer = sign_in(Role.VIEWER).get("/maps/sheet.pdf?sheet=a3-portrait&use=office")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=areas-map-a3.pdf"
    answer = sign_in(Role.VIEWER).get("/maps/sheet.pdf")
    text = text_of_sheet(answer.data)
    assert "Running cost by district" in text
    assert "Financial year 2024-25. All agencies, all uses." in text
    assert "All together: £11,106 (9 of 9 buildings known)." in text
    assert "Highest: West (£8,638)." in text
    assert "Filters: none." in text
    assert "Reading: the register on" in text
    assert "Source: register of Testshire" in text
    assert re.search(r"1:[\d,]+ on A4", text)


@pytest.mark.parametrize("shows", ["areas", "buildings"])
@pytest.mark.parametrize("form", ["pdf", "png"])
def test_every_state_has_a_sheet(west: Area, sign_in: Any, shows: str, form: str) -> None:
    client = sign_in(Role.VIEWER)
    states = ["", "measure=occupancy", "scheme=natural&points=cost", f"area={west.id}", "text=nothing like it"]
    for query in states:
        answer = client.get(f"/maps/sheet.{form}?shows={shows}&{query}")
        assert answer.status_code == 200, query
        assert answer.data[:4] in (b"%PDF", b"\x89PNG")


def test_a_sheet_of_the_past_says_so(west: Area, sign_in: Any) -> None:
    answer = sign_in(Role.VIEWER).get("/maps/sheet.pdf?as_at=2020-01-02")
    assert "as it was on 2 January 2020" in text_of_sheet(answer.data)
    assert answer.headers["Content-Disposition"] == "attachment; filename=areas-map-a4-as-at-2020-01-02.pdf"


@pytest.mark.parametrize("query", ["sheet=a5", "shows=nothing", "sheet=../../etc", "year=1066"])
def test_an_unknown_sheet_is_refused_with_a_sentence(west: Area, sign_in: Any, query: str) -> None:
    assert sign_in(Role.VIEWER).get(f"/maps/sheet.pdf?{query}").status_code == 422


def test_many_buildings_are_gathered_into_squares(west: Area, app: Any, sign_in: Any) -> None:
    app.extensions[EXTENSION] = app.extensions[EXTENSION].model_copy(update={"map_tiles_above": 5})
    client = sign_in(Role.VIEWER)
    for points in ("agency", "cost", "cost_per_m2", "occupancy"):
        text = text_of_sheet(client.get(f"/maps/sheet.pdf?shows=buildings&points={points}").data)
        assert "More than 5 buildings are too many to draw one by one" in text
    assert "9 buildings." in text
    assert "Hall" not in text


def test_no_sheet_and_no_file_tells_of_restricted_records(session: Session, sign_in: Any) -> None:
    plant(session)
    client = sign_in(Role.VIEWER)
    for shows in ("areas", "buildings"):
        for points in ("agency", "cost"):
            sheet = client.get(f"/maps/sheet.pdf?shows={shows}&points={points}")
            assert canaries_in(text_of_sheet(sheet.data)) == []
        assert canaries_in(client.get(f"/maps/alone.html?shows={shows}").text) == []


def test_not_even_its_owner_gets_a_restricted_record_into_a_file_that_leaves(
    west: Area, session: Session, sign_in: Any
) -> None:
    agency = make_agency(session, name="Police")
    refuge = make_building(session, name="Refuge", agency=agency, lonlat=(-2.8, 53.4))
    make_running_cost(session, refuge, amount=Decimal(98_765_432))
    assign_areas(session)
    change_sensitivity(session, refuge, Sensitivity.OWNER, version=refuge.version, actor=None, reason="A refuge")
    client = sign_in(Role.VIEWER, agency)
    assert "Refuge" in client.get("/maps/buildings").text
    assert "£98,774,070" in text_of_sheet(client.get("/maps/sheet.pdf").data)
    for shows in ("areas", "buildings"):
        text = client.get(f"/maps/alone.html?shows={shows}").text
        assert "Refuge" not in text
        assert "98,7" not in text
        assert "98.7" not in text
        assert "estricted records" in text


def test_a_file_of_buildings_holds_only_what_is_open(west: Area, session: Session, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    text = client.get("/maps/alone.html?shows=buildings").text
    assert "Hall" not in text
    assert "No building of this view is open to everyone." in text
    library = make_building(session, name="Library", agency=make_agency(session), lonlat=(-2.8, 53.4))
    assign_areas(session)
    change_sensitivity(session, library, Sensitivity.OPEN, version=library.version, actor=None, reason="Public")
    text = client.get("/maps/alone.html?shows=buildings").text
    assert "Library" in text
    assert "Hall" not in text
    assert 'href":"/' not in text


def test_a_file_of_areas_tells_classes_of_at_least_five_buildings(west: Area, sign_in: Any) -> None:
    text = sign_in(Role.VIEWER).get("/maps/alone.html").text
    table = text[text.index('id="figures"') :]
    assert re.search(r"West</th>\s*<td>Running cost, 2024-25: £8,638<", table)
    assert re.search(r"East</th>\s*<td>Running cost, 2024-25: unknown, or of fewer than 5 buildings<", table)
    assert "2,468" not in text
    assert "11,106" not in text


def test_a_file_asks_for_nothing_and_its_names_are_text(session: Session, sign_in: Any) -> None:
    make_place(session, name=EVIL)
    make_area(session, name=EVIL, bounds=(-3, 53, -2, 54))
    agency: Agency = make_agency(session, name=EVIL)
    hall = make_building(session, name=EVIL, agency=agency, lonlat=(-2.5, 53.5))
    assign_areas(session)
    change_sensitivity(session, hall, Sensitivity.OPEN, version=hall.version, actor=None, reason="Public")
    for shows in ("areas", "buildings"):
        answer = sign_in(Role.VIEWER).get(f"/maps/alone.html?shows={shows}&text=")
        assert answer.headers["Content-Disposition"] == f"attachment; filename={shows}-map.html"
        assert "alert(1)</script>" not in answer.text
        head = answer.text[: answer.text.index("<title>")]
        assert "Content-Security-Policy" in head
        assert "default-src &#39;none&#39;" in head
        assert not re.search(r"<(script|link|img|iframe)[^>]* (src|href)=", answer.text)
        assert "url(" not in "".join(re.findall(r"<style.*?</style>", answer.text, re.DOTALL))
        assert "sourceMappingURL" not in answer.text


def test_what_agencies_keep_back_is_in_no_file(west: Area, session: Session, sign_in: Any) -> None:
    change_field_level(
        session, "running_cost", Sensitivity.OWNER, valid_from=today_of(session), actor=None, reason="Tender"
    )
    client = sign_in(Role.VIEWER)
    assert "8,638" not in client.get("/maps/alone.html").text
    assert "8,638" not in text_of_sheet(client.get("/maps/sheet.pdf").data)


def test_the_map_pages_offer_them_for_exactly_their_view(west: Area, sign_in: Any) -> None:
    client = sign_in(Role.VIEWER)
    for path, shows in (("/maps", "areas"), ("/maps/buildings", "buildings")):
        page = client.get(f"{path}?agency=&scheme=equal").text
        block = page[page.index("map-paper") :]
        assert f'name="shows" value="{shows}"' in block
        assert 'name="scheme" value="equal"' in block
