"""A small application: tickets without events."""
