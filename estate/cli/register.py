"""`estate register`: what lists and searches read, checked against the records and worked out anew."""

import click

from estate.db import bind_sessions, make_session


@click.group("register")
def register() -> None:
    """The register's lists: verify and rebuild what they read."""


@register.command("verify-list")
def verify_list() -> None:
    """Compare the row of every building in the list with its records."""
    from estate.register import pyramid
    from estate.register.listed import verify

    bind_sessions()
    with make_session.begin() as session:
        found, cells = verify(session), pyramid.verify(session)
    if cells:
        click.echo(f"{cells:,} cells of the map differ from the list. Run “estate register rebuild-map”.", err=True)
    if not found:
        click.echo("Every building's row in the list follows from its records.")
        return
    for year, (stored, right) in found.cost_years.items():
        click.echo(f"{year}: {stored:,} buildings with a cost are counted, {right:,} have one.")
    numbers = ", ".join(str(number) for number in found.wrong)
    more = " and perhaps more" if len(found.wrong) == 100 else ""
    raise click.ClickException(f"Rows that differ: {numbers or 'none'}{more}. Run “estate register rebuild-list”.")


@register.command("verify-sums")
def verify_sums() -> None:
    """Compare the stored sums of areas with those of their buildings."""
    from estate.register.area_sum_keeping import verify

    bind_sessions()
    with make_session.begin() as session:
        differences = verify(session)
    for found in differences[:100]:
        click.echo(f"Area {found.area_id}, {found.year_start}: {found.name} is {found.stored}, not {found.right}.")
    if differences:
        raise click.ClickException(f"{len(differences):,} stored sums differ. Run “estate register rebuild-sums”.")
    click.echo("Every stored sum of an area follows from its buildings.")


@register.command("rebuild-sums")
def rebuild_sums() -> None:
    """Work out anew the stored sums of every area and year."""
    from estate.register.area_sum_keeping import rebuild

    bind_sessions()
    with make_session.begin() as session:
        count = rebuild(session)
    click.echo(f"{count:,} sums of areas were worked out anew.")


@register.command("rebuild-list")
def rebuild_list() -> None:
    """Work out the list anew, today's and that of every past day."""
    from estate.register.listed_past import rebuild

    bind_sessions()
    with make_session.begin() as session:
        moments = rebuild(session)
    click.echo(f"The list was worked out anew, with {moments:,} moments of its past.")


@register.command("rebuild-map")
def rebuild_map() -> None:
    """Work out anew the cells from which maps of many buildings are drawn. Changes of the register wait meanwhile."""
    from estate.register import pyramid

    bind_sessions()
    with make_session.begin() as session:
        pyramid.rebuild(session)
    click.echo("The cells of the map were worked out anew.")
