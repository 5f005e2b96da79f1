"""Has the commands that the app adds to `manage.py`."""
