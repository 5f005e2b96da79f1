"""Has the checks that `manage.py check` runs."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from kolmisla import KolmislaError, Policy
from kolmisla.errors import shown
from kolmisla.policies.promises import metric_in
from kolmisla_django.models import DeadlineFields
from kolmisla_django.policy import current_policy

__all__ = ["check_project", "models_with_deadlines"]


def models_with_deadlines() -> list[type[DeadlineFields]]:
    """Return the project's models that have DeadlineFields and a table."""
    return [model for model in apps.get_models() if issubclass(model, DeadlineFields) and not model._meta.proxy]


def _relations(model: type[DeadlineFields]) -> set[str]:
    """Return the names of a model's relations.

    These are fields such as `customer`, and attributes such as `ticket_set` with the rows that refer to a row of this
    model.
    """
    fields: list[Any] = [field for field in model._meta.get_fields() if field.is_relation]
    return {field.get_accessor_name() if field.auto_created and not field.concrete else field.name for field in fields}


def _prefetched(model: type[DeadlineFields]) -> set[str]:
    """Return the first name in each path of `deadline_prefetch`.

    A path is a text such as `customer__plan`, or a Prefetch of Django. Raise TypeError for anything else.
    """
    given: object = model.deadline_prefetch
    paths: list[Any] = [None]
    if isinstance(given, (tuple, list)):
        paths = [getattr(path, "prefetch_through", path) for path in given]
    if not all(isinstance(path, str) for path in paths):
        raise TypeError(f"deadline_prefetch must be a tuple or a list of names of relations, not {shown(given)}")
    return {path.partition("__")[0] for path in paths}


def check_project(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Return an error for each fault in the project's settings, and in its models that have DeadlineFields."""
    found: list[CheckMessage] = []
    policy: Policy | None = None
    try:
        policy = current_policy()
    except ImproperlyConfigured as error:
        found.append(Error(str(error), id="kolmisla.E001"))
    except (KolmislaError, OSError, ValueError) as error:  # ValueError for a path that no file can have
        hint = "`kolmisla policy check FILE` tells what is wrong"
        found.append(Error(f"the policy of KOLMISLA_POLICY cannot be read: {error}", hint, id="kolmisla.E002"))
    if not settings.USE_TZ:
        hint = "set USE_TZ = True, so that times are stored with their zone"
        found.append(Error("USE_TZ must be True: times without a zone have no deadline", hint, id="kolmisla.E003"))
    for model in models_with_deadlines():
        if model.to_ticket is DeadlineFields.to_ticket:
            hint = "define to_ticket(self) -> kolmisla.Ticket"
            found.append(Error("the model must have a method to_ticket", hint, obj=model, id="kolmisla.E004"))
        found += _relations_named(model)
        found += _attributes(model, policy)
    return found


def _relations_named(model: type[DeadlineFields]) -> Iterator[CheckMessage]:
    """Yield an error for each name in `deadline_prefetch` that is not a relation of the model."""
    relations = _relations(model)
    hint = f"name one of {', '.join(sorted(relations))}" if relations else "leave deadline_prefetch out"
    try:
        unknown = _prefetched(model) - relations
    except TypeError as error:
        yield Error(str(error), hint, obj=model, id="kolmisla.E005")
        return
    for name in sorted(unknown):
        text = f"deadline_prefetch names {name!r}, which is not a relation of the model"
        yield Error(text, hint, obj=model, id="kolmisla.E005")


def _attributes(model: type[DeadlineFields], policy: Policy | None) -> Iterator[CheckMessage]:
    """Yield an error if `warn_percent` is no whole number from 1, or `deadline_metric` is no metric of the policy."""
    percent: object = model.warn_percent
    if type(percent) is not int or percent < 1:
        text = f"warn_percent must be a whole number of 1 or more, not {shown(percent)}"
        yield Error(text, obj=model, id="kolmisla.E007")
    try:
        if policy is not None:
            metric_in(policy, model.deadline_metric)
    except (KolmislaError, TypeError) as error:
        yield Error(f"deadline_metric: {error}", obj=model, id="kolmisla.E006")
