"""Calibration from beginning to end: waves of vectors lived in trials, emulators made of them, and what these leave.

The first wave is spread over the whole space. Of each wave and those before it emulators are made, and the next is drawn from what they do
not rule out. At last vectors that are expected close to every band are lived in more worlds, and what then agrees with every trial is the
ensemble. For every study, vectors are also drawn that agree with all other studies, and lived in that one: what the model foretells of a
study it has not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sim.about import MODEL_VERSION, source_fingerprint
from sim.calibration.emulator import Emulator, check_library, emulate, implausibility
from sim.calibration.living import Found, Task, first_seed, lived
from sim.calibration.notebook import Key, Notebook
from sim.calibration.plausible import CUTOFF, Plausible, plausible
from sim.calibration.space import Space, Units, livable, spread_out
from sim.calibration.targets import Target, targets_of
from sim.errors import InputError
from sim.evidence.trial import Trial
from sim.lab.parallel import in_order, mapped
from sim.lab.warmup import warm_up
from sim.scenario.schema import Scenario

CLOSE = 1.0
"""Standard deviations outside a band within which a measure is expected under vectors that are tried for the ensemble."""
LAST, SCORED, LEFT_OUT, DEFAULT = "last", "scored", "without", "default"
AT_A_TIME = 100
"""Vectors whose stability is checked at a time, until there are enough."""
SHOWN = 250
"""Vectors that are not ruled out from which it is told what is left of each parameter."""
MOST_SEARCHES = 20
"""Times that a cloud of vectors is searched for until enough can be lived."""
Say = Callable[[str], None]
Show = Callable[[str, int, int], None]


LIMITS = {
    "points": (30, 5_000),
    "waves": (1, 20),
    "seeds": (2, 900),
    "members": (2, 1_000),
    "last_seeds": (2, 200),
    "left_out": (0, 1_000),
    "seed": (0, 2**31),
}
"""Ends of what each number of a calibration may be."""


@dataclass(frozen=True, slots=True)
class CalibrationSize:
    """How large a calibration is.

    Attributes
    ----------
    points : int
        Vectors of the first wave; half as many in each that follows.
    waves : int
        Waves.
    seeds : int
        Worlds of each vector in each trial.
    members : int
        Vectors of the last wave, of which the ensemble is made.
    last_seeds : int
        Worlds of each of them in each trial, and four times as many of the defaults.
    left_out : int
        Vectors that are lived in each study they were found without.
    seed : int
        Of the calibration itself.
    """

    points: int = 360
    waves: int = 3
    seeds: int = 4
    members: int = 60
    last_seeds: int = 8
    left_out: int = 16
    seed: int = 1

    def __post_init__(self) -> None:
        """Check that it can be done.

        Raises
        ------
        InputError
            If a number is out of range.
        """
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InputError("out of range", where=name, value=value, right=f"{low} to {high:,}")


@dataclass(frozen=True, slots=True)
class Wave:
    """What a wave found.

    Attributes
    ----------
    name : str
        Its number.
    units : array of float, shape (vectors, parameters)
        What was lived.
    figures, noise : dict of str to array
        Figure and standard error under each vector, by the key of the target.
    share : float
        Share of the space that had not been ruled out before it.
    """

    name: str
    units: Units
    figures: dict[str, Units]
    noise: dict[str, Units]
    share: float


@dataclass(slots=True)
class Calibration:
    """A calibration, done or under way.

    Parameters
    ----------
    trials : list of Trial
        What the field found.
    space : Space
        Which parameters are searched.
    size : CalibrationSize
        How large it is.
    folder : pathlib.Path
        Where it is kept.
    processes : int, optional
        Worker processes; all cores if None. Results do not depend on it.
    """

    trials: list[Trial]
    space: Space
    size: CalibrationSize
    folder: Path
    processes: int | None = None
    say: Say = lambda _: None
    show: Show = lambda *_: None
    targets: list[Target] = field(default_factory=list)
    book: Notebook = field(init=False)
    waves: list[Wave] = field(default_factory=list)
    emulators: list[Emulator] = field(default_factory=list)
    left: Plausible | None = None
    last: Wave | None = None
    scored: Wave | None = None
    default: Wave | None = None
    without: dict[str, Wave] = field(default_factory=dict)
    _livable: Units | None = None

    def __post_init__(self) -> None:
        """Name the targets, and where it is kept."""
        self.targets = targets_of(self.trials)
        if not self.targets:
            raise InputError("no measure with a band", where="trials", right="a trial with low or high in one of its measures")
        names = [trial.name for trial in self.trials]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(
                "two trials of one name", where="trials", value=twice, right="each once, and files with names of their own"
            )
        asked: dict[str, Any] = {name: getattr(self.size, name) for name in CalibrationSize.__dataclass_fields__}
        asked |= {
            "model": MODEL_VERSION,
            "sources": source_fingerprint(),
            "trials": {trial.name: trial.file.model_dump(mode="json", exclude_none=True) for trial in self.trials},
            "worlds": {trial.name: _worlds_hash(trial) for trial in self.trials},
            "parameters": list(self.space.names),
        }
        self.book = Notebook(self.folder, asked)

    @property
    def scenarios(self) -> list[Scenario]:
        """The regions of the trials, each once."""
        found: dict[str, Scenario] = {}
        for trial in self.trials:
            for world, _ in trial.worlds:
                bare = world.scenario.model_copy(update={"programmes": {}, "shocks": {}, "budget": None, "years": 10.0})
                found[bare.model_dump_json()] = world.scenario
        return list(found.values())

    def run(self) -> None:
        """Do all that is not done yet."""
        check_library()
        self.book.open()
        for scenario in self.scenarios:
            warm_up(scenario)
        share = 1.0
        self.default = self._live(DEFAULT, self.space.default[None], self.trials, 4 * self.size.last_seeds, share)
        for number in range(1, self.size.waves + 1):
            units = self.book.vectors(str(number))
            if units is None:
                units = self._drawn(number)
                self.book.lay_out(str(number), units)
            self.waves.append(self._live(str(number), units, self.trials, self.size.seeds, share))
            self._emulate()
            self.left = self._search(self.emulators, number)
            share = self.left.share
        units = self.book.vectors(LAST)
        if units is None:
            units = self._stable(
                self._search(self.emulators, self._number(LAST), CLOSE), self.emulators, self.size.members, self._number(LAST)
            )
            self.book.lay_out(LAST, units)
        self.last = self._live(LAST, units, self.trials, self.size.last_seeds, share)
        self.scored = self._live(SCORED, units[self.agrees()], self.trials, self.size.last_seeds, share)
        self._leave_out()

    def _drawn(self, number: int) -> Units:
        if number == 1:
            self.say("laying out the first wave")
            return spread_out(self.space, self.size.points, self.scenarios, self.size.seed, self.processes)[0]
        assert self.left is not None
        return self._stable(self.left, self.emulators, max(self.size.points // 2, 2), number - 1)

    def _search(self, emulators: list[Emulator], number: int, cutoff: float = CUTOFF) -> Plausible:
        self.say("searching for what is not ruled out" if cutoff == CUTOFF else "searching for what agrees closely")
        return plausible(emulators, len(self.space.names), self.size.seed * 1000 + number, cutoff=cutoff)

    def _stable(self, left: Plausible, emulators: list[Emulator], count: int, number: int) -> Units:
        """Return so many vectors that are not ruled out and under which violence does not feed itself."""
        kept: list[Units] = []
        active = np.unique(np.concatenate([e.active for e in emulators]))
        for turn in range(MOST_SEARCHES):
            if turn:
                left = self._search(emulators, number + 1000 * turn, CUTOFF if number < self._number(LAST) else CLOSE)
            _, once = np.unique(left.units[:, active], axis=0, return_index=True)
            kept.append(self._some(left.units[np.sort(once)], count - sum(map(len, kept)), number))
            if sum(map(len, kept)) == count:
                return np.concatenate(kept)
        said = (
            f"{sum(map(len, kept))} of {count} vectors found that are not ruled out and under which violence does not feed itself"
        )
        raise InputError(said, where="trials", right="fewer vectors, fewer trials, or wider bands")

    def _some(self, units: Units, count: int, number: int) -> Units:
        """Return so many of some vectors, drawn by lot, under which violence does not feed itself; fewer if there are not so many."""
        units = units[np.random.default_rng([self.size.seed, number, 3]).permutation(len(units))]
        kept = units[:0]
        for first in range(0, len(units), AT_A_TIME):
            part = units[first : first + AT_A_TIME]
            kept = np.concatenate([kept, part[livable(self.space, part, self.scenarios, self.processes)]])
            if len(kept) >= count:
                break
        return kept[:count]

    def _live(self, name: str, units: Units, trials: list[Trial], seeds: int, share: float) -> Wave:
        """Live vectors in trials, but for what has been lived before."""
        keys: list[Key] = [(name, k, trial.name) for k in range(len(units)) for trial in trials]
        by_name = {trial.name: trial for trial in trials}
        todo = [key for key in keys if key not in self.book.found]
        number = self._number(name)
        tasks = (Task(by_name[key[2]], self.space.table(units[key[1]]), first_seed(number, key[1]), seeds) for key in todo)
        done = len(keys) - len(todo)
        self.show(name, done, len(keys))

        def noted() -> Iterator[tuple[Key, Found]]:
            for count, (key, found) in enumerate(zip(todo, in_order(lived, tasks, self.processes), strict=True), done + 1):
                yield key, found
                self.show(name, count, len(keys))

        self.book.note(noted())
        targets = targets_of(trials)
        nowhere = Found({}, {})

        def column(target: Target, of: str) -> Units:
            rows = [self.book.found.get((name, k, target.trial), nowhere) for k in range(len(units))]
            return np.array([getattr(row, of).get(target.measure, np.nan) for row in rows])

        figures, noise = ({t.key: column(t, of) for t in targets} for of in ("figures", "noise"))
        return Wave(name, units, figures, noise, share)

    def _number(self, name: str) -> int:
        """Return a number for what is lived, from which its seeds come; no two have the same."""
        if name.isdigit():
            return int(name)
        studies = sorted({target.study for target in self.targets})
        fixed = {LAST: 100, DEFAULT: 101, SCORED: 99}
        return fixed[name] if name in fixed else 102 + studies.index(name.removeprefix(f"{LEFT_OUT}-"))

    def _emulate(self) -> None:
        """Make emulators of all that has been lived so far."""
        self.say("making emulators")
        units = np.concatenate([wave.units for wave in self.waves])
        tasks = [
            (target, units, *(np.concatenate([getattr(w, of)[target.key] for w in self.waves]) for of in ("figures", "noise")))
            for target in self.targets
        ]
        self.emulators = [one for one in mapped(_emulated, tasks, self.processes) if one is not None]
        if not self.emulators:
            right = "more points, or other parameters"
            raise InputError("no measure is known of enough vectors and moved by what is varied", where="trials", right=right)

    def _leave_out(self) -> None:
        """For every study that speaks for or against the model, live in it what agrees with all the others."""
        studies = sorted({target.study for target in self.targets if target.emergent}) if self.size.left_out else []
        others = {study: [e for e in self.emulators if e.target.study != study] for study in studies}
        names = {study: f"{LEFT_OUT}-{study}" for study in studies if others[study]}
        todo = [study for study, name in names.items() if self.book.vectors(name) is None]
        if todo:
            self.say("searching for what agrees with all studies but one")
        searches = [
            (others[study], len(self.space.names), self.size.seed * 1000 + self._number(names[study]), CLOSE) for study in todo
        ]
        for study, left in zip(todo, mapped(_searched, searches, self.processes), strict=True):
            units = self._stable(left, others[study], self.size.left_out, self._number(names[study]))
            self.book.lay_out(names[study], units)
        for study, name in names.items():
            laid = self.book.vectors(name)
            assert laid is not None
            own = [trial for trial in self.trials if (trial.file.evidence or trial.name) == study]
            self.without[study] = self._live(name, laid, own, self.size.last_seeds, np.nan)

    def plausible_units(self) -> Units:
        """Return some of what is not ruled out and can be lived, as positions from 0 to 1: shape (vectors, parameters)."""
        assert self.left is not None
        if self._livable is None:
            self._livable = self._some(self.left.units, SHOWN, 0)
        return self._livable

    def agrees(self) -> np.ndarray:
        """Tell which vectors of the last wave agree with every trial, chance in their worlds allowed for: shape (vectors,)."""
        assert self.last is not None
        return self.implausible().max(axis=1) <= CUTOFF

    def implausible(self) -> Units:
        """Return how many standard errors the figures of the last wave lie outside their bands: shape (vectors, targets)."""
        assert self.last is not None
        out = np.zeros((len(self.last.units), len(self.targets)))
        for k, target in enumerate(self.targets):
            figure, noise = self.last.figures[target.key], self.last.noise[target.key]
            known = np.isfinite(noise)
            usual = float(np.median(noise[known])) if known.any() else 0.0
            outside = target.outside(figure) / np.maximum(np.where(known, noise, usual), 1e-12)
            out[:, k] = np.where(np.isfinite(figure), outside, np.inf)  # what cannot be told does not agree
        return out

    def closeness(self) -> float:
        """Return by how many standard deviations, at most, the vectors tried for the ensemble were expected outside a band."""
        assert self.last is not None
        return float(implausibility(self.emulators, self.last.units).max())

    @property
    def silent(self) -> list[Target]:
        """Targets that rule nothing out: their figure is known of too few vectors, or the same under all."""
        told = {emulator.target.key for emulator in self.emulators}
        return [target for target in self.targets if target.key not in told]


def _worlds_hash(trial: Trial) -> str:
    """Hash all that a trial's worlds are made of."""
    text = "".join(one.scenario.model_dump_json() for pair in trial.worlds for one in pair)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _emulated(task: tuple[Target, Units, Units, Units]) -> Emulator | None:
    return emulate(*task)


def _searched(task: tuple[list[Emulator], int, int, float]) -> Plausible:
    emulators, parameters, seed, cutoff = task
    return plausible(emulators, parameters, seed, cutoff=cutoff)
