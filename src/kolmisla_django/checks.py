"""What `manage.py check` finds."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from kolmisla import KolmislaError
from kolmisla_django.models import DeadlineFields
from kolmisla_django.policy import current_policy

__all__ = ["check_project", "models_with_deadlines"]


def models_with_deadlines() -> list[type[DeadlineFields]]:
    """Return the project's models that have DeadlineFields and a table."""
    return [model for model in apps.get_models() if issubclass(model, DeadlineFields) and not model._meta.proxy]


def _relations(model: type[DeadlineFields]) -> list[Any]:
    """Return the fields of a model that lead to other rows, those of other models to this one among them."""
    return [field for field in model._meta.get_fields() if field.is_relation]


def check_project(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Return an error for each thing that makes deadlines impossible or wrong."""
    found: list[CheckMessage] = []
    try:
        current_policy()
    except ImproperlyConfigured as error:
        found.append(Error(str(error), id="kolmisla.E001"))
    except (KolmislaError, OSError) as error:
        hint = "`kolmisla policy check FILE` tells what is wrong"
        found.append(Error(f"the policy of KOLMISLA_POLICY cannot be read: {error}", hint, id="kolmisla.E002"))
    if not settings.USE_TZ:
        hint = "set USE_TZ = True, so that times are stored with their zone"
        found.append(Error("times without a zone have no deadline, but USE_TZ is False", hint, id="kolmisla.E003"))
    for model in models_with_deadlines():
        if model.to_ticket is DeadlineFields.to_ticket:
            hint = "define to_ticket(self) -> kolmisla.Ticket"
            found.append(Error("the model has no method to_ticket", hint, obj=model, id="kolmisla.E004"))
        relations = {field.get_accessor_name() if field.auto_created else field.name for field in _relations(model)}
        for name in {name.partition("__")[0] for name in model.deadline_prefetch} - relations:
            text = f"deadline_prefetch names {name!r}, which is not a relation of the model"
            hint = f"name one of {', '.join(sorted(relations))}" if relations else "leave deadline_prefetch out"
            found.append(Error(text, hint, obj=model, id="kolmisla.E005"))
    return found
