"""Tables of the register."""

from estate.register.models.buildings import (
    Building,
    BuildingArea,
    BuildingStatus,
    FixSource,
    Interest,
    Place,
    Site,
    Tenure,
    Versioned,
)
from estate.register.models.facts import (
    ConditionSurvey,
    EnergyKind,
    EnergyRating,
    OccupancyMethod,
    OccupancyObservation,
    Occupation,
    RunningCost,
    Valuation,
)
from estate.register.models.imports import (
    Import,
    ImportProblem,
    ImportStatus,
    SourceRecord,
)
from estate.register.models.listed import BuildingListed, CostYearStep
from estate.register.models.matches import MatchBasis, MatchCandidate, MatchDecision, MatchVerdict
from estate.register.models.reference import (
    Assumption,
    CostCategory,
    Service,
    SpaceStandard,
    UseAcceptance,
    UseClass,
)

__all__ = [
    "Assumption",
    "Building",
    "BuildingArea",
    "BuildingListed",
    "BuildingStatus",
    "ConditionSurvey",
    "CostCategory",
    "CostYearStep",
    "EnergyKind",
    "EnergyRating",
    "FixSource",
    "Import",
    "ImportProblem",
    "ImportStatus",
    "Interest",
    "MatchBasis",
    "MatchCandidate",
    "MatchDecision",
    "MatchVerdict",
    "OccupancyMethod",
    "OccupancyObservation",
    "Occupation",
    "Place",
    "RunningCost",
    "Service",
    "Site",
    "SourceRecord",
    "SpaceStandard",
    "Tenure",
    "UseAcceptance",
    "UseClass",
    "Valuation",
    "Versioned",
]
