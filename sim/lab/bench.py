"""How fast the simulation is on this machine, all in one run, so that the figures can be read as ratios.

Machines that are shared are noisy, some by a factor of two from minute to minute. What is compared is therefore timed in turn, and a ratio is
the median of the ratios within a turn.
"""

from __future__ import annotations

import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state
from sim.compiled import compiled
from sim.draws import purpose_key, uniforms
from sim.lab.experiment import load_experiment
from sim.lab.parallel import mapped
from sim.lab.run import run
from sim.lab.warmup import warm_up
from sim.outcomes import BY_NAME, PRIMARY
from sim.scenario.reading import laid_together, overlay, scenario_layers
from sim.scenario.schema import Scenario
from sim.series import INDEX, SERIES
from sim.week.schedule import live_week
from sim.world.build import build_world
from sim.world.world import World

SIZES = (2_000, 20_000, 200_000, 1_000_000)
"""Numbers of workers for which a week is timed."""
RUNS = 60
"""Runs that are timed on one process and on two."""
HORIZONS = (1, 2, 5, 10)
"""Years after which it is told what pairing saves."""
_FLOOR = purpose_key("the floor that the engine is measured by")
_ENOUGH = 0.15
"""Seconds that are timed at least."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure.

    Attributes
    ----------
    part, what : str
        What was timed or measured.
    value : float
        The median; NaN where it could not be had.
    unit : str
        Its unit.
    note : str
        What it is held against, or why it could not be had.
    """

    part: str
    what: str
    value: float
    unit: str
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@compiled
def _floor(at, week, touched):  # type: ignore[no-untyped-def]
    """Do the least that a week must: a draw for each worker, all her columns read and written, both ends of the ties touched looked up."""
    workers, ties, draws = state.workers(at), state.ties(at), state.draws(at)
    for i in range(workers.person.size):
        u = uniforms(draws, _FLOOR, week, workers.person[i])
        step = 1e-6 * (u[0] - 0.5)
        for o in range(workers.warmth.shape[1]):
            workers.warmth[i, o] += step * (workers.warmth_trait[i] + (week < workers.held_until[i, o]))
            workers.trust[i, o] += step * workers.trust_trait[i]
        workers.competence[i] += step * workers.competence_base[i]
        workers.skill[i] += step * workers.skill_base[i]
        workers.conduct[i] += step * workers.conduct_base[i]
        workers.identity[i] += step
        workers.strain[i] += step * workers.ties[i]
    rows = ties.a.size
    for k in range(touched):
        row = (k * 2_654_435_761 + week) % rows
        i, j = max(ties.a[row], 0), max(ties.b[row], 0) % workers.person.size
        change = np.float32(1e-6) * (workers.skill[i] - workers.skill[j])
        workers.warmth[i, 0] += change
        workers.warmth[j, 0] -= change
        workers.trust[i, 0] += change
        workers.trust[j, 0] -= change
        ties.strength[row] += change


def region_of(workers: int, base: str | Path = "quiet-border") -> Scenario:
    """Return a region with about so many workers: a built-in one, or one in a file, with more staff and residents."""
    table = laid_together(scenario_layers(str(base)))
    now = Scenario.model_validate(table).region.size()[2]
    staff = {}
    for name, own in table["region"]["institutions"].items():
        if isinstance(own, dict) and "staff" in own and own.get("per_community", 1):
            staff[name] = {"staff": max(round(own["staff"] * workers / now), 1)}
    residents = round(table["region"]["layout"]["population"] * max(workers / now, 1.0))
    return Scenario.model_validate(overlay(table, {"region": {"institutions": staff, "layout": {"population": residents}}}))


def timed(step: Callable[[], object], weeks: int) -> float:
    """Seconds that a week takes."""
    began = time.perf_counter()
    for _ in range(weeks):
        step()
    return (time.perf_counter() - began) / weeks


def _enough(step: Callable[[], object]) -> int:
    """Return for how many weeks a step is to be timed."""
    return int(max(1, min(200, _ENOUGH / max(timed(step, 2), 1e-6))))


def lived_in(scenario: Scenario) -> World:
    """Return a world that has lived for half a year, so that there are ties and incidents."""
    world = build_world(scenario.model_copy(update={"burn_in_weeks": 0}), 1)
    for _ in range(26):
        live_week(world)
    return world


def weeks(repeats: int, largest: int, tick: Callable[[], None]) -> list[Line]:
    """Time a week by number of workers, against the floor and against the smallest region."""
    sizes = [size for size in SIZES if size <= largest]
    worlds = {size: lived_in(region_of(size)) for size in sizes}
    floors = {size: world.copy() for size, world in worlds.items()}
    per: dict[int, list[float]] = {size: [] for size in sizes}
    floor: dict[int, list[float]] = {size: [] for size in sizes}
    lines = []
    for _ in range(repeats):
        for size, world in worlds.items():
            n, touched = world.workers.person.size, int(world.tally[INDEX["meetings"]])
            at = floors[size].at
            week, least = partial(live_week, world), partial(_floor, at, 1, touched)
            per[size].append(timed(week, _enough(week)) / n * 1e9)
            floor[size].append(timed(least, _enough(least)) / n * 1e9)
            tick()
    for size in sizes:
        said = f"{statistics.median(p / f for p, f in zip(per[size], floor[size], strict=True)):.1f} x the floor"
        if size != sizes[0]:
            said += (
                f", {statistics.median(p / f for p, f in zip(per[size], per[sizes[0]], strict=True)):.2f} x that of {sizes[0]:,}"
            )
        name = f"{worlds[size].workers.person.size:,} workers, {int((worlds[size].ties.a >= 0).sum()):,} ties"
        lines.append(Line("a week", name, statistics.median(per[size]), "ns a worker", said))
    return lines


_LONG = """
import sys
from sim.lab.bench import live_long
live_long(int(sys.argv[1]), int(sys.argv[2]))
"""
LONG = {"everyday_meetings": 0.065, "tie_decay": 0.02, "tie_floor": 0.01}
"""Parameters of contact under which workers have many ties: some five each."""
_EVERY = 26
"""Weeks between looks at the floor in a long run, and between two lines that tell how far it is."""


def live_long(workers: int, horizon: int) -> None:
    """Live a long run of a region whose workers have many ties; print now and then what a week took, and at the end what it held."""
    small = lived_in(region_of(SIZES[0]))
    before = resident()
    table = region_of(workers).model_dump(exclude_none=True)
    own = {"burn_in_weeks": 0, "region": {"ties_per_worker": 14}, "parameters": {"contact": LONG}}
    world = build_world(Scenario.model_validate(overlay(table, own)), 1)
    n, few, most = world.workers.person.size, small.workers.person.size, 0
    week, small_week = partial(live_week, world), partial(live_week, small)
    for passed in range(0, horizon, _EVERY):
        took, least = timed(week, _EVERY), partial(_floor, world.at, 1, int(world.tally[INDEX["meetings"]]))
        floor, beside = timed(least, 2), timed(small_week, 200)
        most = max(most, resident())
        ties = int((world.ties.a >= 0).sum())
        print(
            min(passed + _EVERY, horizon), took / n * 1e9, floor / n * 1e9, beside / few * 1e9, ties, most - before, n, flush=True
        )


def long_run(workers: int, horizon: int, tick: Callable[[], None]) -> list[Line]:
    """Time a long run in which workers have many ties, in a process of its own."""
    rows = []
    command = [sys.executable, "-c", _LONG, str(workers), str(horizon)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:  # noqa: S603
        for line in other.stdout or ():
            rows.append([float(x) for x in line.split()])
            tick()
    if other.returncode or not rows:
        raise subprocess.CalledProcessError(other.returncode, command)
    weeks_, took, floor, beside, ties, held, count = np.array(rows).T
    name = f"{int(count[0]):,} workers, {int(ties[-1]):,} ties, {int(weeks_[-1])} weeks"
    note = f"{np.median(took / floor):.1f} x the floor, {np.median(took / beside):.2f} x that of {SIZES[0]:,}"
    return [
        Line("a long run", name, float(np.median(took)), "ns a worker and week", note),
        Line("a long run", "all that a week does, by tie", float(np.median(took * count / ties)), "ns a tie and week"),
        Line("a long run", "most memory beyond the interpreter", held.max() / 1e6 if held.any() else float("nan"), "MB"),
    ]


def against_mesa(repeats: int, folder: Path, tick: Callable[[], None]) -> list[Line]:
    """Time a week of the same region in plain Mesa, one Python object for each worker."""
    if not (folder / "model.py").exists():
        return [
            Line(
                "against plain Mesa",
                "",
                float("nan"),
                "",
                f"{folder} is not there; it comes with the sources, not with the package",
            )
        ]
    sys.path.insert(0, str(folder))
    model = importlib.import_module("model")
    lines = []
    for size in (2_000, 20_000):
        scenario = region_of(size, folder / "quiet.toml").model_copy(update={"burn_in_weeks": 0})
        ours, theirs = lived_in(scenario), model.BorderModel(scenario, 1)
        n = ours.workers.person.size
        mine, plain = [], []
        for _ in range(26):
            theirs.step()
        for _ in range(repeats):
            week = partial(live_week, ours)
            mine.append(timed(week, _enough(week)) / n * 1e9)
            plain.append(timed(theirs.step, max(1, 8_000 // size)) / n * 1e9)
            tick()
        ratio = statistics.median(p / m for p, m in zip(plain, mine, strict=True))
        said = f"{statistics.median(mine):.0f} ns here: {ratio:.0f} x"
        lines.append(Line("against plain Mesa", f"{n:,} workers", statistics.median(plain), "ns a worker", said))
    return lines


def _lived(task: tuple[Scenario, int]) -> float:
    return run(*task).outcomes["community_trust"]


def processes(repeats: int, tick: Callable[[], None]) -> list[Line]:
    """Time default runs of ten years on one process and on two."""
    scenario = load_experiment("none-modest-generous").scenarios["generous"]
    tasks = [(scenario, seed) for seed in range(1, RUNS + 1)]
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(repeats):
        for count, seen in rates.items():
            began = time.perf_counter()
            mapped(_lived, tasks, count) if count > 1 else [_lived(task) for task in tasks]
            seen.append(len(tasks) / (time.perf_counter() - began) * 60.0)
            tick()
    more = statistics.median(two / one for one, two in zip(rates[1], rates[2], strict=True))
    notes = {1: "ten years with a programme, burn-in included", 2: f"{more:.2f} x one process, its start included"}
    return [
        Line("runs", f"{count} process{'es' if count > 1 else ''}", statistics.median(seen), "a minute", notes[count])
        for count, seen in rates.items()
    ]


def _seconds(arguments: list[str], cache: str | None = None) -> float:
    """Seconds that Python takes in a process of its own."""
    environment = {**os.environ, **({"BRIDGEWORK_CACHE_DIR": cache} if cache else {})}
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environment, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - began


def _until_first(arguments: list[str]) -> tuple[float, float]:
    """Seconds until Python says something in a process of its own, and until it is done."""
    began = time.perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:  # noqa: S603
        if other.stdout and other.stdout.readline():
            first = time.perf_counter() - began
            other.stdout.read()
    if other.returncode:
        raise subprocess.CalledProcessError(other.returncode, arguments)
    return first, time.perf_counter() - began


_COMPILE = "from sim.lab.bench import region_of; from sim.lab.warmup import warm_up; warm_up(region_of(2_000))"


def starts(repeats: int, tick: Callable[[], None]) -> list[Line]:
    """Time the command's start, its first result, and the first ever compilation."""
    command = ["-m", "sim.cli"]
    warm = [_seconds([*command, "--help"]) for _ in range(repeats)]
    tick()
    with tempfile.TemporaryDirectory() as folder:
        runs = [_until_first([*command, "run", "quiet-border", "--out", f"{folder}/{k}"]) for k in range(repeats)]
    first, whole = (statistics.median(some) for some in zip(*runs, strict=True))
    tick()
    with tempfile.TemporaryDirectory() as cache:
        cold = _seconds(["-c", _COMPILE], cache)
    tick()
    return [
        Line("start", "bridgework --help", statistics.median(warm), "s"),
        Line("start", "bridgework run quiet-border", first, "s", f"until its outcomes are shown; {whole:.2g} s with its picture"),
        Line("start", "all rules compiled", cold, "s", "once for each user and version"),
    ]


_MEASURE = """
import sys
from sim.lab.bench import lived_in, region_of, resident
lived_in(region_of(2_000))
before = resident()
world = lived_in(region_of(int(sys.argv[1])))
print(resident() - before, world.workers.person.size, world.nbytes(), world.ties.a.size * world.ties.a.strides[0])
"""


def resident() -> int:
    """Memory that this process holds, in bytes; the most that it has held where the system tells only that, 0 where it tells nothing."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:
        return 0
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def memory(largest: int, tick: Callable[[], None]) -> list[Line]:
    """Measure the memory that a region takes beyond the interpreter and the compiled rules."""
    lines = []
    for size in (s for s in SIZES[1:] if s <= largest):
        said = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _MEASURE, str(size)], check=True, capture_output=True, text=True
        ).stdout
        grown, workers, columns, ties = (int(x) for x in said.split()[-4:])
        note = f"{columns / workers:.0f} bytes of columns a worker, of which ties {ties / workers:.0f}"
        lines.append(Line("memory", f"{workers:,} workers", grown / 1e6 if grown else float("nan"), "MB", note))
        tick()
    return lines


_AT_ONCE = 10
"""Runs after each of which, in part flat, a process tells what memory it holds."""


def _held(task: tuple[Scenario, int, int]) -> tuple[int, int]:
    """Live some runs; return which process did, and the memory that it holds."""
    scenario, first, count = task
    for seed in range(first, first + count):
        _lived((scenario, seed))
    return os.getpid(), resident()


def flat(runs: int, tick: Callable[[], None]) -> list[Line]:
    """Measure whether two processes grow as they live one default run after another."""
    scenario = load_experiment("none-modest-generous").scenarios["generous"]
    tasks = [(scenario, first, min(_AT_ONCE, runs - first + 1)) for first in range(1, runs + 1, _AT_ONCE)]
    held: dict[int, list[int]] = {}
    for process, memory_ in mapped(_held, tasks, 2, tick):
        held.setdefault(process, []).append(memory_)
    lines = []
    for seen in held.values():
        early, most = seen[len(seen) // 10], max(seen)
        name = f"most held by a process after {_AT_ONCE * len(seen):,} runs of ten years"
        note = f"{most / early - 1.0:+.1%} since the first tenth of them" if early else ""
        lines.append(Line("memory", name, most / 1e6 if most else float("nan"), "MB", note))
    return lines


MOST_SAVED = 1e6
"""Times fewer replicates, at most; where it is more, two worlds hardly differ, and that much is told."""


def replicates_saved(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell how many times fewer replicates a paired difference needs for the same interval than one of unrelated worlds.

    Parameters
    ----------
    values : array of float, shape (..., seeds, 2)
        An outcome in the two arms of each pair.

    Returns
    -------
    array of float, shape (...)
        Sum of the variances of both arms over the variance of the difference, at most `MOST_SAVED`; NaN where nothing varies.
    """
    apart = values.var(axis=-2, ddof=1).sum(axis=-1)
    ratio: NDArray[np.float64] = apart / np.maximum((values[..., 1] - values[..., 0]).var(axis=-1, ddof=1), apart / MOST_SAVED)
    return ratio


def pairing(seeds: int, tick: Callable[[], None]) -> list[Line]:
    """Tell how many times fewer replicates a paired effect needs for the same interval, by horizon and primary outcome."""
    lines = []
    for name, arm in (("none-modest-generous", "generous"), ("joint-policing", "backed")):
        scenarios = load_experiment(name).scenarios
        none = scenarios[arm].model_copy(update={"programmes": {}})
        lived = mapped(_series, [(s, seed) for seed in range(1, seeds + 1) for s in (none, scenarios[arm])], None, tick)
        for years in HORIZONS:
            rows = slice(0, years * 52)
            for outcome in PRIMARY:
                values = np.array(
                    [BY_NAME[outcome].measure({s.name: x[rows, k] for k, s in enumerate(SERIES)}, people) for x, people in lived]
                )
                saved = float(replicates_saved(values.reshape(-1, 2)))
                lines.append(Line("pairing", f"{name}, {outcome}, {years} y", saved, "x fewer replicates", f"{seeds} seeds"))
    return lines


def _series(task: tuple[Scenario, int]) -> tuple[Any, float]:
    result = run(*task)
    return result.series, result.world.residents


PARTS = ("weeks", "long", "mesa", "processes", "start", "memory", "flat", "pairing")
"""What can be measured."""
PAIRS = 20
"""Seeds on which it is measured what pairing saves."""


LONGEST = 520
"""Weeks of the long run."""


def steps(parts: tuple[str, ...], repeats: int, largest: int, runs: int) -> int:
    """Return how many steps measuring will take."""
    regions = sum(size <= largest for size in SIZES[1:])
    counts = {"weeks": repeats * (regions + 1), "mesa": 2 * repeats, "processes": 2 * repeats, "start": 3, "memory": regions}
    counts |= {"flat": -(-runs // _AT_ONCE), "pairing": 4 * PAIRS, "long": -(-LONGEST // _EVERY)}
    return sum(counts[part] for part in parts)


def bench(
    parts: tuple[str, ...] = PARTS,
    repeats: int = 5,
    largest: int = 200_000,
    runs: int = 200,
    plain_mesa: str | Path = "benchmarks/plain_mesa",
    tick: Callable[[], None] = lambda: None,
) -> list[Line]:
    """Measure how fast the simulation is on this machine.

    Parameters
    ----------
    parts : tuple of str
        Some of `PARTS`, in any order.
    repeats : int
        Turns of which medians are taken.
    largest : int
        Most workers of a region that is timed.
    runs : int
        Runs after which it is measured whether memory has grown.
    plain_mesa : str or pathlib.Path
        Folder of the second implementation.
    tick : callable
        Called as work goes on.

    Returns
    -------
    list of Line
    """
    warm_up(region_of(2_000))
    made: dict[str, Callable[[], list[Line]]] = {
        "weeks": lambda: weeks(repeats, largest, tick),
        "long": lambda: long_run(largest, LONGEST, tick),
        "mesa": lambda: against_mesa(repeats, Path(plain_mesa), tick),
        "processes": lambda: processes(repeats, tick),
        "start": lambda: starts(repeats, tick),
        "memory": lambda: memory(largest, tick),
        "flat": lambda: flat(runs, tick),
        "pairing": lambda: pairing(PAIRS, tick),
    }
    return [line for part in PARTS if part in parts for line in made[part]()]
