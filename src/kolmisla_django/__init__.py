"""Adds deadlines to the models of Django: columns, queries, a command and checks.

Add "kolmisla_django" to INSTALLED_APPS, and set KOLMISLA_POLICY. Read the package in this order:

    policy      loads the project's policy, which the setting KOLMISLA_POLICY names
    querysets   has queries on the stored deadlines
    models      has DeadlineFields: the columns, and how they are computed from a ticket
    checks      has the checks that `manage.py check` runs
    apps        configures the app
    management  has the command `manage.py kolmisla_recompute`
"""
