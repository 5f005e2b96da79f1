"""Watches what is imported at a first use, in a script that runs in a process of its own."""

WATCH = """
import sys
from kolmisla.names import LOADING

unguarded = []


class Watch:
    @staticmethod
    def find_spec(name, path, target=None):
        frame = sys._getframe()
        while frame and not frame.f_globals.get("__name__", "").startswith("kolmisla."):
            frame = frame.f_back
        if frame and not LOADING._is_owned():  # whatever package loads it, as a call of ours needs it
            unguarded.append((name, frame.f_globals["__name__"], frame.f_lineno))


sys.meta_path.insert(0, Watch)
"""
