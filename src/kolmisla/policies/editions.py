"""What is in force from when: editions of rules, each one whole, in one document."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, model_validator

from kolmisla.documents.model import Day, Model, plain
from kolmisla.documents.remembered import remembered
from kolmisla.documents.toml_json import check_plain, digest, read_document, values_in, write_document
from kolmisla.errors import Fault, NotCoveredError, PolicyError, choices, shown
from kolmisla.instants import instants_in, micros, told
from kolmisla.schedules.zones import midnight, zone_named

__all__ = ["EDITIONS", "Editioned", "PolicyDocument"]

EDITIONS = "editions"
MOST_EDITIONS = 100  # editions of one document
MOST_VALUES = 50_000  # of all of them

PolicyDocument = dict[str, Any]


class Editioned(Model):
    """Rules in force from the beginning of a date in their zone, or ever since, and the editions before them."""

    for_all: ClassVar[tuple[str, ...]] = ("timezone",)  # fields that all editions share

    timezone: Annotated[str, AfterValidator(lambda name: zone_named(name).key)]
    effective_from: Day | None = None
    earlier: tuple[Self, ...] = ()

    if TYPE_CHECKING:  # else checkers would have it take no rules

        def __init__(self, **data: Any) -> None: ...

    @remembered
    def editions(self) -> tuple[Self, ...]:
        """All editions, the first one first."""
        return (*self.earlier, self.replace(earlier=())) if self.earlier else (self,)

    def at(self, instant: datetime) -> Self:
        """The edition in force at an instant; NotCoveredError before the first one.

        >>> from kolmisla import KOLMISOFT
        >>> KOLMISOFT.at(datetime.fromisoformat("2026-07-03T16:30+03:00")) == KOLMISOFT
        True
        """
        return self.in_force(micros(instant))

    def in_force(self, at: int) -> Self:
        """The same for an instant in integers."""
        if not self.turns:
            return self
        turn = sum(each <= at for each in self.turns)
        eras: dict[int, Self] = self._eras
        if turn not in eras:
            eras[turn] = self._era(at)
        return eras[turn]

    def nearest(self, at: int) -> Self:
        """The edition in force at an instant, the first one before it."""
        first = self.editions[0]
        return first if first.effective_from and at < self._beginning(first.effective_from) else self.in_force(at)

    @property
    def begins_at(self) -> datetime | None:
        """The beginning of the date it is effective from; None when it was in force ever before."""
        if self.effective_from is None:
            return None
        return instants_in(zone_named(self.timezone))(self._beginning(self.effective_from))

    @remembered
    def turns(self) -> tuple[int, ...]:
        """The instants at which other rules begin to hold."""
        return tuple(sorted(map(self._beginning, self._turning_days())))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """What a TOML or JSON file has, by its ending; OSError when it cannot be read.

        PolicyError lists every fault with its place in the document. Nothing in a file is run, and nothing
        outside it is read.
        """
        document = read_document(path)
        try:
            return cls.from_dict(document)
        except PolicyError as error:
            told = f"{path}: {cls._heading(len(error.faults))}" if error.faults else f"{path}: {error}"
            raise PolicyError.listing(error.faults, told) from error

    def dump(self, path: str | Path) -> None:
        """Write it as a TOML or JSON file, by its ending; what that loads is equal to it.

        TOML needs the extra `toml`, as an ImportError says: the standard library reads it and does not write it.
        """
        write_document(self.to_dict(), path)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """What a document says, as `to_dict` gives it; PolicyError lists every fault with its place."""
        if not isinstance(document, Mapping):
            raise PolicyError(f"a policy is a table, not {shown(document)}")
        check_plain(document)
        written, faults = _apart(document, cls.for_all)
        made: list[Self] = []
        for number, edition in enumerate(written):
            own = document[EDITIONS][number] if EDITIONS in document else {}
            hidden = [name for name in edition if name in cls.model_fields and name not in cls._keys()]
            found = [Fault((name,), cls._unknown(name)) for name in hidden]
            try:
                made.append(cls._made({name: each for name, each in edition.items() if name not in hidden}))
            except PolicyError as error:
                found += error.faults
            faults += [
                fault.within(EDITIONS, number) if fault.place and fault.place[0] in own else fault for fault in found
            ]
        if faults:
            raise cls._refusal(faults, None)
        *earlier, latest = sorted(made, key=_since)
        return latest.replace(earlier=earlier) if earlier else latest

    def to_dict(self) -> PolicyDocument:
        """Its document, ready for JSON: what differs from the defaults; editions share what they have in common."""
        return _together([edition._written() for edition in self.editions])

    @remembered
    def digest(self) -> str:
        """A text that is the same for equal rules alone: for a log of what tickets were judged by."""
        return digest(self.to_dict())

    @classmethod
    def _made(cls, document: Mapping[str, Any]) -> Self:
        """One edition of its document."""
        made = cls.__new__(cls)
        Model.__init__(made, **document)  # the door of a document, which may have any key
        return made

    def _written(self) -> PolicyDocument:
        """The document of one edition."""
        return {name: value for name, value in plain(self).items() if name != "earlier"}

    @classmethod
    def _keys(cls) -> list[str]:
        """What a document may have, besides what only Python has."""
        return [*(name for name in cls.model_fields if name != "earlier"), EDITIONS]

    def _turning_days(self) -> set[date]:
        return {edition.effective_from for edition in self.editions if edition.effective_from}

    def _beginning(self, day: date) -> int:
        return midnight(zone_named(self.timezone), day.toordinal())

    def _era(self, at: int) -> Self:
        """What is known at an instant of the edition in force."""
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

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Editioned):
            return NotImplemented
        return type(self) is type(other) and self._values == other._values  # what is remembered has no say

    def __hash__(self) -> int:
        return hash(self._values)

    @property
    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in type(self).model_fields)

    def __getstate__(self) -> dict[Any, Any]:
        """What a pickle holds: the fields, nothing remembered."""
        state = super().__getstate__()
        return {**state, "__dict__": {name: getattr(self, name) for name in type(self).model_fields}}

    @model_validator(mode="after")
    def _editions_follow_one_another(self) -> Self:
        if not self.earlier:
            return self
        earlier = sorted((edition for each in self.earlier for edition in each.editions), key=_since)
        for before, after in pairwise((*earlier, self)):
            if after.effective_from == before.effective_from:
                raise ValueError(f"two editions are effective from {after.effective_from or 'no date'}")
            if _since(before) > _since(after):
                raise ValueError(
                    f"effective_from {after.effective_from or 'no date'} is before that of an earlier edition"
                )
        strange = {edition.timezone for edition in earlier} - {self.timezone}
        if strange:
            raise ValueError(f"its editions are in several zones: {choices([self.timezone, *sorted(strange)])}")
        shared = {name: getattr(self, name) for name in self.for_all}
        self.__dict__["earlier"] = tuple(
            each if all(getattr(each, name) == value for name, value in shared.items()) else each.replace(**shared)
            for each in earlier
        )
        return self


def _since(edition: Editioned) -> date:
    return edition.effective_from or date.min


def _apart(document: Mapping[str, Any], for_all: Sequence[str]) -> tuple[list[PolicyDocument], list[Fault]]:
    """A document for each edition, in the order of the file, and what is wrong with how they are written.

    >>> _apart({"name": "desk", "editions": [{"rank": 1}, {"rank": 2, "name": "other"}]}, ())[0][0]
    {'name': 'desk', 'rank': 1}
    """
    if EDITIONS not in document:
        return [dict(document)], []
    given = document[EDITIONS]
    if not isinstance(given, list) or not given or not all(isinstance(edition, Mapping) for edition in given):
        takes = "is a list of tables, each with its effective_from"
        raise PolicyError.listing([Fault((EDITIONS,), f"{takes}, not {shown(given)}")])
    if len(given) > MOST_EDITIONS:
        raise PolicyError.listing([Fault((EDITIONS,), f"are {len(given):,}, more than {MOST_EDITIONS}")])
    common = {name: value for name, value in document.items() if name != EDITIONS}
    values = values_in(common) * len(given) + values_in(given)
    if values > MOST_VALUES:
        told = f"have {values:,} values, those before the editions counted in each, more than {MOST_VALUES:,}"
        raise PolicyError.listing([Fault((EDITIONS,), told)])
    faults, dates = [], [str(edition.get("effective_from")) for edition in given]
    for number, edition in enumerate(given):
        for name in edition:
            if name in common:
                faults.append(Fault((EDITIONS, number, name), "stands before the editions, for all of them, as well"))
            elif name in for_all:
                faults.append(Fault((EDITIONS, number, name), "is one for all editions, and stands before them"))
        if dates[number] in dates[:number]:
            told = "there is another" if "effective_from" not in edition else f"{dates[number]} is that of another"
            faults.append(Fault((EDITIONS, number, "effective_from"), f"{told} edition; each has a date of its own"))
    return [{**common, **edition} for edition in given], faults


def _together(editions: Sequence[PolicyDocument]) -> PolicyDocument:
    """One document of several: what is the same in all stands before them.

    >>> _together([{"name": "desk", "rank": 1}, {"name": "desk", "rank": 2}])
    {'name': 'desk', 'editions': [{'rank': 1}, {'rank': 2}]}
    """
    first, *others = editions
    if not others:
        return first
    same = [
        name
        for name, value in first.items()
        if all(name in each and repr(each[name]) == repr(value) for each in others)  # in the same order, too
    ]
    own = [{name: value for name, value in each.items() if name not in same} for each in editions]
    return {**{name: first[name] for name in same}, EDITIONS: own}
