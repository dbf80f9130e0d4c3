"""The columns of the candidate disposals, in order: those of the Transparency Code first, exactly as published."""

from estate.exports.tables import Column, Kind

SYNTHETIC_NOTE = "SYNTHETIC DATA: these buildings, costs and people are made up. Take no decision from them."

TENURES = {
    "freehold": ("Freehold", None),
    "ground_lease": ("Leasehold", "Ground leasehold"),
    "leasehold": ("Leasehold", None),
    "sub_lease": ("Leasehold", "Sub-leasehold"),
    "licence": ("Licence", None),
    "moto": ("Other", "Memorandum of terms of occupation"),
    "pfi": ("PFI", None),
    "vacant": ("Other", "Vacant"),
    "other": ("Other", None),
}
"""Type and default detail of each tenure, in the words of the Local Government Transparency Code 2015."""

PUBLISHED = (
    Column("Organisation", meaning="Code of the agency that answers for the building"),
    Column("OrganisationLabel", meaning="Its name"),
    Column("UPRN", meaning="Unique Property Reference Number: text, leading zeros count"),
    Column("AssetCode", meaning="The agency's own reference"),
    Column("PropertyName"),
    Column("StreetName"),
    Column("PostTown"),
    Column("PostCode"),
    Column("GeoX", Kind.NUMBER, "Longitude in degrees, WGS84 (EPSG:4326)"),
    Column("GeoY", Kind.NUMBER, "Latitude in degrees, WGS84 (EPSG:4326)"),
    Column("TenureType", meaning="What the agency holds"),
    Column("TenureDetail"),
    Column("HoldingType"),
)

ADDED = (
    Column("CoordinateReferenceSystem", meaning="Of GeoX and GeoY"),
    Column("EstateID", Kind.WHOLE, "Number of the building in this register: never empty, never used twice"),
    Column("Use"),
    Column("WhyCandidate", meaning="Why the approved proposal empties it"),
    Column("FloorAreaM2", Kind.NUMBER, "Floor area in square metres"),
    Column("FloorAreaBasis", meaning="GIA (gross internal) or NIA (net internal)"),
    Column("RunningCostReleasedPerYear", Kind.NUMBER, "GBP a year that stop when it is emptied"),
    Column("RunningCostYear", meaning="Financial year of that cost; empty where it comes from a benchmark"),
    Column("RunningCostIsEstimate", Kind.YES_NO),
    Column("Valuation", Kind.NUMBER, "GBP"),
    Column("ValuationDate", Kind.DAY),
    Column("ValuationBasis"),
    Column("LeaseEnd", Kind.DAY),
    Column("LeaseBreak", Kind.DAY),
    Column("Constraints", meaning="What is known to bind a disposal; empty does not mean that there is nothing"),
    Column("Proposal"),
    Column("ProposalID", Kind.WHOLE),
    Column("Board"),
    Column("DecisionReference"),
    Column("DecisionDate", Kind.DAY),
    Column("StatusToday", meaning="Status in the register when this file was made"),
    Column("ChangedSinceSubmission", meaning="Facts that the register has differently today"),
    Column("AgencySteppedBack", Kind.DAY, "First day on which the agency takes no part any more; empty: it takes part"),
    Column("IsSynthetic", Kind.YES_NO, "Yes: made up, on real geography"),
)

COLUMNS = PUBLISHED + ADDED
