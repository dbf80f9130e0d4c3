"""Stores the demo place's small areas: where its synthetic people live."""

from pandas import DataFrame
from sqlalchemy.orm import Session

from estate.gis.boundaries.current import current_areas
from estate.gis.demo.small_areas import demo_small_areas
from estate.gis.small_areas.load import store_small_areas
from estate.gis.small_areas.models import SmallAreaSet

LEVEL = "neighbourhood"
SOURCE = "Synthetic small areas: the people of each neighbourhood, shared out by its postcodes. Not a census figure"


def store_demo_small_areas(session: Session, postcodes: DataFrame, *, year: int, reason: str) -> None:
    """Split the neighbourhoods in force into small areas, whose people add up to theirs."""
    areas = current_areas(session, LEVEL)
    made = SmallAreaSet(
        year=year, source=SOURCE, file_name="made for the demo place", file_sha256="", is_synthetic=True
    )
    store_small_areas(session, made, demo_small_areas(postcodes, areas), actor=None, reason=reason)
