"""The page of candidate disposals and its files."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from estate.exports.formats import formats
from estate.people.models import Role
from tests import factories
from tests.db.exports.conftest import Approved, approve, approved

SignIn = Callable[..., Any]

__all__ = ["approved"]


def test_no_candidate_yet(session: Session, sign_in: SignIn) -> None:
    factories.make_finished_proposal(session)
    answer = sign_in(Role.ASSET_MANAGER).get("/disposals")
    assert answer.status_code == 200
    assert "A building becomes a candidate when a board approves a proposal that empties it" in answer.text
    assert "Download" not in answer.text


def test_the_list(approved: Approved, sign_in: SignIn) -> None:
    text = sign_in(Role.ASSET_MANAGER).get("/disposals").text
    for expected in (
        "=Old Town Hall",
        "Bare House",
        "Lost Lodge",
        "£120,000",
        "GIA",
        "Listed building",
        "31 March 2031",
    ):
        assert expected in text
    assert "value unknown for 2" in text
    for chosen in formats().values():
        assert f"candidate-disposals.{chosen.suffix}" in text


def test_filters(session: Session, approved: Approved, sign_in: SignIn) -> None:
    other = approve(session, factories.make_finished_proposal(session))
    manager = sign_in(Role.ASSET_MANAGER)
    assert "4 candidates" in manager.get("/disposals").text
    text = manager.get(f"/disposals?agency={approved.council.id}").text
    assert "3 candidates" in text
    assert f"candidate-disposals.csv?agency={approved.council.id}" in text
    assert "1 candidate<" in manager.get(f"/disposals?area={other.proposal.area_id}").text
    assert "Only those of" in manager.get(f"/disposals?proposal={other.proposal_id}").text
    empty = manager.get(f"/disposals?area={other.proposal.area_id}&agency={approved.council.id}").text
    assert "No candidate fits these filters" in empty


@pytest.mark.parametrize("suffix", list(formats()))
def test_files(approved: Approved, sign_in: SignIn, suffix: str) -> None:
    answer = sign_in(Role.ASSET_MANAGER).get(f"/disposals/candidate-disposals.{suffix}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == formats()[suffix].mimetype
    assert answer.headers["Content-Disposition"] == f"attachment; filename=candidate-disposals.{suffix}"
    assert len(answer.data) > 100
    if suffix == "csv":
        rows = {row["PropertyName"]: row for row in csv.DictReader(io.StringIO(answer.text, newline=""))}
        assert set(rows) == {"'=Old Town Hall", "Bare House", "Lost Lodge"}
        assert rows["'=Old Town Hall"]["UPRN"] == "000012797623"
        assert Decimal(rows["'=Old Town Hall"]["FloorAreaM2"]) == Decimal("415.05")
        assert rows["Lost Lodge"]["GeoX"] == rows["Lost Lodge"]["Valuation"] == ""


def test_a_file_holds_what_the_filter_shows(session: Session, approved: Approved, sign_in: SignIn) -> None:
    other = approve(session, factories.make_finished_proposal(session))
    text = sign_in(Role.ASSET_MANAGER).get(f"/disposals/candidate-disposals.csv?proposal={other.proposal_id}").text
    assert [row["ProposalID"] for row in csv.DictReader(io.StringIO(text))] == [str(other.proposal_id)]


@pytest.mark.parametrize("value", ["x", "-1", "0", "1.5", "9" * 19, "9" * 5000, "١٢", "1 OR 1=1"])
@pytest.mark.parametrize("name", ["area", "agency", "proposal"])
def test_filters_that_do_not_exist(sign_in: SignIn, name: str, value: str) -> None:
    answer = sign_in(Role.ASSET_MANAGER).get("/disposals", query_string={name: value})
    assert answer.status_code == 422


def test_what_is_not_there(sign_in: SignIn) -> None:
    manager = sign_in(Role.ASSET_MANAGER)
    assert manager.get("/disposals/candidate-disposals.exe").status_code == 404
    assert manager.get("/disposals?proposal=999999").status_code == 404


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.ASSET_MANAGER, 200), (Role.ADMINISTRATOR, 200)])
def test_who_may_see_them(approved: Approved, sign_in: SignIn, role: Role, status: int) -> None:
    browser = sign_in(role)
    assert browser.get("/disposals").status_code == status
    assert browser.get("/disposals/candidate-disposals.csv").status_code == status


def test_visitors_are_sent_to_sign_in(client: FlaskClient) -> None:
    for path in ("/disposals", "/disposals/candidate-disposals.gpkg"):
        assert "/sign-in" in client.get(path).headers["Location"]
