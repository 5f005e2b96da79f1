"""The clocks of a ticket's cycles, as they were known at an instant: without the events after this instant."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from kolmisla.errors import NotCoveredError
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycles.agreed import agreed_by, with_terms
from kolmisla.tickets.cycles.cycle_clock import CycleClock
from kolmisla.tickets.cycles.cycle_clocks import clock_of_cycle, cycle_clocks, cycle_facts_of, terms_of
from kolmisla.tickets.cycles.cycles import CycleFacts, TermsInForce, known
from kolmisla.tickets.event import Moment
from kolmisla.tickets.ticket import Ticket

__all__ = ["LifeAsKnown", "life_of"]

MAY_CHANGE_WHAT_HAS_ENDED = ("reopened", "plan")  # with these, a cycle may go on after its end, or lose its promise

NumberedClocks = Sequence[tuple[int, CycleClock]]


class LifeAsKnown:
    """The clocks of a ticket's cycles, as they were known at an instant: made from the events up to that instant."""

    __slots__ = ("_clocks", "_metric", "_policy", "_ticket")

    def __init__(self, ticket: Ticket, policy: Policy, metric: str) -> None:
        self._ticket, self._policy, self._metric = ticket, policy, metric
        self._clocks: tuple[int, Sequence[CycleClock]] = (-1, ())  # the number of events, and the clocks they make

    def clocks(self, first: int, last: int) -> NumberedClocks:
        """Return the number and the clock of each cycle that had begun by `last`, and had not ended before `first`.

        Events that are later than `last` do not count.
        """
        every = enumerate(self._known(last), 1)
        return [(number, clock) for number, clock in every if clock.ended is None or clock.ended >= first]

    def clock(self, number: int, at: int) -> CycleClock | None:
        """Return the clock of one cycle as known at the instant `at`, or None if the cycle had not begun by then."""
        clocks = self._known(at)
        return clocks[number - 1] if len(clocks) >= number else None

    def _known(self, at: int) -> Sequence[CycleClock]:
        ticket = self._ticket
        if at < ticket.opened:
            return ()
        moments = known(ticket.moments, at)
        if self._clocks[0] != len(moments):
            try:
                clocks = cycle_clocks(self._policy, terms_of(ticket), ticket.opened, moments, self._metric)
            except NotCoveredError:
                clocks = ()
            self._clocks = (len(moments), clocks)
        return self._clocks[1]


def life_of(ticket: Ticket, policy: Policy, metric: str, moments: tuple[Moment, ...]) -> LifeAsKnown:
    """Return an object that tells the clocks of a ticket's cycles, as they were known at any given instant.

    `moments` must have all events up to the last instant for which the caller will ask.
    """
    if any(moment.kind in MAY_CHANGE_WHAT_HAS_ENDED for moment in moments):
        return LifeAsKnown(ticket, policy, metric)
    return _SteadyLife(ticket, policy, metric, moments)


class _SteadyLife(LifeAsKnown):
    """The clocks of a ticket's cycles, if no event changes a cycle that has ended.

    The cycles are made once, from all events. Events after the instant asked for are then removed, except pauses, which
    do not change the time counted before.
    """

    __slots__ = ("_cycles", "_ends", "_starts")

    def __init__(self, ticket: Ticket, policy: Policy, metric: str, moments: tuple[Moment, ...]) -> None:
        super().__init__(ticket, policy, metric)
        asked = terms_of(ticket), ticket.opened, moments, metric
        self._cycles: list[_Cycle] = []
        try:
            facts = cycle_facts_of(policy, *asked)
            edition = policy.in_force(ticket.opened)
            self._cycles = [_Cycle(cycle, ticket, edition, metric) for cycle in facts]
        except NotCoveredError:
            self._known(max([ticket.opened, *(moment.at for moment in moments[-1:])]))  # raises for an unknown priority
        self._starts = [cycle.facts.started for cycle in self._cycles]
        self._ends = [cycle.facts.ended for cycle in self._cycles if cycle.facts.ended is not None]

    def clocks(self, first: int, last: int) -> NumberedClocks:
        numbers = range(bisect_left(self._ends, first), bisect_right(self._starts, last))
        return [(number + 1, self._cycles[number].known_at(last)) for number in numbers]

    def clock(self, number: int, at: int) -> CycleClock | None:
        return self._cycles[number - 1].known_at(at) if self._starts[number - 1] <= at else None


class _Cycle:
    """One cycle of a ticket. `known_at` returns the cycle's clock, as the clock was known at an instant."""

    __slots__ = (
        "_agreed",
        "_agreed_at",
        "_edition",
        "_known",
        "_metric",
        "_owners",
        "_ticket",
        "_turns",
        "_whole",
        "facts",
    )

    def __init__(self, facts: CycleFacts, ticket: Ticket, edition: Policy, metric: str) -> None:
        self.facts, self._ticket, self._edition, self._metric = facts, ticket, edition, metric
        self._owners = len({in_force.key[2] for _, in_force in facts.in_force})
        self._turns = [at for at, _ in facts.in_force]
        self._agreed_at, self._agreed = [moment.at for moment in facts.agreed], [*agreed_by(facts.agreed)]
        self._whole = self._clock(facts)
        self._known = len(self._turns), self._whole  # how many changes were known last, and the clock that they make

    def known_at(self, at: int) -> CycleClock:
        """Return the clock of the cycle, as it was known at the instant `at`.

        Changes, agreements and an end that are later than `at` are left out. Later pauses may stay in the clock.
        """
        number, edition, facts = bisect_right(self._turns, at), self._edition, self.facts
        if self._known[0] != number:
            if edition.priority_change == "carry":
                clock = self._whole._replace(steps=self._whole.steps[:number])
            else:
                clock = self._clock(facts._replace(in_force=self._counted(number)))
            self._known = number, clock
        clock = self._known[1]
        if facts.ended is not None and at < facts.ended:
            clock = clock._replace(ended=None, withdrawn=False)
        terms = bisect_right(self._agreed_at, at)
        return with_terms(clock, *self._agreed[terms - 1], edition.due_dates) if terms else clock

    def _counted(self, number: int) -> tuple[tuple[int, TermsInForce], ...]:
        """Return the terms from which the clock is made while only the first `number` terms of the cycle are known.

        Each item has an instant, and the terms that count from then on. If the owner never changes in the cycle, only
        the last known terms count.
        """
        in_force = self.facts.in_force[:number]
        at, terms = in_force[-1]
        if self._owners > 1:  # `in_force_by` finds out which changes count
            return in_force
        return ((at if self._edition.priority_change == "restart" else self.facts.started, terms),)

    def _clock(self, facts: CycleFacts) -> CycleClock:
        """Return the clock of a cycle, without the due times and extensions that were agreed."""
        facts = facts._replace(agreed=())
        return clock_of_cycle(self._edition, terms_of(self._ticket), self._metric, facts, self._ticket.opened)
