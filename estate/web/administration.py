"""Administration: users, agencies, programmes, which fields other agencies see, and base maps."""

from flask import Blueprint

from estate.web import (
    agencies,
    base_maps,
    field_levels,
    populations,
    programme_members,
    programmes_administration,
    users,
)

blueprint = Blueprint("administration", __name__, url_prefix="/administration")
blueprint.register_blueprint(users.blueprint)
blueprint.register_blueprint(agencies.blueprint)
blueprint.register_blueprint(field_levels.blueprint)
blueprint.register_blueprint(programmes_administration.blueprint)
blueprint.register_blueprint(programme_members.blueprint)
blueprint.register_blueprint(populations.blueprint)
blueprint.register_blueprint(base_maps.blueprint)
