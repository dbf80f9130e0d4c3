"""What a map says of the populations that its figures are divided by: whose, and of which year."""

from pandas import DataFrame

from estate.web.filters import counted, day, financial_year, is_known


def population_line(population: float, year: float | None, year_start: int | None) -> str:
    """`Population: 12,345`; with its year where that is not the year shown; `Population: unknown`."""
    if not is_known(population):
        return "Population: unknown"
    other = f" ({int(year)})" if year is not None and is_known(year) and year != year_start else ""
    return f"Population: {int(population):,}{other}"


def population_notes(statistics: DataFrame, year_start: int | None) -> list[str]:
    """Source and time of the populations; how many are of another year than the one shown, or unknown."""
    known = statistics.dropna(subset=["population"])
    if known.empty:
        return ["No population is on record for these areas."]
    sources = sorted({str(source) for source in known["population_source"].dropna()})
    by_year = known.dropna(subset=["population_year"])
    undated = known[known["population_year"].isna()]
    days = sorted(set(undated["population_on"].dropna()))
    years = sorted({int(year) for year in by_year["population_year"]})
    when = ", ".join([*map(str, years), *([day(days[-1])] if days else [])])
    notes = [f"Population{f' of {when}' if when else ''}: {'; '.join(sources) or 'source not on record'}."]
    if year_start is not None:
        notes += _other_years(by_year, year_start)
    if len(known) < len(statistics):
        missing = counted(len(statistics) - len(known), "area")
        notes.append(f"The population of {missing} is unknown, so no figure is shown there, nor one for all together.")
    return notes


def _other_years(by_year: DataFrame, year_start: int) -> list[str]:
    years = by_year["population_year"].astype(int)
    notes = []
    for is_other, word in ((years < year_start, "an older"), (years > year_start, "a later")):
        if is_other.any():
            count = counted(int(is_other.sum()), "area")
            found = ", ".join(map(str, sorted(set(years[is_other]))))
            notes.append(
                f"For {count} the population is that of {word} year ({found}): none of {year_start} is on record for "
                f"{financial_year(year_start)}."
            )
    return notes
