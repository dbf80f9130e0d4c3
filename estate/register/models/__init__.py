"""Tables of the register."""

from sqlalchemy import event
from sqlalchemy.orm import Session, UOWTransaction

import estate.register.seen  # noqa: F401  # it listens to flushes too, and may not begin to in the middle of one
from estate.register.models.area_sums import AreaSum, area_sum_mark
from estate.register.models.attestation import (
    Attestation,
    AttestationReminder,
    AttestationRound,
    AttestationVerdict,
)
from estate.register.models.buildings import (
    Building,
    BuildingArea,
    BuildingKind,
    BuildingStatus,
    FixSource,
    Interest,
    Place,
    RepairLiability,
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
    PlannedCost,
    PlannedKind,
    RunningCost,
    Valuation,
)
from estate.register.models.imports import (
    COUNT_LAYOUT,
    NAMING,
    Import,
    ImportMapping,
    ImportProblem,
    ImportStatus,
    SourceRecord,
    describes_building,
)
from estate.register.models.listed import BuildingListed, CostYearStep
from estate.register.models.map_cells import MapCell, map_change, map_step
from estate.register.models.matches import MatchBasis, MatchCandidate, MatchDecision, MatchVerdict
from estate.register.models.overrides import FieldOverride
from estate.register.models.programmes import ProgrammeArea
from estate.register.models.reference import (
    AssetClass,
    Assumption,
    CostCategory,
    PriceIndexRelease,
    PriceIndexValue,
    QualityKind,
    QualityMoney,
    QualityRule,
    SensitiveField,
    Service,
    SpaceStandard,
    UseAcceptance,
    UseClass,
)
from estate.register.models.sensitivity import FieldSensitivity, Sensitivity
from estate.register.models.views import ListPreference, SavedView

__all__ = [
    "COUNT_LAYOUT",
    "NAMING",
    "AreaSum",
    "AssetClass",
    "Assumption",
    "Attestation",
    "AttestationReminder",
    "AttestationRound",
    "AttestationVerdict",
    "Building",
    "BuildingArea",
    "BuildingKind",
    "BuildingListed",
    "BuildingStatus",
    "BulkEdit",
    "BulkEditRow",
    "ConditionSurvey",
    "CostCategory",
    "CostYearStep",
    "EditKind",
    "EditStatus",
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
    "ListPreference",
    "MapCell",
    "MatchBasis",
    "MatchCandidate",
    "MatchDecision",
    "MatchVerdict",
    "OccupancyMethod",
    "OccupancyObservation",
    "Occupation",
    "Place",
    "PlannedCost",
    "PlannedKind",
    "PriceIndexRelease",
    "PriceIndexValue",
    "ProgrammeArea",
    "QualityKind",
    "QualityMoney",
    "QualityRule",
    "RepairLiability",
    "RunningCost",
    "SavedView",
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
    "Verdict",
    "Versioned",
    "area_sum_mark",
    "describes_building",
    "map_change",
    "map_step",
]


@event.listens_for(Session, "after_flush")
def _keep_lists(session: Session, _: UOWTransaction) -> None:
    """What lists read follows every flush of these models, whoever flushes."""
    from estate.register.listed import follow_flush  # it reads these models

    follow_flush(session)
