"""Who can sign in to the demo place."""

from dataclasses import dataclass

from estate.people.models import Role

DEMO_PASSWORD = "total place demo 2010"  # noqa: S105  (printed for everyone who tries the demo)

# e-mail, name, what they may do, roles by the agency's code
USERS: tuple[tuple[str, str, str, dict[str, Role]], ...] = (
    (
        "administrator@demo.example",
        "Ada Turnpike",
        "administrator",
        {"demo-irwell-and-mersey": Role.ADMINISTRATOR},
    ),
    (
        "manager@demo.example",
        "Grace Shuttle",
        "asset manager of Bridgewater council and the care trust",
        {"demo-bridgewater": Role.ASSET_MANAGER, "demo-nhs-trust": Role.ASSET_MANAGER},
    ),
    ("chair@demo.example", "Clement Weft", "chair of the boards", {"demo-irwell-and-mersey": Role.BOARD_MEMBER}),
    ("member1@demo.example", "Enid Bobbin", "board member, police", {"demo-constabulary": Role.BOARD_MEMBER}),
    ("member2@demo.example", "Hugh Tenter", "board member, council", {"demo-bridgewater": Role.BOARD_MEMBER}),
    ("viewer@demo.example", "Vera Kiln", "viewer, fire service", {"demo-fire-service": Role.VIEWER}),
)
BOARD_EMAILS = ("chair@demo.example", "member1@demo.example", "member2@demo.example")
"""Who sits on the demo's boards, the chair first."""


@dataclass(frozen=True)
class SignIn:
    """How to sign in to the demo as one of its users."""

    role: str
    email: str
    password: str


def sign_ins() -> list[SignIn]:
    """The demo's users and their common password."""
    return [SignIn(role, email, DEMO_PASSWORD) for email, _, role, _ in USERS]
