"""Housing over HTTP: its page and files, the filter on lists, maps and work, and the words that say it is left out."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import Agency, Role
from estate.register.models import Building
from tests.factories import make_agency, make_area, make_building
from tests.housing import bring_housing, home, house
from tests.web.conftest import Client, SignIn


@pytest.fixture
def county(session: Session) -> Agency:
    make_area(session, bounds=(-2.5, 53.3, -2.0, 53.6))
    found = make_agency(session, name="Test County")
    make_building(session, name="Elm Street Office", agency=found)
    return found


@pytest.fixture
def tees(session: Session, county: Agency) -> Agency:
    bring_housing(session, county, home("H1"), home("H2", Management_patch=""), house("<H3>", Status="Void"))
    return session.scalars(select(Agency).where(Agency.name == "Tees Homes")).one()


@pytest.fixture
def viewer(sign_in: SignIn, county: Agency) -> Client:
    return sign_in(Role.VIEWER, county)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_counts_homes_by_landlord_and_patch(viewer: Client, tees: Agency) -> None:
    page = viewer.get("/stock").text
    row = re.search(r"Tees Homes </a>.*?</tr>|Tees Homes</a>.*?</tr>", page, re.DOTALL)
    assert row is not None
    assert [int(cell) for cell in re.findall(r">\s*(\d+)\s*<", row[0])] == [3, 2, 1, 1, 1, 1]
    assert f"agency={tees.id}" in page
    patches = viewer.get(f"/stock?class=housing&agency={tees.id}").text
    assert re.search(r"North .*Patch unknown", words(patches))
    link = re.search(r'href="(/buildings\?[^"]*patch=-[^"]*use=home[^"]*)"', patches)
    assert link is not None
    found = viewer.get(link[1].replace("&amp;", "&")).text
    assert "Flat H2, Elm Court" in found
    assert "Flat H1" not in found


def test_the_files_say_the_same(viewer: Client, tees: Agency) -> None:
    answer = viewer.get("/stock.csv")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "landlord,management_patch,homes,homes_in_blocks,vacant_homes,blocks"
    assert lines[1:] == ["Tees Homes,North,2,1,1,1", "Tees Homes,,1,1,0,0"]
    assert "housing" in answer.headers["Content-Disposition"]
    assert viewer.get("/stock.xlsx").data[:2] == b"PK"


def test_a_register_without_housing_says_how_it_comes(viewer: Client) -> None:
    assert "No housing is in the register" in words(viewer.get("/stock").text)
    assert "left out" not in words(viewer.get("/buildings").text)


@pytest.mark.parametrize(
    "address", ["/stock?class=office", "/stock?agency=0", "/stock?agency=999999", "/stock?agency=x"]
)
def test_addresses_that_mean_nothing_are_refused(viewer: Client, address: str) -> None:
    assert viewer.get(address).status_code == 422


@pytest.mark.parametrize("address", ["/buildings", "/maps", "/maps/buildings", "/quality", "/costs", "/leases"])
def test_pages_say_that_housing_is_left_out_and_show_it_when_asked(viewer: Client, tees: Agency, address: str) -> None:
    page = viewer.get(address)
    assert page.status_code == 200
    if address != "/costs":
        assert "Housing is left out here" in words(page.text)
        assert re.search(rf'href="{address}\?[^"]*class=housing', page.text)
    asked = viewer.get(f"{address}?class=housing")
    assert asked.status_code == 200
    if address != "/costs":
        assert "Only housing is shown" in words(asked.text)
    assert viewer.get(f"{address}?class=all").status_code == 200


@pytest.mark.parametrize("address", ["/", "/quality/agencies", "/quality/areas"])
def test_totals_say_it_as_well(viewer: Client, tees: Agency, address: str) -> None:
    page = viewer.get(address).text
    assert "Housing is left out here" in words(page)
    assert "/stock" in page


def test_files_follow_the_filter(viewer: Client, tees: Agency) -> None:
    def rows(address: str) -> int:
        return len(viewer.get(address).data.decode("utf-8-sig").splitlines()) - 1

    assert (rows("/buildings.csv"), rows("/buildings.csv?class=housing"), rows("/buildings.csv?class=all")) == (1, 4, 5)
    assert (rows("/maps/buildings.csv"), rows("/maps/buildings.csv?class=housing")) == (1, 4)
    every = viewer.get("/buildings.csv?class=housing&columns=all").data.decode("utf-8-sig").splitlines()
    assert every[0].endswith("management_patch,block_reference,bedrooms,home_tenure")
    assert next(line for line in every if "Flat H1" in line).endswith("North,B1,2,Social rent")


def test_the_pages_of_a_home_and_its_block_lead_to_each_other(viewer: Client, tees: Agency, session: Session) -> None:
    flat = session.scalars(select(Building).where(Building.name == "Flat H1, Elm Court")).one()
    page = viewer.get(f"/buildings/{flat.id}").text
    assert f'href="/buildings/{flat.parent_id}"' in page
    assert re.search(r"Management patch North Bedrooms 2 Tenure of the home Social rent", words(page))
    block = viewer.get(f"/buildings/{flat.parent_id}").text
    assert f"block={flat.parent_id}" in block
    inside = viewer.get(f"/buildings?class=housing&block={flat.parent_id}").text
    assert ("Flat H1" in inside, "High Street" in inside) == (True, False)
    assert "Bedrooms" not in viewer.get("/buildings/" + str(_office(session))).text


def _office(session: Session) -> int:
    return session.scalars(select(Building.id).where(Building.name == "Elm Street Office")).one()


def test_the_template_comes_back_as_a_file_of_homes(sign_in: SignIn, county: Agency) -> None:
    manager = sign_in(Role.ASSET_MANAGER, county)
    header = manager.get("/imports/housing-template.csv").data.decode("utf-8-sig").strip()
    assert header.startswith("Landlord,Landlord code,Dwelling reference,")
    assert {"Management patch", "Block reference", "Bedrooms", "UPRN"} <= set(header.split(","))
    assert manager.get("/imports/housing-template.xlsx").data[:2] == b"PK"
    assert "housing-template" in manager.get("/imports/new").text
