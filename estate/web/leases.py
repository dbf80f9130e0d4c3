"""The lease diary: as a list, as a file, and the calendar that each user may subscribe to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from estate.errors import InvalidInput
from estate.exports.calendar_file import TITLES, calendar_of
from estate.exports.formats import formats, get_format
from estate.exports.leases import diary_table
from estate.people import calendar_feeds
from estate.people.permissions import Permission, can
from estate.register.diary import DiaryKind, add_months
from estate.register.lease_dates import SORTS, DiaryEntry, DiaryFilters, read_diary
from estate.register.seen import see_as, viewer_as
from estate.web.access import public, requires, signed_in_user
from estate.web.as_at import as_it_was, dated_name, shows_past, today
from estate.web.building_filters import UnknownFilter, filters_from
from estate.web.database import current_session
from estate.web.forms import Form
from estate.web.names import filter_choices
from estate.web.page import current_place
from estate.web.programmes import scope_of
from estate.web.sessions import find_identity

blueprint = Blueprint("leases", __name__, url_prefix="/leases")

FILE_FORMATS = ("csv", "xlsx")
FEED_MONTHS_BACK, FEED_MONTHS_AHEAD = 12, 120


class NoSuchDate(InvalidInput):
    """A date in this address can't be read. Write it as 2027-03-31."""


@blueprint.get("")
@requires(Permission.READ_REGISTER)
@shows_past
def index() -> str:
    """The diary, filtered and sorted; past days on top."""
    filters, sort = _filters(request.args), _sort()
    diary = read_diary(current_session(), filters, sort=sort)
    return render_template(
        "leases/index.html",
        diary=diary,
        filters=filters,
        sort=sort,
        chosen=_arguments(filters),
        arguments={**_arguments(filters), **({"sort": sort} if sort != "day" else {})},
        choices=filter_choices(current_session()),
        titles=TITLES,
        formats=[get_format(suffix) for suffix in FILE_FORMATS if suffix in formats()],
    )


@blueprint.get("/lease-diary.<any(csv, xlsx):suffix>")
@requires(Permission.READ_REGISTER)
@shows_past
def download(suffix: str) -> Response:
    """Exactly what the list shows, as a file."""
    chosen, diary = get_format(suffix), read_diary(current_session(), _filters(request.args), sort=_sort())
    notes = (f"Lease diary up to {diary.until.isoformat()}{as_it_was(', ')}",)
    answer = Response(chosen.content(diary_table(diary, notes=notes)), content_type=chosen.mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={dated_name('lease-diary', chosen.suffix)}"
    return answer


@blueprint.get("/calendar")
@requires(Permission.READ_REGISTER)
def calendar() -> str:
    """Whether the user's calendar reads the diary, and the buttons to change that."""
    return _calendar_page()


@blueprint.post("/calendar")
@requires(Permission.READ_REGISTER)
def make_calendar() -> str:
    """A new secret address, shown this once; the one before dies."""
    Form().validate_on_submit()
    token = calendar_feeds.create_feed(current_session(), signed_in_user())
    return _calendar_page(url_for("leases.feed", token=token, _external=True, **_arguments(_filters(request.args))))


@blueprint.post("/calendar/revoke")
@requires(Permission.READ_REGISTER)
def revoke_calendar() -> str:
    """Make the secret address worthless."""
    Form().validate_on_submit()
    calendar_feeds.revoke_feed(current_session(), signed_in_user())
    return _calendar_page(is_revoked=True)


@blueprint.get("/calendar/<token>.ics")
@public
def feed(token: str) -> Response:
    """The diary as a calendar, for the user whose secret `token` it is; their permission is asked each time."""
    session = current_session()
    reader = calendar_feeds.get_reader(session, token)
    identity = find_identity(reader)
    if not can(identity, Permission.READ_REGISTER):
        raise calendar_feeds.FeedDead
    see_as(session, viewer_as(identity))
    scope = scope_of(identity, min(identity.programme_ids, default=None))
    filters, now = _filters(request.args), today()
    since, until = add_months(now, -FEED_MONTHS_BACK), add_months(now, FEED_MONTHS_AHEAD)
    chosen = replace(filters, since=since, until=until, scope=scope)
    place = current_place()
    name = f"Lease diary, {place.name}" if place else "Lease diary"
    content = calendar_of(read_diary(session, chosen).entries, name, _building_address)
    answer = Response(content, content_type="text/calendar; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _calendar_page(address: str = "", *, is_revoked: bool = False) -> str:
    filters = _filters(request.args)
    return render_template(
        "leases/calendar.html",
        living=calendar_feeds.find_feed(current_session(), signed_in_user()),
        address=address,
        is_revoked=is_revoked,
        arguments=_arguments(filters),
        form=Form(),
        filters=filters,
        choices=filter_choices(current_session()),
        titles=TITLES,
    )


def _building_address(entry: DiaryEntry) -> str:
    return url_for("buildings.show", building_id=entry.building.id, _external=True, _anchor="interests")


def _sort() -> str:
    sort = request.args.get("sort", "day")
    return sort if sort.removeprefix("-") in SORTS else "day"


def _filters(arguments: Mapping[str, str]) -> DiaryFilters:
    """The filters in a query string: `agency area class kind from to`. Raises `UnknownFilter` or `NoSuchDate`."""
    places = filters_from({name: arguments[name] for name in ("agency", "area", "class") if name in arguments})
    kind = arguments.get("kind", "").strip()
    if kind and kind not in {known.value for known in DiaryKind}:
        raise UnknownFilter(fields={"kind": f"has no value “{kind[:40]}”"})
    return DiaryFilters(
        places.agency_id,
        places.area_id,
        DiaryKind(kind) if kind else None,
        since=_day(arguments, "from"),
        until=_day(arguments, "to"),
        class_code=places.class_code,
        scope=places.scope,
    )


def _day(arguments: Mapping[str, str], name: str) -> date | None:
    text = arguments.get(name, "").strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise NoSuchDate(fields={name: f"has no day “{text[:40]}”"}) from error
    if not 1900 <= found.year <= 2200:
        raise NoSuchDate(fields={name: "must be a day from 1900 to 2200"})
    return found


def _arguments(filters: DiaryFilters) -> dict[str, Any]:
    named = {
        "agency": filters.agency_id,
        "area": filters.area_id,
        "kind": filters.kind.value if filters.kind else None,
        "class": filters.class_code,
        "from": filters.since.isoformat() if filters.since else None,
        "to": filters.until.isoformat() if filters.until else None,
    }
    return {name: value for name, value in named.items() if value is not None}
