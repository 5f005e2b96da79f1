"""Configures the app for Django."""

from django.apps import AppConfig
from django.core.checks import register

__all__ = ["KolmislaConfig"]


class KolmislaConfig(AppConfig):
    """The app that INSTALLED_APPS names. It has no tables of its own."""

    name = "kolmisla_django"
    verbose_name = "kolmisla"

    def ready(self) -> None:
        """Register the checks that `manage.py check` runs."""
        from kolmisla_django.checks import check_project

        register(check_project)
