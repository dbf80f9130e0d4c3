"""Forms of signing in and of one's own account."""

from typing import Any

from wtforms import HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from estate.people.passwords import MINIMUM_LENGTH
from estate.web.forms import Form


class SignInForm(Form):
    """Email and password."""

    email = StringField(
        "Email address",
        [InputRequired("Enter your email address"), Length(max=254)],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField("Password", [InputRequired("Enter your password"), Length(max=1024)])
    next = HiddenField()


class NewPasswordForm(Form):
    """A new password, twice."""

    new_password = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password"),
            Length(
                min=MINIMUM_LENGTH, max=1024, message=f"The new password must have at least {MINIMUM_LENGTH} characters"
            ),
        ],
        description=f"At least {MINIMUM_LENGTH} characters. Three or four random words are good.",
        render_kw={"autocomplete": "new-password"},
    )
    repeated_password = PasswordField(
        "New password again",
        [InputRequired("Enter the new password a second time")],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_repeated_password(self, field: Any) -> None:
        """The repetition is the same."""
        if field.data != self.new_password.data:
            raise ValidationError("The two new passwords differ. Enter the same one twice")


class ChangePasswordForm(NewPasswordForm):
    """The password in force, and the new one twice."""

    current_password = PasswordField(
        "Your password now", [InputRequired("Enter the password you use now"), Length(max=1024)]
    )


class ProviderForm(Form):
    """What the provider sent back with the visitor."""

    code = HiddenField("Code", [InputRequired(), Length(max=8000)])
    state = HiddenField("State", [InputRequired(), Length(max=200)])


CODE_ADVICE = "Six digits. No phone at hand? Enter one of your recovery codes instead."


def code_field(label: str, description: str) -> StringField:
    """A code of the app, or a recovery code."""
    return StringField(
        label,
        [InputRequired("Enter the code"), Length(max=40)],
        description=description,
        render_kw={"autocomplete": "one-time-code", "width": 20, "spellcheck": False},
    )


class CodeForm(Form):
    """The second step of signing in."""

    code = code_field("Code of your authenticator app", CODE_ADVICE)


class ConfirmCodeForm(Form):
    """The first code of an app that is being set up."""

    new_code = code_field("Code that the app shows now", "Six digits.")


class StartForm(Form):
    """Begins to set an app up; whoever has one enters a code of it."""

    code = StringField(
        "Code of the app you have now",
        [Length(max=40)],
        description=CODE_ADVICE,
        render_kw={"autocomplete": "one-time-code", "width": 20, "spellcheck": False},
    )


class OffForm(Form):
    """Turns the second factor off."""

    code = code_field("Code of your app, to turn it off", CODE_ADVICE)
