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


class ChangePasswordForm(Form):
    """The password in force, and the new one twice."""

    current_password = PasswordField(
        "Your password now", [InputRequired("Enter the password you use now"), Length(max=1024)]
    )
    new_password = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password"),
            Length(
                min=MINIMUM_LENGTH, max=1024, message=f"The new password must have at least {MINIMUM_LENGTH} characters"
            ),
        ],
        render_kw={"autocomplete": "new-password"},
        description=f"At least {MINIMUM_LENGTH} characters. Three or four random words are good.",
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
