"""The week, as a list. This is the one place where its order stands."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sim.errors import InputError
from sim.own import registered
from sim.week import communities, contact, incidents, observe, people, programmes, shocks
from sim.week.work import diffusion, learning, organizing, policing, public_service, rumours, social_work, vocational
from sim.world.world import World

Step = tuple[str, Callable[[World], None]]
WEEK: tuple[Step, ...] = (
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
_AFTER_WORK = "what spreads beyond participants"


@cache
def steps(names: tuple[str, ...]) -> tuple[Step, ...]:
    """Return the week with registered rules and professions in their places.

    Parameters
    ----------
    names : tuple of str
        Rules and professions that a scenario names, in its order.

    Raises
    ------
    InputError
        If one stands beside a step that the week does not have.
    """
    week, own = list(WEEK), registered()
    work = {f.family.name: f for f in own.families}
    for name in names:
        if name in work:
            at = [step for step, _ in week].index(_AFTER_WORK)
            week.insert(at, (f"work: {work[name].family.words}", work[name].live))
            continue
        rule = own.rules[name]
        places = [k for k, (step, _) in enumerate(week) if step == rule.step]
        if not places:
            right = f"one of: {', '.join(step for step, _ in week)}"
            raise InputError(
                "stands beside a step that the week does not have", where=own.files[name], value=rule.step, right=right
            )
        at = places[0]
        if rule.where == "instead_of":
            week[at] = (name, rule.live)
        else:
            week.insert(at + (rule.where == "after"), (name, rule.live))
    return tuple(week)


def live_week(world: World) -> None:
    """Let a world live one week; what was counted and measured is then in ``world.tally``."""
    world.tally[:] = 0.0
    for _, rule in steps(world.scenario.named):
        rule(world)
    world.week += 1
