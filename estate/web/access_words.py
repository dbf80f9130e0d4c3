"""What a map of access says in words: headline, notes, distances."""

from typing import Any

import pandas

from estate.gis.access.network import SNAP_M
from estate.web.access_questions import AccessView
from estate.web.as_at import as_it_was, today
from estate.web.filters import counted, day, number, percent


def distance_text(metres: Any) -> str:
    """`840 m`, `2.4 km`; "unknown" where it was not measured."""
    if metres is None or pandas.isna(metres):
        return "unknown"
    if metres < 995:
        return f"{number(round(metres, -1))} m"
    return f"{number(metres / 1000, 1)} km"


def km_text(km: float) -> str:
    """`2 km`, `0.5 km`."""
    return f"{km:g} km"


def counter_text(view: AccessView) -> str:
    """Whose counter: "a counter of Library", "any public counter"."""
    return f"a counter of {view.service_name}" if view.service else "any public counter"


def title_of(view: AccessView) -> str:
    """The page's heading."""
    place = f": {view.area.name}" if view.area else ""
    return f"Further than {km_text(view.km)} from {counter_text(view)}{place}"


def method_text(view: AccessView) -> str:
    """How the distances were measured, as it stands on map, table and files."""
    return "along roads and paths" if view.figures.roads else "in a straight line"


def source_of(view: AccessView) -> str:
    """Method, people and day, as they stand on the map."""
    people = view.figures.people
    return (
        f"Distance {method_text(view)}. People: {people.source}, {people.year}. Counters {as_it_was() or day(today())}"
    )


def headline(view: AccessView) -> list[str]:
    """What the map shows: the sentences before it."""
    total = view.figures.total
    where = f" of {view.area.name}" if view.area else ""
    said = []
    if not len(view.figures.counters):
        said.append(f"No open counter of this kind has a known position, so nobody's distance{where} is known.")
    elif total["residents"]:
        said.append(
            f"{number(total['beyond'])} of {number(total['residents'])} residents{where} "
            f"({percent(total['share'])}) live further than {km_text(view.km)} from {counter_text(view)}, "
            f"{method_text(view)}. "
            f"On average they all live {distance_text(total['mean_m'])} from one."
        )
        said += _highest(view)
    if total["unmeasured"] and len(view.figures.counters):
        said.append(f"{number(total['unmeasured'])} more could not be measured and are in none of these figures.")
    return said


def _highest(view: AccessView) -> list[str]:
    areas = view.figures.areas
    known = areas[areas["share"].notna() & (areas["beyond"] > 0)].sort_values(
        ["share", "name"], ascending=[False, True]
    )
    if len(areas) < 2 or known.empty:
        return []
    top = ", ".join(
        f"{row.name} ({percent(row.share)})" for row in known.head(3)[["name", "share"]].itertuples(index=False)
    )
    return [f"Highest: {top}."]


def closure_text(view: AccessView) -> str:
    """What closing the building would change for those the map is about."""
    total = view.figures.total
    newly = total["newly_beyond"]
    where = f"further than {km_text(view.km)} from {counter_text(view)}"
    if not newly:
        return f"If {view.closing_name} closed, nobody else would live {where}."
    return (
        f"If {view.closing_name} closed, {number(newly)} more residents would live {where}: "
        f"{number(total['beyond'] + newly)} of {number(total['residents'])} "
        f"({percent((total['beyond'] + newly) / total['residents'])})."
    )


def notes_of(view: AccessView) -> list[str]:
    """What a careful reader should know of the figures."""
    figures = view.figures
    people, unknown = figures.people, int(figures.total["unknown_count"])
    synthetic = " They are synthetic: made up for the demo place." if people.is_synthetic else ""
    approximate = int(figures.counters["is_approximate"].sum())
    notes = [
        _method_note(view),
        f"People: {people.source}, {people.year}; {counted(people.used_count, 'small area')}.{synthetic} Everybody is "
        "counted at the one point of their small area.",
        "Counters: teams with a public counter in buildings in use, of agencies that take part. Counters in restricted "
        "records, such as a refuge, are left out for every reader: people may live nearer to one than it says here.",
        "A nearest counter may lie outside the area that is shown.",
        f"The number of people is unknown in {counted(unknown, 'small area')}: they count nowhere." if unknown else "",
        _left_out(figures.unplaced_counters, "has", "have", "no known position"),
        _left_out(figures.counters_off_network, "is", "are", f"further than {SNAP_M:.0f} m from every road"),
        f"{counted(approximate, 'counter')} stand where the postcode is." if approximate else "",
        f"{counted(figures.homes_outside, 'small area')} lie in no {view.level.name.lower()} and are in no figure."
        if figures.homes_outside
        else "",
    ]
    return [note for note in notes if note]


def _left_out(count: int, one: str, several: str, why: str) -> str:
    if not count:
        return ""
    is_one = count == 1
    return (
        f"{counted(count, 'building')} with a counter {one if is_one else several} {why} and "
        f"{'is' if is_one else 'are'} left out."
    )


def _method_note(view: AccessView) -> str:
    roads = view.figures.roads
    if roads is None:
        loaded = " No road network is loaded." if view.method == "roads" else ""
        return f"Method: the straight line. The way there is longer.{loaded}"
    off = view.figures.homes[view.figures.homes["is_off"]]
    cut = view.figures.homes[~view.figures.homes["is_off"] & view.figures.homes["distance_m"].isna()]
    parts = [
        f"Method: the shortest way along roads and paths that may be walked, both ways ({roads.source}, loaded "
        f"{day(roads.created_at)}), with the straight line to the nearest of them.",
        f"{counted(len(off), 'small area')} with {number(off['population'].sum())} residents lie further than "
        f"{SNAP_M:.0f} m from every road and are not measured."
        if len(off)
        else "",
        f"From {counted(len(cut), 'small area')} with {number(cut['population'].sum())} residents no road leads to a "
        "counter: not measured."
        if len(cut) and len(view.figures.counters)
        else "",
    ]
    return " ".join(filter(None, parts))
