"""Whether the register is empty, and how a demo place is taken away again."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from estate.db import Base
from estate.errors import Conflict
from estate.gis.models import Area
from estate.people.models import Agency, AgencyKind, User
from estate.register.models import Building, Place, reference

REFERENCE_TABLES = frozenset(
    mapper.class_.__tablename__
    for mapper in Base.registry.mappers
    if mapper.class_ is AgencyKind or mapper.class_.__module__ == reference.__name__
)
"""Names of the tables whose rows come with the schema: emptying a register leaves them alone."""


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
    emptied = [table.name for table in Base.metadata.sorted_tables if table.name not in REFERENCE_TABLES]
    names = ", ".join(f'"{name}"' for name in emptied)
    session.execute(text("ALTER TABLE event DISABLE TRIGGER USER"))
    session.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    session.execute(text("ALTER TABLE event ENABLE TRIGGER USER"))
