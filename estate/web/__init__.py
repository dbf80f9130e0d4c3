"""The web application: `create_app` puts its parts together; each room has one module with a `blueprint`."""

from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from estate.db import bind_sessions, make_session
from estate.settings import Settings, get_settings
from estate.web import (
    about,
    administration,
    appraisal,
    attestation,
    auth,
    base_map_choice,
    boards,
    building_cells,
    building_changes,
    building_history,
    building_parts,
    building_values,
    buildings,
    bulk_edits,
    costs,
    departures,
    disposals,
    fairness,
    health,
    home,
    import_mapping,
    import_mappings,
    import_undo,
    imports,
    leases,
    list_views,
    map_cells,
    map_compare,
    map_paper,
    map_search,
    map_tiles,
    maps,
    matches,
    ogc,
    password_links,
    pastes,
    phasing,
    programmes,
    proposals,
    provider_sign_in,
    quality,
    second_factor,
    sensitivity,
    sites,
    stock,
    tokens,
)
from estate.web.access import init_access
from estate.web.as_at import init_as_at
from estate.web.configuration import init_configuration
from estate.web.database import init_database
from estate.web.errors import init_errors
from estate.web.filters import init_filters
from estate.web.page import init_page
from estate.web.provider import init_provider
from estate.web.security import init_security
from estate.web.static_files import init_static_files
from estate.web.tile_answers import init_tile_answers
from estate.web.tile_grids import init_tile_grids
from estate.web.year_starts import init_year_starts

# One module a room; each holds `blueprint`.
ROOMS = [
    home,
    auth,
    about,
    buildings,
    building_changes,
    building_history,
    building_parts,
    bulk_edits,
    pastes,
    list_views,
    building_cells,
    building_values,
    maps,
    base_map_choice,
    map_cells,
    map_compare,
    map_paper,
    map_search,
    map_tiles,
    ogc,
    health,
    proposals,
    fairness,
    appraisal,
    phasing,
    boards,
    departures,
    disposals,
    programmes,
    imports,
    import_mapping,
    import_mappings,
    import_undo,
    matches,
    sites,
    leases,
    costs,
    quality,
    attestation,
    sensitivity,
    stock,
]
SIGN_IN = [second_factor, provider_sign_in, password_links, tokens, administration]


def create_app(settings: Settings | None = None, maker: sessionmaker[Session] | None = None) -> Flask:
    """The WSGI application. `maker` makes its database sessions; by default those of the configured database."""
    settings = settings or get_settings()
    # Both folders are named: Flask's own search fails where the package is an editable install seen from elsewhere.
    folder = Path(__file__).resolve().parent
    app = Flask("estate.web", root_path=str(folder), instance_path=str(settings.var_dir.resolve()))
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if maker is None:
        bind_sessions()
    # The order matters: tiles that still stand are given before anything is loaded, and access sets the size limit of
    # an upload before the CSRF check reads the form.
    init_configuration(app, settings)
    init_tile_answers(app)
    init_tile_grids(app)
    init_access(app)
    init_security(app, settings)
    init_database(app, maker or make_session)
    init_errors(app)
    init_filters(app)
    init_static_files(app)
    init_page(app)
    programmes.init_programmes(app)
    init_as_at(app)
    init_year_starts(app)
    init_provider(app, settings)
    for room in [*ROOMS, *SIGN_IN]:
        app.register_blueprint(room.blueprint)
    return app
