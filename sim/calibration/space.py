"""The space that is searched: every parameter of behaviour over its declared range, as positions from 0 to 1.

Costs are left at their defaults, since no field study speaks of them; so are parameters of rival assumptions and of mechanisms that are off
unless asked for. A vector under which violence would feed itself, in a region of any trial, is no part of the space.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.declare import Declaration
from sim.errors import InputError
from sim.lab.parallel import mapped
from sim.lab.ranges import LATER, own_parameters, with_parameters
from sim.parameters import all_parameters
from sim.registry import own_paths
from sim.scenario.reading import overlay
from sim.scenario.schema import Scenario
from sim.scenario.stability import MAX_GAIN, Surroundings, loop_gain, surroundings

Units = NDArray[np.float64]
Table = dict[str, dict[str, float]]
AT_ONCE = 20
"""Vectors whose stability a process checks at a time."""
MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Space:
    """Parameters and their ranges.

    Attributes
    ----------
    names : tuple of str
        As in scenarios, such as ``"contact.bad_weight"``.
    low, high : array of float, shape (parameters,)
        Ends of their ranges.
    default : array of float, shape (parameters,)
        Their defaults, as positions from 0 to 1.
    """

    names: tuple[str, ...]
    low: Units
    high: Units
    default: Units

    @classmethod
    def of(cls, rows: list[Declaration]) -> Space:
        """Return the space of some declared parameters."""
        low, high = np.array([r.declared.low for r in rows], float), np.array([r.declared.high for r in rows], float)
        default = (np.array([r.default for r in rows], float) - low) / (high - low)
        return cls(tuple(r.path for r in rows), low, high, default)

    def values(self, unit: Units) -> Units:
        """Return values at positions from 0 to 1."""
        return np.clip(self.low + unit * (self.high - self.low), self.low, self.high)

    def table(self, unit: Units) -> Table:
        """Return one vector as a scenario writes it: room to name to value."""
        out: Table = {}
        for name, value in zip(self.names, self.values(unit), strict=True):
            room, own = name.split(".", 1)
            out.setdefault(room, {})[own] = float(value)
        return out


def space_of(names: Iterable[str] | None = None) -> Space:
    """Return the space of all parameters of behaviour, or of the parameters and rooms that are named.

    Raises
    ------
    InputError
        If there is none of a name.
    """
    if names:
        return Space.of(_named(list(names)))
    own = own_paths()
    rows = [
        row
        for row in all_parameters()
        if row.room != "costs" and row.path not in own and row.path not in LATER and not row.declared.rival
    ]
    return Space.of(rows)


def _named(names: list[str]) -> list[Declaration]:
    rows = [row for row in all_parameters() if not row.declared.rival]
    for name in names:
        if not any(name in (row.path, row.room) for row in rows):
            near = difflib.get_close_matches(name, [row.path for row in rows], 3, cutoff=0.5)
            right = f"did you mean {' or '.join(near)}?" if near else "a parameter (room.name) or a room, as the ODD lists them"
            raise InputError("no such parameter", where="vary", value=name, right=right)
    return [row for row in rows if row.path in names or row.room in names]


def placed(scenario: Scenario, table: Table) -> Scenario:
    """Return a scenario under a parameter vector; what it sets itself otherwise than by default stays as it sets it."""
    plain = scenario.model_copy(update={"parameters": None})
    return with_parameters(scenario, overlay(table, own_parameters(scenario, plain)))


def _stable(scenarios: tuple[Scenario, ...], tables: list[Table]) -> list[bool]:
    around = [(scenario, surroundings(scenario.region)) for scenario in scenarios]
    return [all(_calm(placed(scenario, table), region) for scenario, region in around) for table in tables]


def _calm(scenario: Scenario, region: Surroundings) -> bool:
    """Tell whether violence does not feed itself, at the start and after every edit; see `sim.scenario.stability.check_stability`."""
    edits = [edit for _, edit in scenario.dated_edits()]
    return all(loop_gain(scenario.parameters_with(edits[:k]), region).radius <= MAX_GAIN for k in range(len(edits) + 1))


def livable(space: Space, units: Units, scenarios: list[Scenario], processes: int | None) -> NDArray[np.bool_]:
    """Tell under which vectors violence would feed itself in none of the scenarios.

    Parameters
    ----------
    space : Space
        The parameters.
    units : array of float, shape (vectors, parameters)
        Positions from 0 to 1.
    scenarios : list of Scenario
        Where they are to be lived.
    processes : int, optional
        Worker processes; all cores if None.
    """
    tables = [space.table(unit) for unit in units]
    parts = [tables[k : k + AT_ONCE] for k in range(0, len(tables), AT_ONCE)]
    found = mapped(partial(_stable, tuple(scenarios)), parts, processes if len(parts) > 1 else 1)
    return np.array([one for part in found for one in part], bool)


def spread_out(space: Space, count: int, scenarios: list[Scenario], seed: int, processes: int | None) -> tuple[Units, int]:
    """Draw vectors evenly over the space by a Latin hypercube; those that cannot be lived are replaced.

    Returns
    -------
    array of float, shape (count, parameters)
        Positions from 0 to 1.
    int
        How many were drawn in all.

    Raises
    ------
    InputError
        If next to none can be lived.
    """
    from scipy.stats import qmc

    hypercube = qmc.LatinHypercube(len(space.names), rng=np.random.default_rng([seed, 1]))
    kept, drawn, found = [], 0, 0
    for _ in range(MOST_ROUNDS):
        units = hypercube.random(count)
        good = livable(space, units, scenarios, processes)
        lacking = count - found
        looked = int(np.flatnonzero(np.cumsum(good) >= lacking)[0]) + 1 if good.sum() >= lacking else count
        kept.append(units[:looked][good[:looked]])
        drawn, found = drawn + looked, found + len(kept[-1])
        if found == count:
            return np.concatenate(kept), drawn
    raise InputError(
        f"violence would feed itself nearly everywhere: of {drawn:,} vectors {found:,} can be lived",
        where="trials",
        right="trials in calmer regions",
    )
