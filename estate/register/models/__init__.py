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
from estate.register.models.matches import MatchBasis, MatchCandidate, MatchDecision, MatchVerdict
from estate.register.models.reference import (
    Assumption,
    CostCategory,
    SensitiveField,
    Service,
    SpaceStandard,
    UseAcceptance,
    UseClass,
)
from estate.register.models.sensitivity import FieldSensitivity, Sensitivity

__all__ = [
    "Assumption",
    "Building",
    "BuildingArea",
    "BuildingStatus",
    "ConditionSurvey",
    "CostCategory",
    "EnergyKind",
    "EnergyRating",
    "FieldSensitivity",
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
    "SensitiveField",
    "Sensitivity",
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
