"""The table of the small application."""
