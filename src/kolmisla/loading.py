"""The lock under which modules are loaded that are only loaded when they are used.

Python holds a lock of its own while it loads one. A process that forks at that moment would leave its child a lock
that nobody opens; so forking waits for this one first.
"""

import os
from _thread import RLock  # the module threading takes its time

__all__ = ["LOADING"]

LOADING = RLock()

_at_fork = getattr(os, "register_at_fork", lambda **_: None)  # Windows does not fork
_at_fork(before=LOADING.acquire, after_in_parent=LOADING.release, after_in_child=LOADING.release)
