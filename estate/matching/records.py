"""Records in the form that blocking and features compare: one array a field, rows in the order given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from estate.matching import normalise
from estate.matching.arrays import Numbers, Rows, Texts

COLUMNS = ("record_id", "source", "kind", "uprn", "name", "address", "postcode", "telephone", "x_m", "y_m")
"""What a frame of records may hold. Only `record_id`, `source` and `name` must be there."""
TEXT_COLUMNS = ("source", "kind", "name", "address", "postcode", "telephone")


@dataclass(frozen=True, eq=False)
class Records:
    """Normalised records. Text is "" where unknown, numbers of houses -1, UPRNs 0, metres NaN."""

    record_id: Rows
    source: Texts
    kind: Texts
    uprn: Rows
    name: Texts
    address: Texts
    street: Texts
    postcode: Texts
    outward: Texts
    telephone: Texts
    number_low: NDArray[np.int32]
    number_high: NDArray[np.int32]
    x_m: Numbers
    y_m: Numbers

    def __len__(self) -> int:
        return len(self.record_id)

    @property
    def has_place(self) -> NDArray[np.bool_]:
        """Which records have coordinates."""
        return np.isfinite(self.x_m)


def joined(parts: Sequence[Records]) -> Records:
    """The records of all parts under one another."""
    return Records(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Records)})


def normalised(frame: pd.DataFrame) -> Records:
    """The rows of `frame` normalised.

    Takes the columns in `COLUMNS`; a missing one is unknown for all. `record_id` is a whole number, `source` the
    organisation, `x_m` and `y_m` metres in one projected system, unknown where NaN or where both are 0.
    """
    missing = {"record_id", "source", "name"} - set(frame.columns)
    if missing:
        raise ValueError(f"records need the columns record_id, source and name; missing: {', '.join(sorted(missing))}")
    raw = {column: text_of(frame, column) for column in TEXT_COLUMNS}
    addresses = each(raw["address"], normalise.address_text)
    postcodes = each(raw["postcode"], normalise.postcode_text)
    numbers = house_numbers(raw["address"], raw["name"])
    x_m, y_m = place_of(frame)
    return Records(
        record_id=frame["record_id"].to_numpy(dtype=np.int64),
        source=raw["source"],
        kind=raw["kind"],
        uprn=uprn_of(frame),
        name=each(raw["name"], normalise.name_text),
        address=addresses,
        street=each(addresses, normalise.street_text),
        postcode=each(postcodes, normalise.full_postcode),
        outward=each(postcodes, normalise.outward_text),
        telephone=each(raw["telephone"], normalise.telephone_text),
        number_low=numbers[:, 0],
        number_high=numbers[:, 1],
        x_m=x_m,
        y_m=y_m,
    )


def uprn_of(frame: pd.DataFrame) -> Rows:
    """The UPRNs of a frame of records, which may be whole numbers already; 0 where unknown."""
    if "uprn" in frame and pd.api.types.is_integer_dtype(frame["uprn"].dtype):
        numbers: Rows = frame["uprn"].to_numpy(dtype=np.int64)
        return numbers
    texts = text_of(frame, "uprn")
    return each(texts, lambda text: int(normalise.uprn_text(text) or 0)).astype(np.int64)


def place_of(frame: pd.DataFrame) -> tuple[Numbers, Numbers]:
    """The metres of a frame of records, NaN where either is unknown or both are 0."""
    x_m, y_m = (_metres(frame, axis) for axis in ("x_m", "y_m"))
    nowhere = ~np.isfinite(x_m) | ~np.isfinite(y_m) | ((x_m == 0) & (y_m == 0))
    return np.where(nowhere, np.nan, x_m), np.where(nowhere, np.nan, y_m)


def text_of(frame: pd.DataFrame, column: str) -> Texts:
    """A column of a frame of records as texts, "" where unknown."""
    if column not in frame:
        return np.full(len(frame), "", dtype=object)
    values = frame[column]
    if isinstance(values.dtype, pd.StringDtype):
        texts: Texts = values.fillna("").to_numpy(dtype=object)
        return texts
    return each(values.to_numpy(dtype=object), str)


def _metres(frame: pd.DataFrame, axis: str) -> Numbers:
    if axis not in frame:
        return np.full(len(frame), np.nan)
    answer: Numbers = pd.to_numeric(frame[axis], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return answer


def each(values: Texts, change: Callable[[str], object]) -> Texts:
    """`change` of every value, computed once for each different value; unknown values count as ""."""
    codes, uniques = pd.factorize(values, use_na_sentinel=False)
    changed = np.empty(len(uniques), dtype=object)
    unknown = pd.isna(uniques)
    changed[:] = [change("" if lost else str(value)) for value, lost in zip(uniques, unknown, strict=True)]
    answer: Texts = changed[codes]
    return answer


def house_numbers(addresses: Texts, names: Texts) -> NDArray[np.int32]:
    """Lowest and highest number, from the address, or else from a name such as "12 High Street"."""
    pairs = each(addresses, normalise.house_numbers)
    numbers = np.array(pairs.tolist(), dtype=np.int32).reshape(-1, 2)
    named = np.array([name[:1].isdigit() for name in names], dtype=bool) & (numbers[:, 0] < 0)
    if named.any():
        numbers[named] = each(names[named], normalise.house_numbers).tolist()
    return numbers
