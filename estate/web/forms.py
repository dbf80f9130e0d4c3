"""The base of every form: fields that the form does not know are refused, never ignored."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from estate.errors import InvalidInput


class UnknownFields(InvalidInput):
    """The request carries fields that this form does not have. Reload the page and fill in the form anew."""


class Form(FlaskForm):  # type: ignore[misc,unused-ignore]
    """A form with CSRF protection that answers 422 to unknown fields."""

    def validate_on_submit(self, *args: Any, **kwargs: Any) -> bool:
        """True when the form was sent and every field is valid."""
        unknown = {name for name in (*request.form, *request.files) if name not in self and not self.takes(name)}
        if self.is_submitted() and unknown:
            raise UnknownFields(fields=dict.fromkeys(sorted(unknown), "is not a field of this form"))
        return bool(super().validate_on_submit(*args, **kwargs))

    def takes(self, name: str) -> bool:
        """True where the request may carry `name` although no field is called so."""
        return False

    def values(self) -> dict[str, Any]:
        """What was entered, by field; without the token, the version, the reason and other hidden fields."""
        return {
            field.name: field.data
            for field in self
            if field.name != "reason" and getattr(field.widget, "input_type", "") != "hidden"
        }

    def add_errors(self, errors: dict[str, str]) -> None:
        """Show `errors`, such as `InvalidInput.fields`, beside their fields; those of no field on top of the form."""
        for name, message in errors.items():
            if name in self:
                self[name].errors = [*self[name].errors, message]
            else:
                self.form_errors.append(message)


CHOICE = "choice-"


class MergeableForm(Form):
    """A form of a row that two people may change at once: see `estate.web.merging`."""

    version = IntegerField("Version", [Optional()], widget=HiddenInput())
    """The version of the row that the person saw last."""
    base_version = IntegerField("Opened at", [Optional()], widget=HiddenInput())
    """On the merge screen: the version at which the form was first opened."""

    def takes(self, name: str) -> bool:
        """The merge screen's choices, one for each field that both people changed."""
        return name.startswith(CHOICE) and name.removeprefix(CHOICE) in self
