"""Administration: users with their roles, agencies, and which fields others see."""

from flask import Blueprint

from estate.web import agencies, field_levels, users

blueprint = Blueprint("administration", __name__, url_prefix="/administration")
blueprint.register_blueprint(users.blueprint)
blueprint.register_blueprint(agencies.blueprint)
blueprint.register_blueprint(field_levels.blueprint)
