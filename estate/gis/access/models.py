"""The road network that an operator loaded, as arrays."""

from sqlalchemy import CheckConstraint, Float, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from estate.db import Base, CreatedAt, Id


class RoadNetworkFile(Base):
    """The roads and paths of one OpenStreetMap extract. The one loaded last is in force."""

    __tablename__ = "road_network_file"
    __table_args__ = (
        CheckConstraint("btrim(source) <> ''", name="has_source"),
        CheckConstraint("node_count > 0 AND edge_count > 0", name="is_not_empty"),
    )
    id: Mapped[Id]
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    file_sha256: Mapped[str] = mapped_column(Text)
    node_count: Mapped[int]
    edge_count: Mapped[int]
    length_m: Mapped[float] = mapped_column(Float(53))
    """All roads and paths together, in metres."""
    srid: Mapped[int] = mapped_column(Integer)
    """The metric system of `nodes`."""
    nodes: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """float64, easting and northing of each node."""
    edges: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """int32, the two nodes that each edge joins."""
    lengths: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """float32, metres of each edge."""
    created_at: Mapped[CreatedAt]
