"""A process that knows the register's tables alone may write: what follows a flush does not start to listen in one."""

import subprocess
import sys

from estate.settings import ROOT

WRITE = """
import sys
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
import estate.register.models
from estate.people.models import Agency
with Session(create_engine(sys.argv[1])) as session:
    session.add(Agency(name="Trafford Council", code="flush", kind_code="council"))
    session.flush()
"""


def test_the_first_flush_of_a_process(database_url: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", WRITE, database_url], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr[-500:]
