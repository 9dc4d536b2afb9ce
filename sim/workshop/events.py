"""What happened in a week, as codes that the page puts into words of its language.

An event is ``[code, {what it is about}]``; communities, crossings and institutions are told by row, causes by their code.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.week.course import LIVE
from sim.workshop.frames import ended_now
from sim.world.tables import ARISE, CLIMB, STOP
from sim.world.world import World

Event = tuple[str, dict[str, Any]]
MOST = 40
"""Events of a week that are told."""


class Watcher:
    """Looks at a world week by week and tells what happened; it begins with the world as it stands."""

    def __init__(self, world: World) -> None:
        live = world.live_incidents
        self.rungs: dict[int, int] = dict(
            zip(world.incidents.key[:live].tolist(), world.incidents.rung[:live].tolist(), strict=True)
        )
        self.cohorts = _cohorts(world)
        self.shocks = _shocks(world, world.week - 1)
        self.running = _running(world, world.week)

    def events(self, world: World) -> list[Event]:
        """Tell what happened in the week that was lived last; the gravest first."""
        week = world.week - 1
        found = [*self._shocks(world, week), *self._ends(world), *self._incidents(world)]
        found += [*self._cohorts(world), *_projects(world, week)]
        return found[:MOST]

    def _shocks(self, world: World, week: int) -> list[Event]:
        before, self.shocks = self.shocks, _shocks(world, week)
        by_name = world.scenario.shocks
        begun = [("shock", _told(by_name[name])) for name in sorted(self.shocks - before)]
        return [*begun, *(("shock_over", _told(by_name[name])) for name in sorted(before - self.shocks) if name in by_name)]

    def _ends(self, world: World) -> list[Event]:
        """Tell of programmes that are held no more from the next week on."""
        before, self.running = self.running, _running(world, world.week)
        gone = sorted(before.keys() - self.running.keys())
        return [("programme_over", {"programme": name, "family": before[name]}) for name in gone]

    def _incidents(self, world: World) -> list[Event]:
        before, self.rungs = self.rungs, {}
        out: list[tuple[int, Event]] = []
        rows = ended_now(world)
        for table, which in ((world.ended, rows), (world.incidents, np.arange(world.live_incidents))):
            for k in which.tolist():
                key, rung = int(table.key[k]), int(table.rung[k])
                if table.stopped[k] == LIVE:
                    self.rungs[key] = rung
                about = {"crossing": int(table.crossing[k]), "kind": int(table.kind[k]), "rung": rung}
                if key not in before:
                    out.append((rung, ("arose", about | {"why": ARISE[table.arose[k]], "misread": bool(table.misread[k])})))
                if rung > before.get(key, 0) and rung > 0:
                    out.append((2 * rung, ("climbed", about | {"why": CLIMB[table.climbed[k]], "deaths": int(table.deaths[k])})))
                if table.stopped[k] != LIVE:
                    out.append(
                        (
                            rung,
                            ("ended", about | {"how": STOP[table.stopped[k]], "weeks": int(table.ended[k] - table.began[k]) + 1}),
                        )
                    )
        return [event for _, event in sorted(out, key=lambda item: -item[0])]

    def _cohorts(self, world: World) -> list[Event]:
        before, self.cohorts = self.cohorts, _cohorts(world)
        families = {programme.name: programme.family for programme in world.programmes}
        begun = [("cohort", (name, x)) for (name, number), x in self.cohorts.items() if (name, number) not in before]
        done = [("cohort_over", (name, x)) for (name, number), x in before.items() if (name, number) not in self.cohorts]
        return [
            (code, {"programme": name, "family": families.get(name, -1), "crossing": x}) for code, (name, x) in [*begun, *done]
        ]


def _projects(world: World, week: int) -> list[Event]:
    table, out = world.projects, []
    for k in range(world.live_projects):
        if table.began[k] == week:
            a, b = (int(world.institutions.community[row[k]]) for row in (table.a, table.b))
            out.append(("project", {"a": a, "b": b, "crossing": int(table.crossing[k])}))
    return out


def _cohorts(world: World) -> dict[tuple[str, int], int]:
    return {(p.name, cohort.number): cohort.crossing for p in world.programmes for cohort in p.cohorts}


def _running(world: World, week: int) -> dict[str, int]:
    return {p.name: p.family for p in world.programmes if p.funded(week) or week < p.spec.start_week}


def _shocks(world: World, week: int) -> frozenset[str]:
    scenario = world.scenario
    begins = {name: (shock.in_week(scenario.start), shock.weeks) for name, shock in scenario.shocks.items()}
    return frozenset(name for name, (first, weeks) in begins.items() if first <= week < first + weeks)


def _told(shock: Any) -> dict[str, Any]:
    return {"kind": shock.kind, "size": shock.size, "weeks": shock.weeks, "sides": shock.sides}
