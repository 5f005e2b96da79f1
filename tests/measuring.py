"""Coverage is measured where it says something: in the imports of the package, and in tests with fixed cases.

It is not measured while a law runs, also of the engines. What a law reaches depends on the examples that are drawn.
These differ from machine to machine: hypothesis also draws constants of the modules that are loaded. So each line also
needs a test with a fixed case.

Nor is it measured in a test marked `unmeasured`. Such a test does many times what other tests do once, and measuring
makes it two to three times as slow. `unmeasured(but=[...])` is for a test with many cases. It names the cases that are
measured all the same, because they reach lines that no other test reaches. A function of the tests that calls little
of the package, such as one that validates an answer by its schema, is decorated with `unmeasured`.

An answer that a test without measuring left in a cache would hide the lines that find it. So the caches are emptied
before the next test that is measured, and a line counts in each order of the tests.

What pytest does between the tests is not measured either. While tests are collected, only those of the engines are
measured, because they import what others cannot.

All this changes nothing where no tracer measures: without `--cov`, or where Python measures by itself.
"""

import gc
import pkgutil
import sys
import threading
from collections.abc import Callable, Generator
from functools import _lru_cache_wrapper, wraps
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

import pytest

import kolmisla

P = ParamSpec("P")
T = TypeVar("T")
OF_PYTEST = ("_pytest", "pytest", "xdist")  # whose fixtures call nothing of the package


class Tracer:
    """What Python calls for each line: in this thread, and in threads that start."""

    def __init__(self) -> None:
        self.here, self.in_threads = sys.gettrace(), threading.gettrace()

    def start(self) -> None:
        """Measure from now on."""
        threading.settrace(self.in_threads)
        sys.settrace(self.here)

    def stop(self) -> None:
        """Measure no longer."""
        sys.settrace(None)
        threading.settrace(None)

    def around(self, run: Callable[[], None]) -> Callable[[], None]:
        """Return a function that measures while another runs."""

        @wraps(run)
        def measured() -> None:
            threading.settrace(self.in_threads)
            sys.settrace(self.here)
            try:
                run()
            finally:
                sys.settrace(None)  # here, and not in a function whose end the tracer would not see
                threading.settrace(None)

        return measured


def awake() -> None:
    """Do nothing. With the next call a tracer measures also the functions that are being called."""


def unmeasured(run: Callable[P, T]) -> Callable[P, T]:
    """Return a function that does not measure while another runs."""

    @wraps(run)
    def followed(*args: P.args, **options: P.kwargs) -> T:
        here, in_threads = sys.gettrace(), threading.gettrace()
        sys.settrace(None)  # here, and not in a function whose end the tracer would not see
        threading.settrace(None)
        try:
            return run(*args, **options)
        finally:
            threading.settrace(in_threads)
            sys.settrace(here)
            awake()

    return followed


class Caches:
    """The caches of the package's functions."""

    def __init__(self) -> None:
        found = (each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper))
        self.all = [each for each in found if each.__module__.partition(".")[0] == "kolmisla"]
        self.are_filled = False  # by a test without measuring

    def empty(self) -> None:
        """Forget what tests without measuring left."""
        if self.are_filled:
            for each in self.all:
                each.cache_clear()
            self.are_filled = False


IN_USE = pytest.StashKey[Tracer]()
CACHES = pytest.StashKey[Caches]()


def of_engines(node: pytest.Collector) -> bool:
    return node.path.parent.name == "engines"


def is_measured(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("unmeasured")
    if mark:
        case = getattr(item, "callspec", None)
        return case is not None and case.id in mark.kwargs.get("but", ())
    return not getattr(getattr(item, "obj", None), "is_hypothesis_test", False)


def import_all() -> None:
    """Import each module that can be imported here."""
    for module in pkgutil.walk_packages(kolmisla.__path__, "kolmisla."):
        try:
            import_module(module.name)
        except ImportError:  # an engine is missing
            continue


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Import the package, and collect the tests without measuring."""
    tracer = Tracer()
    if tracer.here is None:
        return (yield)
    import_all()
    session.stash[IN_USE], session.stash[CACHES] = tracer, Caches()
    tracer.stop()
    try:
        return (yield)
    finally:
        tracer.start()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, object, object]:
    """Measure while tests of the engines are collected."""
    tracer = collector.session.stash.get(IN_USE, None)
    if tracer is None or not of_engines(collector):
        return (yield)
    tracer.start()
    try:
        return (yield)
    finally:
        tracer.stop()


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Let each test that is measured start the tracer for itself."""
    tracer = session.stash.get(IN_USE, None)
    for item in items if tracer else ():
        if is_measured(item):
            item.runtest = tracer.around(item.runtest)  # type: ignore[method-assign, union-attr]


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Run the tests without measuring, but for what starts the tracer."""
    tracer = session.stash.get(IN_USE, None)
    if tracer is None:
        return (yield)
    tracer.stop()
    try:
        return (yield)
    finally:
        tracer.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Empty the caches before a test that is measured, if one came before that is not."""
    caches = item.session.stash.get(CACHES, None)
    if caches is None:
        return (yield)
    if is_measured(item):
        caches.empty()
        return (yield)
    caches.are_filled = True
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Measure while a fixture is set up, unless it is one of pytest."""
    tracer = request.session.stash.get(IN_USE, None)
    if tracer is None or fixturedef.func.__module__.partition(".")[0] in OF_PYTEST:
        return (yield)
    tracer.start()
    try:
        return (yield)
    finally:
        tracer.stop()
