"""Synthetic records of public buildings for speed tests: `python benchmarks/matching_synthetic.py 1000000 FILE.csv`.

Made up by a seeded generator: towns, streets, buildings of some sixty kinds, each reported by one to four agencies with
their own spelling, gaps and errors of position; one housing stock in which hundreds of homes share a place.
"""

import argparse
import json

import numpy as np
import pandas as pd
from numpy.typing import NDArray

KINDS = [
    "Library",
    "Town Hall",
    "Fire Station",
    "Police Station",
    "Health Centre",
    "Medical Centre",
    "Primary School",
    "High School",
    "Day Centre",
    "Leisure Centre",
    "Community Centre",
    "Youth Centre",
    "Children's Centre",
    "Depot",
    "Offices",
    "Court",
    "Jobcentre",
    "Probation Office",
    "Hospital",
    "Clinic",
    "Surgery",
    "Dental Practice",
    "Pharmacy",
    "Museum",
    "Theatre",
    "Archive",
    "Nursery",
    "Family Hub",
    "Care Home",
    "Hostel",
    "Car Park",
    "Market Hall",
    "Pavilion",
    "Cemetery Lodge",
    "Swimming Baths",
    "Sports Hall",
    "Training Centre",
    "College",
    "Academy",
    "Ambulance Station",
    "Civic Centre",
    "Register Office",
    "Customer Centre",
    "Resource Centre",
    "Workshop",
    "Store",
    "Garage",
    "Chapel",
    "Village Hall",
    "Social Club",
    "Sheltered Housing",
    "Extra Care Scheme",
    "Respite Unit",
    "Contact Centre",
    "Enterprise Centre",
]
STREETS = ["Road", "Street", "Avenue", "Lane", "Drive", "Close", "Way", "Terrace", "Crescent", "Grove"]
SHORT = {"Road": "Rd", "Street": "St", "Avenue": "Ave", "Lane": "Ln", "Drive": "Dr", "Close": "Cl", "Centre": "Ctr"}
SYLLABLES = [
    "al",
    "bar",
    "cam",
    "den",
    "el",
    "fen",
    "gor",
    "hal",
    "kin",
    "lan",
    "mar",
    "nor",
    "os",
    "pen",
    "ros",
    "sal",
    "tor",
    "ul",
    "ver",
    "wen",
    "brad",
    "cot",
    "ding",
    "ham",
]
AGENCIES = 30
SIZE_M = 300_000
TOWN_SPREAD_M = 1_800
PER_TOWN = 600
HOMES_SHARE = 0.05
Texts = NDArray[np.object_]


def words(rng: np.random.Generator, count: int) -> Texts:
    """Made-up place names."""
    made = ["".join(rng.choice(SYLLABLES, rng.integers(2, 4))).capitalize() for _ in range(count)]
    return np.array(made, dtype=object)


def buildings(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """True buildings, a few of them large blocks of homes."""
    towns = max(count // PER_TOWN, 1)
    town = rng.integers(0, towns, count)
    centre = rng.uniform(0, SIZE_M, (towns, 2))
    place = np.round(centre[town] + rng.normal(0, TOWN_SPREAD_M, (count, 2)), 1)
    names, town_names = words(rng, 6000), words(rng, towns)
    streets = np.char.add(np.char.add(names[rng.integers(0, 6000, count)].astype(str), " "), rng.choice(STREETS, count))
    cell = (place // 120).astype(np.int64)
    inward = (cell[:, 0] * 31 + cell[:, 1] * 17) % 4000
    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))
    area = [f"{letters[t // 400 % 20]}{letters[t // 20 % 20]}{t % 90 + 1}" for t in range(towns)]
    unit = [f"{u // 400}{letters[u // 20 % 20]}{letters[u % 20]}" for u in range(4000)]
    postcode = [f"{area[t]} {unit[u]}" for t, u in zip(town.tolist(), inward.tolist(), strict=True)]
    kind = rng.integers(0, len(KINDS), count)
    return pd.DataFrame(
        {
            "name": names[rng.integers(0, 6000, count)] + " " + np.array(KINDS, dtype=object)[kind],
            "number": rng.integers(1, 200, count),
            "street": streets.astype(object),
            "town": town_names[town],
            "postcode": np.array(postcode, dtype=object),
            "uprn": rng.permutation(count) + 100_000_000_000 // 7,
            "x_m": place[:, 0],
            "y_m": place[:, 1],
        }
    )


def records(count: int, seed: int = 1) -> pd.DataFrame:
    """`count` records of the agencies, with `truth`, the number of the building each speaks of."""
    rng = np.random.default_rng(seed)
    homes = int(count * HOMES_SHARE)
    true = buildings(rng, int((count - homes) / 1.5) + 1)
    reports = rng.choice([1, 2, 3, 4], len(true), p=[0.64, 0.25, 0.08, 0.03])
    truth = np.repeat(np.arange(len(true)), reports)[: count - homes]
    frame = true.iloc[truth].reset_index(drop=True)
    turn = np.arange(len(truth)) - np.searchsorted(truth, truth)
    frame["source"] = [
        f"agency {(7 * t + k * 11) % AGENCIES}" for t, k in zip(truth.tolist(), turn.tolist(), strict=True)
    ]
    frame["name"] = [_spelt(name, chance) for name, chance in zip(frame["name"], rng.random(len(frame)), strict=True)]
    frame["address"] = _addresses(frame, rng)
    frame.loc[rng.random(len(frame)) < 0.4, "postcode"] = ""
    frame["uprn"] = np.where(rng.random(len(frame)) < 0.6, frame["uprn"].astype(str), "")
    error_m = rng.exponential(25, len(frame)) * np.where(rng.random(len(frame)) < 0.03, 8, 1)
    angle = rng.uniform(0, 2 * np.pi, len(frame))
    lost = np.where(rng.random(len(frame)) < 0.1, np.nan, 1.0)
    frame["x_m"], frame["y_m"] = (frame["x_m"] + error_m * np.cos(angle)) * lost, frame["y_m"] + error_m * np.sin(angle)
    frame["truth"] = truth
    whole = pd.concat([frame, _homes(rng, count - len(frame), true, len(true))], ignore_index=True)
    whole = whole.sample(frac=1, random_state=seed, ignore_index=True)
    whole["record_id"] = np.arange(len(whole)) + 1
    return whole[["record_id", "source", "name", "address", "postcode", "uprn", "x_m", "y_m", "truth"]]


def _spelt(name: str, chance: float) -> str:
    """A name as one agency writes it."""
    first, _, kind = name.partition(" ")
    if chance < 0.5:
        return name
    if chance < 0.62:
        return f"{first} {SHORT.get(kind.split()[-1], kind)}" if " " not in kind else f"{first} {kind.split()[0]}"
    if chance < 0.74:
        return f"The {name}".upper()
    if chance < 0.84:
        return name[: len(first) - 1] + name[len(first) :]
    return f"{kind} - {first}" if chance < 0.93 else kind


def _addresses(frame: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    style = rng.random(len(frame))
    rows = zip(frame["number"].tolist(), frame["street"].tolist(), frame["town"].tolist(), style.tolist(), strict=True)
    return [_address(number, street, town, chance) for number, street, town, chance in rows]


def _address(number: int, street: str, town: str, chance: float) -> str:
    name, _, kind = street.rpartition(" ")
    if chance < 0.15:
        return ""
    if chance < 0.4:
        return f"{street}, {town}"
    return f"{number} {name} {SHORT.get(kind, kind)}" if chance < 0.6 else f"{number} {street}, {town}"


def _homes(rng: np.random.Generator, count: int, true: pd.DataFrame, first: int) -> pd.DataFrame:
    """Homes of 32 landlords: up to 300 flats share the point, street and UPRN of a block."""
    block = rng.integers(0, max(count // 120, 1), count)
    place = true.iloc[rng.integers(0, len(true), int(block.max(initial=0)) + 1)].reset_index(drop=True)
    frame = place.iloc[block].reset_index(drop=True)
    flat = np.arange(count) % 300 + 1
    frame["source"] = [f"landlord {number % 32}" for number in (block + flat % 2).tolist()]
    frame["name"] = [f"Flat {n} {street} House" for n, street in zip(flat.tolist(), frame["street"], strict=True)]
    frame["address"] = [f"Flat {n}, {street}" for n, street in zip(flat.tolist(), frame["street"], strict=True)]
    frame["uprn"] = frame["uprn"].astype(str)
    frame["truth"] = first + np.arange(count)
    return frame


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("count", type=int)
    arguments.add_argument("file")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    records(chosen.count, chosen.seed).to_csv(chosen.file, index=False)
    print(json.dumps({"records": chosen.count, "file": chosen.file, "seed": chosen.seed}))


if __name__ == "__main__":
    main()
