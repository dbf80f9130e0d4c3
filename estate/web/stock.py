"""Large classes, such as housing: which there are, and what each landlord holds, patch by patch."""

from collections.abc import Sequence

from flask import Blueprint, Response, g, render_template, request

from estate.exports.formats import formats, get_format
from estate.exports.stock import stock_table
from estate.people.models import Agency
from estate.people.permissions import Permission
from estate.register.classes import held_classes, list_left_out
from estate.register.filters import ALL_CLASSES, NO_PATCH
from estate.register.models import AssetClass
from estate.register.queries import list_use_classes
from estate.register.stock import by_landlord, holdings, together
from estate.web.access import requires
from estate.web.as_at import dated_name, shows_past
from estate.web.building_filters import UnknownFilter, filters_from
from estate.web.database import current_session
from estate.web.programmes import current_scope

blueprint = Blueprint("stock", __name__)

FILE_FORMATS = ("csv", "xlsx")


@blueprint.get("/stock")
@requires(Permission.READ_REGISTER)
@shows_past
def index() -> str:
    """What each landlord holds; of one landlord each patch."""
    asked, landlord = _class(), _landlord()
    found = holdings(current_session(), asked.code, current_scope(), landlord.id if landlord else None)
    return render_template(
        "stock/index.html",
        asked=asked,
        classes=list_left_out(current_session()),
        landlord=landlord,
        rows=found if landlord else by_landlord(found),
        total=together(found, "All together"),
        formats=[get_format(suffix) for suffix in FILE_FORMATS if suffix in formats()],
        no_patch=NO_PATCH,
        **_uses(asked),
    )


@blueprint.get("/stock.<any(csv, xlsx):suffix>")
@requires(Permission.READ_REGISTER)
@shows_past
def download(suffix: str) -> Response:
    """Every landlord, or one, patch by patch, as a file."""
    asked, chosen, landlord = _class(), get_format(suffix), _landlord()
    found = holdings(current_session(), asked.code, current_scope(), landlord.id if landlord else None)
    content = chosen.content(stock_table(found, f"{asked.name}: what each landlord holds"))
    # Excel takes a CSV file without the mark for Windows-1252.
    answer = Response((b"\xef\xbb\xbf" if suffix == "csv" else b"") + content, content_type=chosen.mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={dated_name(asked.code, chosen.suffix)}"
    return answer


@blueprint.app_template_global()
def left_out_classes() -> Sequence[AssetClass]:
    """The classes that pages leave out unless asked, of which the register holds something; none: nothing to say."""
    if "left_out_classes" not in g:
        g.left_out_classes = held_classes(current_session())
    found: Sequence[AssetClass] = g.left_out_classes
    return found


@blueprint.app_template_global()
def all_classes() -> str:
    """The value of the filter that asks for every class."""
    return ALL_CLASSES


def _class() -> AssetClass:
    """The class that the address names; by default the first."""
    known = {one.code: one for one in list_left_out(current_session())}
    code = request.args.get("class") or next(iter(known), "")
    if code not in known:
        raise UnknownFilter(fields={"class": f"has no value “{code[:40]}”"})
    return known[code]


def _uses(asked: AssetClass) -> dict[str, str]:
    """The use of the units and of the blocks, for links to the list; empty where the class has several."""
    uses = list_use_classes(current_session())
    found = {
        name: [use.code for use in uses if use.asset_class_code == asked.code and use.is_block is is_block]
        for name, is_block in (("unit_use", False), ("block_use", True))
    }
    return {name: codes[0] if len(codes) == 1 else "" for name, codes in found.items()}


def _landlord() -> Agency | None:
    agency_id = filters_from(request.args).agency_id
    if agency_id is None:
        return None
    found = current_session().get(Agency, agency_id)
    if found is None:
        raise UnknownFilter(fields={"agency": f"has no value “{agency_id}”"})
    return found
