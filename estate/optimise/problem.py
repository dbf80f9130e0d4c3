"""A problem: buildings, teams and settings, with nothing left to look up, so that a board can replay it.

**The programme.** Buildings j, teams k. y_j = 1 where building j is kept, x_kj = 1 where team k works in j.
Every term is money per year at today's prices:

    minimise   sum_j running_cost_j y_j  +  sum_j annuity_ratio leaving_cost_j (1 - y_j)
               +  sum_kj (hosting_cost_j need_k + annuity_ratio move_cost_k) x_kj
    subject to the functions listed in `constraints.CONSTRAINTS`, x and y in {0, 1}

where the last sum leaves out each team's own home: staying costs nothing more.

**What a proposal may be told** (`Settings.rules`; each off unless set; inequalities in `lock_constraints`,
`mix_constraints` and `access_constraints`): y_j = 1 or 0 and x_kj = 1 or 0 where that is decided; sum of moves <=
most_moves; move_cost and leaving_cost paid once <= most_one_off_cost, currency; u_j + x_lj <= y_j where u_j = 1 if a
team moves into j that shares no roof with l; least_mix h_j <= sum_c s_jc where h_j = 1 if anybody moves into j and
s_jc = 1 if agency or use c works there; and for each service at least one counter, z_sj = 1, within distance_m metres
of each point that has one today, or people served >= (1 - most_fall_ratio) x those served today.

The running cost of a building is what emptying it saves; its leaving cost is paid once for that, such as rent that
stays due until the lease can be left. A host pays `hosting_cost_per_m2_per_year` for each square
metre that arrives; a kept building that teams leave is counted as saving nothing.
"""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from estate.optimise.errors import ProblemUnreadable
from estate.optimise.rules import Rules

FORMAT = "estate-problem-1"


class TeamRule(StrEnum):
    """Which question is asked about the teams of a building that is kept."""

    STAY = "stay"
    """The teams of a kept building stay in it; all of them leave when it is emptied. Proven quickly."""

    FREE = "free"
    """Any team may move, also out of a kept building. About 3 % cheaper, and far harder to prove."""


@dataclass(frozen=True, slots=True)
class Payer:
    """An agency and its share of a building's running cost, 0 to 1."""

    agency: str
    share_ratio: float


@dataclass(frozen=True, slots=True)
class Building:
    """A building as the solver sees it. Coordinates are metres in a projected CRS; money is per year."""

    id: str
    name: str
    area_id: str
    x_m: float
    y_m: float
    capacity_m2: float
    """Net internal area that teams can use by the space standard; 0 where no team may be added."""
    running_cost_per_year: float
    """What emptying the building saves."""
    leaving_cost: float = 0.0
    """One-off cost of emptying it, currency in today's money: rent that stays due until its lease can be left."""
    leaving_reason: str = ""
    """What the leaving cost is, as words that follow its amount: "of rent stays due until 31 October 2033"."""
    leaving_payers: tuple[Payer, ...] = ()
    """Who pays the leaving cost; where it is empty, those who pay the running cost."""
    hosting_cost_per_m2_per_year: float = 0.0
    """What each square metre of an arriving team adds to the cost of this building."""
    may_host: bool = True
    may_host_reason: str = ""
    """Why not, as a clause that follows "because"."""
    may_close: bool = True
    may_close_reason: str = ""
    """Why not, as a clause that follows "because"."""
    may_close_rule: str = ""
    """Name of the rule that says so, to count buildings by."""
    accepts: tuple[str, ...] = ()
    """Codes of the uses that may move in."""
    payers: tuple[Payer, ...] = ()
    """Who pays the running cost; the solver ignores it, the appraisal needs it."""
    estimates: tuple[str, ...] = ()
    """Names of the figures above that are estimates, not records."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team that moves whole or not at all."""

    id: str
    name: str
    home: str
    """Id of the building it works in today."""
    agency: str
    use: str
    need_m2: float
    fte: float | None = None
    """Full-time equivalents; None where nobody recorded them."""
    move_cost: float = 0.0
    """One-off cost of moving the team, currency."""
    group: str = ""
    """Its user group, for who may not share a roof; empty where nobody said."""
    counter: str = ""
    """Service of its public counter; empty where it has none."""
    estimates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The assumptions of one proposal; every one of them is shown beside its result."""

    annuity_ratio: float
    """Cost per year that equals one pound spent now, over the horizon at the discount rate."""
    max_move_m: float = 3000.0
    """Straight-line distance that a team may be moved."""
    team_rule: TeamRule = TeamRule.STAY
    horizon_years: int = 10
    discount_rate: float = 0.035
    discount_rates: tuple[tuple[int, float], ...] = ()
    """Every rate with the year after which it holds; none in a problem of before they were kept."""
    assumptions: tuple[tuple[str, str], ...] = ()
    """What else went into the figures (name, sentence), for the page and the record."""
    rules: Rules = field(default_factory=Rules)
    """What this proposal was told beyond the estate's own rules; nothing in a problem of before there were any."""


@dataclass(frozen=True)
class Problem:
    """All that the solver is told. `validate.validated` refuses one that can't be true."""

    buildings: tuple[Building, ...]
    teams: tuple[Team, ...]
    settings: Settings
    title: str = ""
    notes: tuple[str, ...] = ()
    """Sentences of whoever built the problem, on what was estimated or left out."""

    @cached_property
    def building_index(self) -> dict[str, int]:
        """Position of each building by its id."""
        return {building.id: position for position, building in enumerate(self.buildings)}

    @cached_property
    def teams_at(self) -> dict[str, tuple[Team, ...]]:
        """Teams by the id of their home building; every building has an entry."""
        teams: dict[str, list[Team]] = {building.id: [] for building in self.buildings}
        for team in self.teams:
            teams[team.home].append(team)
        return {home: tuple(members) for home, members in teams.items()}

    @cached_property
    def own_need_m2(self) -> dict[str, float]:
        """Area that the teams of each building need today, m2 by building id."""
        return {home: sum(team.need_m2 for team in teams) for home, teams in self.teams_at.items()}

    def to_json(self) -> dict[str, Any]:
        """The problem as plain JSON values, complete enough to be solved again."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The problem that `to_json` wrote. Raises `ProblemUnreadable` on anything else."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ProblemUnreadable()
        try:
            return cls(
                buildings=tuple(_building(row) for row in document["buildings"]),
                teams=tuple(Team(**{**row, "estimates": tuple(row["estimates"])}) for row in document["teams"]),
                settings=_settings(document["settings"]),
                title=document["title"],
                notes=tuple(document["notes"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProblemUnreadable(f"This problem can't be read: {error}.") from error


def _building(row: dict[str, Any]) -> Building:
    return Building(
        **{
            **row,
            "accepts": tuple(row["accepts"]),
            "payers": tuple(Payer(**payer) for payer in row["payers"]),
            "leaving_payers": tuple(Payer(**payer) for payer in row.get("leaving_payers", ())),
            "estimates": tuple(row["estimates"]),
        }
    )


def _settings(row: dict[str, Any]) -> Settings:
    assumptions = tuple((str(name), str(sentence)) for name, sentence in row["assumptions"])
    rates = tuple((int(after), float(rate)) for after, rate in row.get("discount_rates", ()))
    told = {"team_rule": TeamRule(row["team_rule"]), "assumptions": assumptions, "discount_rates": rates}
    return Settings(**{**row, **told, "rules": Rules.from_json(row.get("rules", {}))})
