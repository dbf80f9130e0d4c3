"""Administration: users with their roles, and agencies."""

from flask import Blueprint

from estate.web import agencies, users

blueprint = Blueprint("administration", __name__, url_prefix="/administration")
blueprint.register_blueprint(users.blueprint)
blueprint.register_blueprint(agencies.blueprint)
