"""Programs that are not ours read the running Estate: GDAL, which QGIS uses, and OWSLib."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from owslib.ogcapi.features import Features
from owslib.util import Authentication
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from estate.people.access_tokens import create_token
from estate.people.models import Role
from estate.register.areas import assign_areas
from estate.settings import Settings
from estate.web import create_app
from tests import factories
from tests.serving import serving

COUNT = 25


@dataclass
class Running:
    """A running Estate, and a token that reads it."""

    origin: str
    token: str


@pytest.fixture
def running(committed: Engine, tmp_path: Path) -> Iterator[Running]:
    maker = sessionmaker(bind=committed, expire_on_commit=False)
    with maker.begin() as session:
        token = _fill(session)
    settings = Settings(secret_key="only for tests", var_dir=tmp_path, second_factor_for_administrators=False)
    with serving(create_app(settings, maker)) as origin:
        yield Running(origin, token)


def _fill(session: Session) -> str:
    factories.make_place(session)
    agency = factories.make_agency(session, name="Trafford Council")
    factories.make_area(session)
    for number in range(COUNT):
        place = None if number == 0 else (-2.3 + number / 1000, 53.4)
        building = factories.make_building(session, name=f"Building {number}", agency=agency, lonlat=place)
        factories.make_running_cost(session, building, amount=Decimal(1000))
    factories.make_building(session, name="Refuge", agency=factories.make_agency(session), sensitivity="secret")
    assign_areas(session)
    user = factories.make_user(session)
    factories.make_membership(session, user=user, role=Role.VIEWER, agency=agency)
    return create_token(session, user, "GDAL", 30)


GDAL = """
import json, sys, pyogrio, pyogrio.raw
address, where, box = sys.argv[1], sys.argv[2] or None, json.loads(sys.argv[3])
found = {}
for name, kind in pyogrio.list_layers(address):
    about = pyogrio.read_info(address, layer=name)
    read = pyogrio.raw.read(address, layer=name, PAGE_SIZE="7", where=where if name == "buildings" else None,
        bbox=tuple(box) if box and name == "buildings" else None)
    meta, _, geometry, fields = read
    found[name] = {"kind": kind, "crs": about["crs"], "count": len(geometry), "columns": list(meta["fields"]),
        "without_place": sum(one is None for one in geometry)}
print(json.dumps(found))
"""


def gdal(running: Running, *, where: str = "", box: list[float] | None = None, **options: str) -> dict[str, Any]:
    """What GDAL's driver for OGC API - Features reads, in a process without our limits on GDAL; 7 features a page."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GDAL", "CPL", "OGR"))}
    environment |= {"GDAL_HTTP_USERPWD": f"gdal:{running.token}", "GDAL_HTTP_AUTH": "BASIC", **options}
    command = [sys.executable, "-c", GDAL, f"OAPIF:{running.origin}/ogc", where, json.dumps(box)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_gdal_reads_every_layer(running: Running) -> None:
    found = gdal(running)
    assert set(found) == {"buildings", "areas-district"}
    assert found["buildings"]["count"] == COUNT
    assert found["buildings"]["kind"] == "Point"
    assert found["buildings"]["without_place"] == 1
    assert found["areas-district"]["kind"] in ("MultiPolygon", "Polygon")
    assert {"name", "agency", "running_cost", "postcode"} <= set(found["buildings"]["columns"])
    assert all("84" in one["crs"] or one["crs"] == "EPSG:4326" for one in found.values())


def test_gdal_filters_on_the_server(running: Running) -> None:
    assert gdal(running, where="name = 'Building 3'")["buildings"]["count"] == 1
    assert gdal(running, box=[-2.2955, 53.3, -2.2925, 53.5])["buildings"]["count"] == 3


def test_gdal_without_a_good_token_reads_nothing(running: Running) -> None:
    running.token = "wrong"
    with pytest.raises(AssertionError, match="401"):
        gdal(running)


def test_owslib_reads_pages(running: Running) -> None:
    api = Features(f"{running.origin}/ogc/", auth=Authentication(username="owslib", password=running.token))
    assert api.conformance()["conformsTo"]
    assert "/collections/buildings/items" in api.api()["paths"]
    assert api.feature_collections() == ["buildings", "areas-district"]
    assert api.collection("buildings")["extent"]["spatial"]["bbox"]
    first = api.collection_items("buildings", limit=10)
    assert (first["numberMatched"], first["numberReturned"]) == (COUNT, 10)
    inside = api.collection_items("buildings", bbox=[-2.2955, 53.3, -2.2925, 53.5])
    assert inside["numberReturned"] == 3
    one = first["features"][3]
    assert api.collection_item("buildings", str(one["id"]))["properties"] == one["properties"]
