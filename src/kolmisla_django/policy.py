"""Loads the project's policy, which the setting KOLMISLA_POLICY names."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from kolmisla import Policy
from kolmisla.errors import shown

__all__ = ["current_fingerprint", "current_policy", "policy_of"]

ENDINGS = (".toml", ".json")


def current_policy() -> Policy:
    """Return the policy that the setting KOLMISLA_POLICY names. The policy is loaded once.

    Raise ImproperlyConfigured if there is no such setting, or if the setting names no policy. Raise PolicyError, which
    lists every fault of the file, or OSError if the file cannot be read.
    """
    setting: object = getattr(settings, "KOLMISLA_POLICY", None)
    return setting if isinstance(setting, Policy) else policy_of(_text(setting))


def current_fingerprint() -> str:
    """Return the fingerprint of the current policy: a hash of its rules. Raise the errors of `current_policy`."""
    return _fingerprint(current_policy())


def _text(setting: object) -> str:
    if isinstance(setting, (str, Path)) and str(setting):
        return str(setting)
    raise ImproperlyConfigured(
        "the setting KOLMISLA_POLICY must be the path of a policy, the dotted name of a Policy, or a Policy, "
        f"not {shown(setting)}; type for example KOLMISLA_POLICY = BASE_DIR / 'policy.toml'"
    )


@lru_cache(maxsize=8)
def policy_of(text: str) -> Policy:
    """Load the policy that a text names: a `.toml` or `.json` file, or a Policy by its dotted name.

    Raise ImproperlyConfigured for a dotted name that names no Policy. For a file, raise the errors of `Policy.load`.
    """
    if text.endswith(ENDINGS):
        return Policy.load(text)
    try:
        named: object = import_string(text)
    except (ImportError, ValueError) as error:  # ValueError for a name such as "."
        raise ImproperlyConfigured(
            "the setting KOLMISLA_POLICY must be a path that ends in .toml or .json, or the dotted name of a Policy, "
            f"but {text!r} cannot be imported: {error}"
        ) from error
    if not isinstance(named, Policy):
        raise ImproperlyConfigured(f"the setting KOLMISLA_POLICY must name a Policy, but {text} is {shown(named)}")
    return named


@lru_cache(maxsize=8)
def _fingerprint(policy: Policy) -> str:
    return policy.fingerprint()
