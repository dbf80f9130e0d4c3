"""Indexes of a first load: built after the rows, the same as before, and left alone where that would be in the way."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from estate.register import first_load
from estate.register.first_load import indexes_built_after
from estate.register.models import BuildingListed
from tests.factories import make_building

INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = :table ORDER BY 1"
TABLE = "building_listed"


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_load, "MANY", 20)


def indexes(session: Session, table: str = TABLE) -> dict[str, str]:
    return dict(session.execute(text(INDEXES), {"table": table}).all())  # type: ignore[arg-type]


@pytest.mark.parametrize("table", [TABLE, "source_record", "event"])
def test_indexes_stand_again_after_the_rows_and_keys_all_the_time(session: Session, table: str) -> None:
    before = indexes(session, table)
    with indexes_built_after(session, table, 10_000):
        during = indexes(session, table)
        assert set(during) < set(before)
        assert all(definition.startswith("CREATE UNIQUE INDEX") for definition in during.values())
    assert indexes(session, table) == before


@pytest.mark.parametrize(("count", "drops"), [(19, False), (20, True)])
def test_few_rows_are_added_as_always(session: Session, count: int, *, drops: bool) -> None:
    before = indexes(session)
    with indexes_built_after(session, TABLE, count):
        assert (indexes(session) != before) is drops


@pytest.mark.parametrize(("count", "drops"), [(20, False), (29, False), (30, True)])
def test_rows_that_stand_keep_their_indexes(session: Session, count: int, *, drops: bool) -> None:
    for _ in range(3):
        make_building(session)
    session.flush()
    before = indexes(session)
    with indexes_built_after(session, TABLE, count):
        assert (indexes(session) != before) is drops


def test_nobody_who_reads_the_table_is_waited_for(session: Session, engine: Engine) -> None:
    before = indexes(session)
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM building_listed"))
        with indexes_built_after(session, TABLE, 10_000):
            assert indexes(session) == before


def test_after_an_error_all_is_as_before(engine: Engine) -> None:
    class Broken(Exception):
        pass

    def fail() -> None:
        with Session(engine) as session, session.begin(), indexes_built_after(session, TABLE, 10_000):
            raise Broken

    with Session(engine) as session:
        before = indexes(session)
        session.rollback()
        with pytest.raises(Broken):
            fail()
        assert indexes(session) == before


def test_every_index_of_the_list_is_one_of_its_models(session: Session) -> None:
    with indexes_built_after(session, TABLE, 10_000):
        pass
    named = {str(index.name) for index in BuildingListed.__table__.indexes}  # type: ignore[attr-defined]
    assert set(indexes(session)) == {*named, "pk_building_listed"}
