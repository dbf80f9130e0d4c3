"""The rival splink on labelled pairs; run by matching_f1.py with the Python of an environment of its own.

Takes a CSV of pairs (both records of a pair in one row, `same`, `split`) and writes the match probability of each. The
m-probabilities come from the true pairs of the train split, the u-probabilities from its false pairs' random sample.
"""

import sys

import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator

FIELDS = ("name", "address", "postcode", "latitude", "longitude", "telephone")


def side_of(pairs: pd.DataFrame, side: str) -> pd.DataFrame:
    """The records of one side, one a pair, empty text as unknown."""
    frame = pairs[[f"{field}_{side}" for field in FIELDS]].set_axis(FIELDS, axis=1)
    return frame.replace("", None).assign(unique_id=pairs["pair"], pair=pairs["pair"])


def linker_of(pairs: pd.DataFrame) -> Linker:
    comparisons = [
        cl.JaroWinklerAtThresholds("name", [0.97, 0.92, 0.85, 0.75]),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.85, 0.7]),
        cl.ExactMatch("postcode"),
    ]
    if pairs["latitude_l"].notna().any():
        comparisons.append(cl.DistanceInKMAtThresholds("latitude", "longitude", [0.02, 0.05, 0.1, 0.2, 0.5]))
    if (pairs["telephone_l"] != "").any():
        comparisons.append(cl.ExactMatch("telephone"))
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=["l.pair = r.pair"],
        probability_two_random_records_match=float(pairs.loc[pairs["split"] == "train", "same"].mean()),
    )
    database = DuckDBAPI()
    tables = [
        database.register(side_of(pairs, side), dataset_display_name=name) for side, name in (("l", "a"), ("r", "b"))
    ]
    return Linker(tables, settings)


def main() -> None:
    source, target = sys.argv[1:]
    pairs = pd.read_csv(source, dtype={"telephone_l": str, "telephone_r": str}, keep_default_na=False)
    for column in ("latitude_l", "latitude_r", "longitude_l", "longitude_r"):
        pairs[column] = pd.to_numeric(pairs[column], errors="coerce")
    linker = linker_of(pairs)
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    true = pairs.loc[(pairs["split"] == "train") & (pairs["same"] == 1), "pair"]
    labels = pd.DataFrame({"source_dataset_l": "a", "unique_id_l": true, "source_dataset_r": "b", "unique_id_r": true})
    linker.training.estimate_m_from_pairwise_labels(linker.table_management.register_table(labels, "labels"))
    found = linker.inference.predict().as_pandas_dataframe()
    found[["unique_id_l", "match_probability"]].to_csv(target, index=False)


if __name__ == "__main__":
    main()
