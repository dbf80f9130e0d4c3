"""The table of permissions: every route, every role, and whose thing it asks for; written down, and driven by a test.

A route is declared by adding a line `METHOD endpoint` to one of the groups. `python -m tests.web.permission_table`
writes the table for people, docs/permissions.md, from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from estate.settings import ROOT

OWN, OTHER, ELSEWHERE = "own", "other", "elsewhere"
"""A thing of the asker's agency; of another agency of their programme; of an agency of another programme."""

COLUMNS: tuple[tuple[str, str], ...] = (
    ("anonymous", OWN),
    ("no role", OWN),
    ("viewer", OWN),
    ("viewer", OTHER),
    ("board member", OWN),
    ("board member", OTHER),
    ("asset manager", OWN),
    ("asset manager", OTHER),
    ("asset manager", ELSEWHERE),
    ("administrator", OWN),
    ("administrator", OTHER),
    ("administrator", ELSEWHERE),
    ("former member", OWN),
    ("former member", OTHER),
)
"""Who asks, and whose thing: the order of the letters of a group. A former member's agency has stepped back; they hold
every role but administrator. A route that names no thing is asked in the columns of `OWN` only."""

OUTCOMES = {"y": "yes", "n": "refused", "h": "not there", "s": "sign in"}
"""Answers; 403; 404, as where there is no such thing; the way to the sign-in, or 401."""


@dataclass(frozen=True)
class Group:
    """Routes that open to the same people."""

    who: str
    """In words."""
    cells: str
    """A letter of `OUTCOMES` for each of `COLUMNS`."""
    routes: tuple[str, ...]
    """Methods and endpoints."""

    def outcome(self, who: str, whose: str) -> str:
        """What somebody gets."""
        return OUTCOMES[self.cells[COLUMNS.index((who, whose))]]


GROUPS: tuple[Group, ...] = (
    Group(
        "Everybody, signed in or not",
        "yyyyyyyyyyyyyy",
        (
            "GET about.accessibility",
            "GET about.data",
            "POST auth.check_sign_in",
            "GET auth.sign_in",
            "POST auth.sign_out",
            "GET health.show",
            "POST provider.finish",
            "GET static",
        ),
    ),
    Group(
        "Whoever is in the middle of signing in; others begin at its start",
        "ssssssssssssss",
        (
            "GET second_factor.ask",
            "POST second_factor.cancel",
            "POST second_factor.check",
        ),
    ),
    Group(
        "Whoever holds the secret address; any other address is not there",
        "hhhhhhhhhhhhhh",
        (
            "GET leases.feed",
            "GET password_links.show",
            "POST password_links.use",
            "GET provider.back",
        ),
    ),
    Group(
        "Everybody, where a provider of sign-in is set up; who is signed in goes home",
        "hyyyyyyyyyyyyy",
        ("GET provider.start",),
    ),
    Group(
        "Everybody who is signed in, with or without a role",
        "syyyyyyyyyyyyy",
        (
            "GET auth.account",
            "POST auth.change_password",
            "POST second_factor.confirm",
            "GET second_factor.show",
            "POST second_factor.start",
            "POST second_factor.turn_off",
            "POST tokens.create",
            "GET tokens.index",
        ),
    ),
    Group(
        "Whoever's agency takes part in the programme that is asked for",
        "shyyyyyyyyyyhh",
        ("POST programmes.switch",),
    ),
    Group(
        "Every role; what of others' it holds depends on who reads",
        "snyyyyyyyyyyyy",
        (
            "GET attestation.calendar",
            "GET attestation.download",
            "GET attestation.index",
            "GET attestation.show",
            "GET buildings.download",
            "GET buildings.download_open",
            "GET buildings.index",
            "GET costs.download",
            "GET costs.download_shares",
            "GET costs.index",
            "GET costs.prices",
            "GET costs.shares",
            "GET home.index",
            "GET leases.calendar",
            "GET leases.download",
            "GET leases.index",
            "POST leases.make_calendar",
            "POST leases.revoke_calendar",
            "GET map_tiles.show",
            "GET maps.access.download_areas",
            "GET maps.access.download_homes",
            "GET maps.access.frame",
            "GET maps.access.index",
            "POST base_map_choice.choose",
            "GET map_cells.show",
            "GET map_compare.show",
            "GET map_paper.alone",
            "GET map_paper.pdf",
            "GET map_paper.png",
            "GET map_search.show",
            "GET maps.buildings",
            "GET maps.buildings_frame_document",
            "GET maps.download_areas",
            "GET maps.download_buildings",
            "GET maps.frame",
            "GET maps.index",
            "GET ogc.landing",
            "GET ogc.definition",
            "GET ogc.conformance",
            "GET ogc.collections",
            "GET ogc.items",
            "GET ogc.one_collection",
            "GET ogc.tileset",
            "GET ogc.tilesets",
            "GET quality.agencies",
            "GET quality.areas",
            "GET quality.download",
            "GET quality.index",
            "GET quality.next_building",
            "GET quality.rules.index",
            "GET sensitivity.levels",
            "GET stock.download",
            "GET stock.index",
        ),
    ),
    Group(
        "Every role, of the programme that they work in; of their own also after stepping back",
        "snyyyyyyhyyhyh",
        ("GET ogc.item",),
    ),
    Group(
        "Every role, of agencies that take part in a programme with their own; of their own also after stepping back",
        "snyyyyyyhyyyyh",
        (
            "GET attestation.records.index",
            "GET building_history.show",
            "GET buildings.show",
            "GET costs.building",
            "GET maps.building_frame",
            "GET matches.why",
            "GET sites.frame",
            "GET sites.show",
        ),
    ),
    Group(
        "Everybody who is signed in, their own only",
        "syyhyhyhhyhhyh",
        ("POST tokens.revoke",),
    ),
    Group(
        "Every role, their own only: an administrator sees nobody else's",
        "snyhyhyhhyhhyh",
        (
            "POST list_views.begin_with",
            "POST list_views.change",
            "POST list_views.choose_columns",
            "GET list_views.columns",
            "POST list_views.create",
            "POST list_views.delete",
            "GET list_views.edit",
            "GET list_views.index",
            "GET list_views.new",
            "POST list_views.replace",
            "POST list_views.restore",
            "GET list_views.show",
        ),
    ),
    Group(
        "Asset managers of the agency, also after it stepped back; administrators",
        "snnnnnyhhyyyyh",
        (
            "POST building_cells.change",
            "GET building_changes.add",
            "POST building_changes.change",
            "POST building_changes.confirm_retire",
            "POST building_changes.create",
            "GET building_changes.edit",
            "GET building_changes.retire",
            "GET building_parts.add",
            "POST building_parts.change",
            "POST building_parts.confirm_end",
            "POST building_parts.create",
            "GET building_parts.edit",
            "GET building_parts.end",
            "GET building_values.choose",
            "POST building_values.give_back",
            "POST building_values.store",
            "GET bulk_edits.ask_undo",
            "POST bulk_edits.confirm",
            "POST bulk_edits.create",
            "POST bulk_edits.discard",
            "GET bulk_edits.index",
            "GET bulk_edits.new",
            "GET bulk_edits.progress",
            "GET bulk_edits.show",
            "POST bulk_edits.undo",
            "GET import_mappings.index",
            "POST import_mappings.rename",
            "POST import_mappings.retire",
            "GET import_mappings.show",
            "GET import_undo.confirm",
            "POST import_undo.undo",
            "POST imports.cancel_work",
            "POST imports.confirm",
            "POST imports.create",
            "POST imports.discard",
            "GET imports.download_counts_template",
            "GET imports.download_housing_template",
            "GET imports.download_rejected",
            "GET imports.download_template",
            "GET imports.index",
            "GET imports.new",
            "GET imports.progress",
            "GET imports.show",
            "GET matches.conflicts",
            "GET matches.index",
            "GET matches.next_pair",
            "POST pastes.create",
            "GET pastes.new",
            "GET sites.arrange",
            "POST sites.leave",
            "GET sites.rename",
            "POST sites.store",
            "POST sites.store_kind",
            "POST sites.store_name",
        ),
    ),
    Group(
        "Asset managers of one of the two agencies, also after it stepped back; administrators",
        "snnnnnynhyyyyh",
        (
            "GET matches.frame",
            "POST matches.judge",
            "GET matches.show",
            "POST matches.take_back",
        ),
    ),
    Group(
        "Asset managers of the agency, also after it stepped back; no administrator of another one",
        "snnnnnyhhnnnyh",
        (
            "GET attestation.records.ask_what_is_wrong",
            "POST attestation.records.report",
            "POST attestation.records.take_back",
            "POST sensitivity.change",
            "GET sensitivity.edit",
        ),
    ),
    Group(
        "The same, where the address names the agency, which is no secret",
        "snnnnnynnnnnyn",
        (
            "GET attestation.records.ask_to_confirm_all",
            "POST attestation.records.confirm",
            "POST attestation.records.confirm_all",
        ),
    ),
    Group(
        "As an agency's records; what is not read or prepared yet is shown to no other agency's administrator",
        "snnnnnyhhyhhyh",
        (
            "POST import_mapping.add_sheet",
            "GET import_mapping.edit",
            "POST import_mapping.read_again",
            "POST import_mapping.save",
            "POST pastes.choose_columns",
            "GET pastes.columns",
        ),
    ),
    Group(
        "Every role of an agency that takes part in the programme",
        "snyyyyyyhyyynn",
        (
            "GET appraisal.document",
            "GET appraisal.download",
            "GET appraisal.show",
            "GET boards.decisions.evidence",
            "GET boards.decisions.show",
            "GET boards.index",
            "GET boards.show",
            "GET departures.index",
            "GET fairness.download_cash",
            "GET phasing.download",
            "GET phasing.show",
            "GET proposals.download_agencies",
            "GET proposals.download_buildings",
            "GET proposals.download_moves",
            "GET proposals.frame",
            "GET proposals.index",
            "GET proposals.progress",
            "GET proposals.show",
        ),
    ),
    Group(
        "Asset managers of agencies that take part in the programme; administrators",
        "snnnnnyyhyyynn",
        (
            "GET boards.submit",
            "POST boards.submit",
            "POST fairness.start",
            "POST phasing.start",
            "POST proposals.cancel",
            "POST proposals.create",
            "GET proposals.new",
        ),
    ),
    Group(
        "Who put the proposal to the board; administrators",
        "snnnnnynhyyynn",
        ("POST boards.decisions.take_back",),
    ),
    Group(
        "Who sits on the board, or chairs it",
        "snnnynnnnnnnnn",
        (
            "POST boards.decisions.settle",
            "POST boards.decisions.vote",
        ),
    ),
    Group(
        "Asset managers and board members of agencies that take part; administrators",
        "snnnyyyyyyyynn",
        (
            "GET disposals.download",
            "GET disposals.index",
        ),
    ),
    Group(
        "Administrators",
        "snnnnnnnnyyynn",
        (
            "POST administration.agencies.change",
            "POST administration.agencies.create",
            "GET administration.agencies.edit",
            "GET administration.agencies.index",
            "GET administration.agencies.new",
            "GET administration.agencies.show",
            "POST administration.base_maps.change",
            "POST administration.base_maps.create",
            "GET administration.base_maps.edit",
            "GET administration.base_maps.index",
            "GET administration.base_maps.new",
            "POST administration.fields.change",
            "GET administration.fields.edit",
            "GET administration.fields.index",
            "POST administration.programme_members.keep",
            "POST administration.programme_members.leave",
            "GET administration.programme_members.show",
            "GET administration.population.ask",
            "POST administration.population.create",
            "GET administration.population.index",
            "POST administration.population.take_back",
            "POST administration.programmes.add_area",
            "POST administration.programmes.admit",
            "POST administration.programmes.change",
            "POST administration.programmes.create",
            "GET administration.programmes.edit",
            "GET administration.programmes.index",
            "GET administration.programmes.new",
            "POST administration.programmes.remove_area",
            "GET administration.programmes.show",
            "GET administration.users.changes.deactivate",
            "POST administration.users.changes.deactivate",
            "GET administration.users.changes.end_role",
            "POST administration.users.changes.end_role",
            "GET administration.users.changes.reactivate",
            "POST administration.users.changes.reactivate",
            "GET administration.users.changes.reset_factor",
            "POST administration.users.changes.reset_factor",
            "POST administration.users.create",
            "POST administration.users.end_sessions",
            "POST administration.users.give_role",
            "GET administration.users.index",
            "POST administration.users.make_link",
            "GET administration.users.new",
            "GET administration.users.show",
            "GET attestation.download_reminders",
            "GET attestation.reminders",
            "GET attestation.rounds.ask_to_close",
            "POST attestation.rounds.change",
            "POST attestation.rounds.close",
            "POST attestation.rounds.create",
            "GET attestation.rounds.edit",
            "GET attestation.rounds.new",
            "POST boards.change_area",
            "POST boards.create",
            "GET boards.new",
            "POST boards.seat",
            "POST boards.unseat",
            "POST costs.add_prices",
            "GET costs.new_prices",
            "POST imports.create_agencies",
            "POST quality.rules.change",
            "GET quality.rules.edit",
        ),
    ),
)

NOT_DRIVEN = frozenset({"GET static", "POST auth.sign_out"})
"""A file of no data; and what would end the drive."""

DOCUMENT = ROOT / "docs" / "permissions.md"
INTRODUCTION = """# Who may do what

Every route of Estate and who it opens to, as the tests ask it of the running application. This file is written from the
table that they drive (`python -m tests.web.permission_table`); a route that is in no group fails them.

`own` is a thing of one's own agency, `other` one of another agency of the same programme, `elsewhere` one of an agency
with which one's own shares no programme. A *former member* works for an agency that stepped back, in every role but
administrator; *no role* stands for new accounts and for those whose roles have ended.

- **yes**: answers, or says what is wrong with what was sent
- **refused**: says that the role does not allow it (403)
- **not there**: answers as if there were no such thing (404)
- **sign in**: asks to sign in first

Restricted records and fields that agencies keep back are left out of whatever answers "yes": see
[who sees what](decisions/0018-who-sees-what.md).
"""


def routes() -> Iterator[tuple[str, Group]]:
    """Every declared route with its group."""
    for group in GROUPS:
        for route in group.routes:
            yield route, group


def document() -> str:
    """The table for people."""
    return INTRODUCTION + "".join(_section(group) for group in GROUPS)


def _section(group: Group) -> str:
    rows = [f"| {who} | {', '.join(_cells(group, who))} |" for who in dict.fromkeys(who for who, _ in COLUMNS)]
    named = "\n".join(f"- `{route}`" for route in group.routes)
    return f"\n## {group.who}\n\n| Who | What they get |\n|---|---|\n" + "\n".join(rows) + f"\n\n{named}\n"


def _cells(group: Group, who: str) -> list[str]:
    """What somebody gets, in words; once where it is the same whosever thing it is."""
    told = {whose: group.outcome(who, whose) for one, whose in COLUMNS if one == who}
    if len(set(told.values())) == 1:
        return [next(iter(told.values()))]
    return [f"{whose}: {outcome}" for whose, outcome in told.items()]


if __name__ == "__main__":
    DOCUMENT.write_text(document())
