"""The shell of every HTTP server: health, metrics, errors in two languages, one look, strict headers."""

from bus.web.app import create_app
from bus.web.pages import environment
from bus.web.problems import Problem

__all__ = ["Problem", "create_app", "environment"]
