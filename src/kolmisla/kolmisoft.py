"""Kolmisoft's published support page as data: https://wiki.kolmisoft.com/index.php/Support.

Every value names the part of the page it comes from. What the page leaves open, and how it was read,
stands in docs/decisions.md.
"""

from datetime import timedelta

from kolmisla.plan import FIRST_RESPONSE, Plan, Priority, Target
from kolmisla.policy import Policy
from kolmisla.schedule import ALWAYS, Schedule

__all__ = ["KOLMISOFT"]

GUARANTEED: dict[str, Target] = {
    FIRST_RESPONSE: Target(within=timedelta(hours=2))
}  # "Guaranteed Response Time", the same in both rows

KOLMISOFT = Policy(
    name="Kolmisoft",
    timezone="Europe/Vilnius",  # "Lithuanian time", in the footnote to the plans
    schedules={
        # Footnote to the plans: Monday to Friday, 8:00 AM to 6:00 PM, without official public holidays
        "working-hours": Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays="LT"),
        # "Emergency Support": BLOCKER tickets, 24x7
        "always": ALWAYS,
    },
    priorities=[  # "Ticket Priorities", in the order of the page
        Priority(
            name="BLOCKER",
            rank=1,
            meaning="System down or severely degraded, or business critically impacted",
            schedule="always",
        ),
        Priority(name="HIGH", rank=2, meaning="System degraded", schedule="working-hours"),
        Priority(
            name="MEDIUM", rank=3, meaning="Operation impaired, yet generally functional", schedule="working-hours"
        ),
        Priority(
            name="LOW",
            rank=4,
            meaning="Help with configuration or planning, use of the web interface",
            schedule="working-hours",
        ),
    ],
    plans=[  # "Support plans", a row each; both averages are in working hours
        Plan(
            name="ENTERPRISE",
            rank=1,
            label="Highest",
            targets=GUARANTEED,
            average=Target(within=timedelta(minutes=15), schedule="working-hours"),
            configures=True,
        ),
        Plan(
            name="PREMIUM",
            rank=2,
            label="High",
            targets=GUARANTEED,
            average=Target(within=timedelta(minutes=25), schedule="working-hours"),
            configures=False,
        ),
    ],
    channels=[
        "support-system"
    ],  # "The guaranteed response time applies only to tickets submitted via the Support System"
    supported_releases=2,  # "Only the two latest versions"; which they are is the caller's data
)
"""Kolmisoft's support page: working hours of Lithuania, plans ENTERPRISE and PREMIUM, BLOCKER round the clock."""
