"""The disposable process: `python -m estate.sandbox.child MODULE [--warm]`.

It reads one request a line from standard input, forks, and the fork lets the module answer under its limits and writes
the answer as MessagePack, which takes half the time of JSON. Each file so gets a process of its own, while the parsers
are imported only once.
"""

import gc
import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import msgpack

from estate.sandbox import SURROGATES, UnreadableFile
from estate.sandbox.limits import limit_this_process

DAMAGED = "The file can't be read: it is damaged, or not what its name says. Open it, save it again and send that."
TOO_LARGE = "Reading the file needs more than 1 GiB of memory. Split it into smaller files."


def answer(module: ModuleType, request: dict[str, str]) -> dict[str, object]:
    """What the module answers, or the problem as a sentence: parsers raise many kinds of error."""
    try:
        found: dict[str, object] = module.answer(request)
    except UnreadableFile as error:
        return {"problem": str(error)}
    except MemoryError:
        return {"problem": TOO_LARGE}
    except Exception as error:
        return {"problem": DAMAGED, "detail": f"{type(error).__name__}: {error}"[:500]}
    return found


def serve_one(module: ModuleType, request: dict[str, str]) -> int:
    """Fork, read one file in the fork, and give the exit code; negative is the signal that ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        limit_this_process(module.LIMITS)
        result = answer(module, request)
        output = Path(request["output"])
        try:
            output.write_bytes(msgpack.packb(result, unicode_errors=SURROGATES))
        except (MemoryError, OSError):
            output.write_bytes(msgpack.packb({"problem": TOO_LARGE}))
        code = 0
    finally:
        os._exit(code)


def main() -> None:
    """Serve requests until standard input ends."""
    gc.disable()
    module = importlib.import_module(sys.argv[1])
    module.prepare("--warm" in sys.argv)
    for line in sys.stdin:
        print(serve_one(module, json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
