"""What the sandbox runs to read one file of an import; see `estate.sandbox`."""

import tempfile
from pathlib import Path

from estate.register.imports.readers import DRIVERS, Sheet
from estate.sandbox import UnreadableFile
from estate.sandbox.gdal import lock_down_gdal
from estate.sandbox.limits import Limits

LIMITS = Limits()
NO_SHEETS = "The file holds no rows."


def prepare(is_warm: bool) -> None:
    """Cut GDAL down; where many files are to come, load every parser."""
    lock_down_gdal(DRIVERS)
    if is_warm:
        import openpyxl  # noqa: F401
        import pyogrio  # noqa: F401
        import python_calamine  # noqa: F401

        from estate.register.imports.readers import features  # noqa: F401


def answer(request: dict[str, str]) -> dict[str, object]:
    """The sheets of the file as plain data, with its encoding and delimiter where it is text."""
    content = Path(request["input"]).read_bytes()
    delimiter = None
    encoding: str | None = None
    with tempfile.TemporaryDirectory() as folder:
        if request["suffix"] == ".csv":
            from estate.register.imports.readers.delimited import read_delimited

            sheet, encoding, delimiter = read_delimited(
                content, request["name"], encoding=request.get("encoding"), delimiter=request.get("delimiter")
            )
            sheets = [sheet]
        else:
            sheets, encoding = read_sheets(content, request["suffix"], request["name"], Path(folder))
    if not any(sheet.rows for sheet in sheets):
        raise UnreadableFile(NO_SHEETS)
    fields = ("name", "rows", "lines", "srid")
    plain = [{field: getattr(sheet, field) for field in fields} for sheet in sheets]
    return {"encoding": encoding, "delimiter": delimiter, "sheets": plain}


def read_sheets(content: bytes, suffix: str, name: str, folder: Path) -> tuple[list[Sheet], str | None]:
    """The sheets of a file of this ending, and the encoding where it is text. Modules are imported when needed."""
    if suffix in (".geojson", ".json"):
        from estate.register.imports.readers.features import read_geojson

        sheet, encoding = read_geojson(content, name)
        return [sheet], encoding
    from estate.register.imports.readers import layers, spreadsheet

    if suffix == ".zip":
        return layers.read_zip(content, folder)
    readers = {".xlsx": spreadsheet.read_xlsx, ".ods": spreadsheet.read_ods}
    return (readers[suffix](content) if suffix in readers else layers.read_gpkg(content, folder)), None
