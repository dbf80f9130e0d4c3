"""Administration: users, agencies, programmes, and which fields other agencies see."""

from flask import Blueprint

from estate.web import agencies, field_levels, populations, programme_members, programmes_administration, users

blueprint = Blueprint("administration", __name__, url_prefix="/administration")
blueprint.register_blueprint(users.blueprint)
blueprint.register_blueprint(agencies.blueprint)
blueprint.register_blueprint(field_levels.blueprint)
blueprint.register_blueprint(programmes_administration.blueprint)
blueprint.register_blueprint(programme_members.blueprint)
blueprint.register_blueprint(populations.blueprint)
