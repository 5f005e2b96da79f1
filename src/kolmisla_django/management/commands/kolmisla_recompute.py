"""Has the command `manage.py kolmisla_recompute`, which judges the rows of models again and stores their deadlines."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections, router, transaction

from kolmisla import KolmislaError
from kolmisla.errors import choices, named, shown
from kolmisla_django.checks import models_with_deadlines
from kolmisla_django.models import COLUMNS, DeadlineFields
from kolmisla_django.policy import current_fingerprint

__all__ = ["Command"]

MOST_ROWS = 1_000_000  # in one transaction; all of them are in memory


class Command(BaseCommand):
    """The command, which computes the deadlines of stored rows again.

    If no deadline can be computed for some row, the command prints the reason, goes on, and ends with status 1.
    """

    help = "Stores deadlines again after a change of the policy, of holidays or of time zones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options of the command."""
        parser.add_argument(
            "--all", action="store_true", help="judge all rows, not only those never judged or judged by another policy"
        )
        parser.add_argument(
            "--batch", type=int, default=1_000, help="how many rows are stored in one transaction (default: 1000)"
        )
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="the alias of the database")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute and store the deadlines of the rows of each model, and print counts.

        A model is skipped if the routers say that its table is not in the database. Raise CommandError for a wrong
        `--batch` or an unknown database, and at the end if a row was refused.
        """
        alias = options["database"]
        if alias not in connections:
            raise CommandError(f"--database must be one of {choices(connections)}, not {shown(alias)}")
        if not 1 <= options["batch"] <= MOST_ROWS:
            raise CommandError(f"--batch must be from 1 to {MOST_ROWS:,}, not {shown(options['batch'])}")
        every_refused = 0
        for model in models_with_deadlines():
            if not router.allow_migrate_model(alias, model):
                self.stdout.write(f"{model._meta.label}: its rows are not in the database {shown(alias)}")
                continue
            judged, changed, refused = self._recompute(model, options)
            self.stdout.write(f"{model._meta.label}: {judged} judged, {changed} changed, {refused} refused")
            every_refused += refused
        if every_refused:
            raise CommandError(f"no deadline can be computed for {every_refused} of the rows; they are unchanged")

    def _recompute(self, model: type[DeadlineFields], options: dict[str, Any]) -> tuple[int, int, int]:
        """Compute the deadlines of a model's rows, and store what changed.

        Return how many rows were judged, changed and refused. A row is refused if `refresh_deadline` raises
        KolmislaError; it counts as judged too. Rows of a model that inherits from `model` are left out.
        """
        alias, wanted = options["database"], model._base_manager.using(options["database"]).order_by("pk")
        relations: list[Any] = [each for each in model._meta.get_fields(include_hidden=True) if not each.concrete]
        for heir in (each for each in relations if getattr(each, "parent_link", False)):
            own_rows = heir.related_model
            wanted = wanted.exclude(pk__in=own_rows._base_manager.using(alias).values(heir.field.attname))
        if not options["all"]:
            wanted = wanted.exclude(policy_fingerprint=current_fingerprint())
        judged = changed = refused = 0
        last: Any = None
        while True:
            with transaction.atomic(using=alias):
                rows = wanted if last is None else wanted.filter(pk__gt=last)
                locked = rows.select_for_update()  # SQLite has no such lock, and ignores it
                batch = list(locked.prefetch_related(*model.deadline_prefetch)[: options["batch"]])
                if not batch:
                    return judged, changed, refused
                for row in batch:
                    try:
                        if row.refresh_deadline():
                            # `bulk_update` takes three times as long: it tells rows apart by CASE WHEN
                            values = {name: getattr(row, name) for name in COLUMNS}
                            changed += model._base_manager.using(alias).filter(pk=row.pk).update(**values)
                    except KolmislaError as error:
                        refused += 1
                        self.stderr.write(f"{model._meta.label} {named(str(row.pk))}: {error}")
            judged, last = judged + len(batch), batch[-1].pk
