"""Tables of the register."""

from estate.register.models.buildings import (
    Building,
    BuildingArea,
    BuildingKind,
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
    ImportMapping,
    ImportProblem,
    ImportStatus,
    SourceRecord,
)
from estate.register.models.matches import MatchBasis, MatchCandidate, MatchDecision, MatchVerdict
from estate.register.models.overrides import FieldOverride
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
    "BuildingKind",
    "BuildingStatus",
    "ConditionSurvey",
    "CostCategory",
    "EnergyKind",
    "EnergyRating",
    "FieldOverride",
    "FieldSensitivity",
    "FixSource",
    "Import",
    "ImportMapping",
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
