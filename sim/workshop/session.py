"""Two worlds on one seed, lived week by week beside each other, and what is changed in either of them.

::

    base file + what was prepared + changes ──> Scenario ──> World ──> frames (what is shown of each week), events (what happened in it)
                         (one Play for each of the two worlds; a Session moves both, a week at a time)

Everything that is changed becomes part of the play's scenario: a programme that is switched on starts in that week, another turn of a lever
is a dated edit, a shock is dated. So the scenario file that can be saved at any time, lived from the start on the same seed, comes to the same
world bit by bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.errors import InputError
from sim.scenario.faults import Layer
from sim.scenario.reading import laid_together, make_scenario, overlay, scenario_layers
from sim.scenario.schema import SHOCKS, Scenario
from sim.week.schedule import live_week
from sim.workshop.events import Event, Watcher
from sim.workshop.frames import frame_of
from sim.workshop.futures import COLUMNS, LINES, YEAR, lines_of
from sim.workshop.presets import preset
from sim.workshop.story import TABLES, Follower, inside
from sim.world.build import build_world, checked_seed
from sim.world.programmes import running_programmes
from sim.world.world import World

WORLDS = ("left", "right")
Both = tuple[dict[str, Any], dict[str, Any]]
KEEP_EVERY = 104
"""Weeks between two copies of a world that are kept to go back to."""


@dataclass
class Play:
    """One of the two worlds, as far as it has been lived.

    Attributes
    ----------
    base : str
        Built-in name or path of the scenario that it started from.
    prepared : dict
        What a scenario file says that extends it, from the start: that of a lesson.
    changes : dict
        What was changed since, said alike: programmes, shocks, edits.
    scenario : Scenario
        All together.
    world : World
        As it is now.
    before : dict of str to float
        What the charts show, in the year before week 0.
    frames : list of bytes
        What is shown of each week lived, from week 0.
    events : list of list of Event
        What happened in each.
    follower : Follower or None
        Of the one whom the room follows.
    told : dict or None
        What is told of that one after the week lived last.
    past : dict of int to dict
        What would have been told of it in the weeks before.
    """

    base: str
    prepared: dict[str, Any]
    changes: dict[str, Any]
    scenario: Scenario
    world: World
    kept: list[World]
    watcher: Watcher
    before: dict[str, float]
    frames: list[bytes] = field(default_factory=list)
    events: list[list[Event]] = field(default_factory=list)
    follower: Follower | None = None
    told: dict[str, Any] | None = None
    past: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def begin(cls, base: str, prepared: dict[str, Any], changes: dict[str, Any], seed: int) -> Play:
        """Build a world and live through its burn-in."""
        scenario = scenario_of(base, prepared, changes)
        world = build_world(scenario, seed)
        before = []
        while world.week < 0:
            live_week(world)
            before.append(world.tally[COLUMNS].copy())
        lines = lines_of(np.array(before[-YEAR:]), world.residents)[:, -1] if before else np.zeros(len(LINES))
        told = dict(zip(LINES, lines.tolist(), strict=True))
        return cls(base, _copied(prepared), _copied(changes), scenario, world, [world.copy()], Watcher(world), told)

    def twin(self) -> Play:
        """Return a play that has lived the same."""
        return Play(
            self.base, self.prepared, _copied(self.changes), self.scenario, self.world.copy(), list(self.kept), Watcher(self.world),
            self.before, list(self.frames), list(self.events),
        )  # fmt: skip

    def live(self) -> None:
        """Live one week."""
        if self.world.week % KEEP_EVERY == 0 and self.world.week > self.kept[-1].week:
            self.kept.append(self.world.copy())
        live_week(self.world)
        self.events.append(self.watcher.events(self.world))
        self.frames.append(frame_of(self.world))
        self.told = None if self.follower is None else self.follower.tell(self.world)

    def take(self, changes: dict[str, Any]) -> None:
        """Take over changes that are dated this week or later."""
        scenario = scenario_of(self.base, self.prepared, changes)
        anew = scenario.programmes != self.scenario.programmes  # they are made with the world
        self.changes, self.scenario = changes, scenario
        if anew:
            self._relive(0, self.world.week)
        else:
            self.world.scenario = scenario

    def rewind(self, week: int, changes: dict[str, Any]) -> None:
        """Go back to the beginning of a week, with the changes that were made until then."""
        scenario = scenario_of(self.base, self.prepared, changes)
        same = scenario.programmes == self.scenario.programmes
        self.changes, self.scenario = changes, scenario
        self._relive(sum(world.week <= week for world in self.kept) - 1 if same else 0, week)
        del self.frames[week:], self.events[week:]

    def _relive(self, copy: int, week: int) -> None:
        """Live again from a copy that was kept up to a week."""
        self.kept = self.kept[: copy + 1]
        world = self._again(copy)
        while world.week < week:
            if world.week % KEEP_EVERY == 0 and world.week > self.kept[-1].week:
                self.kept.append(world.copy())
            live_week(world)
        self.world = world
        self.watcher = Watcher(world)
        if self.follower is not None:
            self._look(Follower.begin(world, self.follower.what, self.follower.row))

    def _again(self, copy: int) -> World:
        """Return the world as it was when a copy was kept, to be lived again with the scenario as it is now."""
        world = self.kept[copy].copy()
        world.scenario = self.scenario
        if world.week == 0:
            world.programmes = running_programmes(self.scenario)
        return world

    def follow(self, whom: tuple[str, int] | None) -> None:
        """Follow somebody, or nobody; some of the weeks before are lived again, to tell what happened to it in them."""
        self.follower, self.told, self.past = None, None, {}
        if whom is None:
            return
        since = self.world.week - KEEP_EVERY // 2
        world = self._again(max(sum(world.week <= since for world in self.kept) - 1, 0))
        follower = Follower.begin(world, *whom)
        while world.week < self.world.week:
            live_week(world)
            self.past[world.week - 1] = follower.tell(world)
        self._look(follower)

    def _look(self, follower: Follower) -> None:
        self.follower = follower
        self.told = {"card": follower.card(self.world), "events": []}


@dataclass
class Session:
    """Two worlds beside each other.

    Attributes
    ----------
    seed : int
        Of both.
    plays : tuple of Play
        The left and the right world.
    """

    seed: int
    plays: tuple[Play, Play]

    @classmethod
    def begin(cls, base: str, seed: int, prepared: Both = ({}, {}), changes: Both = ({}, {})) -> Session:
        """Begin with two worlds of one scenario.

        Parameters
        ----------
        base : str
            Built-in name, or path of a scenario.
        seed : int
            0 to 2⁶⁴−1.
        prepared : tuple of dict
            What is so from the start, whatever is rewound: for each world what a scenario file would say that extends `base`.
        changes : tuple of dict
            What was changed when these worlds were played before, said alike.

        Raises
        ------
        InputError
            If a scenario is not sound, or they have different regions or horizons.
        """
        checked_seed(seed)
        first = Play.begin(base, prepared[0], changes[0], seed)
        if prepared[1] == prepared[0] and changes[1] == changes[0]:
            return cls(seed, (first, first.twin()))
        second = Play.begin(base, prepared[1], changes[1], seed)
        alike(first.scenario, second.scenario, "changes")
        return cls(seed, (first, second))

    @property
    def week(self) -> int:
        """The week that is lived next; both worlds are in the same."""
        return self.plays[0].world.week

    @property
    def weeks(self) -> int:
        """Length of the horizon."""
        return self.plays[0].scenario.weeks

    @property
    def finished(self) -> bool:
        """Whether the horizon has been lived through."""
        return self.week >= self.weeks

    def live(self) -> None:
        """Live one week in both worlds; nothing at the end of the horizon."""
        if not self.finished:
            for play in self.plays:
                play.live()

    def live_until(self, week: int) -> None:
        """Live up to a week, or to the end of the horizon."""
        while self.week < min(week, self.weeks):
            self.live()

    def rewind(self, week: int) -> None:
        """Go back to the beginning of a week; what was changed in it or later is forgotten, but for what holds from week 0.

        Raises
        ------
        InputError
            If that week has not been reached yet.
        """
        if not 0 <= week <= self.week:
            raise InputError("not reached yet", where="week", value=week, right=f"0 to {self.week}")
        for play in self.plays:
            play.rewind(week, _until(play.changes, week))

    def programme(self, which: int, name: str, levers: dict[str, Any] | None) -> None:
        """Switch a programme on, change it, or (None) end its money, in one of the worlds, from this week on.

        Parameters
        ----------
        which : int
            0 left, 1 right.
        name : str
            One of `sim.workshop.presets.presets`, or of a programme that the world has.
        levers : dict or None
            Levers to be set, as in ``[programmes.NAME]``; those that are not named stay, or are those of the preset.

        Raises
        ------
        InputError
            If a lever is unknown or out of range, or the region has nobody to take part.
        """
        self._ongoing()
        play = self.plays[which]
        changes = _copied(play.changes)
        own = changes.setdefault("programmes", {})
        new = name in own and own[name].get("start_week", 0) == self.week
        if name not in play.scenario.programmes or new:
            own.pop(name, None)
            if levers is not None:
                rest = (self.weeks - self.week) / 52.0
                known = play.changes.get("programmes", {}).get(name) or preset(name)
                own[name] = overlay(known, levers) | {"start_week": self.week, "years": min(rest, 40.0)}
        else:
            said = {"annual_budget": 0.0} if levers is None else levers
            edit = changes.setdefault("edits", {}).setdefault(f"week-{self.week}", {"week": self.week})
            programmes = edit.setdefault("programmes", {})
            programmes[name] = overlay(programmes.get(name, {}), said)
        play.take(changes)

    def switch(self, which: int, mechanism: str, *, on: bool) -> None:
        """Switch a mechanism on or off in one of the worlds, from this week on.

        Raises
        ------
        InputError
            If there is none of this name.
        """
        self._ongoing()
        play = self.plays[which]
        changes = _copied(play.changes)
        edit = changes.setdefault("edits", {}).setdefault(f"week-{self.week}", {"week": self.week})
        edit.setdefault("mechanisms", {})[mechanism] = on
        play.take(changes)

    def shock(self, kind: str, size: float, weeks: int, sides: list[str] | None = None) -> None:
        """Let a shock strike both worlds, from this week on.

        Raises
        ------
        InputError
            If it is not sound.
        """
        self._ongoing()
        if kind not in SHOCKS:
            raise InputError("no such shock", where="shock", value=kind, right=f"one of: {', '.join(SHOCKS)}")
        body: dict[str, Any] = {"kind": kind, "week": self.week, "size": size, "weeks": weeks}
        body |= {} if sides is None else {"sides": sides}
        found = []
        for play in self.plays:
            changes = _copied(play.changes)
            shocks = changes.setdefault("shocks", {})
            number = sum(name.startswith(f"{kind}-{self.week}") for name in shocks)
            shocks[f"{kind}-{self.week}" + (f"-{number + 1}" if number else "")] = body
            scenario_of(play.base, play.prepared, changes)  # both, or neither
            found.append(changes)
        for play, changes in zip(self.plays, found, strict=True):
            play.take(changes)

    def follow(self, what: str | None, row: int = 0) -> dict[str, Any]:
        """Follow a community, an institution or a worker in both worlds, or (None) nobody; return what there is to follow next.

        Raises
        ------
        InputError
            If there is no such row.
        """
        world = self.plays[0].world
        if what is not None:
            rows = len(getattr(world, TABLES[what])[0])
            if not 0 <= row < rows:
                raise InputError(f"no such {what}", where="row", value=row, right=f"0 to {rows - 1}")
        for play in self.plays:
            play.follow(None if what is None else (what, row))
        return {} if what is None else inside(world, what, row)

    def saved(self) -> tuple[str, str]:
        """Return both worlds as scenario files, with all that was changed in them.

        Lived with ``bridgework run FILE --seed`` and the same seed, each comes to the same world.
        """
        import tomli_w

        out = []
        for letter, play in zip("AB", self.plays, strict=True):
            head = {"bridgework": "scenario/1", "extend": play.base, "title": f"{play.scenario.title[:100]}: world {letter}"}
            note = f"# Played in a workshop with seed {self.seed}. To live it again: bridgework run FILE --seed {self.seed}\n\n"
            out.append(note + tomli_w.dumps(head | overlay(play.prepared, play.changes)))
        return out[0], out[1]

    def _ongoing(self) -> None:
        if self.finished:
            raise InputError("these worlds are at their end", where="week", value=self.week, right="go back to an earlier week")


def scenario_of(base: str, prepared: dict[str, Any], changes: dict[str, Any], where: str = "this world") -> Scenario:
    """Return the scenario of a world: a file, what was prepared on top of it, and what was changed since.

    Raises
    ------
    InputError
        If it is not sound; `where` names what was prepared.
    """
    layers = [Layer("this world", _copied(changes)), Layer(where, _copied(prepared)), *scenario_layers(base)]
    return make_scenario(laid_together(layers if changes else layers[1:]), layers if changes else layers[1:])


def alike(left: Scenario, right: Scenario, where: str) -> None:
    """Refuse two worlds that cannot stand beside each other."""
    if left.region != right.region or left.weeks != right.weeks or left.start != right.start:
        words = "worlds that differ in programmes, shocks, edits, parameters or mechanisms only"
        raise InputError("the two worlds have different regions or horizons", where=where, right=words)


def _copied(table: dict[str, Any]) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in table.items()}


def _until(changes: dict[str, Any], week: int) -> dict[str, Any]:
    """Return the changes that were made before a week."""
    out = _copied(changes)
    for kind, key in (("programmes", "start_week"), ("shocks", "week"), ("edits", "week")):
        if kind in out:
            out[kind] = {name: body for name, body in out[kind].items() if body.get(key, 0) < week or body.get(key, 0) == 0}
    return out
