"""The week, as a list. This is the one place where its order stands."""

from __future__ import annotations

from collections.abc import Callable

from sim.week import communities, contact, incidents, observe, people, programmes, shocks
from sim.week.work import diffusion, learning, organizing, policing, public_service, rumours, social_work, vocational
from sim.world.world import World

WEEK: tuple[tuple[str, Callable[[World], None]], ...] = (
    ("shocks and politics", shocks.live),
    ("programmes", programmes.live),
    ("contact", contact.live),
    ("work: every profession", learning.live),
    ("work: rumours", rumours.live),
    ("work: vocational", vocational.live),
    ("work: social work", social_work.live),
    ("work: public service", public_service.live),
    ("work: policing", policing.live),
    ("work: organizing", organizing.live),
    ("what spreads beyond participants", diffusion.live),
    ("incidents", incidents.live),
    ("communities", communities.live),
    ("people and institutions change", people.live),
    ("observation", observe.live),
)
"""What happens in a week, in order: name and rule."""


def live_week(world: World) -> None:
    """Let a world live one week; what was counted and measured is then in ``world.tally``."""
    world.tally[:] = 0.0
    for _, rule in WEEK:
        rule(world)
    world.week += 1
