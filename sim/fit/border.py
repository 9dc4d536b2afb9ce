"""A border's own events, fitted: everything at once, and the scenarios that come of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.about import MODEL_VERSION
from sim.errors import InputError
from sim.fit.choosing import WHOLE, EventChoice, Recorded, choose
from sim.fit.deadliness import Deadliness, fit_deadliness
from sim.fit.matching import PATTERN, WORLDS, Matched, match
from sim.fit.nearby import Nearby, fit_nearby
from sim.fit.process import STEPS, Fits, fit_process
from sim.fit.reading import read_events
from sim.scenario.reading import load_scenario
from sim.scenario.schema import Scenario

MARK = "# Fitted to recorded events by bridgework fit."
"""How a scenario that was fitted begins; such a file may be written anew."""
MOST_SPREAD = 0.6
"""Largest share of echoes that a scenario lets fall nearby."""


@dataclass(frozen=True, slots=True)
class BorderFit:
    """What a fit of recorded events came to.

    Attributes
    ----------
    recorded : Recorded
        The events.
    choice : EventChoice
        How they were chosen.
    fits : Fits
        How they come about: by echoes, drift, both and neither.
    deadliness : Deadliness or None
        How deadly they are; None with too few.
    nearby : Nearby or None
        Where echoes fall, if events echo; None with too few places known.
    rival : Nearby or None
        The same where the background drifts as well.
    base : str
        The scenario that was matched.
    matched : list of Matched
        It, matched in both ways; empty if that was not asked for.
    """

    recorded: Recorded
    choice: EventChoice
    fits: Fits
    deadliness: Deadliness | None
    nearby: Nearby | None
    rival: Nearby | None
    base: str
    matched: list[Matched]

    @property
    def place(self) -> str:
        """The place, in words, and the kinds of event if not all."""
        kinds = f" ({', '.join(self.choice.kinds)})" if self.choice.kinds else ""
        return f"{self._where}{kinds}"

    @property
    def _where(self) -> str:
        if self.choice.places and self.choice.box is None:
            return ", ".join(self.choice.places)
        if self.choice.box:
            west, south, east, north = self.choice.box
            box = f"{west:g} to {east:g}° east, {south:g} to {north:g}° north"
            return ", ".join([*self.choice.places, box])
        countries = sorted({event.country for event in self.recorded.file.events if event.country})
        return countries[0] if len(countries) == 1 else self.recorded.file.path.stem


def fit_events(
    path: str | Path,
    choice: EventChoice | None = None,
    extend: str | Path = "violent-region",
    *,
    scenarios: bool = True,
    processes: int | None = None,
    tick: Callable[[], None] = lambda: None,
) -> BorderFit:
    """Fit recorded events, and match a scenario to them.

    Parameters
    ----------
    path : str or pathlib.Path
        Export of UCDP GED or ACLED, in the dataset's own columns.
    choice : EventChoice, optional
        Which events: place, period, what is one region, kinds. All of the file as one region if not given.
    extend : str or pathlib.Path
        Scenario that is matched: a built-in name or a path.
    scenarios : bool
        Whether a scenario is matched, which takes most of the time.
    processes : int, optional
        Worker processes; all cores if not given. Results do not depend on it.
    tick : callable
        Called after each of `steps` steps.

    Raises
    ------
    InputError
        If the file cannot be read, a name is unknown, or there are too few events.
    """
    choice = choice or EventChoice()
    scenario = load_scenario(extend)
    return fit_recorded(
        choose(read_events(path), choice), choice, scenario, str(extend), scenarios=scenarios, processes=processes, tick=tick
    )


def steps(scenarios: bool) -> int:
    """Return how often `tick` is called."""
    return STEPS + (WORLDS if scenarios else 0)


def fit_recorded(
    recorded: Recorded,
    choice: EventChoice,
    scenario: Scenario,
    base: str,
    *,
    scenarios: bool,
    processes: int | None,
    tick: Callable[[], None],
) -> BorderFit:
    """Fit events that have been chosen; as `fit_events` does."""
    fits = fit_process(recorded.counts, processes, tick)
    deadliness = fit_deadliness(recorded.deaths, scenario.effective_parameters.incidents.deaths_max)
    nearby, rival = (fit_nearby(recorded, fitted.process) for fitted in (fits.echoes, fits.both))
    matched = match(scenario, recorded.counts, fits, _always(deadliness, nearby), processes, tick) if scenarios else []
    return BorderFit(recorded, choice, fits, deadliness, nearby, rival, base, matched)


def _always(deadliness: Deadliness | None, nearby: Nearby | None) -> dict[str, Any]:
    """Return what is laid over the scenario whichever way events cluster."""
    own: dict[str, float] = {}
    if deadliness is not None:
        own |= {"deaths_tail": deadliness.tail, "deaths_scale": deadliness.scale, "deaths_max": float(deadliness.most)}
    if nearby is not None:
        own["echo_spread"] = min(nearby.share, MOST_SPREAD)
    return {"parameters": {"incidents": {name: float(f"{value:.4g}") for name, value in own.items()}}} if own else {}


_WAY = {
    "echoes": "earlier events set off later ones, the background is steady",
    "drift": "the background drifts, events do not echo",
}


def scenario_text(fit: BorderFit, matched: Matched, beside: Path) -> str:
    """Return a scenario file that extends the one that was matched.

    Parameters
    ----------
    fit : BorderFit
        The fit.
    matched : Matched
        Which of its scenarios.
    beside : pathlib.Path
        Where it will lie; a scenario that is extended by its path is named from there.
    """
    import tomli_w

    recorded, simulated = matched.recorded, np.nanmean(matched.simulated, axis=0)
    there = Path(fit.base)
    extend = fit.base if there.suffix != ".toml" else _from(beside.parent, there)
    period = f"{fit.recorded.start} to {fit.recorded.end}"
    lines = [
        MARK,
        f"# {fit.recorded.file.path.name} ({fit.recorded.file.dataset}), {fit.place}, {period}:",
        f"# {fit.recorded.deaths.size} lethal events in {_regions(fit)}.",
        f"# One of two: {_WAY[matched.way]}. Told by the counts: {fit.fits.verdict}.",
        "#",
        "# mean over regions, and over worlds        recorded   simulated",
        *(f"# {name:40} {a:9.3f} {b:10.3f}" for name, a, b in zip(PATTERN, recorded, simulated, strict=True)),
        *(f"# {path} lies at the end of its range: what was recorded goes further." for path in matched.at_end),
        f"# Model version {MODEL_VERSION}.",
        "",
    ]
    head = {
        "bridgework": "scenario/1",
        "extend": extend,
        "title": f"{fit.place[:60]}: fitted, {'with echoes' if matched.way == 'echoes' else 'with drift'}",
        "description": f"Lethal events look as recorded in {fit.place} from {period} ({fit.recorded.file.dataset}); {_WAY[matched.way]}. "
        "Only the violence is fitted: people, institutions and everything else are those of the scenario that this one extends.",
    }
    return "\n".join(lines) + "\n" + tomli_w.dumps(head | matched.table)


def _from(folder: Path, there: Path) -> str:
    """Name a file as seen from a folder."""
    try:
        return Path(os.path.relpath(there.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return there.resolve().as_posix()


def _regions(fit: BorderFit) -> str:
    count = len(fit.recorded.areas)
    return "one region" if fit.recorded.areas == [WHOLE] else f"{count} region{'s' if count > 1 else ''} ({fit.choice.each})"


def scenario_paths(path: Path) -> dict[str, Path]:
    """Return the files into which both scenarios are written; neither may be somebody's own.

    Raises
    ------
    InputError
        If the name does not end in ``.toml``, or one of the files is there and was not fitted.
    """
    if path.suffix != ".toml":
        raise InputError("not a scenario file", where="--write", value=str(path), right="a name that ends in .toml")
    out = {way: path.with_name(f"{path.stem}-{way}.toml") for way in _WAY}
    for one in out.values():
        if one.exists() and not one.read_text(encoding="utf-8", errors="replace").startswith(MARK):
            raise InputError("already there, and not written by a fit", where="--write", value=str(one), right="another name")
    return out
