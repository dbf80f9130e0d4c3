"""Quality in sentences: what a line of the work list costs, and where a gap is closed."""

from flask import url_for
from markupsafe import Markup

from estate.people.permissions import Permission
from estate.register.models import QualityMoney, QualityRule
from estate.register.quality.checks import CHECKS, Mend
from estate.register.quality.evaluate import Work
from estate.web.filters import ESTIMATE, counted, money_short

NEW_PART = frozenset({"running_cost", "cost_age", "tenure", "people"})
"""Rules that are mended by adding a cost, interest or team; the other ones by changing what is there."""
WORDS = {
    Mend.FACTS: "Edit facts",
    Mend.COSTS: "Add a cost",
    Mend.INTERESTS: "Add an interest",
    Mend.OCCUPATIONS: "Add a team",
    Mend.FILE: "Import a file",
    Mend.RECORDS: "Compare the records",
    Mend.CONFIRM: "Confirm or edit",
}
CHANGE_WORDS = {
    Mend.COSTS: "See the costs",
    Mend.INTERESTS: "See the interests",
    Mend.OCCUPATIONS: "See the teams",
}
PERMISSIONS = {Mend.FILE: Permission.IMPORT_FILE}


def money_sentence(line: Work) -> Markup:
    """Such as `£6.2m a year of running cost can't be explained per m²`; without money, that it is unknown."""
    if line.money is None:
        return Markup("how much money this concerns is unknown")
    is_benchmark = line.rule.money is QualityMoney.BENCHMARK
    about = "about " if is_benchmark else ""
    amount = Markup("<b>{}{} a year</b>").format(about, money_short(line.money))
    mark = ESTIMATE if line.is_estimate else ""
    return Markup("{}{} {}").format(amount, mark, line.rule.consequence.strip())


def money_note(line: Work) -> str:
    """On what the money rests."""
    left_out = line.count - line.money_count
    basis = {
        QualityMoney.RUNNING_COST: "Running cost of the newest year",
        QualityMoney.BENCHMARK: "What buildings of this use and gross area usually cost: an assumption, not a bill",
        QualityMoney.RENT: "Rent a year of these leases",
    }[line.rule.money]
    if line.money is None:
        return f"{basis}: known of none of them."
    if left_out:
        return f"{basis}; unknown of {counted(left_out, 'building')}, left out."
    return f"{basis}."


def mend_address(rule: QualityRule, building_id: int) -> str:
    """The page where the gap is closed."""
    mend = CHECKS[rule.code].mend
    if mend is Mend.FACTS:
        return url_for("building_changes.edit", building_id=building_id)
    if mend is Mend.FILE:
        return url_for("imports.new")
    if mend is Mend.RECORDS:
        return url_for("matches.why", building_id=building_id)
    if mend is Mend.CONFIRM:
        return url_for("attestation.index")
    if rule.code in NEW_PART:
        return url_for("building_parts.add", building_id=building_id, kind=mend.value)
    return url_for("buildings.show", building_id=building_id, _anchor=mend.value)


def mend_words(rule: QualityRule) -> str:
    """What the link there says."""
    mend = CHECKS[rule.code].mend
    return WORDS[mend] if rule.code in NEW_PART else CHANGE_WORDS.get(mend, WORDS[mend])


def plain_sentence(line: Work) -> str:
    """The whole line as text, for a file."""
    text = money_sentence(line).striptags()
    return f"{counted(line.count, 'building')} {line.rule.gap}: {text}"
