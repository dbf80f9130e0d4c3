"""What a proposal was told, from the user's options to the solver's rules, and back into sentences for the page."""

from dataclasses import replace

from sqlalchemy.orm import Session

from estate.gis.small_areas.current import find_current_set, small_areas_frame
from estate.optimise import Problem
from estate.optimise.no_plan import list_told
from estate.optimise.rules import Access, Counter, DemandPoint, Rules
from estate.proposals.errors import NoPeopleToServe
from estate.proposals.figures import UNNAMED_SERVICE
from estate.proposals.options import Options
from estate.proposals.rows import BuildingRows
from estate.register.access.counters import counters_frame


def rules_for(session: Session, options: Options, rows: list[BuildingRows], level_code: str) -> Rules:
    """The rules of the options, with the people near the buildings where access to counters is one of them.

    Raises `NoPeopleToServe` where access is asked for and no population of small areas was loaded.
    """
    if options.access_m is None:
        return options.rules
    people = find_current_set(session)
    if people is None:
        raise NoPeopleToServe
    frame = small_areas_frame(session, people.id, level_code)
    places = [(row.x_m, row.y_m) for row in rows]
    if places:
        reach = options.access_m
        west, south = (min(place[axis] for place in places) - reach for axis in (0, 1))
        east, north = (max(place[axis] for place in places) + reach for axis in (0, 1))
        frame = frame[frame["x"].between(west, east) & frame["y"].between(south, north)]
    points = tuple(
        DemandPoint(round(x, 1), round(y, 1), None if population != population else population)
        for x, y, population in frame[["x", "y", "population"]].astype(float).itertuples(index=False)
    )
    counters = counters_frame(session, None)
    elsewhere = counters[~counters["building_id"].isin([row.building.id for row in rows]) & counters["x"].notna()]
    others = tuple(
        Counter(round(x, 1), round(y, 1), code or UNNAMED_SERVICE)
        for x, y, code in elsewhere[["x", "y", "service_code"]].itertuples(index=False)
    )
    return replace(options.rules, access=Access(options.access_m, points, others, options.access_fall_ratio))


def told_sentences(problem: Problem) -> list[str]:
    """What the proposal was told, a line each."""
    return [told.words[:1].upper() + told.words[1:] for told in list_told(problem)]
