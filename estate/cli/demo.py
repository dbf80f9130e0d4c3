"""`estate demo`: the synthetic demo place, for trying Estate out."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from estate import embedded
from estate.board.boards import add_member, create_board
from estate.cli.database import upgrade
from estate.db import bind_sessions, make_session
from estate.gis.models import Area
from estate.people.accounts import find_user
from estate.people.programmes import list_programmes
from estate.register.demo.empty import is_register_empty, reset_demo
from estate.register.demo.users import BOARD_EMAILS, MANAGER_EMAIL, SignIn, sign_ins
from estate.register.models import Place
from estate.settings import get_settings

BOARD_LEVELS = ("county", "district")
PROPOSED_AREAS = ("E08000009", "E08000001")
"""Districts whose first proposal waits in the queue when the worker starts."""


@click.group("demo")
def demo() -> None:
    """The demo place: synthetic buildings on real geography."""


@demo.command("load")
def load() -> None:
    """Load the demo place into an empty register."""
    bind_sessions()
    with make_session.begin() as session:
        shown = load_with_boards(session)
    _print(shown)


@demo.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, yes: bool) -> None:
    """Take the demo place away and load it anew. Refuses where the register holds real data."""
    if not yes:
        click.confirm("Everything in this demo register will be lost. Go on?", abort=True)
    settings = get_settings()
    started = settings.is_embedded and embedded.start(settings)
    try:
        upgrade()
        bind_sessions()
        with make_session.begin() as session:
            reset_demo(session)
            shown = load_with_boards(session)
        _print(shown)
    finally:
        if started:
            embedded.stop(settings)


@demo.command("boundaries")
def boundaries() -> None:
    """Make the demo's boundary files in data/boundaries anew from the postcodes."""
    from estate.gis.demo.write import write_demo_boundaries

    for path in write_demo_boundaries():
        click.echo(f"{path}  {path.stat().st_size / 1000:,.0f} kB")


def load_if_empty() -> list[tuple[str, str, str]]:
    """Load the demo place if the register is empty.

    Gives role, e-mail and first password of each of the demo's users; none where the register is somebody's own.
    """
    bind_sessions()
    with make_session.begin() as session:
        if is_register_empty(session):
            click.echo("Loading the demo place: synthetic buildings on real geography.")
            load_with_boards(session)
        place = session.get(Place, 1)
        if place is None or not place.is_synthetic:
            return []
        return [(sign_in.role, sign_in.email, sign_in.password) for sign_in in sign_ins()]


def load_with_boards(session: Session) -> list[SignIn]:
    """Load the demo place, a board for the county and for each district, and two proposals for the worker to find."""
    # Imported here because the libraries below it take a second to load, and `estate run` would wait for it.
    from estate.proposals.runs import start
    from estate.register.demo.load import load_demo

    shown = load_demo(session)
    manager = find_user(session, MANAGER_EMAIL)
    members = [user for email in BOARD_EMAILS if (user := find_user(session, email))]
    programme = min(list_programmes(session), key=lambda one: one.id)
    areas = select(Area).where(Area.level_code.in_(BOARD_LEVELS), Area.valid_until.is_(None)).order_by(Area.code)
    for area in session.scalars(areas):
        board = create_board(
            session, actor=None, name=f"{area.name} public estate board (demo)", area=area, programme=programme
        )
        for position, member in enumerate(members):
            add_member(session, board, member, actor=None, is_chair=position == 0, reason="Demo place")
        if area.code in PROPOSED_AREAS:
            start(session, actor=manager.id if manager else None, area=area, programme=programme)
    return shown


def _print(shown: list[SignIn]) -> None:
    click.echo("The demo place is loaded. Its buildings, agencies, people and costs are synthetic.")
    click.echo(f"Everyone's password is: {shown[0].password}")
    for sign_in in shown:
        click.echo(f"  {sign_in.email:<28} {sign_in.role}")
