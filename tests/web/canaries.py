"""A place in which every restricted field holds a canary: words and numbers that occur nowhere else."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate import audit
from estate.board.decisions import submit
from estate.people.models import Agency, User
from estate.people.programmes import today_of
from estate.register.attestation.rounds import open_round
from estate.register.changes import change_building
from estate.register.imports.mapping.header import fingerprint
from estate.register.imports.mapping.remembered import remember
from estate.register.imports.mapping.spec import ColumnUse
from estate.register.imports.mapping.spec import Mapping as ColumnMapping
from estate.register.matches.chosen import choices_in_force
from estate.register.matches.decide import Said, decide
from estate.register.matches.overrides import FromRecord, choose_value
from estate.register.models import (
    Attestation,
    AttestationVerdict,
    Building,
    BulkEdit,
    BulkEditRow,
    ConditionSurvey,
    EditKind,
    EditStatus,
    EnergyKind,
    EnergyRating,
    Import,
    ImportProblem,
    ImportStatus,
    MatchCandidate,
    MatchVerdict,
    OccupancyMethod,
    OccupancyObservation,
    SavedView,
    SensitiveField,
    Sensitivity,
    Site,
    SourceRecord,
    Tenure,
    Verdict,
)
from estate.register.sensitivity import change_field_level, change_sensitivity
from tests import factories

WORD = "zqcanary"
"""In every text of a restricted record."""
NUMBERS = (
    "77717771",
    "88818881",
    "99919991",
    "66616661",
    "4551555",
    "919293949596",
    "3.4477117",
    "55535553",
    "8642086",
)
"""Rent, cost, valuation, backlog, floor area, UPRN, a part of the longitude, a budget, and people counted."""
MAPPED = "zqmapped"
"""In a mapping of the agency's files, which an administrator of the installation may read."""
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
    factories.make_occupation(session, hall, is_public_counter=True)
    homes = factories.make_small_areas(session, ("S01", (-3.5, 53.4), 1000))
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
    _work_on(session, place, ids)
    place.ids = {
        **ids, "building_id": [*ids["building_id"], hall.id], "low_id": [hall.id], "high_id": ids["building_id"],
        "set_id": [homes.id],
        "base_map_id": [factories.make_base_map(session).id],
        "agency_id": [police.id, council.id], "kind": ["interests", "occupations", "costs", "csv"],
        "suffix": ["csv", "geojson", "xlsx"], "collection": ["buildings", "areas-district"],
        "feature_id": ids["building_id"],
        "code": ["rent"], "field": ["name", "uprn"],
        "token": ["nothing"], "filename": ["nothing"], "zoom": ["0", "14"], "x": ["0", "8035"], "y": ["0", "5306"],
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
    _more_facts(session, building)
    interest = factories.make_interest(
        session, building, tenure=Tenure.LEASEHOLD, landlord=f"{WORD} landlord", rent_per_year=Decimal("77717771"),
        lease_start_on=date(2003, 7, 17), lease_end_on=date(2043, 7, 17), tenure_detail=f"{WORD} detail",
    )  # fmt: skip
    site = Site(name=f"{WORD} site", founder_id=building.id)
    session.add(site)
    session.flush()
    building.site_id = site.id
    ids.setdefault("site_id", []).append(site.id)
    team = factories.make_occupation(session, building, team=f"{WORD} team", is_public_counter=True)
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


def _more_facts(session: Session, building: Building) -> None:
    """What it is to cost, how full it is, and what it is rated: numbers and sources."""
    factories.make_planned_cost(session, building, amount=Decimal("55535553"), source=f"{WORD} budget")
    count = {"capacity": 8642086, "peak": Decimal(8642086), "average": Decimal(8642086), "vacant_m2": Decimal(4551555)}
    facts: dict[str, Any] = {"building_id": building.id, "observed_on": date(2024, 5, 1), "source": f"{WORD} passes"}
    session.add(OccupancyObservation(method=OccupancyMethod.SURVEY, **count, **facts))
    rated = {"kind": EnergyKind.DEC, "band": "C", "rated_on": date(2024, 1, 1), "source": f"{WORD} rating"}
    session.add(EnergyRating(building_id=building.id, **rated))
    session.flush()


def _work_on(session: Session, place: Place, ids: dict[str, list[Any]]) -> None:
    """What its people made of the records: answers of a yearly round, changes of many, pasted rows, views, mappings."""
    user = factories.make_user(session, name="Their officer")
    factories.make_membership(session, user=user, agency=place.police)
    today = today_of(session)
    opened = open_round(session, actor=None, name="Year", deadline_on=today + timedelta(days=90), today=today)
    table = {"header": ["id", f"{WORD} heading"], "rows": [[str(place.hidden[0].id), f"{WORD} pasted"]]}
    table |= {"meanings": ["key:id", "note"], "is_clearing": False, "row_count": 1, "lines": [2]}
    for building in place.hidden:
        session.add(
            Attestation(
                round_id=opened.id, building_id=building.id, agency_id=place.police.id, actor_id=user.id,
                verdict=AttestationVerdict.WRONG, note=f"{WORD} attested", record_version=1, event_id=0,
            )
        )  # fmt: skip
        values = {"ids": [building.id], "values": {"note": f"{WORD} value"}, "words": f"{WORD} ticked"}
        for status in (EditStatus.READY, EditStatus.APPLIED, EditStatus.UNDONE):
            edit = _edit(session, user, EditKind.SAME_VALUES, status, values)
            row = {"place": 1, "building_id": building.id, "name": building.name, "read_version": 1}
            told = {"message": f"{WORD} message", "changes": {"note": [f"{WORD} before", f"{WORD} after"]}}
            session.add(BulkEditRow(bulk_edit_id=edit.id, verdict=Verdict.CHANGE, **row, **told))
            ids.setdefault("edit_id", []).append(edit.id)
    for status in (EditStatus.MAPPING, EditStatus.PREPARING):
        ids["edit_id"].append(_edit(session, user, EditKind.PASTED, status, table).id)
    for agency_id in (None, place.police.id):
        view = SavedView(owner_id=user.id, agency_id=agency_id, name=f"{WORD} view", arguments={"text": f"{WORD} text"})
        session.add(view)
        session.flush()
        ids.setdefault("view_id", []).append(view.id)
    columns = ColumnMapping(
        (ColumnUse(f"{MAPPED} column", "key"), ColumnUse("Use", "use")), {"Use": {MAPPED: "office"}}
    )
    mapping = remember(
        session,
        columns,
        agency_id=place.police.id,
        fingerprint=fingerprint([MAPPED]),
        name=f"{MAPPED} list",
        actor=None,
    )
    ids |= {"mapping_id": [mapping.id], "round_id": [opened.id]}
    session.flush()


def _edit(session: Session, user: User, kind: EditKind, status: EditStatus, request: dict[str, Any]) -> BulkEdit:
    edit = BulkEdit(actor_id=user.id, kind=kind, status=status, reason=f"{WORD} edit", request=request)
    if status is EditStatus.UNDONE:
        edit.undone_by_id, edit.undo_reason = user.id, f"{WORD} undone"
    session.add(edit)
    session.flush()
    return edit


def plant_in_fields(session: Session, place: Place) -> Building:
    """An ordinary record of the same agency, shown to partners, whose every sensitive field its owners keep back."""
    police = place.police
    office = factories.make_building(session, agency=police, name="Front Office", note=f"{WORD} note")
    factories.make_interest(
        session, office, tenure=Tenure.LEASEHOLD, landlord=f"{WORD} landlord", rent_per_year=Decimal("77717771"),
        break_penalty=Decimal("77717771"), lease_start_on=date(2003, 7, 17), lease_end_on=date(2043, 7, 17),
        break_on=date(2043, 7, 17), review_on=date(2043, 7, 17),
    )  # fmt: skip
    factories.make_occupation(session, office, team=f"{WORD} team", is_public_counter=True)
    factories.make_running_cost(session, office, amount=Decimal("88818881"))
    factories.make_planned_cost(session, office, amount=Decimal("55535553"))
    factories.make_valuation(session, office, amount=Decimal("99919991"))
    told: dict[str, Any] = {
        "landlord": [None, f"{WORD} landlord"], "rent_per_year": [None, "77717771"], "note": [None, f"{WORD} note"],
        "lease_end_on": [None, "2043-07-17"], "team": [None, f"{WORD} team"], "energy 2024": [None, "88818881"],
        "budget energy 2024": [None, "55535553"], "valuation 2024-03-31": [None, "99919991"],
    }  # fmt: skip
    about = {"subject_type": "building", "subject_id": office.id}
    audit.record(session, actor=None, action="change_building", reason="Survey", changes=told, **about)
    low, high = sorted((place.ids["low_id"][0], office.id))
    pair = {"probability": 0.9, "band": 2, "same_uprn": False, "runner_up": 0.0, "model_version": "1", "features": {}}
    money = {"reasons": [], "money_at_stake": Decimal("88818881"), "agency_id": police.id}
    session.add(MatchCandidate(low_id=low, high_id=high, **pair, **money))
    for code in session.scalars(select(SensitiveField.code)).all():
        change_field_level(
            session, code, Sensitivity.OWNER, valid_from=today_of(session), actor=None, reason="Kept back"
        )
    session.flush()
    place.ids["building_id"].append(office.id)
    place.ids["high_id"] = [*place.ids["high_id"], office.id]
    return office


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
    for name in ("street", "postcode"):
        current = choices_in_force(session, [hall.id])[hall.id].get(name)
        seen = current.id if current else None
        choose_value(session, hall, name, FromRecord(building.id), actor=None, reason=f"{WORD} choice", seen=seen)
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
    found = [word for word in (WORD, MAPPED) if word in plain.lower()]
    return found + [number for number in NUMBERS if number in digits] + [day for day in DAYS if day in plain]


def text_of(content: bytes) -> str:
    """What a page or file says; of a workbook all its parts."""
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content.decode(errors="replace")
