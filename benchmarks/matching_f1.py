"""F1 of matching on the labelled test pairs, beside its rivals on the same pairs. Prints JSON, figures in per cent.

`shipped`: the coefficients in the repository. `held_out`: a city's test pairs by a model fitted without any label of
that city. `trigram_distance`: the same fit on trigram similarity and distance alone. `splink`: in an environment of its
own, made for this run; left out with a statement where it can't be installed. Every threshold is chosen on the valid
splits that its model may see. `blocking`: labelled true pairs kept, and candidates a record.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import matching_labelled
import numpy as np
import pandas as pd
from matching_fit import features, fit, split_of
from matching_labelled import METRES_PER_DEGREE, Labelled
from numpy.typing import NDArray

from estate.matching.block import candidates
from estate.matching.context import Context
from estate.matching.fit import best_threshold, f1, fitted
from estate.matching.records import normalised
from estate.matching.score import COLUMN, Model, shipped_model

RIVAL_FEATURES = ("name_trigram", "distance_log", "distance_known")
UV = Path(sys.executable).parent / "uv"


def per_cent(value: float) -> float:
    return round(100 * float(value), 2)


def scores(model: Model, sets: list[Labelled]) -> dict[str, float]:
    """F1 on the test split of each set."""
    found = {}
    for labelled in sets:
        values, same = split_of([labelled], "test")
        found[labelled.name] = per_cent(f1(same, model.probability(values) >= model.threshold))
    return found


def held_out(sets: list[Labelled]) -> dict[str, float]:
    """Each city's test F1 by a model that saw none of its labels."""
    found: dict[str, float] = {}
    for city in sorted({labelled.city for labelled in sets if labelled.name.startswith("geo-er")}):
        model = fit([labelled for labelled in sets if labelled.city != city])
        found |= scores(model, [labelled for labelled in sets if labelled.city == city])
    return found


def only(values: NDArray[np.float64], names: tuple[str, ...]) -> NDArray[np.float64]:
    kept = np.zeros_like(values)
    columns = [COLUMN[name] for name in names]
    kept[:, columns] = values[:, columns]
    return kept


def trigram_distance(sets: list[Labelled]) -> dict[str, float]:
    """The rival that a database offers: trigram similarity and distance, weighed as well as labels allow."""
    values, same = split_of(sets, "train")
    model = fitted(only(values, RIVAL_FEATURES), same, version="rival")
    values, same = split_of(sets, "valid")
    model = replace(model, threshold=best_threshold(model.probability(only(values, RIVAL_FEATURES)), same))
    found = {}
    for labelled in sets:
        values, same = split_of([labelled], "test")
        said = model.probability(only(values, RIVAL_FEATURES)) >= model.threshold
        found[labelled.name] = per_cent(f1(same, said))
    return found


def pairs_of(labelled: Labelled) -> pd.DataFrame:
    """Both records of each pair in one row, as splink's script takes them."""
    frame = labelled.frame.reindex(columns=["name", "address", "postcode", "telephone", "x_m", "y_m"])
    frame["latitude"] = frame["y_m"] / METRES_PER_DEGREE
    frame["longitude"] = frame["x_m"] / METRES_PER_DEGREE / np.cos(np.radians(frame["latitude"]))
    frame["telephone"] = Context(normalised(labelled.frame)).records.telephone
    frame["name"], frame["address"] = frame["name"].str.lower(), frame["address"].str.lower()
    sides = [
        frame.iloc[labelled.pairs[column]].reset_index(drop=True).add_suffix(suffix)
        for column, suffix in (("left", "_l"), ("right", "_r"))
    ]
    rows = labelled.pairs[["same", "split"]].reset_index(drop=True)
    return pd.concat([*sides, rows], axis=1).assign(pair=range(len(rows)))


def splink(sets: list[Labelled]) -> dict[str, float] | str:
    """F1 of splink, one model a set with its labels; a sentence where it can't be run."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "env/bin/python"
        try:
            subprocess.run([UV, "venv", "-q", "--python", sys.executable, f"{folder}/env"], check=True)
            subprocess.run([UV, "pip", "install", "-q", "--python", python, "splink==5.0.0", "pandas"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            return f"skipped: splink could not be installed ({type(error).__name__})"
        try:
            return {labelled.name: splink_f1(labelled, python, Path(folder)) for labelled in sets}
        except subprocess.CalledProcessError as error:
            return f"failed: {error.stderr.decode().strip().splitlines()[-1]}"


def splink_f1(labelled: Labelled, python: Path, folder: Path) -> float:
    pairs = pairs_of(labelled)
    source, target = folder / "pairs.csv", folder / "scores.csv"
    pairs.to_csv(source, index=False)
    script = Path(__file__).with_name("matching_splink.py")
    subprocess.run([python, script, source, target], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    score = (
        pd.read_csv(target).set_index("unique_id_l")["match_probability"].reindex(pairs["pair"]).fillna(0).to_numpy()
    )
    same, split = pairs["same"].to_numpy(dtype=bool), pairs["split"].to_numpy()
    cuts = np.unique(np.quantile(score[split == "valid"], np.linspace(0, 1, 200)))
    best = max(cuts, key=lambda cut: f1(same[split == "valid"], score[split == "valid"] >= cut))
    return per_cent(f1(same[split == "test"], score[split == "test"] >= best))


def blocking(sets: list[Labelled]) -> dict[str, dict[str, float]]:
    """Labelled true pairs that blocking keeps, and candidates a record."""
    found, kept, true = {}, 0, 0
    for labelled in sets:
        count = len(labelled.frame)
        chosen = candidates(Context(normalised(labelled.frame)))
        ends = labelled.pairs.loc[labelled.pairs["same"] == 1, ["left", "right"]].to_numpy()
        keys = np.unique(ends.min(axis=1) * count + ends.max(axis=1))
        hits = int(np.isin(keys, chosen.left * count + chosen.right).sum())
        kept, true = kept + hits, true + len(keys)
        found[labelled.name] = {"kept": per_cent(hits / len(keys)), "per_record": round(len(chosen) / count, 2)}
    return {**found, "all": {"kept": per_cent(kept / true)}}


def mean(figures: dict[str, float]) -> float:
    return round(float(np.mean([value for name, value in figures.items() if name.startswith("geo-er")])), 2)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--no-splink", action="store_true", help="leave the rival out that must be installed")
    chosen = arguments.parse_args()
    sets = matching_labelled.read_all()
    geo = [labelled for labelled in sets if labelled.name.startswith("geo-er")]
    for labelled in sets:
        features(labelled)
    shipped, carried, rival = scores(shipped_model(), sets), held_out(sets), trigram_distance(geo)
    answer: dict[str, object] = {
        "benchmark": "matching_f1",
        "model": shipped_model().version,
        "shipped": {**shipped, "geo_er_mean": mean(shipped)},
        "held_out": {**carried, "geo_er_mean": mean(carried)},
        "trigram_distance": {**rival, "geo_er_mean": mean(rival)},
    }
    other = "skipped: asked to" if chosen.no_splink else splink(sets)
    answer["splink"] = other if isinstance(other, str) else {**other, "geo_er_mean": mean(other)}
    print(json.dumps({**answer, "blocking": blocking(geo)}))


if __name__ == "__main__":
    main()
