"""The part of the form that tells a proposal what was decided: its fields, and the decisions ticked on a result."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import HiddenInput

from estate.optimise.rules import Locks, MixOf, Rules
from estate.proposals.models import Proposal
from estate.proposals.options import Options
from estate.proposals.queries import list_moves, list_outcomes
from estate.proposals.store import OCCUPATION
from estate.register.models import Service, UseClass
from estate.web.form_fields import AmountField, WholeNumberField, set_choices
from estate.web.forms import Form

KINDS = {"kept": "{} is kept", "emptied": "{} is emptied", "unchanged": "{} stays as it is", "staying": "{} stays"}
PAIR_KINDS = {"moving": "{} moves to {}", "barred": "{} does not move to {}"}
MIXES = ((MixOf.AGENCY.value, "agencies"), (MixOf.USE.value, "uses"))


class ToldFields(Form):
    """Limits, hubs, who shares no roof, public access, and decisions."""

    again = IntegerField("Again", [Optional()], widget=HiddenInput())
    """The proposal that this one is run again from."""
    decisions = SelectMultipleField("Decided already", description="Untick what is not to hold", choices=[])
    most_moves = WholeNumberField("Most teams that move", description="Empty: no limit", render_kw={"width": 4})
    most_one_off_cost = AmountField(
        "Most one-off cost",
        description="For moves, fit-out and leaving together. Empty: no limit",
        render_kw={"prefix": "£", "width": 10},
    )
    least_mix = WholeNumberField(
        "Fewest under one roof at a hub",
        description="A building that takes teams in holds so many different ones. Empty: no such rule",
        render_kw={"width": 3},
    )
    mix_of = SelectField("What is counted at a hub", default=MixOf.AGENCY.value)
    apart_first = SelectField("These teams", coerce=lambda value: value or None)
    apart_second = SelectField("never come under one roof with", coerce=lambda value: value or None)
    access_m = WholeNumberField(
        "Distance to a public counter",
        description="In a straight line. Who has a counter of a service so near today keeps one. Empty: no such rule",
        render_kw={"suffix": "m", "width": 5},
    )
    access_fall_percent = WholeNumberField(
        "Fewer people with a counter so near",
        description="By how much they may become fewer, of each service. Empty: by nobody",
        render_kw={"suffix": "%", "width": 3},
    )

    def fill_told(self, session: Session, again: Proposal | None) -> None:
        """Offer services and uses to keep apart, and of what `again` offers the decisions that are ticked."""
        set_choices(self.mix_of, MIXES)
        services = session.execute(select(Service.code, Service.name).order_by(Service.name)).all()
        uses = session.execute(select(UseClass.code, UseClass.name).order_by(UseClass.sort)).all()
        kinds = [*((code, f"{name} (service)") for code, name in services), *((code, name) for code, name in uses)]
        set_choices(self.apart_first, kinds, unknown="no such rule")
        set_choices(self.apart_second, kinds, unknown="no such rule")
        ticked = set(self.decisions.data or ())
        offered = [] if again is None else decisions_of(session, again)
        set_choices(self.decisions, [choice for choice in offered if choice[0] in ticked])

    def rules(self) -> Rules:
        """What was decided. The first pair of kinds that share no roof is the only one the form has."""
        found: dict[str, list[Any]] = {name: [] for name in (*KINDS, *PAIR_KINDS)}
        for decision in self.decisions.data or ():
            kind, *names = decision.split("|")
            found[kind].append(names[0] if kind in KINDS else tuple(names))
        cost = self.most_one_off_cost.data
        first, second = self.apart_first.data, self.apart_second.data
        return Rules(
            locks=Locks(**{kind: tuple(rows) for kind, rows in found.items()}),
            most_moves=self.most_moves.data,
            most_one_off_cost=None if cost is None else float(cost),
            apart=((first, second),) if first and second else (),
            least_mix=self.least_mix.data,
            mix_of=MixOf(self.mix_of.data),
        )

    def validate_apart_second(self, field: SelectField) -> None:
        """Both, and two different ones, or neither."""
        if bool(field.data) != bool(self.apart_first.data):
            raise ValidationError("Choose both, or neither")
        if field.data and field.data == self.apart_first.data:
            raise ValidationError("Choose two different services or uses")

    @property
    def has_rules(self) -> bool:
        """True where any field of the fold holds something, so that it is shown open."""
        fields = (self.most_moves, self.most_one_off_cost, self.least_mix, self.apart_first, self.apart_second)
        access = (self.access_m, self.access_fall_percent)
        return any(field.data is not None or field.errors for field in (*fields, *access))

    @property
    def access_fall_ratio(self) -> float | None:
        """The fall in people, 0 to 1."""
        return None if self.access_fall_percent.data is None else self.access_fall_percent.data / 100


def decisions_of(session: Session, proposal: Proposal) -> list[tuple[str, str]]:
    """Every decision that a result offers, and those it was made with: value and words."""
    buildings = {str(row.building_id): row.building.name for row in list_outcomes(session, proposal)}
    moves = list_moves(session, proposal)
    teams = {f"{OCCUPATION}{move.occupation_id}": move.team for move in moves if move.occupation_id}
    offered = [
        (f"{kind}|{name}", KINDS[kind].format(buildings[name]))
        for kind in ("kept", "emptied", "unchanged")
        for name in buildings
    ]
    offered += [(f"staying|{team}", KINDS["staying"].format(name)) for team, name in teams.items()]
    offered += [
        (f"barred|{OCCUPATION}{move.occupation_id}|{move.to_building_id}", words)
        for move in moves
        if move.occupation_id
        for words in (PAIR_KINDS["barred"].format(move.team, buildings[str(move.to_building_id)]),)
    ]
    told = dict(offered)
    for value in values_of(Options.from_json(proposal.options).rules.locks):
        told.setdefault(value, _words(value, buildings, teams))
    return list(told.items())


def values_of(locks: Locks) -> list[str]:
    """The decisions of a run as the form's values."""
    single = [f"{kind}|{name}" for kind in KINDS for name in getattr(locks, kind)]
    return single + [f"{kind}|{team}|{building}" for kind in PAIR_KINDS for team, building in getattr(locks, kind)]


def told_defaults(proposal: Proposal, ticked: list[str]) -> dict[str, Any]:
    """What the fields show for a run again: what the proposal was made with, and the decisions ticked on its page."""
    options = Options.from_json(proposal.options)
    rules, fall = options.rules, options.access_fall_ratio
    first, second = rules.apart[0] if rules.apart else (None, None)
    return {
        "area_id": proposal.area_id,
        "level_code": proposal.level_code if proposal.level_code != proposal.area.level_code else None,
        "max_move_m": round(proposal.summary.get("max_move_m", options.max_move_m or 0)),
        "horizon_years": proposal.summary.get("horizon_years", options.horizon_years),
        "team_rule": options.team_rule.value,
        "time_limit_s": round(options.time_limit_s),
        "again": proposal.id,
        "decisions": list(dict.fromkeys([*values_of(rules.locks), *ticked])),
        "most_moves": rules.most_moves,
        "most_one_off_cost": rules.most_one_off_cost,
        "least_mix": rules.least_mix,
        "mix_of": rules.mix_of.value,
        "apart_first": first,
        "apart_second": second,
        "access_m": None if options.access_m is None else round(options.access_m),
        "access_fall_percent": None if fall is None else round(fall * 100),
    }


def _words(value: str, buildings: dict[str, str], teams: dict[str, str]) -> str:
    kind, *names = value.split("|")
    found = [buildings.get(name) or teams.get(name) or f"team or building {name}" for name in names]
    return {**KINDS, **PAIR_KINDS}[kind].format(*found)
