"""A synthetic district for benchmarks: believable sizes, costs and uses, the same for the same seed."""

import numpy as np

from estate.optimise.problem import Building, Payer, Problem, Settings, Team, TeamRule

USES = {
    "office": (0.34, ("office", "counter")),
    "hub": (0.12, ("office", "counter", "library", "community")),
    "library": (0.10, ("office", "counter", "library", "community")),
    "community": (0.14, ("counter", "library", "community", "office")),
    "clinic": (0.15, ("clinic", "counter")),
    "depot": (0.06, ("depot",)),
    "station": (0.05, ()),
    "school": (0.04, ()),
}
TEAM_USES = {
    "office": ("office", "office", "office", "counter"),
    "hub": ("office", "counter", "library"),
    "library": ("library", "library", "counter"),
    "community": ("community", "office", "counter"),
    "clinic": ("clinic",),
    "depot": ("depot",),
    "station": ("station",),
    "school": ("school",),
}
AGENCIES = tuple(f"agency {number}" for number in range(1, 13))


def district(buildings: int = 150, seed: int = 7, *, team_rule: TeamRule = TeamRule.STAY) -> Problem:
    """About 2.2 teams a building in town centres across an area of 106 km2 for 150 buildings."""
    rng = np.random.default_rng(seed)
    side_m = 10_300.0 * (buildings / 150) ** 0.5
    centres = rng.uniform(0, side_m, (max(2, buildings // 18), 2))
    homes, teams = [], []
    for number in range(buildings):
        building, members = _building(rng, number, side_m, centres)
        homes.append(building)
        teams.extend(members)
    settings = Settings(annuity_ratio=0.12024, max_move_m=3000.0, team_rule=team_rule)
    return Problem(tuple(homes), tuple(teams), settings, title=f"Synthetic district of {buildings} buildings")


def _building(rng: np.random.Generator, number: int, side_m: float, centres: np.ndarray) -> tuple[Building, list[Team]]:
    use = str(rng.choice(list(USES), p=[share for share, _ in USES.values()]))
    spot = (
        centres[rng.integers(len(centres))] + rng.normal(0, 700, 2) if rng.random() < 0.7 else rng.uniform(0, side_m, 2)
    )
    x_m, y_m = np.clip(spot, 0, side_m).round(1)
    capacity = float(np.clip(rng.lognormal(6.5, 0.8), 80, 9000).round())
    agency = str(rng.choice(AGENCIES))
    home = f"B{number:04d}"
    shares = rng.dirichlet(np.ones(rng.choice([1, 1, 2, 2, 3, 4]))) * capacity * rng.uniform(0.35, 0.95)
    teams = [
        Team(
            id=f"{home}-T{position}",
            name=f"Team {position} of {home}",
            home=home,
            agency=agency if rng.random() < 0.8 else str(rng.choice(AGENCIES)),
            use=str(rng.choice(TEAM_USES[use])),
            need_m2=float(max(10, round(need))),
            fte=float(max(1, round(need / 10))),
            move_cost=float(round(max(1, need / 10) * 1500 + need * rng.uniform(60, 220))),
        )
        for position, need in enumerate(shares)
    ]
    building = Building(
        id=home,
        name=f"Building {number}",
        area_id="district",
        x_m=float(x_m),
        y_m=float(y_m),
        capacity_m2=capacity,
        running_cost_per_year=float(round(capacity * rng.uniform(55, 170) + rng.uniform(2000, 20000))),
        hosting_cost_per_m2_per_year=float(round(rng.uniform(8, 30), 2)),
        may_host=use not in ("station", "school") and rng.random() > 0.08,
        may_host_reason="its lease ends soon",
        may_close=use not in ("school",) and rng.random() > 0.08,
        may_close_reason="it is listed as protected",
        accepts=USES[use][1],
        payers=(Payer(agency, 1.0),),
    )
    return building, teams
