"""The disposable process that parses one file from outside: `python -m estate.register.imports.child`.

It reads one request a line from standard input, forks, and the fork reads the file under limits of memory and time
and writes its sheets as JSON. Each file so gets a process of its own, while the parsers are imported only once.
"""

import gc
import json
import os
import resource
import signal
import sys
import tempfile
from pathlib import Path

from estate.register.imports.readers import Sheet, UnreadableFile
from estate.register.imports.readers.layers import lock_down_gdal

ADDRESS_SPACE_BYTES = 1024**3
SECONDS = 60
OUTPUT_BYTES = 256 * 1024 * 1024
DAMAGED = "The file can't be read: it is damaged, or not what its name says. Open it, save it again and send that."
TOO_LARGE = "Reading the file needs more than 1 GiB of memory. Split it into smaller files."
NO_SHEETS = "The file holds no rows."


def read_sheets(content: bytes, suffix: str, name: str, folder: Path) -> tuple[list[Sheet], str | None]:
    """The sheets of a file of this ending, and the encoding where it is text. Modules are imported when needed."""
    if suffix == ".csv":
        from estate.register.imports.readers.delimited import read_delimited

        sheet, encoding = read_delimited(content, name)
        return [sheet], encoding
    if suffix in (".geojson", ".json"):
        from estate.register.imports.readers.features import read_geojson

        sheet, encoding = read_geojson(content, name)
        return [sheet], encoding
    from estate.register.imports.readers import layers, spreadsheet

    if suffix == ".zip":
        return layers.read_zip(content, folder)
    readers = {".xlsx": spreadsheet.read_xlsx, ".ods": spreadsheet.read_ods}
    return (readers[suffix](content) if suffix in readers else layers.read_gpkg(content, folder)), None


def answer(request: dict[str, str]) -> dict[str, object]:
    """The sheets as plain data, or the problem as a sentence: parsers raise many kinds of error."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            content = Path(request["input"]).read_bytes()
            sheets, encoding = read_sheets(content, request["suffix"], request["name"], Path(folder))
        if not any(sheet.rows for sheet in sheets):
            return {"problem": NO_SHEETS}
        fields = ("name", "rows", "lines", "srid")
        plain = [{field: getattr(sheet, field) for field in fields} for sheet in sheets]
        return {"encoding": encoding, "sheets": plain}
    except UnreadableFile as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": TOO_LARGE}
    except Exception as error:
        return {"problem": DAMAGED, "detail": f"{type(error).__name__}: {error}"[:500]}


def limit_this_process() -> None:
    """Memory, processor and wall-clock time, output, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(SECONDS)


def serve_one(request: dict[str, str]) -> int:
    """Fork, read one file in the fork, and give the exit code; negative is the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        limit_this_process()
        result = answer(request)
        try:
            Path(request["output"]).write_text(json.dumps(result))
        except (MemoryError, OSError):
            Path(request["output"]).write_text(json.dumps({"problem": TOO_LARGE}))
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Serve requests until standard input ends."""
    gc.disable()
    lock_down_gdal()
    if "--warm" in sys.argv:
        import openpyxl  # noqa: F401
        import pyogrio  # noqa: F401
        import python_calamine  # noqa: F401

        from estate.register.imports.readers import features  # noqa: F401
    for line in sys.stdin:
        print(serve_one(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
