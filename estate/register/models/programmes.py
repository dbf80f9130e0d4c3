"""The areas that a programme covers."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from estate.db import Base
from estate.gis.models import Area
from estate.people.programme_models import Programme


class ProgrammeArea(Base):
    """One area that a programme covers. A programme without any covers everything."""

    __tablename__ = "programme_area"
    programme_id: Mapped[int] = mapped_column(ForeignKey(Programme.id), primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey(Area.id), primary_key=True, index=True)

    area: Mapped[Area] = relationship(lazy="joined")
