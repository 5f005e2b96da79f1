"""Editions: complete sets of rules in one document, each in force from a date on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from kolmisla.documents.model import Model, field, plain
from kolmisla.documents.remembered import remembered
from kolmisla.documents.toml_json import check_plain, digest, read_document, values_in, write_document
from kolmisla.documents.values import CALENDAR_DATE, Kind, list_of, optional
from kolmisla.errors import Fault, NotCoveredError, PolicyError, choices, shown
from kolmisla.instants import instants_in, micros, told
from kolmisla.schedules.zones import midnight, zone_named

__all__ = ["EDITIONS", "Editioned", "PolicyDocument"]

EDITIONS = "editions"
MOST_EDITIONS = 100  # of one document
MOST_VALUES = 50_000  # of all editions of one document

PolicyDocument = dict[str, Any]


def _timezone(value: Any) -> str:
    return zone_named(value).key


def _edition(value: Any) -> "Editioned":
    if not isinstance(value, Editioned):
        raise ValueError(f"must be a policy, not {shown(value)}")
    return value


class Editioned(Model):
    """Rules in force from the beginning of a date in their zone, or from the start, and the earlier editions."""

    for_all: ClassVar[tuple[str, ...]] = ("timezone",)  # fields that all editions share

    __slots__ = ("__dict__",)  # for what is remembered

    timezone: str = field(Kind(_timezone, {"type": "string"}))
    effective_from: date | None = field(optional(CALENDAR_DATE), default=None)
    earlier: tuple[Self, ...] = field(list_of(Kind(_edition, {})), default=())

    if TYPE_CHECKING:  # otherwise type checkers allow only the fields of this class

        def __init__(self, **data: Any) -> None: ...

    @remembered
    def editions(self) -> tuple[Self, ...]:
        """All editions, the earliest first."""
        return (*self.earlier, self.replace(earlier=())) if self.earlier else (self,)

    def at(self, instant: datetime) -> Self:
        """Return the edition in force at an aware datetime; NotCoveredError before the first edition.

        >>> from kolmisla import KOLMISOFT
        >>> KOLMISOFT.at(datetime.fromisoformat("2026-07-03T16:30+03:00")) == KOLMISOFT
        True
        """
        return self.in_force(micros(instant))

    def in_force(self, at: int) -> Self:
        """Return the edition in force at an instant in microseconds; NotCoveredError before the first edition."""
        if not self.turns:
            return self
        turn = sum(turning <= at for turning in self.turns)
        eras: dict[int, Self] = self._eras
        if turn not in eras:
            eras[turn] = self._era(at)
        return eras[turn]

    def nearest(self, at: int) -> Self:
        """Return the edition in force at an instant in microseconds, or the first edition when none is in force yet."""
        first = self.editions[0]
        return first if first.effective_from and at < self._beginning(first.effective_from) else self.in_force(at)

    @property
    def begins_at(self) -> datetime | None:
        """The beginning of `effective_from` in the policy's zone; None when the rules are in force from the start."""
        if self.effective_from is None:
            return None
        return instants_in(zone_named(self.timezone))(self._beginning(self.effective_from))

    @remembered
    def turns(self) -> tuple[int, ...]:
        """Return the instants, in microseconds, at which other rules come into force."""
        return tuple(sorted(map(self._beginning, self._turning_days())))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Load the rules from a TOML or JSON file, by its ending.

        PolicyError lists every fault with its place in the document; OSError when the file cannot be read. The
        content of the file is never executed, and no other file is read.
        """
        document = read_document(path)
        try:
            return cls.from_dict(document)
        except PolicyError as error:
            heading = f"{path}: {cls._heading(len(error.faults))}" if error.faults else f"{path}: {error}"
            raise PolicyError.listing(error.faults, heading) from error

    def dump(self, path: str | Path) -> None:
        """Write the rules to a TOML or JSON file, by its ending. Loading the file gives equal rules.

        TOML needs the extra `toml`, because the standard library reads TOML but cannot write it; ImportError
        without the extra. PolicyError for another ending, or a document over the limit of 256 KiB.
        """
        write_document(self.to_dict(), path)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Return the rules of a document such as `to_dict` gives; PolicyError lists every fault with its place."""
        if not isinstance(document, Mapping):
            raise PolicyError(f"a policy must be a table (a mapping), not {shown(document)}")
        check_plain(document)
        documents, faults = _apart(document, cls.for_all)
        editions: list[Self] = []
        for number, edition in enumerate(documents):
            own = document[EDITIONS][number] if EDITIONS in document else {}
            hidden = [name for name in edition if name in cls.fields and name not in cls._keys()]
            edition_faults = [Fault((name,), cls._unknown(name)) for name in hidden]
            try:
                editions.append(cls._made({name: value for name, value in edition.items() if name not in hidden}))
            except PolicyError as error:
                edition_faults += error.faults
            faults += [
                fault.within(EDITIONS, number) if fault.place and fault.place[0] in own else fault
                for fault in edition_faults
            ]
        if faults:
            raise cls._refusal(faults, ())
        *earlier, latest = sorted(editions, key=_since)
        return latest.replace(earlier=earlier) if earlier else latest

    def to_dict(self) -> PolicyDocument:
        """Return the rules as a document, ready for JSON, without fields at their defaults.

        What all editions have in common stands before them.
        """
        return _together([edition._written() for edition in self.editions])

    @remembered
    def digest(self) -> str:
        """Return a hash that is the same only for equal rules: a log can tell by which rules tickets were judged."""
        return digest(self.to_dict())

    @classmethod
    def _made(cls, document: Mapping[str, Any]) -> Self:
        """Return one edition from its document."""
        return super().from_dict(document)

    def _written(self) -> PolicyDocument:
        """Return the document of one edition."""
        return {name: value for name, value in plain(self).items() if name != "earlier"}

    @classmethod
    def _keys(cls) -> list[str]:
        """Return the keys that a document may have, without the fields that only Python uses."""
        return [*(name for name in cls.fields if name != "earlier"), EDITIONS]

    def _turning_days(self) -> set[date]:
        return {edition.effective_from for edition in self.editions if edition.effective_from}

    def _beginning(self, day: date) -> int:
        return midnight(zone_named(self.timezone), day.toordinal())

    def _era(self, at: int) -> Self:
        """Return the edition in force at an instant, as it was known then."""
        begun: list[Self] = [
            edition
            for edition in self.editions
            if edition.effective_from is None or self._beginning(edition.effective_from) <= at
        ]
        if not begun:
            opened, since = told(at, zone_named(self.timezone)), self.editions[0].effective_from
            raise NotCoveredError(f"{opened} is before the first edition of the policy, effective from {since}")
        return begun[-1]

    @remembered
    def _eras(self) -> dict[int, Self]:
        return {}

    def _check(self) -> None:
        """Raise ValueError unless the editions follow one another in one zone; give them what all share."""
        if not self.earlier:
            return
        earlier = sorted((edition for other in self.earlier for edition in other.editions), key=_since)
        for before, after in pairwise((*earlier, self)):
            if after.effective_from == before.effective_from:
                raise ValueError(f"two editions are effective from {after.effective_from or 'the start'}")
            if _since(before) > _since(after):
                raise ValueError(
                    f"effective_from {after.effective_from or 'no date'} is before that of an earlier edition"
                )
        strange = {edition.timezone for edition in earlier} - {self.timezone}
        if strange:
            raise ValueError(f"editions must share one timezone, not have {choices([self.timezone, *sorted(strange)])}")
        shared = {name: getattr(self, name) for name in self.for_all}
        adjusted = (
            old if all(getattr(old, name) == value for name, value in shared.items()) else old.replace(**shared)
            for old in earlier
        )
        object.__setattr__(self, "earlier", tuple(adjusted))


def _since(edition: Editioned) -> date:
    return edition.effective_from or date.min


def _apart(document: Mapping[str, Any], for_all: Sequence[str]) -> tuple[list[PolicyDocument], list[Fault]]:
    """Return a document for each edition, in the order of the file, and the faults of the list of editions.

    >>> _apart({"name": "desk", "editions": [{"rank": 1}, {"rank": 2, "name": "other"}]}, ())[0][0]
    {'name': 'desk', 'rank': 1}
    """
    if EDITIONS not in document:
        return [dict(document)], []
    editions = document[EDITIONS]
    if not isinstance(editions, list) or not editions or not all(isinstance(edition, Mapping) for edition in editions):
        text = f"must be a list of tables, each with an effective_from, not {shown(editions)}"
        raise PolicyError.listing([Fault((EDITIONS,), text)])
    if len(editions) > MOST_EDITIONS:
        raise PolicyError.listing([Fault((EDITIONS,), f"must be at most {MOST_EDITIONS}, not {len(editions):,}")])
    common = {name: value for name, value in document.items() if name != EDITIONS}
    values = values_in(common) * len(editions) + values_in(editions)
    if values > MOST_VALUES:
        text = f"must have at most {MOST_VALUES:,} values in all, not {values:,}; those before them count once for each"
        raise PolicyError.listing([Fault((EDITIONS,), text)])
    faults, dates = [], [str(edition.get("effective_from")) for edition in editions]
    for number, edition in enumerate(editions):
        for name in edition:
            if name in common:
                faults.append(Fault((EDITIONS, number, name), "must be set here or before the editions, not both"))
            elif name in for_all:
                faults.append(Fault((EDITIONS, number, name), "must be set before the editions, for all of them"))
        if dates[number] in dates[:number]:
            text = "is missing" if "effective_from" not in edition else f"is {dates[number]}"
            text += " in two editions; their dates must differ"
            faults.append(Fault((EDITIONS, number, "effective_from"), text))
    return [{**common, **edition} for edition in editions], faults


def _together(editions: Sequence[PolicyDocument]) -> PolicyDocument:
    """Return one document of several: what all of them have stands before the editions.

    >>> _together([{"name": "desk", "rank": 1}, {"name": "desk", "rank": 2}])
    {'name': 'desk', 'editions': [{'rank': 1}, {'rank': 2}]}
    """
    first, *others = editions
    if not others:
        return first
    same = [
        name
        for name, value in first.items()
        if all(name in other and repr(other[name]) == repr(value) for other in others)  # repr: order counts too
    ]
    own = [{name: value for name, value in edition.items() if name not in same} for edition in editions]
    return {**{name: first[name] for name in same}, EDITIONS: own}
