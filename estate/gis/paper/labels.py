"""Names of areas on the sheet: the widest areas first, none over another, none wider than what it names."""

import numpy as np
import shapely
from geopandas import GeoDataFrame

from estate.gis.paper.drawing import Label
from estate.gis.paper.placing import Placing

SIZE_MM = 2.3
"""Height of the letters' body: 6.5 points."""
LETTER_OF_SIZE = 0.62
"""Width of a letter to its size, a little more than the usual one of the sheet's type."""
LONGEST = 40
MOST = 400
"""More names make no map clearer."""
SPILL = 1.1
"""A name may be so much wider than its area."""


def labels_of(placing: Placing, frame: GeoDataFrame) -> list[Label]:
    """The names that find room, from columns `name` and `label_at` (longitude, latitude) of `frame`."""
    frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
    if frame.empty or "label_at" not in frame:
        return []
    bounds = shapely.bounds(frame.geometry.to_numpy())
    widths = placing.on_paper(bounds[:, 2:])[:, 0] - placing.on_paper(bounds[:, :2])[:, 0]
    places = placing.on_paper(np.array(frame["label_at"].tolist(), dtype=float))
    chosen: list[Label] = []
    names = frame["name"].astype(str).tolist()
    for row in np.argsort(-np.nan_to_num(widths), kind="stable").tolist():
        if len(chosen) == MOST:
            break
        text = names[row] if len(names[row]) <= LONGEST else f"{names[row][: LONGEST - 1]}…"
        label = Label(text, float(places[row][0]), float(places[row][1]), len(text) * SIZE_MM * LETTER_OF_SIZE, SIZE_MM)
        if (
            label.width_mm <= widths[row] * SPILL
            and _fits(label, placing)
            and not any(_meet(label, it) for it in chosen)
        ):
            chosen.append(label)
    return chosen


def _fits(label: Label, placing: Placing) -> bool:
    inside_x = label.width_mm / 2 <= label.x_mm <= placing.width_mm - label.width_mm / 2
    return inside_x and label.height_mm <= label.y_mm <= placing.height_mm - label.height_mm


def _meet(one: Label, other: Label) -> bool:
    is_beside = abs(one.x_mm - other.x_mm) >= (one.width_mm + other.width_mm) / 2
    return not is_beside and abs(one.y_mm - other.y_mm) < (one.height_mm + other.height_mm) / 2 + 0.6
