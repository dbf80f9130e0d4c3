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
from estate.register.models.programmes import ProgrammeArea
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
    "BuildingKind",
    "BuildingStatus",
    "ConditionSurvey",
    "CostCategory",
    "EnergyKind",
    "EnergyRating",
    "FieldOverride",
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
    "ProgrammeArea",
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
