"""`estate boundaries fetch` asks listed services only, page by page, and keeps nothing of a set that is not whole."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError
from sqlalchemy import Engine, select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from estate.cli import boundaries as command
from estate.cli import main
from estate.db import make_session
from estate.errors import EstateError
from estate.gis.boundaries import fetch, service
from estate.gis.models import Area
from estate.settings import Settings
from tests.boundary_files import two_by_two
from tests.serving import serving

ARCGIS, COLLECTION = "/arcgis/rest/services/Wards/FeatureServer/0", "/api/collections/wards"


class Host:
    """A small ArcGIS and OGC API server of four squares, one or two to a page, that can be made to misbehave."""

    def __init__(self) -> None:
        self.features = [{**feature, "id": number} for number, feature in enumerate(two_by_two(), start=1)]
        self.total = len(self.features)
        self.questions: list[str] = []
        self.change: Callable[[dict[str, Any]], Any] = lambda answer: answer

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.questions.append(request.full_path)
        answers = {
            ARCGIS: self.layer,
            f"{ARCGIS}/query": self.query,
            f"{COLLECTION}/items": self.items,
        }
        if request.path not in answers:
            return NotFound()(environ, start_response)
        found = self.change(answers[request.path](request))
        answer = found if isinstance(found, Response) else Response(json.dumps(found), mimetype="application/json")
        return answer(environ, start_response)

    def layer(self, request: Request) -> dict[str, Any]:
        return {"maxRecordCount": 3, "objectIdField": "OBJECTID"}

    def query(self, request: Request) -> dict[str, Any]:
        if request.args.get("returnCountOnly"):
            return {"count": self.total}
        assert request.args["orderByFields"] == "OBJECTID"
        assert request.args["outSR"] == "4326"
        start = int(request.args["resultOffset"])
        return self.page(start, int(request.args["resultRecordCount"]))

    def items(self, request: Request) -> dict[str, Any]:
        start = int(request.args.get("offset", 0))
        more = start + 2 < len(self.features)
        links = [{"rel": "next", "href": f"items?offset={start + 2}"}] if more else []
        return {**self.page(start, 2), "numberMatched": self.total, "links": links}

    def page(self, start: int, size: int) -> dict[str, Any]:
        return {"type": "FeatureCollection", "features": self.features[start : start + size]}


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Host, str]]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    host = Host()
    with serving(host) as address:
        yield host, address


@pytest.mark.parametrize(("path", "pages"), [(ARCGIS, 4), (COLLECTION, 2)])
def test_all_pages_are_fetched(host: tuple[Host, str], tmp_path: Path, path: str, pages: int) -> None:
    made, address = host
    assert fetch.fetch_features(address + path, tmp_path / "found.geojson") == 4
    found = json.loads((tmp_path / "found.geojson").read_text())
    assert found == {"type": "FeatureCollection", "features": made.features}
    assert len(made.questions) == pages


def moved(answer: dict[str, Any]) -> Response:
    return Response(status=302, headers={"Location": "http://127.0.0.1:1/"})


def elsewhere(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "links": [{"rel": "next", "href": "http://127.0.0.1:1/items"}]}


def around(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "links": [{"rel": "next", "href": "items?offset=2"}]}


def twice(answer: dict[str, Any]) -> dict[str, Any]:
    for feature in answer.get("features", []):
        feature["id"] = 1
    return answer


def without_ids(answer: dict[str, Any]) -> dict[str, Any]:
    """One page, whichever is asked for, of features that carry no number."""
    if "features" in answer:
        [first, *_] = two_by_two()
        return {**answer, "features": [first]}
    return answer


@pytest.mark.parametrize(
    ("path", "change", "sentence"),
    [
        (ARCGIS, lambda answer: {"error": {"code": 400}}, "refuses the question"),
        (ARCGIS, lambda answer: {**answer, "count": 5}, "says that it has 5 features, but sent 4"),
        (ARCGIS, lambda answer: [answer], "no object"),
        (ARCGIS, twice, "sends some features twice"),
        (ARCGIS, without_ids, "sends some features twice"),
        (ARCGIS, lambda answer: {name: answer[name] for name in answer if name != "count"}, "how many features it has"),
        (COLLECTION, lambda answer: {**answer, "numberMatched": None}, "how many features it has"),
        (COLLECTION, lambda answer: {**answer, "numberMatched": 9}, "says that it has 9 features, but sent 4"),
        (COLLECTION, lambda answer: {"features": ["no feature"], "numberMatched": 1}, "not GeoJSON"),
        (COLLECTION, lambda answer: Response("<html>"), "not JSON"),
        (COLLECTION, lambda answer: Response(status=503), "status 503"),
        (COLLECTION, moved, "has moved"),
        (COLLECTION, elsewhere, "leads to another host"),
        (COLLECTION, around, "again and again"),
        ("/elsewhere", lambda answer: answer, "must end with"),
    ],
)
def test_what_is_not_a_whole_set_is_refused(
    host: tuple[Host, str], tmp_path: Path, path: str, change: Callable[[dict[str, Any]], Any], sentence: str
) -> None:
    made, address = host
    made.change = change
    with pytest.raises(EstateError, match=sentence):
        fetch.fetch_features(address + path, tmp_path / "found.geojson")
    assert not (tmp_path / "found.geojson").exists()


def test_a_service_that_sends_too_much_or_nothing_is_left(
    host: tuple[Host, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = host
    monkeypatch.setattr(service, "MAXIMUM_BYTES", 500)
    with pytest.raises(EstateError, match="more than 256 MB"):
        fetch.fetch_features(address + COLLECTION, tmp_path / "found.geojson")
    with pytest.raises(EstateError, match="can't be reached"):
        fetch.fetch_features("http://127.0.0.1:1" + COLLECTION, tmp_path / "found.geojson")


def test_the_command_loads_what_a_listed_service_has(
    host: tuple[Host, str], committed: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, address = host
    settings = Settings(boundary_services={"wards": address + COLLECTION})
    monkeypatch.setattr(command, "get_settings", lambda: settings)
    words = ["--level", "ward", "--code-column", "code", "--name-column", "name"]
    outcome = CliRunner().invoke(main, ["boundaries", "fetch", "wards", *words])
    assert outcome.exit_code == 0, outcome.output
    assert "4 features were fetched." in outcome.output
    assert "ward: 4 added" in outcome.output
    with make_session() as session:
        assert {area.source for area in session.scalars(select(Area))} == {address + COLLECTION}
    asked = len(made.questions)
    refused = CliRunner().invoke(main, ["boundaries", "fetch", "others", *words])
    assert "lists no service “others”. It lists: wards." in str(refused.exception or refused.output) + refused.output
    assert len(made.questions) == asked


@pytest.mark.parametrize(
    "address", ["http://example.org/collections/a", "file:///collections/a", "https://a/b?token=1"]
)
def test_an_address_that_could_leak_is_no_setting(address: str) -> None:
    with pytest.raises(ValidationError, match="ESTATE_BOUNDARY_SERVICES"):
        Settings(boundary_services={"wards": address})
