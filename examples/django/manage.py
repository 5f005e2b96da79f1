"""Run a command of Django for the example: `python manage.py migrate`, for example."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk_site.settings")
    execute_from_command_line(sys.argv)
