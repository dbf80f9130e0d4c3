"""The rules of data quality: all of them to read, and for administrators to change or switch off."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from estate.people.permissions import Permission
from estate.register.models import QualityRule
from estate.register.quality.rules import change_rule, get_rule, list_rules
from estate.web.access import requires, signed_in_identity
from estate.web.account_histories import account_stories
from estate.web.database import current_session
from estate.web.editing import Trouble, save
from estate.web.names import names_of_codes
from estate.web.quality_forms import RuleForm

blueprint = Blueprint("rules", __name__, url_prefix="/quality/rules")

Answer = str | Response | tuple[str, int]


@blueprint.get("")
@requires(Permission.READ_REGISTER)
def index() -> str:
    """Every rule, with what it asks of which buildings."""
    session = current_session()
    uses = names_of_codes(session)["use_class_code"]
    return render_template("quality/rules.html", rules=list_rules(session), uses=uses)


@blueprint.get("/<code>/edit")
@requires(Permission.ADMINISTER)
def edit(code: str) -> Answer:
    """The rule in a form."""
    session = current_session()
    rule = get_rule(session, code)
    form = RuleForm(obj=rule)
    form.fill_choices(session, rule)
    return _page(form, rule, None)


@blueprint.post("/<code>/edit")
@requires(Permission.ADMINISTER)
def change(code: str) -> Answer:
    """Store what changed."""
    session, form = current_session(), RuleForm()
    rule = get_rule(session, code)
    form.fill_choices(session, rule)
    if not form.validate_on_submit():
        return _page(form, rule, Trouble(422))
    told = {"version": form.version.data or 0, "reason": form.reason.data or "", **form.values()}
    actor = signed_in_identity().user_id
    trouble = save(form, rule, lambda: change_rule(session, rule, actor=actor, **told))
    if trouble:
        return _page(form, rule, trouble)
    flash(f"The rule “{rule.title}” is {'changed' if rule.is_on else 'switched off'}.", "success")
    return redirect(url_for("quality.rules.index"))


def _page(form: RuleForm, rule: QualityRule, trouble: Trouble | None) -> Answer:
    stories = account_stories(current_session(), "quality_rule", rule.sort)
    page = render_template("quality/edit_rule.html", form=form, rule=rule, trouble=trouble, stories=stories)
    return (page, trouble.status) if trouble else page
