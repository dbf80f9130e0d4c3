"""Every ward of the United Kingdom with its district and region, in one load. Skips without the real data."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from estate.gis.boundaries.load import BoundaryFile, LargerLevel, load_with_larger
from estate.gis.boundaries.tidy import Columns
from estate.gis.models import Area

SPRING = date(2025, 5, 1)


@pytest.fixture
def file(shared_data: Path) -> BoundaryFile:
    path = shared_data / "boundaries" / "uk_wards_2025.gpkg"
    return BoundaryFile(path, "ward", Columns("WD25CD", "WD25NM"), SPRING, "ONS, OGL v3", is_complete=True)


def test_all_wards_and_districts_are_loaded_at_once_with_parents(session: Session, file: BoundaryFile) -> None:
    larger = [LargerLevel("district", "LAD25CD", "LAD25NM"), LargerLevel("region", "RGNCD", "RGNCD")]
    results = load_with_larger(session, file, larger, actor=None)
    assert list(results) == ["region", "district", "ward"]
    counts = dict(session.execute(select(Area.level_code, func.count()).group_by(Area.level_code)).all())
    assert counts == {"region": 9, "district": 361, "ward": 8405}
    parent = aliased(Area)
    levels = select(parent.level_code, func.count()).join(Area, Area.parent_id == parent.id)
    ward = levels.where(Area.level_code == "ward").group_by(parent.level_code)
    assert dict(session.execute(ward).all()) == {"district": 8405}
    district = levels.where(Area.level_code == "district").group_by(parent.level_code)
    # Wales, Scotland and Northern Ireland have no regions.
    assert dict(session.execute(district).all()) == {"region": 296}
    assert "straddles" not in results["ward"].report.codes() | results["district"].report.codes()
