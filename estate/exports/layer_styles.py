"""The style that QGIS gives a layer of a GeoPackage when it opens it: table `layer_styles`, as QGIS itself writes it.

Points are coloured by the classes of one column, the most frequent first, in colours that the colour-blind can tell
apart (Okabe and Ito, 2008); what is left over is grey, and what is unknown is an empty ring.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

from estate.exports.tables import Table

COLOURS = ("0,114,178", "230,159,0", "0,158,115", "204,121,167", "86,180,233", "213,94,0", "240,228,66")
OTHERS, RIM, NONE = "130,130,130,255", "35,35,35,255", "255,255,255,0"
TABLE = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT,
    styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
"""
LISTED = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles of QGIS', 0)
"""
STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
    styleSLD, useAsDefault, description, owner)
SELECT '', '', table_name, column_name, ?, ?, '', 1, ?, '' FROM gpkg_geometry_columns WHERE table_name = ?
"""


def write_style(path: Path, table: Table, classes: Sequence[str]) -> None:
    """Put the style of the table's layer into the GeoPackage at `path`; `classes` are those of `table.colour_by`."""
    is_by_class = table.colour_by in table.names
    name = f"By {table.colour_by}" if is_by_class else "Points"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(TABLE)
        database.execute(LISTED)
        qml = style_document(table.colour_by if is_by_class else None, classes)
        database.execute(STYLE, (name, qml, f"{table.title}, as Estate draws them", table.name))


def style_document(column: str | None, classes: Sequence[str]) -> str:
    """The style as QML; one colour for all where `column` is None."""
    root = ElementTree.Element("qgis", version="3.22.0", styleCategories="Symbology")
    named = list(classes[: len(COLOURS)])
    if column is None:
        renderer = ElementTree.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0", forceraster="0")
        _symbols(renderer, [(f"{COLOURS[0]},255", RIM)])
    else:
        about = {"type": "categorizedSymbol", "attr": column, "symbollevels": "0", "forceraster": "0"}
        renderer = ElementTree.SubElement(root, "renderer-v2", about)
        categories = ElementTree.SubElement(renderer, "categories")
        labels = [*((name, name, "string") for name in named), ("", "Unknown", "NULL"), ("", "Others", "string")]
        for number, (value, label, kind) in enumerate(labels):
            told = {"value": value, "label": label, "type": kind, "symbol": str(number), "render": "true"}
            ElementTree.SubElement(categories, "category", told)
        fills = [(f"{colour},255", RIM) for colour in COLOURS[: len(named)]]
        _symbols(renderer, [*fills, (NONE, OTHERS), (OTHERS, RIM)])
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ElementTree.tostring(
        root, encoding="unicode"
    )


def _symbols(renderer: ElementTree.Element, drawn: Sequence[tuple[str, str]]) -> None:
    """One symbol a pair of fill and rim, numbered."""
    symbols = ElementTree.SubElement(renderer, "symbols")
    for number, (fill, rim) in enumerate(drawn):
        symbol = ElementTree.SubElement(symbols, "symbol", type="marker", name=str(number), alpha="1")
        layer = ElementTree.SubElement(symbol, "layer", {"class": "SimpleMarker", "enabled": "1", "pass": "0"})
        told = {"name": "circle", "color": fill, "outline_color": rim, "outline_width": "0.2", "size": "2.4"}
        for name, value in {**told, "size_unit": "MM", "outline_width_unit": "MM", "outline_style": "solid"}.items():
            ElementTree.SubElement(layer, "prop", k=name, v=value)
