"""A test of every file or folder, as one test."""

from collections.abc import Callable, Sequence


def for_each(names: Sequence[str]) -> Callable[[Callable[[str], None]], Callable[[], None]]:
    """Make one test of a test of a name. It tells each name that fails; hundreds of tests would take longer."""

    def for_all(test: Callable[[str], None]) -> Callable[[], None]:
        def tested() -> None:
            failed = {}
            for name in names:
                try:
                    test(name)
                except AssertionError as error:
                    failed[name] = str(error)
            assert failed == {}, failed

        tested.__doc__ = test.__doc__
        return tested

    return for_all
