"""Vector tiles of the register: cells with their sums at low zooms, the buildings themselves at high ones.

What a tile shows is what a list shows the same reader: it is read through the same views (ADR 18). Only the pyramid is
no view: it holds what every partner may see, so it is asked for who sees that, and the reader's own restricted records
are added.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Float,
    Integer,
    Select,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from estate.gis.tiles import DEPTH, EXTENT, Tile
from estate.register.filters import BuildingFilters, filtered_ids, listed_conditions
from estate.register.frames import APPROXIMATE_FIXES
from estate.register.list_pages import prepare
from estate.register.models import Building, BuildingListed, FieldOverride
from estate.register.pyramid import Key, keys_of, stored_zoom
from estate.register.shown import shown
from estate.register.squares import inside, inside_or_near, place_in

POINTS_FROM = 13
"""Zoom from which the buildings themselves are drawn."""
MOST_POINTS = 1500
"""More buildings than this in one tile are drawn as cells at any zoom."""
ACROSS = 5
"""A tile has two to this power of cells along one side: eight pixels each."""
MARGIN = 192
"""Units of a tile around it in which buildings are drawn as well, so that no sign is cut at the edge: 12 pixels."""
LONGEST_NAME = 80

# One row a cell: `i`, its number inside the tile, and the sums.
OF_PYRAMID = """
SELECT (code >> :shift) - :first AS i, sum(building_count) AS n, sum(building_ids) AS ids, sum(area_m2) AS area,
    sum(area_count) AS area_n, sum(annual_cost) AS cost, sum(cost_count) AS cost_n, sum(capacity) AS capacity,
    sum(people) AS people, sum(counted_count) AS counted_n
FROM (
    SELECT code, building_count, building_ids, area_m2, area_count, annual_cost, cost_count, capacity, people,
        counted_count
    FROM map_cell WHERE (kind, key) IN (SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])))
        AND zoom = :stored AND code BETWEEN :low_cell AND :high_cell
    UNION ALL
    SELECT code >> :to_stored, building_count, building_ids, area_m2, area_count, annual_cost, cost_count, capacity,
        people, counted_count
    FROM map_step WHERE code BETWEEN :low AND :high AND {steps}
    {own}) parts
GROUP BY 1 HAVING sum(building_count) > 0
"""
OWN_RESTRICTED = """
    UNION ALL
    SELECT map_code(location) >> :to_stored, 1, id, coalesce(counted_gross_m2, 0), (counted_gross_m2 IS NOT NULL)::int,
        coalesce(annual_cost, 0), (annual_cost IS NOT NULL)::int,
        CASE WHEN people IS NOT NULL THEN coalesce(capacity, 0) ELSE 0 END,
        CASE WHEN capacity IS NOT NULL THEN coalesce(people, 0) ELSE 0 END,
        (capacity IS NOT NULL AND people IS NOT NULL)::int
    FROM building_listed WHERE id IN (SELECT id FROM building WHERE sensitivity IN ('owner', 'secret'))
        AND location IS NOT NULL AND kind <> 'part' AND status IN ('active', 'surplus', 'vacant')
        AND map_code(location) BETWEEN :low AND :high AND {steps}
"""
STEPS: dict[str, str] = {
    "all": "is_usual",
    "agency": "is_usual AND agency_ids @> ARRAY[CAST(:key AS bigint)]",
    "use": "is_usual AND use_class_code = :key",
    "status": "is_usual AND status::text = :key",
    "left_out": "NOT is_usual",
    "class": "NOT is_usual AND asset_class_code = :key",
}
"""The steps, and the rows of the list, that belong to cells of a kind."""
# A square of the tile's own grid for each cell; what is withheld or unknown of all of them is left out.
ENCODED = """
SELECT ST_AsMVT(cells, 'cells', {extent}, 'geometry') FROM (
    SELECT ST_Reverse(ST_MakeEnvelope(x * :side, y * :side, (x + 1) * :side, (y + 1) * :side)) AS geometry, n,
        CASE WHEN n = 1 THEN ids END AS id, area, area_n, cost, cost_n, capacity, people, counted_n
    FROM (SELECT {place}, n::bigint AS n, ids::bigint AS ids,
        CASE WHEN area_n > 0 THEN round(area)::bigint END AS area, nullif(area_n, n)::bigint AS area_n,
        CASE WHEN cost_n > 0 AND :sees_cost THEN round(cost)::bigint END AS cost, nullif(cost_n, n)::bigint AS cost_n,
        CASE WHEN counted_n > 0 THEN round(capacity)::bigint END AS capacity,
        CASE WHEN counted_n > 0 THEN round(people)::bigint END AS people, nullif(counted_n, 0)::bigint AS counted_n
        FROM ({cells}) summed) placed) cells
"""
BY_NUMBER = ", ".join(
    f"({' | '.join(f'((i >> {bit + part}) & {1 << bit})' for bit in range(ACROSS))})::integer AS {name}"
    for part, name in enumerate("xy")
)


@dataclass(frozen=True)
class Reading:
    """With whose eyes, and of what state of the register, a tile is read."""

    version: int
    """Grows with every change of a row of the list in the tile's part of the country."""
    is_partner: bool
    sees_every_field: bool
    sees_cost: bool
    is_past: bool


READING = text("""
SELECT coalesce(sum(change_count), 0)::bigint AS version, seen.reaches_partners() AS is_partner,
    seen.shows_every_field() AS sees_every_field, seen.shows('running_cost') AS sees_cost,
    coalesce(current_setting('estate.as_at', true), '') <> '' AS is_past
FROM map_change WHERE block BETWEEN :first AND :last OR block = ANY (CAST(:others AS bigint[]))
""")


def reading(session: Session, tile: Tile) -> Reading:
    """How `session` reads the tile now."""
    return Reading(**session.execute(READING, blocks_of(tile)).one()._mapping)


def blocks_of(tile: Tile) -> dict[str, Any]:
    """The blocks whose changes are changes of the tile: from `first` to `last`, and `others`."""
    first, last = (code >> 12 for code in tile.codes())
    others = {code >> 12 for code in tile.codes_around()} if tile.zoom >= POINTS_FROM else set()
    return {"first": first, "last": last, "others": sorted(others)}


def tile_bytes(session: Session, tile: Tile, filters: BuildingFilters, how: Reading) -> bytes:
    """The tile as a Mapbox Vector Tile: layers `buildings` and `joined`, or `cells`; empty where nothing lies.

    `buildings` and `joined` (of several records): `id name agency use cost area capacity people is_estimate
    is_approximate`. `cells`: `n` buildings, `id` where it is one, the sums `area cost capacity people`, and of how many
    each is known: `area_n` and `cost_n` where not of all, `counted_n`. Areas in m2, costs in currency a year, of the
    list's year. What is unknown is left out.
    """
    prepare(session)
    if tile.zoom >= POINTS_FROM:
        count, found = _points(session, tile, filters)
        if count <= MOST_POINTS:
            return found
    keys, stored = cells_for(tile, filters, how)
    if keys and stored:
        return _of_pyramid(session, tile, keys, stored, sees_cost=how.sees_cost)
    return _of_rows(session, tile, filters)


def cells_for(tile: Tile, filters: BuildingFilters, how: Reading) -> tuple[list[Key] | None, int | None]:
    """The kinds of stored cells that answer the tile, and their zoom; None where only the buildings can tell."""
    keys = keys_of(filters) if how.is_partner and not how.is_past else None
    return keys, stored_zoom(keys, tile.zoom + ACROSS) if keys else None


def _of_pyramid(session: Session, tile: Tile, keys: list[Key], stored: int, *, sees_cost: bool) -> bytes:
    low, high = tile.codes()
    to_stored, shown_zoom = 2 * (DEPTH - stored), tile.zoom + ACROSS
    steps = "(" + " OR ".join(STEPS[kind] for kind, _ in keys) + ")"
    cells = OF_PYRAMID.format(steps=steps, own=OWN_RESTRICTED.format(steps=steps))
    values = {
        "kinds": [kind for kind, _ in keys],
        "keys": [key for _, key in keys],
        "key": keys[0][1],
        "stored": stored,
        "low_cell": low >> to_stored,
        "high_cell": high >> to_stored,
        "low": low,
        "high": high,
        "to_stored": to_stored,
        "shift": 2 * (stored - shown_zoom),
        "first": tile.code << (2 * ACROSS),
        "side": EXTENT >> ACROSS,
        "sees_cost": sees_cost,
    }
    if ":key" not in steps:
        values.pop("key")
    query = ENCODED.format(extent=EXTENT, place=BY_NUMBER, cells=cells)
    return bytes(session.scalar(text(query), values) or b"")


def _of_rows(session: Session, tile: Tile, filters: BuildingFilters) -> bytes:
    """Cells counted from the buildings themselves."""
    row = BuildingListed
    x, y = (cast(func.floor(part / (EXTENT >> ACROSS)), Integer) for part in place_in(tile))
    last = (1 << ACROSS) - 1
    is_counted = and_(row.people.is_not(None), row.capacity.is_not(None))
    cells = (
        select(
            func.greatest(0, func.least(last, x)).label("x"),
            func.greatest(0, func.least(last, y)).label("y"),
            func.count().label("n"),
            func.min(row.id).label("ids"),
            func.sum(row.counted_gross_m2).label("area"),
            func.count(row.counted_gross_m2).label("area_n"),
            func.sum(row.annual_cost).label("cost"),
            func.count(row.annual_cost).label("cost_n"),
            func.sum(row.capacity).filter(is_counted).label("capacity"),
            func.sum(row.people).filter(is_counted).label("people"),
            func.count().filter(is_counted).label("counted_n"),
        )
        .where(*listed_conditions(filters), *inside(tile))
        .group_by(literal_column("1"), literal_column("2"))
    )
    found = cells.subquery("summed").c
    known = {"area": found.area_n, "cost": found.cost_n, "capacity": found.counted_n, "people": found.counted_n}
    side = EXTENT >> ACROSS
    box = func.ST_MakeEnvelope(found.x * side, found.y * side, (found.x + 1) * side, (found.y + 1) * side)
    placed = select(
        func.ST_Reverse(box).label("geometry"),
        cast(found.n, BigInteger).label("n"),
        case((found.n == 1, found.ids)).label("id"),
        *(cast(func.round(found[name]), BigInteger).label(name) for name in known),
        func.nullif(found.area_n, found.n).label("area_n"),
        func.nullif(found.cost_n, found.n).label("cost_n"),
        func.nullif(found.counted_n, 0).label("counted_n"),
    ).subquery("cells")
    return bytes(session.scalar(select(_encoded("cells")).select_from(placed)) or b"")


def _points(session: Session, tile: Tile, filters: BuildingFilters) -> tuple[int, bytes]:
    """How many buildings are in the tile or at its edge, up to one more than `MOST_POINTS`; and these.

    Those of one record are encoded at once; of the others it takes the rules of `shown` to know what they show.
    """
    row, record = BuildingListed, Building
    x, y = place_in(tile)
    near = (
        select(row.id)
        .where(*listed_conditions(filters), inside_or_near(tile))
        .where(x.between(-MARGIN, EXTENT + MARGIN), y.between(-MARGIN, EXTENT + MARGIN))
        .limit(MOST_POINTS + 1)
        .cte("near")
    )
    is_joined = or_(record.canonical_id.is_not(None), exists().where(FieldOverride.building_id == record.id))
    of_one = _signs(tile, record.name, record.fix_source).join(near, near.c.id == row.id).where(~is_joined)
    joined = select(record.id).join(near, near.c.id == record.id).where(is_joined).subquery("joined")
    drawn = of_one.subquery("buildings")
    count, content, joined_ids = session.execute(
        select(
            select(func.count()).select_from(near).scalar_subquery(),
            select(_encoded("buildings")).select_from(drawn).scalar_subquery(),
            select(func.array_agg(joined.c.id)).scalar_subquery(),
        )
    ).one()
    content = bytes(content or b"")
    return int(count), content + _joined(session, tile, joined_ids) if joined_ids else content


def _joined(session: Session, tile: Tile, building_ids: list[int]) -> bytes:
    """The layer `joined`: buildings of several records, or of which somebody chose a value."""
    # Planning the rules takes far longer than following them: one plan serves every tile of a connection.
    session.execute(text("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)"))
    wanted = BuildingListed.id == any_(cast(bindparam("ids", building_ids), ARRAY(BigInteger)))
    drawn = _signs(tile, shown(Building.name), shown(Building.fix_source, "location")).where(wanted).subquery("joined")
    return bytes(session.scalar(select(_encoded("joined")).select_from(drawn)) or b"")


def _signs(tile: Tile, name: Any, fix_source: Any) -> Select[Any]:
    """What a tile says of each building."""
    row = BuildingListed
    x, y = (cast(func.round(part), Integer) for part in place_in(tile))
    approximate = sorted(APPROXIMATE_FIXES, key=lambda found: found.value)
    query: Select[Any] = select(
        func.ST_MakePoint(x, y).label("geometry"),
        row.id,
        func.left(name, LONGEST_NAME).label("name"),
        row.agency_id.label("agency"),
        row.use_class_code.label("use"),
        cast(func.round(row.annual_cost), BigInteger).label("cost"),
        cast(func.round(row.counted_gross_m2), BigInteger).label("area"),
        row.capacity,
        cast(row.people, Float).label("people"),
        func.nullif(func.coalesce(row.is_estimate, False), False).label("is_estimate"),
        func.nullif(func.coalesce(fix_source.in_(approximate), False), False).label("is_approximate"),
    ).join(Building, Building.id == row.id)
    return query


def _encoded(name: str) -> ColumnElement[Any]:
    return func.ST_AsMVT(literal_column(f"{name}.*"), name, EXTENT, "geometry")


def are_more_than(session: Session, filters: BuildingFilters, limit: int) -> bool:
    """True where the filters let more buildings through than `limit`."""
    prepare(session)
    some = filtered_ids(filters).limit(limit + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > limit
