"""A registered model behind an API: `create_app` is all that a repository needs."""

from idp_ml.serving.app import create_app
from idp_ml.serving.journal import Journal
from idp_ml.serving.settings import Settings

__all__ = ["Journal", "Settings", "create_app"]
