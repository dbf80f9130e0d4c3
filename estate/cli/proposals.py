"""`estate propose`: make a proposal for an area and print what it found."""

import json
import math
from typing import Any

import click
from sqlalchemy.orm import Session

from estate.db import bind_sessions, make_session
from estate.optimise import TeamRule
from estate.optimise.rules import Locks, MixOf, Rules
from estate.optimise.solve import Progress
from estate.people.programmes import get_by_slug
from estate.proposals import queries, runs
from estate.proposals.models import Proposal, RunStatus
from estate.proposals.options import Options
from estate.proposals.result_json import proposal_json
from estate.proposals.store import OCCUPATION


@click.command()
@click.option("--level", default="district", show_default=True, help="Boundary level of the area.")
@click.option("--area", "code", required=True, help="Code of the area, such as E08000009.")
@click.option("--within", help="Moves stay inside areas of this smaller level. Default: the area itself.")
@click.option("--max-distance-m", type=float, help="Longest move, metres in a straight line. Default: the assumption.")
@click.option("--horizon-years", type=int, help="Years over which moving costs are spread. Default: the assumption.")
@click.option(
    "--rule", type=click.Choice([rule.value for rule in TeamRule]), default=TeamRule.STAY.value, show_default=True
)
@click.option("--time-limit", "time_limit_s", type=float, default=20.0, show_default=True, help="Seconds.")
@click.option("--gap", "gap_wanted_ratio", type=float, default=0.001, show_default=True, help="Stop at this gap.")
@click.option("--node-limit", type=int, help="Stop after so many nodes, for a plan that can be repeated.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--name", default="", help="Name of the proposal.")
@click.option("--keep", multiple=True, type=int, help="Id of a building that must be kept. May be repeated.")
@click.option("--empty", multiple=True, type=int, help="Id of a building that must be emptied.")
@click.option(
    "--as-it-is", multiple=True, type=int, help="Id of a building that stays as it is: nobody moves in or out."
)
@click.option("--stay", multiple=True, type=int, help="Id of an occupation whose team stays where it is.")
@click.option("--move", multiple=True, type=(int, int), help="Ids: this occupation's team moves to this building.")
@click.option("--not-to", multiple=True, type=(int, int), help="Ids: this occupation's team may not move there.")
@click.option("--most-moves", type=int, help="At most so many teams move.")
@click.option("--most-one-off-cost", type=float, help="Moving and leaving cost at most so much, paid once.")
@click.option("--apart", multiple=True, type=(str, str), help="Codes of two services or uses that share no roof.")
@click.option("--least-mix", type=int, help="A building that takes teams in holds so many agencies or uses.")
@click.option("--mix-of", type=click.Choice([of.value for of in MixOf]), default=MixOf.AGENCY.value, show_default=True)
@click.option("--access-m", type=float, help="Whoever has a public counter of a service so near today keeps one.")
@click.option("--access-fall", "access_fall_ratio", type=float, help="By how much they may become fewer: 0.05 is 5 %.")
@click.option("--json", "is_json", is_flag=True, help="Print the result as JSON.")
@click.option("--programme", "slug", help="The programme it is for, where there are several. `estate programme list`.")
def propose(
    *,
    level: str,
    code: str,
    within: str | None,
    rule: str,
    max_distance_m: float | None,
    name: str,
    slug: str | None,
    is_json: bool,
    **given_options: Any,
) -> None:
    """Find which buildings of an area to keep, which to empty, and who moves where."""
    rules = _rules(given_options)
    options = Options(
        level_code=within, max_move_m=max_distance_m, team_rule=TeamRule(rule), rules=rules, **given_options
    )
    bind_sessions()
    with make_session.begin() as session:
        area = queries.get_area(session, level, code)
        programme = get_by_slug(session, slug) if slug else None
        given: dict[str, Any] = {"options": options, "name": name, "programme": programme}
        run_id = runs.start(session, actor=None, area=area, is_queued=False, **given).id
    runs.perform(run_id, on_progress=_tell)
    with make_session.begin() as session:
        proposal = queries.get_proposal(session, run_id)
        if proposal.run_status is RunStatus.FAILED:
            raise click.ClickException(proposal.message or "The run failed.")
        if is_json:
            click.echo(json.dumps(proposal_json(session, proposal), indent=1))
            return
        _print_result(proposal)
        _print_positions(session, proposal)


def _rules(given: dict[str, Any]) -> Rules:
    """The rules among the options, which are taken out of `given`."""

    def ids(name: str) -> tuple[str, ...]:
        return tuple(str(number) for number in given.pop(name))

    def pairs(name: str) -> tuple[tuple[str, str], ...]:
        return tuple((f"{OCCUPATION}{team}", str(building)) for team, building in given.pop(name))

    staying = tuple(f"{OCCUPATION}{team}" for team in given.pop("stay"))
    locks = Locks(ids("keep"), ids("empty"), ids("as_it_is"), staying, pairs("move"), pairs("not_to"))
    named = {name: given.pop(name) for name in ("most_moves", "most_one_off_cost", "apart", "least_mix")}
    return Rules(locks=locks, mix_of=MixOf(given.pop("mix_of")), **named)


def _tell(progress: Progress) -> None:
    best = "no plan yet" if progress.objective == math.inf else f"best £{progress.objective:,.0f}"
    click.echo(f"{progress.seconds:6.1f} s  {best}  bound £{progress.bound:,.0f}", err=True)


def _print_result(proposal: Proposal) -> None:
    summary = proposal.summary
    counts = summary["counts"]
    click.echo(f"Proposal {proposal.id}: {proposal.name}")
    click.echo(proposal.message)
    click.echo(summary["question"])
    click.echo(
        f"{counts['buildings']:,} buildings and {counts['teams']:,} teams; {counts['emptied']:,} emptied, "
        f"{counts['host']:,} hosts, {counts['kept']:,} kept as they are, {counts['moves']:,} teams move."
    )
    if counts["buildings"]:
        costs = f"Cost today £{proposal.baseline:,.2f} a year"
        plan = f"plan £{proposal.objective:,.2f}; bound £{proposal.bound:,.2f}"
        click.echo(f"{costs}; {plan}." if counts["emptied"] or counts["moves"] else f"{costs}.")
        gap = f"Gap {proposal.gap:.2%}, s" if counts["buildings"] > 1 else "S"
        click.echo(f"{gap}eed {proposal.seed}, {proposal.seconds:.1f} s.")
    for sentence in summary["told"]:
        click.echo(f"Told: {sentence}.")
    for note in summary["notes"]:
        click.echo(f"Note: {note}")


def _print_positions(session: Session, proposal: Proposal) -> None:
    rows = queries.list_positions(session, proposal)
    if not rows:
        return
    click.echo(f"\n{'Agency':<40} {'released/year':>15} {'added/year':>15} {'one-off':>15}")
    for row in rows:
        figures = (row.released_per_year, row.added_per_year, row.one_off_cost)
        click.echo(f"{row.agency.name[:40]:<40} " + " ".join(f"{figure:>15,.2f}" for figure in figures))
