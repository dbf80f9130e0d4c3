"""The main navigation and the home page's shortcuts, built from what the signed-in user may do."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from estate.people.permissions import Permission, can
from estate.web.access import current_identity


@dataclass(frozen=True)
class Place:
    """One entry: shown where its route exists and the user has its permission."""

    title: str
    endpoint: str
    permission: Permission
    purpose: str

    @property
    def is_open(self) -> bool:
        """True when the current user may go there."""
        return self.endpoint in current_app.view_functions and can(current_identity(), self.permission)

    @property
    def address(self) -> str:
        """Its URL."""
        return url_for(self.endpoint)


PLACES = [
    Place("Home", "home.index", Permission.READ_REGISTER, "What the register holds"),
    Place("Buildings", "buildings.index", Permission.READ_REGISTER, "Search, filter and read every building"),
    Place("Stock", "stock.index", Permission.READ_REGISTER, "Housing and other large classes, by landlord and patch"),
    Place("Costs", "costs.index", Permission.READ_REGISTER, "Budget and actual, who pays, years in one price base"),
    Place("Leases", "leases.index", Permission.READ_REGISTER, "Breaks, notices, rent reviews and lease ends"),
    Place("Maps", "maps.index", Permission.READ_MAP, "Running cost and use of space, by ward or district"),
    Place("Proposals", "proposals.index", Permission.READ_PROPOSAL, "Better uses of the estate, and what they save"),
    Place("Boards", "boards.index", Permission.READ_BOARD, "Votes and decisions on proposals"),
    Place("Disposals", "disposals.index", Permission.EXPORT_DISPOSALS, "Buildings that approved proposals would empty"),
    Place("Matches", "matches.index", Permission.REVIEW_MATCH, "Say which records are one building"),
    Place("Quality", "quality.index", Permission.READ_REGISTER, "What is missing, old or contradictory, by its cost"),
    Place(
        "Attestation",
        "attestation.index",
        Permission.READ_REGISTER,
        "The yearly round: each agency confirms its records",
    ),
    Place("Imports", "imports.index", Permission.IMPORT_FILE, "Bring a file into the register"),
    Place(
        "Administration",
        "administration.users.index",
        Permission.ADMINISTER,
        "Users, their roles, agencies and programmes",
    ),
]


def navigation() -> list[dict[str, object]]:
    """Entries for the service navigation component; the blueprint in use is the active one."""
    here = (request.blueprint or "").split(".")[0]
    return [
        {"text": place.title, "href": place.address, "active": place.endpoint.split(".")[0] == here}
        for place in PLACES
        if place.is_open
    ]


def shortcuts() -> list[Place]:
    """Every open place but the home page."""
    return [place for place in PLACES if place.is_open and place.endpoint != "home.index"]
