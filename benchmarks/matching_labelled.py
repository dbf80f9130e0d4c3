"""The labelled pairs of `../shared`, as records and pairs. Geo-ER (WWW 2022) and Fodors-Zagats (DeepMatcher splits)."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT.parent / "shared/data/benchmarks/matching"
FIELD = re.compile(r"COL (\w+) VAL (.*?)(?=\s+COL \w+ VAL|$)")
SPLITS = ("train", "valid", "test")
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, eq=False)
class Labelled:
    """Records of two sources, and pairs of rows of them with their label and split."""

    name: str
    city: str
    frame: pd.DataFrame
    pairs: pd.DataFrame
    """left, right (rows of frame), same (0 or 1), split."""


def _record(text: str, source: str) -> tuple[tuple[str, str], ...]:
    fields = {key.lower(): value.strip() for key, value in FIELD.findall(text)}
    return (("source", source), *fields.items())


def _restaurant(fields: dict[str, str]) -> dict[str, object]:
    """Fodors-Zagats writes quotes as tokens. `class` names the answer, so it is left out."""
    clean = {key: " ".join(re.sub(r"(?<!\w)[`']|[`'](?!\w)|\\", " ", value).split()) for key, value in fields.items()}
    clean = {key: value.replace(" 's", "'s") for key, value in clean.items()}
    return {
        "source": fields["source"],
        "name": clean["name"],
        "address": f"{clean['addr']}, {clean['city']}",
        "telephone": clean["phone"],
    }


def _place(fields: dict[str, str]) -> dict[str, object]:
    latitude, longitude = float(fields["latitude"]), float(fields["longitude"])
    return {
        "source": fields["source"],
        "name": fields["name"],
        "address": fields["address"],
        "postcode": fields["postalcode"],
        "x_m": longitude * METRES_PER_DEGREE * np.cos(np.radians(41.0 if latitude < 42 else 43.7)),
        "y_m": latitude * METRES_PER_DEGREE,
    }


def read(folder: str) -> Labelled:
    """One set: each different record of a source once."""
    rows: dict[tuple[tuple[str, str], ...], int] = {}
    pairs = []
    for split in SPLITS:
        for line in (FOLDER / folder / f"{split}.txt").read_text().splitlines():
            left, right, same = line.split("\t")
            numbers = [
                rows.setdefault(_record(text, side), len(rows)) for text, side in ((left, "left"), (right, "right"))
            ]
            pairs.append((*numbers, int(same), split))
    make = _restaurant if folder == "fodors-zagats" else _place
    frame = pd.DataFrame([make(dict(record)) for record in rows]).assign(record_id=range(len(rows)))
    return Labelled(
        folder, folder.rpartition("/")[2], frame, pd.DataFrame(pairs, columns=["left", "right", "same", "split"])
    )


def read_all() -> list[Labelled]:
    """Every set in the folder, Fodors-Zagats last."""
    folders = sorted(str(path.parent.relative_to(FOLDER)) for path in FOLDER.glob("geo-er/*/*/test.txt"))
    return [read(folder) for folder in [*folders, "fodors-zagats"]]
