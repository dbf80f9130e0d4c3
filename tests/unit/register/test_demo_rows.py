"""The demo's rows are the same for the same seed, and keep the rules that the database would enforce."""

from functools import cache

import pandas as pd

from estate.gis.demo.place import DemoPlace, read_demo_place
from estate.register.demo.buildings import DemoBuilding, demo_buildings
from estate.register.demo.costs import demo_costs
from estate.register.demo.facts import demo_conditions, demo_energy_ratings, demo_observations, demo_valuations
from estate.register.demo.profiles import read_profiles
from estate.register.demo.sites import demo_sites
from estate.register.demo.teams import demo_teams
from estate.register.models import BuildingStatus, Tenure


def postcodes(place: DemoPlace) -> pd.DataFrame:
    """150 invented postcodes in each district, some of them in its first town centre."""
    rows = []
    for number, (district, sectors) in enumerate(place.town_centres.items()):
        for step in range(150):
            sector = sectors[0] if step < 15 else sectors[0][:-1] + "9"
            easting, northing = 380_000.0 + 10 * step, 390_000.0 + 1000 * number
            rows.append((f"{sector}{step:02d}", sector, sector.split()[0], district, easting, northing))
    columns = ["postcode", "sector", "outward", "district_code", "easting_m", "northing_m"]
    return pd.DataFrame(rows, columns=columns)


@cache
def buildings() -> list[DemoBuilding]:
    profiles, place = read_profiles(), read_demo_place()
    return demo_buildings(profiles, demo_sites(profiles, place, postcodes(place)))


def test_the_same_seed_gives_the_same_rows() -> None:
    profiles, place = read_profiles(), read_demo_place()
    again = demo_buildings(profiles, demo_sites(profiles, place, postcodes(place)))
    assert again == buildings()
    assert demo_costs(profiles, again) == demo_costs(profiles, buildings())


def test_there_are_about_1200_buildings_of_12_agencies_each_at_its_own_spot() -> None:
    sites = [building.site for building in buildings()]
    assert 1150 <= len(sites) <= 1250
    assert len({site.agency_code for site in sites}) == 12
    assert len({(site.longitude, site.latitude) for site in sites}) == len(sites)
    assert len({building.name for building in buildings()}) == len(sites)


def test_buildings_keep_the_rules() -> None:
    for building in buildings():
        assert 0 < building.nia_m2 < building.gia_m2
        assert building.uprn.isdigit()
        assert len(building.uprn) == 12
        is_leased = building.tenure is Tenure.LEASEHOLD
        assert (building.rent_per_year is not None) == is_leased
        if building.lease_start_on and building.lease_end_on:
            assert building.lease_start_on < building.lease_end_on
            assert building.break_on is None or building.lease_start_on < building.break_on < building.lease_end_on


def test_teams_fit_into_their_building_and_none_sits_in_an_empty_one() -> None:
    used: dict[int, float] = {}
    for team in demo_teams(read_profiles(), buildings()):
        assert team.fte > 0
        assert team.area_m2 > 0
        assert team.building.status is BuildingStatus.ACTIVE
        used[team.building.site.number] = used.get(team.building.site.number, 0.0) + team.area_m2
    nia = {building.site.number: building.nia_m2 for building in buildings()}
    assert all(area <= nia[number] + 1 for number, area in used.items())


def test_some_teams_sit_with_another_agency_already() -> None:
    teams = demo_teams(read_profiles(), buildings())
    guests = [team for team in teams if team.agency_code != team.building.site.agency_code]
    assert 5 < len(guests) < 60


def test_costs_keep_the_rules() -> None:
    profiles = read_profiles()
    costs = demo_costs(profiles, buildings())
    assert all(cost.amount > 0 for cost in costs)
    keys = {(cost.building.site.number, cost.category_code, cost.year_start) for cost in costs}
    assert len(keys) == len(costs)
    paid = {cost.building.site.number for cost in costs if cost.category_code == "unitary_charge"}
    assert paid <= {building.site.number for building in buildings() if building.tenure is Tenure.PFI}


def test_facts_keep_the_rules() -> None:
    profiles = read_profiles()
    teams = demo_teams(profiles, buildings())
    for _, row in demo_observations(profiles, buildings(), teams):
        assert 0 <= row["average"] <= row["peak"]
        assert row["capacity"] is None or row["capacity"] > 0
        assert row["hours_used"] is None or row["hours_used"] <= row["hours_available"]
        assert row["period_start_on"] is None or row["period_start_on"] <= row["observed_on"] <= profiles.as_of
    for _, row in demo_conditions(profiles, buildings()):
        assert row["grade"] in "ABCD"
        assert row["surveyed_on"] <= profiles.as_of
    for _, row in demo_energy_ratings(profiles, buildings()):
        assert row["rated_on"] < row["expires_on"]
    for building, row in demo_valuations(profiles, buildings()):
        assert building.tenure is Tenure.FREEHOLD
        assert row["amount"] > 0
