"""Whether the register is empty, and how a demo place is taken away again."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.db import Base
from estate.errors import Conflict
from estate.gis.models import Area
from estate.people.models import Agency, AgencyKind, User
from estate.register.models import Assumption, Building, CostCategory, Place, Service, SpaceStandard, UseClass

REFERENCE_TABLES = (AgencyKind, UseClass, CostCategory, Service, SpaceStandard, Assumption)


class RegisterNotEmpty(Conflict):
    """The register holds something already. The demo place is loaded only into an empty one."""


class RegisterNotDemo(Conflict):
    """The register holds real data, so it was not emptied. Only a demo place can be reset."""


def is_register_empty(session: Session) -> bool:
    """True when there is no building, agency, user or area."""
    return all(session.scalar(select(model.id).limit(1)) is None for model in (Building, Agency, User, Area))


def reset_demo(session: Session) -> None:
    """Empty the register of a demo place; raises `RegisterNotDemo` where the data are real.

    The only place where rows are deleted: none of them was ever true.
    """
    place = session.get(Place, 1)
    if not is_register_empty(session) and (place is None or not place.is_synthetic):
        raise RegisterNotDemo
    session.expunge_all()
    kept = {model.__tablename__ for model in REFERENCE_TABLES}
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables if table.name not in kept)
    session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
    session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    session.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))
