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
from estate.register.models.edits import BulkEdit, BulkEditRow, EditKind, EditStatus, Verdict
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
    Service,
    SpaceStandard,
    UseAcceptance,
    UseClass,
)
from estate.register.models.views import ListPreference, SavedView

__all__ = [
    "Assumption",
    "Building",
    "BuildingArea",
    "BuildingStatus",
    "BulkEdit",
    "BulkEditRow",
    "ConditionSurvey",
    "CostCategory",
    "EditKind",
    "EditStatus",
    "EnergyKind",
    "EnergyRating",
    "FixSource",
    "Import",
    "ImportProblem",
    "ImportStatus",
    "Interest",
    "ListPreference",
    "MatchBasis",
    "MatchCandidate",
    "MatchDecision",
    "MatchVerdict",
    "OccupancyMethod",
    "OccupancyObservation",
    "Occupation",
    "Place",
    "RunningCost",
    "SavedView",
    "Service",
    "Site",
    "SourceRecord",
    "SpaceStandard",
    "Tenure",
    "UseAcceptance",
    "UseClass",
    "Valuation",
    "Verdict",
    "Versioned",
]
