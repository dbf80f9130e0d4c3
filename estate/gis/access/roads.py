"""Keeps the road network that an operator loads, and gives it back as arrays, once a process."""

import hashlib
from pathlib import Path

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

import estate.people.models  # noqa: F401  (a command may load nothing else that knows users, whom events name)
from estate import audit
from estate.errors import InvalidInput
from estate.gis.access.models import RoadNetworkFile
from estate.gis.access.network import RoadNetwork
from estate.gis.access.osm import read_roads
from estate.settings import get_settings

CHUNK_BYTES = 1024 * 1024


class RoadsOfAnotherSystem(InvalidInput):
    """The road network was loaded for another coordinate system. Load the extract again with estate roads load."""


def load_roads(session: Session, path: Path, *, source: str, actor: int | None) -> RoadNetworkFile:
    """Store the roads and paths of an OpenStreetMap extract: from now on in force. Raises `UnreadableRoads`."""
    srid = get_settings().metric_srid
    network = read_roads(path, srid)
    row = RoadNetworkFile(
        source=source,
        file_name=path.name,
        file_sha256=_digest(path),
        node_count=len(network.nodes),
        edge_count=len(network.edges),
        length_m=float(network.length_m.sum(dtype=float)),
        srid=srid,
        nodes=network.nodes.astype("<f8").tobytes(),
        edges=network.edges.astype("<i4").tobytes(),
        lengths=network.length_m.astype("<f4").tobytes(),
    )
    session.add(row)
    session.flush()
    changes = {"file_name": row.file_name, "sha256": row.file_sha256, "nodes": row.node_count, "edges": row.edge_count}
    audit.record(
        session, actor=actor, action="loaded", subject_type="road_network_file", subject_id=row.id, changes=changes
    )
    return row


def find_roads(session: Session) -> RoadNetworkFile | None:
    """What is said of the network in force; None where none was loaded."""
    return session.scalars(select(RoadNetworkFile).order_by(RoadNetworkFile.id.desc()).limit(1)).one_or_none()


def network_of(session: Session, roads: RoadNetworkFile) -> RoadNetwork:
    """The network itself; read from the database once a process. Raises `RoadsOfAnotherSystem`."""
    if roads.srid != get_settings().metric_srid:
        raise RoadsOfAnotherSystem
    key = (roads.id, roads.file_sha256)
    if key not in _kept:
        _kept.clear()
        _kept[key] = _read(session, roads.id)
    return _kept[key]


_kept: dict[tuple[int, str], RoadNetwork] = {}
"""The one network in use: it may be many megabytes, so never two."""


def _read(session: Session, roads_id: int) -> RoadNetwork:
    query = select(RoadNetworkFile.nodes, RoadNetworkFile.edges, RoadNetworkFile.lengths)
    nodes, edges, lengths = session.execute(query.where(RoadNetworkFile.id == roads_id)).one()
    return RoadNetwork(
        np.frombuffer(nodes, "<f8").reshape(-1, 2),
        np.frombuffer(edges, "<i4").reshape(-1, 2),
        np.frombuffer(lengths, "<f4"),
    )


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            found.update(piece)
    return found.hexdigest()
