"""The demo place's boundary files, `data/boundaries/demo_<level>.geojson`, and the people they count."""

import json
from pathlib import Path

from estate.gis.demo.place import BOUNDARIES_FOLDER, DemoPlace

DEMO_LEVELS = ("county", "district", "neighbourhood")


def demo_boundary_path(level: str, folder: Path = BOUNDARIES_FOLDER) -> Path:
    """Where the demo boundaries of `level` are kept."""
    return folder / f"demo_{level}.geojson"


def demo_populations(level: str, place: DemoPlace, folder: Path = BOUNDARIES_FOLDER) -> dict[str, int]:
    """Synthetic people by area code: a fixed number for each postcode location in the area."""
    collection = json.loads(demo_boundary_path(level, folder).read_text(encoding="utf-8"))
    counts = {row["properties"]["code"]: row["properties"]["postcode_count"] for row in collection["features"]}
    return {code: round(count * place.people_per_location) for code, count in counts.items()}
