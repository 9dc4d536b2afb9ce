"""Whom the room follows: how a community, an institution or a worker fares, and what just happened to it and why.

What happened is told as codes, like all events (`sim.workshop.events`). A cause is the largest of the terms by which the rule itself moved the
state in that week.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.families import FAMILIES
from sim.week.communities import community_rates
from sim.workshop.events import Event
from sim.world.build import INSTITUTION_KINDS
from sim.world.world import World

KINDS = ("community", "institution", "worker")
TABLES = dict(zip(KINDS, ("communities", "institutions", "workers"), strict=True))
MOVES = 0.001
"""Change of trust in a week from which it is told."""
TAKES_UP = 0.02
"""Rise of an institution's practice in a week from which it is told."""
SHOWN = {
    "community": ("trust", "grievance", "legitimacy", "livelihoods", "memory"),
    "institution": ("capability", "practice", "buy_in", "partnership"),
    "worker": ("warmth", "trust", "competence", "strain"),
}
"""States that are shown of each, 0 to 1."""


@dataclass
class Follower:
    """Follows one row of a world from week to week.

    Attributes
    ----------
    what : str
        One of `KINDS`.
    row : int
        Its row.
    before : dict
        What is remembered of the week before.
    """

    what: str
    row: int
    before: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begin(cls, world: World, what: str, row: int) -> Follower:
        """Begin to follow; what happens from the next week on is told."""
        follower = cls(what, row)
        follower.before = follower._state(world)
        return follower

    def tell(self, world: World) -> dict[str, Any]:
        """Tell how it fares after the week that was lived last, and what happened to it."""
        before, self.before = self.before, self._state(world)
        told = {"community": self._community, "institution": self._institution, "worker": self._worker}[self.what]
        return {"card": self.card(world), "events": told(world, before, self.before)}

    def card(self, world: World) -> dict[str, float]:
        """Return the states that are shown of it, means over the other sides where there are several."""
        table = getattr(world, TABLES[self.what])
        shown = {name: round(float(np.mean(getattr(table, name)[self.row])), 4) for name in SHOWN[self.what]}
        return shown | {"ties": len(self.before["partners"])} if self.what == "worker" else shown

    def _state(self, world: World) -> dict[str, Any]:
        k = self.row
        if self.what == "community":
            return {"trust": world.communities.trust[k].astype(float), "memory": float(world.communities.memory[k])}
        if self.what == "institution":
            i, week = world.institutions, world.week - 1
            first, last = int(i.first[k]), int(i.first[k] + i.staff[k])
            return {
                "leader": float(i.buy_in_rest[k]),
                "practice": float(i.practice[k]),
                "projects": int(i.projects[k]),
                "enrolled": int(world.workers.cohort[first:last].sum()),
                "out": bool(i.withdrawn_until[k] > week),
            }
        w, week = world.workers, world.week - 1
        return {
            "person": int(w.person[k]),
            "cohort": int(w.cohort[k]),
            "alumnus": int(w.alumnus[k]),
            "placed": bool(w.placed_until[k] > week),
            "burnt": bool(w.burnt_until[k] > week),
            "partners": partners(world, k),
        }

    def _community(self, world: World, before: dict[str, Any], now: dict[str, Any]) -> list[Event]:
        out: list[Event] = []
        side, sides = int(world.communities.side[self.row]), world.sides
        for o, (was, is_) in enumerate(zip(before["trust"], now["trust"], strict=True)):
            if abs(is_ - was) >= MOVES:
                towards = world.scenario.region.sides[(side + 1 + o) % sides]
                terms = trust_terms(world, self.row, o, was, before["memory"])
                because = max(terms, key=lambda name: terms[name] * (1.0 if is_ > was else -1.0))
                about = {"by": round(100 * abs(is_ - was), 2), "towards": towards, "because": because}
                out.append(("trust_fell" if is_ < was else "trust_rose", about))
        return out

    def _institution(self, _: World, before: dict[str, Any], now: dict[str, Any]) -> list[Event]:
        out: list[Event] = []
        if now["leader"] != before["leader"]:
            out.append(("leader_backs" if now["leader"] > before["leader"] else "leader_doubts", {}))
        if now["enrolled"] > before["enrolled"]:
            out.append(("staff_joined", {"count": now["enrolled"] - before["enrolled"]}))
        if now["practice"] - before["practice"] >= TAKES_UP:
            out.append(("took_up", {}))
        if now["projects"] != before["projects"]:
            more = now["projects"] > before["projects"]
            out.append(("project_more" if more else "project_less", {"count": now["projects"]}))
        if now["out"] != before["out"]:
            out.append(("withdrew" if now["out"] else "came_back", {}))
        return out

    def _worker(self, world: World, before: dict[str, Any], now: dict[str, Any]) -> list[Event]:
        if now["person"] != before["person"]:
            return [("left_post", {"lost": len(before["partners"])})]
        out: list[Event] = []
        if now["cohort"] > before["cohort"]:
            out.append(("joined", {}))
        if now["cohort"] < before["cohort"]:
            out.append(("graduated" if now["alumnus"] else "dropped_out", {}))
        for code, gone, new in (("placed", before["placed"], now["placed"]), ("burnt_out", before["burnt"], now["burnt"])):
            if new and not gone:
                out.append((code, {}))
        out += [("tie_born", _colleague(world, j)) for j in sorted(now["partners"] - before["partners"])]
        out += [("tie_faded", _colleague(world, j)) for j in sorted(before["partners"] - now["partners"])]
        return out


def trust_terms(world: World, c: int, o: int, was: float, memory: float) -> dict[str, float]:
    """Return by how much each term of the rule moved the trust of a community's residents towards another side in the week that was lived last.

    Parameters
    ----------
    world : World
        After the week.
    c, o : int
        Community, and which of the other sides.
    was, memory : float
        Trust, and memory of violence, before the week.
    """
    p, community, politics = world.parameters, world.communities, world.politics
    rate = world.derive(community_rates).trust
    side = int(community.side[c])
    rhetoric, known = float(politics.rhetoric[side]), float(community.acquainted_participants[c])
    shield = p.vocational.interdependence * float(community.reached[c])
    shield += p.vocational.credibility * float(community.standards[c, 0]) * known
    words = rhetoric * (1.0 - min(shield, 0.9))
    contact = p.communities.extended_contact * float(community.acquainted[c] * community.worker_gain[c, o])
    return {
        "violence": -p.communities.violence_trust * float(community.violence[c]) * was,
        "rhetoric": -p.politics.rhetoric_trust * words * was,
        "branding": -p.programmes.branding * rhetoric * known * was,
        "rumours": -p.rumours.trust * float(community.rumour[c, o] - community.rumour_rest[c, o]) * was,
        "memory": -rate * p.communities.memory_trust * memory,
        "contact": rate * contact,
        "work": rate * float(community.trust_shift[c, o]),
        "rest": rate * (float(community.trust_rest[c, o]) - was),
    }


def partners(world: World, worker: int) -> set[int]:
    """Return the workers to whom a worker has a tie strong enough to rely on."""
    w, week = world.workers, world.week - 1
    held = range(int(w.ties[worker]))
    return {int(w.partners[worker, k]) for k in held if world.ties.relies[w.slots[worker, k]] > week}


def inside(world: World, what: str, row: int) -> dict[str, Any]:
    """Tell what there is to follow next: the institutions of a community, or the workers of an institution."""
    i = world.institutions
    if what == "community":
        rows = np.flatnonzero(i.community == row).tolist()
        return {"institutions": [{"row": n, "kind": INSTITUTION_KINDS[int(i.kind[n])], "staff": int(i.staff[n])} for n in rows]}
    n = row if what == "institution" else int(world.workers.institution[row])
    first, staff = int(i.first[n]), int(i.staff[n])
    return {
        "community": int(i.community[n]),
        "institution": n,
        "kind": INSTITUTION_KINDS[int(i.kind[n])],
        "workers": list(range(first, first + staff)),
    }


def _colleague(world: World, worker: int) -> dict[str, Any]:
    w = world.workers
    return {"a": int(w.community[worker]), "family": int(w.family[worker]), "of": FAMILIES[int(w.family[worker])].name}
