"""The errors of the whole system: one base, and the four families that the web turns into an HTTP status."""


class EstateError(Exception):
    """Something went wrong that a person can act on."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or " ".join((type(self).__doc__ or "").split())
        super().__init__(self.message)


class NotFound(EstateError):
    """There is no such thing here, or you may not see it."""


class NotAllowed(EstateError):
    """Your role does not allow this. Ask an administrator of your agency."""


class InvalidInput(EstateError):
    """What you entered can't be stored as it is. See the message beside each field."""

    def __init__(self, message: str | None = None, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


class Conflict(EstateError):
    """Somebody changed this since you opened it. Look at both versions and try again."""
