"""A register of a million made-up buildings, for the benchmarks that ask questions of one: made once, then kept.

Agencies, uses, statuses, tenures, leases, gaps, districts and wards in the proportions of a large county; one building
in fifty is reported by two agencies and joined. A tenth was changed later by one change set, so that the past differs.

With `--spread uk` the buildings lie in the real wards of the United Kingdom, as many in each, and the real districts
and wards take the place of the made-up ones.

    python benchmarks/million.py make [--buildings 1000000] [--spread uk --name estate_tiles]
    python benchmarks/million.py drop [--name estate_tiles]
"""

import argparse
import contextlib
import io
import json
import os
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

NAME = "estate_million"
AGENCIES = 60
WORDS = (
    "{Town,Old,New,Saint,North,South,Victoria,Albert,Park,Market,Station,Church,Mill,River,Bridge,Castle,Queen,Abbey,"
    "Grange,Moor}"
)
KINDS = "{Hall,Library,Depot,Centre,School,Clinic,Office,House,Surgery,Station,Store,Lodge,College,Court,Yard}"
STREETS = "{High Street,Church Lane,Mill Road,Station Road,Park Avenue,Victoria Street,London Road,The Green,New Road}"
TOWNS = "{Altrincham,Bolton,Bury,Leigh,Manchester,Oldham,Rochdale,Sale,Salford,Stockport,Stretford,Urmston,Wigan}"
BUILDINGS = f"""
INSERT INTO building (agency_id, name, uprn, street, post_town, postcode, location, fix_source, use_class_code, status,
    gross_internal_area_m2, net_internal_area_m2, is_listed, is_protected, version, retired_at, recorded_at)
SELECT (ARRAY(SELECT id FROM agency ORDER BY id))[1 + (m % {AGENCIES})],
    (CAST('{WORDS}' AS text[]))[1 + h1 % 20] || ' ' || (CAST('{KINDS}' AS text[]))[1 + h2 % 15] || ' ' || substr(md5(n::text), 1, 6),
    CASE WHEN h1 % 8 > 0 THEN (10000000000 + n)::text END,
    h3 % 300 + 1 || ' ' || (CAST('{STREETS}' AS text[]))[1 + h3 % 9],
    (CAST('{TOWNS}' AS text[]))[1 + (n / 1000 * 13 / 1000)],
    CASE WHEN h2 % 20 > 0 THEN 'M' || n / 11000 || ' ' || h1 % 9 + 1 || chr(65 + h2 % 26) || chr(65 + h3 % 26) END,
    CASE WHEN h3 % 50 > 0 THEN %PLACE% END,
    CASE WHEN h3 % 50 > 0 THEN 'coordinates'::fixsource END,
    CASE WHEN h1 % 25 > 0 THEN uses.codes[1 + h2 / 7 % cardinality(uses.codes)] END,
    CASE WHEN h2 % 100 < 90 THEN 'active' WHEN h2 % 100 < 94 THEN 'vacant' WHEN h2 % 100 < 96 THEN 'surplus'
        WHEN h2 % 100 < 99 THEN 'disposed' ELSE 'retired' END::buildingstatus,
    CASE WHEN h1 % 10 > 0 THEN 50 + h2 % 9000 END, CASE WHEN h1 % 5 > 0 THEN 40 + h3 % 8000 END, false, false, 1,
    CASE WHEN h2 % 100 = 99 THEN now() END, now()
FROM (SELECT n, n * :agencies / :count + h3 % 20 AS m, h1, h2, h3 FROM (
    SELECT n, abs(hashint8(n)) AS h1, abs(hashint8(n + 7000000)) AS h2, abs(hashint8(n + 17000000)) AS h3
    FROM generate_series(0, :count - 1) n) hashed) numbered
CROSS JOIN (SELECT array_agg(code ORDER BY sort) AS codes FROM use_class WHERE asset_class_code = 'operational') uses
"""  # noqa: E501
ON_A_GRID = "ST_SetSRID(ST_MakePoint(-2.7 + (n % 1000) * 0.0008, 53.3 + n / 1000 * 0.0004), 4326)"
IN_A_WARD = "(SELECT place FROM spot WHERE spot.n = numbered.n)"
SPOTS = """
CREATE TEMPORARY TABLE spot ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY code, path) - 1 AS n, place FROM (
    SELECT code, (dumped).path[1], (dumped).geom AS place FROM (
        SELECT code, ST_Dump(ST_GeneratePoints(geometry, :in_each, 1)) AS dumped FROM area
        WHERE level_code = 'ward') made) ordered
"""
WARDS = Path(__file__).resolve().parents[2] / "shared" / "data" / "boundaries" / "uk_wards_2025.gpkg"
PARTS = (
    """
    INSERT INTO running_cost (building_id, agency_id, category_code, year_start, amount, is_estimate, source, version)
    SELECT id, agency_id, 'energy', year, 500 + abs(hashint8(id + year)) % 90000, id % 10 = 0, 'made up', 1
    FROM building CROSS JOIN (VALUES (2023), (2024)) y(year)
    WHERE abs(hashint8(id)) % 10 > 2 OR year = 2023 AND id % 2 = 0
    """,
    """
    INSERT INTO interest (building_id, agency_id, tenure, lease_start_on, lease_end_on, break_on, version)
    SELECT id, agency_id, CASE WHEN h % 10 < 6 THEN 'freehold' WHEN h % 10 < 9 THEN 'leasehold'
        WHEN h % 100 = 99 THEN 'pfi' ELSE 'licence' END::tenure, CASE WHEN h % 10 > 5 THEN current_date - 9000 END,
        CASE WHEN h % 10 > 5 THEN current_date + (h / 100 % 7000 - 400)::integer END,
        CASE WHEN h % 50 = 49 THEN current_date + (h / 100 % 7000 - 900)::integer END, 1
    FROM (SELECT id, agency_id, abs(hashint8(id + 3)) AS h FROM building) b
    """,
    """
    INSERT INTO area (level_code, code, name, valid_from, source, geometry)
    SELECT 'district', 'D' || n, 'District ' || n, '2025-01-01', 'made up',
        ST_Multi(ST_MakeEnvelope(-2.71, 53.29 + n * 0.042, -1.89, 53.332 + n * 0.042, 4326))
    FROM generate_series(0, 9) n
    """,
    """
    INSERT INTO area (level_code, code, name, valid_from, source, geometry)
    SELECT 'ward', 'W' || x || '-' || y, 'Ward ' || x || '-' || y, '2025-01-01', 'made up',
        ST_Multi(ST_MakeEnvelope(-2.71 + x * 0.0547, 53.29 + y * 0.021, -2.71 + (x + 1) * 0.0547, 53.29 + (y + 1) * 0.021, 4326))
    FROM generate_series(0, 14) x, generate_series(0, 19) y
    """,  # noqa: E501
    """
    INSERT INTO match_decision (low_id, high_id, verdict, basis, features, reason)
    SELECT id - 1, id, 'same', 'auto', '{}', 'made up' FROM building WHERE id % 100 = 0 AND status <> 'retired'
        AND (id - 1) IN (SELECT id FROM building WHERE status <> 'retired')
    """,
    """
    UPDATE building b SET canonical_id = d.low_id FROM match_decision d WHERE b.id IN (d.low_id, d.high_id)
    """,
)
CHANGES = (
    "UPDATE building SET name = 'New ' || name, version = 2 WHERE id % 100 < 10",
    "UPDATE running_cost SET amount = amount * 2, version = 2 WHERE building_id % 100 < 10",
)


def load_wards(session: Session) -> None:
    """The real wards of the United Kingdom, and the districts that they make up."""
    import geopandas

    from estate.gis.boundaries.load import BoundaryFile, load_boundaries
    from estate.gis.boundaries.tidy import Columns

    wards = geopandas.read_file(WARDS)[["WD25CD", "WD25NM", "LAD25CD", "LAD25NM", "geometry"]]
    districts = wards.dissolve("LAD25CD").reset_index()[["LAD25CD", "LAD25NM", "geometry"]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "districts.gpkg")
        districts.to_file(path)
        for file, level, columns in (
            (path, "district", Columns("LAD25CD", "LAD25NM", None)),
            (WARDS, "ward", Columns("WD25CD", "WD25NM", "LAD25CD")),
        ):
            load_boundaries(session, BoundaryFile(file, level, columns, date(2025, 1, 1), "ONS"), actor=None)


def fill(session: Session, count: int, *, is_uk: bool = False) -> None:
    """Make the buildings and all that belongs to them."""
    from estate.people.accounts import create_agency
    from estate.register.areas import assign_areas

    for number in range(AGENCIES):
        create_agency(session, f"Agency {number:02d}", "council", actor=None)
    if is_uk:
        load_wards(session)
        wards = session.scalar(text("SELECT count(*) FROM area WHERE level_code = 'ward'")) or 1
        session.execute(text(SPOTS), {"in_each": -(-count // wards)})
        session.execute(text("CREATE INDEX ON spot (n)"))
        session.execute(text("ANALYZE spot"))
    else:
        levels = "('district', 'District', 'Districts', 40), ('ward', 'Ward', 'Wards', 50)"
        session.execute(text(f"INSERT INTO boundary_level VALUES {levels} ON CONFLICT DO NOTHING"))
    buildings = BUILDINGS.replace("%PLACE%", IN_A_WARD if is_uk else ON_A_GRID)
    session.execute(text(buildings), {"count": count, "agencies": AGENCIES})
    for statement in PARTS:
        if is_uk and "INSERT INTO area" in statement:
            continue
        session.execute(text("ANALYZE building"))
        session.execute(text(statement))
    session.execute(text("ANALYZE"))
    assign_areas(session)


def url_of(name: str = NAME) -> str:
    """The address of a database of the embedded cluster; makes it the configured one."""
    from estate import embedded
    from estate.settings import get_settings

    settings = get_settings()
    embedded.start(settings)
    os.environ["DATABASE_URL"] = url = settings.embedded_url(name)
    get_settings.cache_clear()
    return url


def make(count: int, name: str = NAME, *, is_uk: bool = False) -> dict[str, Any]:
    """Make the register; gives seconds, and the moment before a tenth of it changed."""
    from alembic import command
    from alembic.config import Config

    from estate import embedded
    from estate.db import bind_sessions, make_engine, make_session
    from estate.register.areas import assign_areas
    from estate.register.as_at import begin_change_set
    from estate.register.listed import tidy_indexes
    from estate.settings import ROOT, get_settings

    embedded.create_database(get_settings(), name)
    engine = make_engine(url_of(name))
    with contextlib.redirect_stdout(io.StringIO()):
        command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), "head")
    bind_sessions(engine)
    start = time.perf_counter()
    with make_session.begin() as session:
        fill(session, count, is_uk=is_uk)
    filled = time.perf_counter()
    with make_session.begin() as session:
        moment = session.scalar(text("SELECT clock_timestamp()"))
    with make_session.begin() as session:
        begin_change_set(session, "import:1")
        for statement in CHANGES:
            session.execute(text(statement))
        changed = session.scalars(text("SELECT id FROM building WHERE id % 100 < 10")).all()
        assign_areas(session, changed)
    with make_session.begin() as session:
        tidy_indexes(session)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    taken = {"fill_s": round(filled - start, 1), "change_a_tenth_s": round(time.perf_counter() - filled, 1)}
    return {"database": name, "buildings": count, **taken, "moment_before": moment.isoformat()}


def past_moment(session: Session) -> Any:
    """The moment before the change set."""
    return session.scalar(text("SELECT min(superseded_at) - interval '1 millisecond' FROM history.running_cost"))


def main() -> None:
    """Make or drop the register."""
    from estate import embedded
    from estate.settings import get_settings

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deed", choices=["make", "drop"])
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--spread", choices=["grid", "uk"], default="grid")
    parser.add_argument("--name", default=NAME)
    options = parser.parse_args()
    if options.deed == "drop":
        embedded.drop_database(get_settings(), options.name)
    else:
        print(json.dumps(make(options.buildings, options.name, is_uk=options.spread == "uk")))


if __name__ == "__main__":
    main()
