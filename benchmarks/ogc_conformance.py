"""OGC API - Features against the abstract tests of Part 1, by `ogctests`, which is none of ours.

Serves the configured database on a free port, with a new token in front of every request (ogctests knows no sign-in),
and runs the suite of another Python, for its libraries are older than ours:

    python -m venv /tmp/ogctests && /tmp/ogctests/bin/pip install ogctests
    python -m benchmarks.ogc_conformance --python /tmp/ogctests/bin/python --email viewer@demo.example

Prints JSON: each abstract test with its outcome. About 30 s on the demo place.
"""

import argparse
import json
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from werkzeug.serving import WSGIRequestHandler, make_server

from estate.db import bind_sessions, make_session
from estate.people.access_tokens import create_token, list_tokens, revoke_token
from estate.people.accounts import find_user
from estate.web import create_app

# Not by its own `run_ogctests`: that always puts a client in place of its own, even none.
SUITE = """
import os, sys, pathlib, pytest, ogctests
os.environ["INSTANCE_URL"] = sys.argv[1]
home = pathlib.Path(ogctests.__file__).parent
sys.exit(pytest.main([str(home / "features" / "core"), f"--rootdir={home}", "-q", "--junit-xml", sys.argv[2]]))
"""


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log(self, *arguments: Any) -> None:
        """Nothing."""


def with_token(app: Callable[..., Iterable[bytes]], token: str) -> Callable[..., Iterable[bytes]]:
    """The application, each of whose requests shows the token."""
    return lambda environ, start: app({**environ, "HTTP_AUTHORIZATION": f"Bearer {token}"}, start)


def outcomes(report: Path) -> dict[str, str]:
    """What came of each test of a JUnit report."""
    found = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        worst = next((kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None), "passed")
        node = case.find(worst)
        found[str(case.get("name"))] = worst if node is None else f"{worst}: {(node.get('message') or '')[:200]}"
    return found


def main() -> None:
    """Run the suite once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", required=True, help="of an environment with ogctests")
    parser.add_argument("--email", required=True, help="of the user who reads")
    chosen = parser.parse_args()
    bind_sessions()
    with make_session.begin() as session:
        user = find_user(session, chosen.email)
        assert user is not None, f"nobody has the address {chosen.email}"
        token = create_token(session, user, "ogctests", 30)
        [number, *_] = [one.id for one in list_tokens(session, user)]
    server = make_server("127.0.0.1", 0, with_token(create_app(), token), threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            command = [chosen.python, "-c", SUITE, f"http://127.0.0.1:{server.port}/ogc", str(report)]
            subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=600)
            found = outcomes(report)
    finally:
        server.shutdown()
        with make_session.begin() as session:
            revoke_token(session, session.merge(user), number)
    passed = sum(outcome == "passed" for outcome in found.values())
    print(json.dumps({"tests": len(found), "passed": passed, "outcomes": found}, indent=2))


if __name__ == "__main__":
    main()
