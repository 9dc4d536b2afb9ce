"""The state of a world, handed to compiled rules as one array of addresses.

A compiled rule takes ``at`` (`sim.world.world.World.at`) and opens the tables that it needs::

    @compiled
    def _fade(at, rate):
        workers, ties = state.workers(at), state.ties(at)
        for i in range(workers.person.size):
            workers.strain[i] *= 1.0 - rate

A table opened so is the same named tuple of arrays that a world has, column by column. Handing over one array instead of some three
hundred is what makes calling a rule cheap, however many columns there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

from sim.columns import columns
from sim.draws import Keyed
from sim.world import tables
from sim.world.topology import Topology

HELD: dict[str, Any] = {
    "communities": tables.Communities,
    "institutions": tables.Institutions,
    "workers": tables.Workers,
    "ties": tables.Ties,
    "crossings": tables.Crossings,
    "incidents": tables.Incidents,
    "lethal": tables.LethalEvents,
    "projects": tables.Projects,
    "towns": tables.Towns,
    "pilots": tables.Pilots,
    "welfare": tables.Welfare,
    "cases": tables.Cases,
    "movements": tables.Movements,
    "campaigns": tables.Campaigns,
    "rumours": tables.Rumours,
    "topology": Topology,
    "draws": Keyed,
}
"""Tables that compiled rules can open, by the name that a world has them under."""
_WORDS = 3
"""Words by which a column is told: its address, its rows, and its width."""


def _columns() -> Iterator[tuple[str, str, Any]]:
    for name, cls in HELD.items():
        for column, declared in columns(cls).items():
            yield name, column, declared


_PLACE = {(name, column): _WORDS * k for k, (name, column, _) in enumerate(_columns())}


def addresses(world: Any) -> NDArray[np.int64]:
    """Write down where the columns of a world are.

    They stay there until a table is replaced (as one that has to grow is).

    Returns
    -------
    array of int64, shape (3 × columns,)
    """
    at = np.zeros(_WORDS * len(_PLACE), np.int64)
    for name, column, declared in _columns():
        array, k = getattr(getattr(world, name), column), _PLACE[name, column]
        if not (array.flags.c_contiguous and array.dtype == np.dtype(declared.dtype) and array.ndim == 1 + bool(declared.width)):
            raise TypeError(f"the column {name}.{column} is not as declared: {array.dtype}, {array.ndim} dimensions")
        at[k] = array.ctypes.data
        at[k + 1 : k + 1 + array.ndim] = array.shape
    return at


def _opener(table: str) -> Callable[[Any], Any]:
    """Make what opens a table in compiled code: it makes the arrays from their addresses."""
    cls = HELD[table]
    declared = columns(cls)
    arrays = [types.Array(numba.from_dtype(np.dtype(c.dtype)), 1 + bool(c.width), "C") for c in declared.values()]
    opened = types.NamedTuple(arrays, cls)

    @intrinsic
    def opens(_: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            words = context.make_array(signature.args[0])(context, builder, arguments[0]).data

            def word(k: int) -> Any:
                return builder.load(builder.gep(words, [context.get_constant(types.intp, k)]))

            made = []
            for (name, column), kind in zip(declared.items(), arrays, strict=True):
                k, size = _PLACE[table, name], context.get_constant(types.intp, np.dtype(column.dtype).itemsize)
                array = context.make_array(kind)(context, builder)
                shape = [word(k + 1 + axis) for axis in range(kind.ndim)]
                strides = [size] if kind.ndim == 1 else [builder.mul(shape[1], size), size]
                populate_array(
                    array,
                    data=builder.inttoptr(word(k), array.data.type),
                    shape=cgutils.pack_array(builder, shape),
                    strides=cgutils.pack_array(builder, strides),
                    itemsize=size,
                    meminfo=None,
                )
                made.append(array._getvalue())  # noqa: SLF001
            return context.make_tuple(builder, signature.return_type, made)

        return opened(at), generate

    opened_by: Callable[[Any], Any] = opens
    return opened_by


communities, institutions, workers, ties, crossings = map(
    _opener, ("communities", "institutions", "workers", "ties", "crossings")
)
incidents, lethal, projects, towns, pilots, welfare = map(
    _opener, ("incidents", "lethal", "projects", "towns", "pilots", "welfare")
)
cases, movements, campaigns, rumours, topology, draws = map(
    _opener, ("cases", "movements", "campaigns", "rumours", "topology", "draws")
)
