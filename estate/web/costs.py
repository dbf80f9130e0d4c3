"""Running costs in depth: budget against actual, who pays against whose it would be, and the price index."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from estate.errors import InvalidInput
from estate.exports.costs import costs_table, shares_table
from estate.exports.formats import get_format
from estate.people.permissions import Permission, can
from estate.register.building_costs import building_costs
from estate.register.cost_report import PAGE_SIZE, CostReport, cost_report
from estate.register.cost_shares import Shares, cost_shares
from estate.register.matches.members import building_id_of
from estate.register.models import Building
from estate.register.price_releases import add_release, find_release, list_releases
from estate.register.prices import parse_index, write_index
from estate.register.queries import list_agencies
from estate.web.access import current_identity, requires, signed_in_identity
from estate.web.as_at import as_at, as_it_was, dated_name, shows_past
from estate.web.cost_choices import CostChoice, choice_from, words_of_choice
from estate.web.costs_forms import PriceReleaseForm
from estate.web.database import current_session
from estate.web.filters import financial_year
from estate.web.names import filter_choices
from estate.web.programmes import get_seen_building

blueprint = Blueprint("costs", __name__)


@blueprint.get("/costs")
@requires(Permission.READ_REGISTER)
@shows_past
def index() -> str:
    """Budget against actual in one financial year, grouped and filtered."""
    session = current_session()
    choice = choice_from(session, request.args)
    report = _report(choice, page=request.args.get("page", 1, type=int)) if choice.year else None
    words = words_of_choice(session, choice)
    return render_template("costs/index.html", report=report, choices=filter_choices(session), **words)


@blueprint.get("/costs/budget-and-actual.<any(csv, xlsx):suffix>")
@requires(Permission.READ_REGISTER)
@shows_past
def download(suffix: str) -> Response:
    """Every row of the report as a file."""
    choice, chosen = choice_from(current_session(), request.args), get_format(suffix)
    rows = _report(choice, page_size=None).rows if choice.year else []
    words = words_of_choice(current_session(), choice)
    table = costs_table(rows, choice.year, choice.grouping.value, notes=_notes(choice, words))
    return _file(chosen.content(table), chosen.mimetype, dated_name("budget-and-actual", suffix))


@blueprint.get("/costs/shares")
@requires(Permission.READ_REGISTER)
@shows_past
def shares() -> str:
    """What each agency pays, and what its share would be."""
    session = current_session()
    choice = choice_from(session, request.args)
    found = _shares(choice) if choice.year else None
    words, choices = words_of_choice(session, choice), filter_choices(session)
    return render_template("costs/shares.html", shares=found, names=dict(choices.agencies), choices=choices, **words)


@blueprint.get("/costs/shares.<any(csv, xlsx):suffix>")
@requires(Permission.READ_REGISTER)
@shows_past
def download_shares(suffix: str) -> Response:
    """The shares as a file."""
    session, chosen = current_session(), get_format(suffix)
    choice = choice_from(session, request.args)
    names = {agency.id: agency.name for agency in list_agencies(session)}
    notes = _notes(choice, words_of_choice(session, choice))
    table = shares_table(_shares(choice) if choice.year else None, choice.year, names, notes=notes)
    return _file(chosen.content(table), chosen.mimetype, dated_name("cost-shares", suffix))


@blueprint.get("/buildings/<int:building_id>/costs")
@requires(Permission.READ_REGISTER)
@shows_past
def building(building_id: int) -> str | Redirect:
    """One building: budget against actual, its years in one price base, who pays and whose it would be."""
    session = current_session()
    found = get_seen_building(building_id)
    if building_id_of(found) != found.id and session.get(Building, building_id_of(found)) is not None:
        return redirect(url_for("costs.building", building_id=building_id_of(found)), 301)
    choice = choice_from(session, request.args, building_id=found.id)
    details = building_costs(session, found, choice.year, choice.years, choice.method, choice.prices)
    return render_template(
        "costs/building.html",
        details=details,
        building=details.building,
        may_edit=can(current_identity(), Permission.EDIT_BUILDING, found) and found.retired_at is None and not as_at(),
        names={agency.id: agency.name for agency in list_agencies(session)},
        **words_of_choice(session, choice),
    )


@blueprint.get("/costs/prices")
@requires(Permission.READ_REGISTER)
def prices() -> str:
    """The price index in force, and the editions before it."""
    releases = list_releases(current_session())
    return render_template("costs/prices.html", releases=releases, release=releases[0] if releases else None)


@blueprint.get("/costs/prices/new")
@requires(Permission.ADMINISTER)
def new_prices() -> str:
    """The form for a further edition; it begins with the figures in force."""
    release = find_release(current_session())
    values = write_index({value.year_start: value.value for value in release.values}) if release else ""
    form = PriceReleaseForm(data={"name": release.name if release else "", "figures": values})
    return render_template("costs/new_prices.html", form=form)


@blueprint.post("/costs/prices/new")
@requires(Permission.ADMINISTER)
def add_prices() -> str | Redirect | tuple[str, int]:
    """Store the edition: it is in force at once where it was published last."""
    form = PriceReleaseForm()
    if form.validate_on_submit():
        try:
            told = {name: form.values()[name] for name in ("name", "published_on", "source", "is_checked")}
            values = parse_index(form.table())
            add_release(current_session(), actor=signed_in_identity().user_id, values=values, **told)
        except InvalidInput as error:
            form.add_errors(error.fields or {"figures": error.message})
        else:
            flash("The price index is stored.", "success")
            return redirect(url_for("costs.prices"))
    return render_template("costs/new_prices.html", form=form), 422


def _report(choice: CostChoice, *, page: int = 1, page_size: int | None = PAGE_SIZE) -> CostReport:
    year, session = choice.year or 0, current_session()
    options: dict[str, Any] = {"level": choice.level, "sort": choice.sort, "page": page, "page_size": page_size}
    report = cost_report(session, year, choice.filters, choice.grouping, **options)
    return report.at_prices(choice.prices.factor(year))


def _shares(choice: CostChoice) -> Shares | None:
    """None where the index can't bring the year to the prices asked for."""
    factor = choice.prices.factor(choice.year or 0)
    if factor is None:
        return None
    return cost_shares(current_session(), choice.year or 0, choice.filters, choice.method, factor)


def _notes(choice: CostChoice, words: dict[str, Any]) -> tuple[str, ...]:
    """What the file says of its figures."""
    release, base = choice.prices.release, choice.prices.base_year
    money = "Amounts are in the money of the year itself."
    if base and release:
        unchecked = "" if release.is_checked else ", not checked at its source"
        money = f"Amounts are in prices of {financial_year(base)}: {release.name}, {release.source}{unchecked}."
    starts = "; ".join(f"{name} from {month}" for name, month in words["other_starts"])
    shifted = f" Years that start in another month were apportioned by months, an estimate: {starts}." if starts else ""
    year = financial_year(choice.year) if choice.year else "no year"
    return (f"Financial year {year}, from {words['place_month']}{as_it_was(', ')}. {money}{shifted}",)


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, content_type=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer
