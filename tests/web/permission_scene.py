"""One of everything an address can name, of each agency that the table of permissions is about, and who asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, Rule

from estate.board.decisions import submit
from estate.people.access_tokens import create_token, list_tokens
from estate.people.models import Agency, Membership, Role, User
from estate.people.programme_members import list_stays_of
from estate.people.programme_models import Programme
from estate.people.programmes import today_of
from estate.proposals.studies import start as start_study
from estate.register.areas import assign_areas
from estate.register.attestation.rounds import open_round
from estate.register.imports.mapping.header import fingerprint
from estate.register.imports.mapping.remembered import remember
from estate.register.imports.mapping.spec import ColumnUse
from estate.register.imports.mapping.spec import Mapping as ColumnMapping
from estate.register.matches.decide import Said, decide
from estate.register.matches.overrides import choose_value
from estate.register.models import BulkEdit, EditKind, EditStatus, Import, ImportStatus, MatchVerdict, SavedView
from tests import factories
from tests.web.conftest import PASSWORD
from tests.web.permission_table import ELSEWHERE, OTHER, OWN

EVERY_ROLE = (Role.ASSET_MANAGER, Role.BOARD_MEMBER, Role.VIEWER)
ROLES: dict[str, tuple[Role, ...]] = {
    "no role": (),
    "viewer": (Role.VIEWER,),
    "board member": (Role.BOARD_MEMBER,),
    "asset manager": (Role.ASSET_MANAGER,),
    "administrator": (Role.ADMINISTRATOR,),
    "former member": EVERY_ROLE,
}
BY_ENDPOINT = {
    "matches.take_back": {"decision_id": "match_decision_id"},
    "import_mapping": {"import_id": "unread_id"},
    "ogc.item": {"feature_id": "building_id"},
    "pastes": {"edit_id": "pasted_id"},
}
"""Where two routes call different things by one name, or want one that stands at another step."""

Ids = dict[str, Any]


@dataclass
class Scene:
    """Users by who they are, and for each of them the ids of things by whose these are."""

    users: dict[str, User]
    things: dict[str, dict[str, Ids]] = field(default_factory=dict)

    def path(self, rule: Rule, who: str, whose: str) -> str:
        """The route's address, filled with the ids of things."""
        ids = self.things[who][whose]
        names = BY_ENDPOINT.get(rule.endpoint) or BY_ENDPOINT.get(rule.endpoint.partition(".")[0]) or {}
        values = {name: ids.get(names.get(name, name)) for name in rule.arguments}
        for name, converter in rule._converters.items():
            if isinstance(converter, AnyConverter) and values[name] not in converter.items:
                values[name] = min(converter.items)
        built = rule.build(values)
        assert built, rule
        return built[1]

    def form(self, rule: Rule, who: str) -> Ids:
        """What is sent besides the token: mostly nothing, which a form refuses after the question who may send it."""
        if rule.endpoint == "programmes.switch":
            return {"programme_id": self.things[who][OWN]["programme_id"]}
        return {}


def make_scene(session: Session) -> Scene:
    """Agencies of two programmes and one that stepped back, with one of everything each."""
    factories.make_place(session)
    first = factories.first_programme(session)
    second = factories.make_programme(session, name="Health")
    own, other, left = (
        factories.make_agency(session, name=name) for name in ("Own Council", "Other Fire", "Left Police")
    )
    far = factories.make_agency(session, name="Far Trust", is_partner=False)
    factories.make_stay(session, far, second)
    users = {who: _user(session, roles, left if who == "former member" else own) for who, roles in ROLES.items()}
    stranger = _user(session, EVERY_ROLE, other)
    opened = open_round(
        session, actor=None, name="Year", deadline_on=today_of(session) + timedelta(days=90), today=today_of(session)
    )
    shared = {
        "round_id": opened.id, "code": "rent", "field": "name", "suffix": "csv", "table": "work", "kind": "interests",
        "token": "nothing", "filename": "nothing", "zoom": "6", "x": "31", "y": "20",
        "collection": "buildings",
        "set_id": factories.make_small_areas(session).id,
        "base_map_id": factories.make_base_map(session).id,
    }  # fmt: skip
    owned = {
        OWN: _things(session, own, first, submitter=users["asset manager"], chair=users["board member"]),
        OTHER: _things(session, other, first, submitter=stranger),
        ELSEWHERE: _things(session, far, second, submitter=stranger),
        "left": _things(session, left, first, submitter=users["former member"], chair=users["former member"]),
    }
    assign_areas(session)
    strangers = _personal(session, stranger)
    scene = Scene(users)
    for who, user in users.items():
        mine = owned["left"] if who == "former member" else owned[OWN]
        scene.things[who] = {
            OWN: {**shared, **mine, **_personal(session, user)},
            OTHER: {**shared, **owned[OTHER], **strangers},
            ELSEWHERE: {**shared, **owned[ELSEWHERE], **strangers},
        }
    scene.things["anonymous"] = scene.things["viewer"]
    [stay] = list_stays_of(session, left)
    stay.left_on, stay.reason = today_of(session), "Merged"
    session.flush()
    return scene


def _user(session: Session, roles: tuple[Role, ...], agency: Agency) -> User:
    user = factories.make_user(session, password=PASSWORD)
    for role in roles:
        factories.make_membership(session, user=user, role=role, agency=agency)
    return user


def _things(
    session: Session, agency: Agency, programme: Programme, *, submitter: User, chair: User | None = None
) -> Ids:
    """One of everything that belongs to an agency, or to a programme in which it takes part."""
    building = factories.make_building(session, agency=agency)
    neighbour = factories.make_building(session, agency=agency)
    interest = factories.make_interest(session, building)
    factories.make_occupation(session, building)
    factories.make_running_cost(session, building)
    match = decide(session, building, neighbour, Said(MatchVerdict.SAME_SITE, "One yard", None))
    choice = choose_value(session, building, "name", "Chosen", actor=None, reason="Known so", seen=None)
    worker: Membership = factories.make_membership(session, role=Role.VIEWER, agency=agency)
    area = factories.make_area(session)
    board = factories.make_board(session, area=area, programme=programme)
    seat = factories.make_seat(session, board)
    if chair is not None:
        factories.make_seat(session, board, user=chair, is_chair=True)
    plan = {"area": area, "emptied": [neighbour], "programme": programme, "summary": factories.PLAN_SUMMARY}
    proposal = factories.make_finished_proposal(session, **plan)
    decision = submit(session, factories.make_finished_proposal(session, **plan), board, actor=submitter.id)
    study = start_study(session, actor=None, area=area, level_codes=[area.level_code], programme=programme)
    [stay] = list_stays_of(session, agency)
    session.refresh(building)
    return {
        "agency_id": agency.id,
        "building_id": building.id,
        "low_id": building.id,
        "high_id": neighbour.id,
        "part_id": interest.id,
        "site_id": building.site_id,
        "choice_id": choice.id,
        "match_decision_id": match.id,
        "user_id": worker.user_id,
        "role_id": worker.id,
        "board_id": board.id,
        "seat_id": seat.id,
        "proposal_id": proposal.id,
        "decision_id": decision.id,
        "study_id": study.id,
        "programme_id": programme.id,
        "stay_id": stay.id,
        **_files(session, agency),
    }


def _files(session: Session, agency: Agency) -> Ids:
    """An import that is in the register, one whose columns nobody named yet, and a mapping."""
    counts = dict.fromkeys(("inserted_count", "updated_count", "unchanged_count", "rejected_count"), 0)
    file: Mapping[str, Any] = {"agency_id": agency.id, "sha256": "0" * 64, "content": b"Prop,Town\n1,Stretford\n"}
    applied = Import(
        **file, file_name="list.csv", layout="estate_template", status=ImportStatus.APPLIED, rejected_rows=b"Prop\n",
        row_count=0, **counts,
    )  # fmt: skip
    unread = Import(**file, file_name="own.csv", status=ImportStatus.MAPPING)
    session.add_all([applied, unread])
    session.flush()
    mapping = remember(
        session, ColumnMapping((ColumnUse("Prop", "key"),), {}), agency_id=agency.id,
        fingerprint=fingerprint(["Prop"]), name="Own list", actor=None,
    )  # fmt: skip
    return {"import_id": applied.id, "unread_id": unread.id, "mapping_id": mapping.id}


def _personal(session: Session, user: User) -> Ids:
    """What belongs to one person: a change of many buildings, and a view of the list."""
    edit = BulkEdit(
        actor_id=user.id, kind=EditKind.SAME_VALUES, status=EditStatus.APPLIED, reason="Survey",
        request={"ids": [], "values": {}, "words": "none"},
    )  # fmt: skip
    table = {"header": ["id"], "rows": [["1"]], "meanings": [""], "is_clearing": False, "row_count": 1, "lines": [2]}
    pasted = BulkEdit(
        actor_id=user.id, kind=EditKind.PASTED, status=EditStatus.MAPPING, reason="Survey", request=table
    )  # fmt: skip
    view = SavedView(owner_id=user.id, name="Mine", arguments={})
    session.add_all([edit, pasted, view])
    create_token(session, user, "QGIS", 30)
    [token] = list_tokens(session, user)
    return {"edit_id": edit.id, "pasted_id": pasted.id, "view_id": view.id, "token_id": token.id}
