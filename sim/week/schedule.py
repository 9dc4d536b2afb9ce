"""The week, as a list. This is the one place where its order stands."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cache

from sim.errors import InputError
from sim.registry import registered
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
    own, anchors = registered(), [step for step, _ in WEEK]
    before: dict[str, list[Step]] = {step: [] for step in anchors}
    after: dict[str, list[Step]] = {step: [] for step in anchors}
    place = dict(WEEK)
    taken: dict[str, str] = {}
    work = {f.family.name: f for f in own.families}
    for name in names:
        if name in work:
            before[_AFTER_WORK].append((f"work: {work[name].family.words}", work[name].live))
            continue
        rule, where = own.rules[name], f"{own.files[name]}: {name}"
        if rule.step not in anchors:
            near = difflib.get_close_matches(rule.step, anchors, 1)
            right = (f'did you mean "{near[0]}"? ' if near else "") + f"one of: {', '.join(anchors)}"
            raise InputError("stands beside a step that the week does not have", where=where, value=rule.step, right=right)
        if rule.where == "instead_of":
            if rule.step in taken:
                right = "one rule in its place"
                raise InputError(f"takes the place that {taken[rule.step]} has taken", where=where, value=rule.step, right=right)
            taken[rule.step], place[rule.step] = name, rule.live
        else:
            (before if rule.where == "before" else after)[rule.step].append((name, rule.live))
    week: list[Step] = []
    for step in anchors:
        week += [*before[step], (taken.get(step, step), place[step]), *after[step]]
    return tuple(week)


def live_week(world: World) -> None:
    """Let a world live one week; what was counted and measured is then in ``world.tally``."""
    world.tally[:] = 0.0
    for _, rule in steps(world.scenario.named):
        rule(world)
    world.week += 1
