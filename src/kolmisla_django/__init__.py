"""Deadlines in the models of Django: columns, queries, a command and checks.

Add "kolmisla_django" to INSTALLED_APPS, and set KOLMISLA_POLICY. Read the package in this order:

    policy      the project's policy, from the setting KOLMISLA_POLICY
    querysets   queries on the stored deadlines
    models      DeadlineFields: the columns, and how they follow from a ticket
    checks      what `manage.py check` finds
    apps        the configuration of the app
    management  `manage.py kolmisla_recompute`
"""
