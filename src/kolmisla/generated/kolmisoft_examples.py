"""The examples of the built-in policy, made from kolmisoft.toml by scripts/generate.py."""

# ruff: noqa: E501
# fmt: off
from typing import Any

__all__ = ["KOLMISOFT_EXAMPLES"]

KOLMISOFT_EXAMPLES: list[dict[str, Any]] = [
    {'note': 'Monday 6 July 2026 is Statehood Day: 1 h 30 min on Friday, 30 min on Tuesday', 'opened_at': '2026-07-03T16:30', 'plan': 'PREMIUM', 'priority': 'HIGH', 'due_at': '2026-07-07T08:30', 'breaches_after': '2026-07-07T08:30'},
    {'note': 'The two hours end at closing time, so an answer keeps them until the next opening', 'opened_at': '2026-07-10T16:00', 'plan': 'PREMIUM', 'priority': 'HIGH', 'due_at': '2026-07-10T18:00', 'breaches_after': '2026-07-13T08:00'},
    {'note': 'At night nothing counts', 'opened_at': '2026-07-08T03:00', 'plan': 'ENTERPRISE', 'priority': 'LOW', 'due_at': '2026-07-08T10:00'},
    {'note': 'At weekends nothing counts', 'opened_at': '2026-07-11T12:00', 'plan': 'PREMIUM', 'priority': 'MEDIUM', 'due_at': '2026-07-13T10:00'},
    {'note': 'At 18:00:00 the desk is closed', 'opened_at': '2026-07-08T18:00', 'plan': 'ENTERPRISE', 'priority': 'HIGH', 'due_at': '2026-07-09T10:00'},
    {'note': '24, 25 and 26 December are holidays, and 27 December 2026 is a Sunday', 'opened_at': '2026-12-23T16:30', 'plan': 'PREMIUM', 'priority': 'LOW', 'due_at': '2026-12-28T08:30'},
    {'note': 'A blocker counts round the clock', 'opened_at': '2026-07-11T23:30', 'plan': 'PREMIUM', 'priority': 'BLOCKER', 'due_at': '2026-07-12T01:30', 'breaches_after': '2026-07-12T01:30'},
    {'note': 'On 29 March 2026 clocks skip the hour from 03:00 to 04:00; two hours are two real hours', 'opened_at': '2026-03-29T02:00', 'plan': 'ENTERPRISE', 'priority': 'BLOCKER', 'due_at': '2026-03-29T05:00'},
    {'note': 'On 25 October 2026 clocks repeat the hour from 03:00 to 04:00; this is the second 03:30', 'opened_at': '2026-10-25T02:30', 'plan': 'ENTERPRISE', 'priority': 'BLOCKER', 'due_at': '2026-10-25T03:30:00+02:00'},
    {'note': 'A ticket becomes a blocker on Saturday: the hour of Friday stays counted', 'opened_at': '2026-07-17T17:00', 'plan': 'PREMIUM', 'priority': 'HIGH', 'events': [{'kind': 'priority', 'at': '2026-07-18T10:00', 'value': 'BLOCKER'}], 'due_at': '2026-07-18T11:00'},
    {'note': 'Waiting for the customer does not stop the clock of the first response', 'opened_at': '2026-07-08T09:00', 'plan': 'PREMIUM', 'priority': 'HIGH', 'events': [{'kind': 'paused', 'at': '2026-07-08T09:30'}], 'due_at': '2026-07-08T11:00', 'at': '2026-07-08T10:00', 'state': 'running', 'elapsed': 'PT1H'},
    {'note': 'Answered at the last instant', 'opened_at': '2026-07-03T16:30', 'plan': 'PREMIUM', 'priority': 'HIGH', 'answered_at': '2026-07-07T08:30', 'at': '2026-07-07T12:00', 'state': 'met', 'elapsed': 'PT2H'},
    {'note': 'Answered a second too late', 'opened_at': '2026-07-03T16:30', 'plan': 'PREMIUM', 'priority': 'HIGH', 'answered_at': '2026-07-07T08:30:01', 'at': '2026-07-07T12:00', 'state': 'breached', 'elapsed': 'PT2H1S'},
    {'note': 'The guaranteed time is only for tickets of the Support System', 'opened_at': '2026-07-03T16:30', 'plan': 'PREMIUM', 'priority': 'HIGH', 'channel': 'email', 'not_covered': 'nothing is promised for channel'},
    {'note': 'Without a support plan nothing is guaranteed', 'opened_at': '2026-07-03T16:30', 'plan': '', 'priority': 'BLOCKER', 'not_covered': 'no support plan'},
]
