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
    "BuildingKind",
    "BuildingStatus",
    "BulkEdit",
    "BulkEditRow",
    "ConditionSurvey",
    "CostCategory",
    "EditKind",
    "EditStatus",
    "EnergyKind",
    "EnergyRating",
    "FieldOverride",
    "FixSource",
    "Import",
    "ImportMapping",
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
