"""GDAL cut down to the drivers that a reader needs, without network, plug-ins or extensions.

GDAL looks at the content, not at the name: with its other drivers a VRT in disguise reads any file of the server and
fetches addresses. So the drivers are skipped before GDAL is loaded, and afterwards it is asked whether they are gone.
"""

import os
from collections.abc import Collection

from estate.sandbox import UnreadableFile

NAMES = """
ADBC AIVector AVCBin AVCE00 AmigoCloud CSV CSW Carto DGN DXF EDIGEO EEDA ESRIJSON Elasticsearch FlatGeobuf GDALG GML
GPKG GPSBabel GPX GTFS GeoJSON GeoJSONSeq GeoRSS HTTP Idrisi JML JSONFG KML LIBKML LVBAG MBTiles MEM MVT MapML
MiraMonVector NGW OAPIF ODS OGCAPI OGR_GMT OGR_PDS OGR_VRT OSM OpenFileGDB PCIDSK PDF PDS4 PGDUMP PLSCENES PMTiles
S57 SQLite SXF Selafin TopoJSON VDV VFK VICAR WAsP WFS XLSX XLS VRT GTI STACIT STACTA WMS WMTS WCS TIGER
PostgreSQL PGeo MSSQLSpatial MySQL ODBC OCI netCDF HDF5 HDF4 Parquet Arrow Interlis SVG SOSI
"""


class NotLockedDown(UnreadableFile):
    """This installation can't lock GDAL down to one file format, so nothing was read."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()))


def lock_down_gdal(keep: Collection[str]) -> None:
    """Set GDAL's environment; must run before pyogrio is imported in this process."""
    names = [*NAMES.split(), "ESRI Shapefile", "MapInfo File", "UK .NTF", "Interlis 1", "Interlis 2"]
    os.environ.update(
        GDAL_SKIP=",".join(name for name in names if name not in keep),
        CPL_VSIL_CURL_ALLOWED_EXTENSIONS=".none",
        GDAL_HTTP_PROXY="http://127.0.0.1:1",
        GDAL_DRIVER_PATH="disable",
        OGR_SQLITE_LOAD_EXTENSIONS="",
        OGR_SQLITE_ALLOW_EXTERNAL_ACCESS="NO",
        OGR_GEOJSON_MAX_OBJ_SIZE="200",
        PROJ_NETWORK="OFF",
    )


def require_locked_down(keep: Collection[str]) -> None:
    """Raise `NotLockedDown` where GDAL has a driver besides `keep`, such as one that this list does not know."""
    import pyogrio

    if set(pyogrio.list_drivers()) - set(keep):
        raise NotLockedDown
