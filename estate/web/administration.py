"""Administration: users with their roles, agencies, and the programmes in which they take part."""

from flask import Blueprint

from estate.web import agencies, programme_members, programmes_administration, users

blueprint = Blueprint("administration", __name__, url_prefix="/administration")
blueprint.register_blueprint(users.blueprint)
blueprint.register_blueprint(agencies.blueprint)
blueprint.register_blueprint(programmes_administration.blueprint)
blueprint.register_blueprint(programme_members.blueprint)
