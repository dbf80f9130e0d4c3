"""A round of confirming that is under way in the demo place, so that a newcomer sees one."""

from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from estate.people.accounts import find_user
from estate.register.attestation.answers import confirm, report_wrong
from estate.register.attestation.rounds import newest_event_id, open_round
from estate.register.demo.users import MANAGER_EMAIL
from estate.register.models import Building

DAYS_TO_GO = 45
CONFIRMED_AGENCY = "demo-nhs-trust"
CONFIRMED_COUNT = 40
WRONG = "The top floor was let in spring; the area here still counts it. The estates team knows the lease plan."


def open_demo_round(session: Session, agency_ids: dict[str, int], today: date) -> None:
    """Open a round; the demo's manager has confirmed some records of one agency and reported one as wrong."""
    manager = find_user(session, MANAGER_EMAIL)
    agency_id = agency_ids[CONFIRMED_AGENCY]
    if manager is None:
        return
    deadline_on = today + timedelta(days=DAYS_TO_GO)
    made = open_round(session, actor=None, name=f"Records of {today.year}", deadline_on=deadline_on, today=today)
    records = list(
        session.scalars(
            select(Building)
            .where(Building.agency_id == agency_id)
            .order_by(func.lower(Building.name), Building.id)
            .limit(CONFIRMED_COUNT + 1)
        ).unique()
    )
    ids = [record.id for record in records[1:]]
    confirm(session, made, agency_id, ids, actor=manager.id, seen=newest_event_id(session))
    report_wrong(session, made, records[0], actor=manager.id, note=WRONG)
