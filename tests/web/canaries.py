"""A place in which every restricted field holds a canary: words and numbers that occur nowhere else."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

from sqlalchemy.orm import Session

from estate import audit
from estate.board.decisions import submit
from estate.people.models import Agency
from estate.register.changes import change_building
from estate.register.matches.decide import Said, decide
from estate.register.models import (
    Building,
    ConditionSurvey,
    Import,
    ImportProblem,
    ImportStatus,
    MatchCandidate,
    MatchVerdict,
    Sensitivity,
    Site,
    SourceRecord,
    Tenure,
)
from estate.register.sensitivity import change_sensitivity
from tests import factories

WORD = "zqcanary"
"""In every text of a restricted record."""
NUMBERS = ("77717771", "88818881", "99919991", "66616661", "4551555", "919293949596", "3.4477117")
"""Rent, cost, valuation, backlog, floor area, UPRN, and a part of the longitude."""
DAYS = ("17 July 2043", "2043-07-17")


@dataclass
class Place:
    """What the crawler fills addresses with."""

    police: Agency
    council: Agency
    hidden: list[Building] = field(default_factory=list)
    ids: dict[str, list[Any]] = field(default_factory=dict)
    """Values of each argument of an address, those of restricted things first."""


def plant(session: Session) -> Place:
    """A record of each restricted level with all that may belong to it, beside an ordinary one of another agency."""
    factories.make_place(session)
    police, council = (factories.make_agency(session, name=name) for name in ("Shire Police", "Shire Council"))
    district = factories.make_area(session, bounds=(-3.6, 53.3, -3.4, 53.5), name="Westshire")
    factories.make_area(session, level="ward", parent=district, bounds=(-3.6, 53.3, -3.4, 53.5))
    place = Place(police, council)
    hall = factories.make_building(session, agency=council, name="Town Hall", lonlat=(-3.44, 53.4), postcode="M32 0TH")
    factories.make_occupation(session, hall)
    ids: dict[str, list[Any]] = {
        "building_id": [],
        "proposal_id": [],
        "decision_id": [],
        "import_id": [],
        "part_id": [],
    }
    for level in (Sensitivity.OWNER, Sensitivity.SECRET):
        building = _full_record(session, police, ids)
        _used_by_others(session, building, hall, district, ids)
        change_sensitivity(session, building, level, version=building.version, actor=None, reason=f"{WORD} level")
        place.hidden.append(building)
        ids["building_id"].append(building.id)
    place.ids = {
        **ids, "building_id": [*ids["building_id"], hall.id], "low_id": [hall.id], "high_id": ids["building_id"],
        "agency_id": [police.id], "kind": ["interests", "occupations", "costs", "csv"],
        "suffix": ["csv", "geojson", "xlsx"],
        "code": ["rent"], "field": ["name", "uprn"],
        "token": ["nothing"], "filename": ["nothing"],
    }  # fmt: skip
    session.flush()
    return place


def _full_record(session: Session, police: Agency, ids: dict[str, list[Any]]) -> Building:
    building = factories.make_building(
        session, agency=police, name=f"{WORD} custody suite", street=f"{WORD} Street", post_town=f"{WORD}ville",
        postcode="ZQ9 9ZQ", uprn="919293949596", note=f"{WORD} note", is_protected=True,
        protected_reason=f"{WORD} protected", gross_internal_area_m2=Decimal("4551555"),
        lonlat=(-3.4477117, 53.4077117),
    )  # fmt: skip
    interest = factories.make_interest(
        session, building, tenure=Tenure.LEASEHOLD, landlord=f"{WORD} landlord", rent_per_year=Decimal("77717771"),
        lease_start_on=date(2003, 7, 17), lease_end_on=date(2043, 7, 17), tenure_detail=f"{WORD} detail",
    )  # fmt: skip
    site = Site(name=f"{WORD} site", founder_id=building.id)
    session.add(site)
    session.flush()
    building.site_id = site.id
    ids.setdefault("site_id", []).append(site.id)
    team = factories.make_occupation(session, building, team=f"{WORD} team")
    cost = factories.make_running_cost(session, building, amount=Decimal("88818881"), source=f"{WORD} ledger")
    factories.make_valuation(session, building, amount=Decimal("99919991"), source=f"{WORD} valuer")
    survey = {"surveyed_on": date(2024, 1, 1), "grade": "B", "backlog_cost": Decimal("66616661"), "source": WORD}
    session.add(ConditionSurvey(building_id=building.id, **survey))
    change_building(
        session, building, version=building.version, actor=None, reason=f"{WORD} reason", name=f"{WORD} suite"
    )
    brought = Import(
        agency_id=police.id, file_name=f"{WORD}.csv", sha256="0" * 64, content=WORD.encode(), layout="estate_template",
        status=ImportStatus.APPLIED, rejected_rows=f"{WORD}".encode(), row_count=1, inserted_count=1, updated_count=0,
        unchanged_count=0, rejected_count=0,
    )  # fmt: skip
    session.add(brought)
    session.flush()
    problem = {"line": 2, "field": "name", "code": "x", "value": WORD, "message": WORD, "is_rejecting": True}
    session.add(ImportProblem(import_id=brought.id, **problem))
    record = {"agency_id": police.id, "layout": "estate_template", "line": 2, "content_hash": "0", "key": WORD}
    session.add(SourceRecord(import_id=brought.id, building_id=building.id, raw={"Name": WORD}, **record))
    waiting = Import(
        agency_id=police.id, file_name=f"{WORD}-2.csv", sha256="0" * 64, content=WORD.encode(),
        status=ImportStatus.CHECKED,
    )  # fmt: skip
    session.add(waiting)
    session.flush()
    audit.record(
        session, actor=None, action="import_building", subject_type="building", subject_id=building.id,
        reason=f"Import of {WORD}.csv", changes={"landlord": [None, WORD]}, group_id=f"import:{brought.id}",
    )  # fmt: skip
    ids["import_id"] += [brought.id, waiting.id]
    ids["part_id"] += [interest.id, team.id, cost.id]
    return building


def _used_by_others(
    session: Session, building: Building, hall: Building, district: Any, ids: dict[str, list[Any]]
) -> None:
    """What was made of the record while everybody saw it: a proposal, a board's decision, a comparison."""
    proposal = factories.make_finished_proposal(
        session, area=district, emptied=[building], name=f"{WORD} plan",
        summary={"sentence": WORD, "kept_causes": {str(building.id): WORD}, "counts": {}, "notes": [WORD]},
    )  # fmt: skip
    board = factories.make_board(session)
    decision = submit(session, proposal, board, actor=None, note=f"{WORD} note")
    decide(session, hall, building, Said(MatchVerdict.SAME, f"{WORD} reason", None))
    other = factories.make_building(session, agency=hall.agency, name="Depot")
    low, high = sorted((other.id, building.id))
    candidate = {"probability": 0.9, "band": 2, "same_uprn": False, "runner_up": 0.0, "model_version": "1"}
    reasons = [{"sentence": f"{WORD} same name", "weight": 2.0}]
    session.add(
        MatchCandidate(
            low_id=low,
            high_id=high,
            reasons=reasons,
            features={},
            money_at_stake=Decimal("88818881"),
            agency_id=hall.agency_id,
            **candidate,
        )
    )
    session.flush()
    ids["proposal_id"].append(proposal.id)
    ids["decision_id"].append(decision.id)
    ids["board_id"] = [*ids.get("board_id", []), board.id]


def canaries_in(text: str) -> list[str]:
    """The canaries that a text holds, however it writes them."""
    plain = unescape(text)
    digits = re.sub(r"[,\s\u00a0]", "", plain)
    found = [WORD] if WORD in plain.lower() else []
    return found + [number for number in NUMBERS if number in digits] + [day for day in DAYS if day in plain]


def text_of(content: bytes) -> str:
    """What a page or file says; of a workbook all its parts."""
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode(errors="replace")
