"""Joint patrols: officers of both sides go out together at crossings, where they meet and are seen.

Rule
----
At every open crossing on both ends of which services take part, a pair may patrol together in a week, one officer of each side. They
meet, and their presence counts as visitors. Closed crossings, and services that have left the co-operation for a time, have no patrols, and
so win no procedures by them.

Reads institutions' withdrawal, crossings' open and tension. Writes crossings' visitors; gatherings. Claim C5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.draws import pair_keys
from sim.week.alumni import WORKING_QUALITY
from sim.week.cohorts import crossings_between
from sim.world.programmes import Gathering, RunningProgramme
from sim.world.world import World


def patrolled(world: World, programme: RunningProgramme) -> NDArray[np.int64]:
    """Return the crossings at which both services are ready for joint patrols."""
    rows, institutions = crossings_between(world, programme), world.institutions
    away = (institutions.family == programme.family) & (institutions.withdrawn_until > world.week)
    if not away.any():
        return rows
    staff = np.bincount(institutions.community[away], institutions.staff[away], world.communities.key.size)
    ready = staff < world.topology.pool_staff[:, programme.family]
    return rows[ready[world.crossings.a[rows]] & ready[world.crossings.b[rows]]]


def opportunity(world: World, programme: RunningProgramme) -> NDArray[np.float64]:
    """Return how far the services of each community can patrol with the other side: the mean openness of their patrolled crossings, 0 to 1."""
    x, rows, n = world.crossings, patrolled(world, programme), world.communities.key.size
    ends = np.concatenate([x.a[rows], x.b[rows]])
    return np.bincount(ends, np.tile(x.open[rows], 2), n) / np.maximum(np.bincount(ends, minlength=n), 1)


def patrol_together(world: World, programme: RunningProgramme) -> None:
    """Send officers of both sides on joint patrols this week."""
    level = programme.standing.get("joint_patrols", 0.0) * world.parameters.policing.patrol_meetings
    if level <= 0.0:
        return
    crossings, topology, workers = world.crossings, world.topology, world.workers
    rows, staff = patrolled(world, programme), topology.pool_staff[:, programme.family]
    u = world.draws.fill(f"{programme.name}: joint patrol", world.week, crossings.key[rows])
    going = u[:, 0] < level * crossings.open[rows]
    rows, u = rows[going], u[going]
    if rows.size == 0:
        return
    a, b = (
        topology.pool_first[place, programme.family] + np.minimum((number * staff[place]).astype(np.int64), staff[place] - 1)
        for place, number in ((crossings.a[rows], u[:, 1]), (crossings.b[rows], u[:, 2]))
    )
    crossings.visitors[rows, programme.family] += 2.0
    keys = pair_keys(workers.person[a], workers.person[b])
    tension = crossings.tension[rows].astype(np.float64)
    name = f"{programme.name}: on joint patrol"
    world.gatherings.append(Gathering(name, a, b, keys, np.ones(rows.size), WORKING_QUALITY, 1.0, tension))
