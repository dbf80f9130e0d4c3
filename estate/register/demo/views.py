"""Views of the list that the demo's manager keeps: one shared with the council, one of her own."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from estate.people.models import User
from estate.people.permissions import identity_of
from estate.register.demo.users import MANAGER_EMAIL
from estate.register.views import save_view

COUNCIL = "demo-bridgewater"


def keep_demo_views(session: Session, agency_ids: dict[str, int]) -> None:
    """Store the views. `agency_ids` by the profiles' agency code."""
    manager = identity_of(session.scalars(select(User).where(User.email == MANAGER_EMAIL)).unique().one())
    council_id = agency_ids[COUNCIL]
    columns = "name,use,tenure,running_cost,status"
    leases = {"agency": council_id, "attention": "lease_ending", "sort": "-cost", "columns": columns}
    save_view(session, manager, name="Leases that end within a year", arguments=leases, agency_id=council_id)
    gaps = {"agency": council_id, "attention": "no_area", "columns": "name,use,gross_internal_area_m2,built_year,note"}
    save_view(session, manager, name="Floor areas to find", arguments=gaps, agency_id=None)
