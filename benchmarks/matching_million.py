"""CPU seconds and memory of matching 1,000,000 synthetic records, and of an import of 5,000 against them. Prints JSON.

Limits: the full match within 10 CPU-minutes and 4 GiB; the import within 30 s, cold (everything normalised anew) and
warm (the known records kept in memory); at most 3 candidates a record.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from estate.matching.bands import Band
from estate.matching.block import candidates
from estate.matching.context import Context
from estate.matching.match import matched
from estate.matching.records import joined, normalised

IMPORTED = 5_000
GENERATOR = Path(__file__).with_name("matching_synthetic.py")


def peak_gib() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


def records_of(count: int) -> pd.DataFrame:
    """`count` records from the command that generates them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.csv"
        subprocess.run([sys.executable, GENERATOR, str(count), file], check=True, stdout=subprocess.DEVNULL)
        text = {"uprn": str, "postcode": str, "address": str, "name": str, "source": str}
        return pd.read_csv(file, dtype=text, keep_default_na=False, na_values={"x_m": [""], "y_m": [""]})


class Clock:
    def __init__(self) -> None:
        self.started = time.process_time(), time.monotonic()

    def read(self, name: str) -> dict[str, float]:
        """CPU and wall seconds since the start."""
        cpu, wall = time.process_time() - self.started[0], time.monotonic() - self.started[1]
        return {f"{name}_cpu_s": round(cpu, 1), f"{name}_wall_s": round(wall, 1)}


def full_match(frame: pd.DataFrame) -> dict[str, object]:
    clock = Clock()
    context = Context(normalised(frame))
    pairs = matched(context)
    answer: dict[str, object] = {**clock.read("full_match"), "peak_gib": peak_gib(), "pairs": len(pairs)}
    truth = frame["truth"].to_numpy()
    place = pd.Index(frame["record_id"])
    low, high = (truth[place.get_indexer(pairs[side])] for side in ("low_id", "high_id"))
    across = frame.groupby("truth")["source"].nunique()
    answer["candidates_per_record"] = round(len(pairs) / len(frame), 2)
    answer["true_pairs_kept_percent"] = round(100 * (low == high).sum() / (across * (across - 1) // 2).sum(), 2)
    answer["bands"] = {band.name.lower(): int((pairs["band"] == band).sum()) for band in Band}
    automatic = (pairs["band"] == Band.AUTO).to_numpy()
    answer["automatic_wrong"] = int((automatic & (low != high)).sum())
    return answer


def import_match(known: pd.DataFrame, new: pd.DataFrame) -> dict[str, object]:
    clock = Clock()
    kept = normalised(known)
    wanted = np.arange(len(known) + len(new)) >= len(known)
    pairs = matched(Context(joined([kept, normalised(new)]), wanted))
    answer: dict[str, object] = {**clock.read("import_cold"), "import_pairs": len(pairs)}
    clock = Clock()
    context = Context(joined([kept, normalised(new)]), wanted)
    candidates(context)
    answer |= clock.read("import_blocking_warm")
    clock = Clock()
    matched(Context(context.records, wanted))
    return answer | clock.read("import_warm")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=1_000_000)
    count = arguments.parse_args().records
    frame = records_of(count + IMPORTED)
    new = frame.iloc[count:].assign(source="agency of the import")
    known = frame.iloc[:count]
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    figures = {"benchmark": "matching_million", "machine": machine, "records": count}
    print(json.dumps({**figures, **full_match(known), **import_match(known, new)}))


if __name__ == "__main__":
    main()
