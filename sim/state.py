"""The state of a world, handed to compiled rules as one array of addresses.

A compiled rule takes ``at`` (`sim.world.world.World.at`) and opens the tables and rooms of parameters that it needs::

    @compiled
    def _fade(at, rate):
        workers, p = state.workers(at), rooms.people(at)
        for i in range(workers.person.size):
            workers.strain[i] *= 1.0 - rate * p.norms

A table opened so has the columns of the named tuple that a world has. Handing over one array instead of some three
hundred is what makes calling a rule cheap, however many columns there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np.arrayobj import populate_array
from numpy.typing import NDArray

from sim.columns import columns, row_type
from sim.declare import built_in
from sim.draws import Keyed
from sim.parameters import Parameters
from sim.world import tables
from sim.world.topology import Topology

HELD: dict[str, Any] = {
    "communities": tables.Communities,
    "institutions": tables.Institutions,
    "workers": tables.Workers,
    "ties": tables.Ties,
    "calendar": tables.TieCalendar,
    "crossings": tables.Crossings,
    "incidents": tables.Incidents,
    "ended": tables.Incidents,
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
_DECLARED = {name: columns(cls) for name, cls in HELD.items()}
_ROWS = {name: row_type(cls) for name, cls in HELD.items()}
_WORDS = 3
"""Words by which a column is told: its address, its rows, and its width."""


def _columns() -> Iterator[tuple[str, str, Any]]:
    for name, table in _DECLARED.items():
        for column, declared in table.items():
            yield name, column, declared


_PLACE = {(name, column): _WORDS * k for k, (name, column, _) in enumerate(_columns())}
_ROOMS = [type(getattr(Parameters(), room)) for room in built_in(Parameters)]
_GIVEN = [(room, name) for room, cls in zip(built_in(Parameters), _ROOMS, strict=True) for name in built_in(cls)]
_GIVEN += [
    (room, name) for room, cls in zip(built_in(Parameters), _ROOMS, strict=True) for name in cls._fields[len(built_in(cls)) :]
]
_NUMBER = {of: _WORDS * len(_PLACE) + k for k, of in enumerate(_GIVEN)}
"""Where each parameter stands, after the columns; those of registered professions last, so that the others stay where they are."""


def addresses(world: Any) -> NDArray[np.int64]:
    """Write down where the columns of a world are, and its parameters.

    That holds until a table is replaced (as one that has to grow is), or the parameters are.

    Returns
    -------
    array of int64, shape (3 × columns + parameters,)
        The parameters are floating-point numbers, bit by bit.
    """
    at = np.zeros(_WORDS * len(_PLACE) + len(_GIVEN), np.int64)
    at[_WORDS * len(_PLACE) :].view(np.float64)[:] = [getattr(getattr(world.parameters, room), name) for room, name in _GIVEN]
    for name in HELD:
        note_address(at, name, getattr(world, name))
    return at


def note_address(at: NDArray[np.int64], name: str, table: Any) -> None:
    """Write down where the columns of one table are, in what `addresses` has made."""
    row = _ROWS[name]
    for column, declared in _DECLARED[name].items():
        array, k = getattr(table, column), _PLACE[name, column]
        laid = array.flags.c_contiguous if row is None else array.strides == (row.itemsize,)
        if not (laid and array.dtype == np.dtype(declared.dtype) and array.ndim == 1 + bool(declared.width)):
            raise TypeError(f"the column {name}.{column} is not as declared: {array.dtype}, {array.ndim} dimensions")
        at[k] = array.ctypes.data
        at[k + 1 : k + 1 + array.ndim] = array.shape


class Opened(types.Type):
    """Numba's type of an opened table: it is the addresses, and its columns are arrays made of them where they are used."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(name=f"Opened({table})")


@register_model(Opened)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, opened: Opened) -> None:
        super().__init__(manager, opened, ir.IntType(64).as_pointer())


@infer_getattr
class _Columns(AttributeTemplate):
    key = Opened

    def generic_resolve(self, opened: Opened, name: str) -> Any:
        declared = _DECLARED[opened.table].get(name)
        return declared and _kind(opened.table, declared)


def _kind(table: str, column: Any) -> types.Array:
    return types.Array(numba.from_dtype(np.dtype(column.dtype)), 1 + bool(column.width), "C" if _ROWS[table] is None else "A")


@lower_getattr_generic(Opened)
def _column(context: Any, builder: Any, opened: Opened, words: Any, name: str) -> Any:
    """Make the array of a column."""
    declared, place = _DECLARED[opened.table][name], _PLACE[opened.table, name]
    kind, row = _kind(opened.table, declared), _ROWS[opened.table]
    array, size = context.make_array(kind)(context, builder), context.get_constant(types.intp, np.dtype(declared.dtype).itemsize)

    def word(k: int) -> Any:
        loaded = builder.load(builder.gep(words, [context.get_constant(types.intp, place + k)]))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))  # no rule moves a column, so it is read once
        return loaded

    shape = [word(1 + axis) for axis in range(kind.ndim)]
    step = size if row is None else context.get_constant(types.intp, row.itemsize)
    strides = [step] if kind.ndim == 1 else [builder.mul(shape[1], size), size]
    populate_array(
        array,
        data=builder.inttoptr(word(0), array.data.type),
        shape=cgutils.pack_array(builder, shape),
        strides=cgutils.pack_array(builder, strides),
        itemsize=size,
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001


class Given(types.Type):
    """Numba's type of an opened room of parameters."""

    def __init__(self, room: str) -> None:
        self.room = room
        super().__init__(name=f"Given({room})")


@register_model(Given)
class _GivenModel(models.PrimitiveModel):
    def __init__(self, manager: Any, given: Given) -> None:
        super().__init__(manager, given, ir.IntType(64).as_pointer())


@infer_getattr
class _Numbers(AttributeTemplate):
    key = Given

    def generic_resolve(self, given: Given, name: str) -> Any:
        return types.float64 if (given.room, name) in _NUMBER else None


@lower_getattr_generic(Given)
def _number(context: Any, builder: Any, given: Given, words: Any, name: str) -> Any:
    """Read a parameter."""
    place = builder.gep(words, [context.get_constant(types.intp, _NUMBER[given.room, name])])
    loaded = builder.load(builder.bitcast(place, ir.DoubleType().as_pointer()))
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


def opener(opened: types.Type) -> Callable[[Any], Any]:
    """Make what opens a table or a room in compiled code."""

    @intrinsic
    def opens(_: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return context.make_array(signature.args[0])(context, builder, arguments[0]).data

        return opened(at), generate

    opened_by: Callable[[Any], Any] = opens
    return opened_by


@intrinsic
def fetch(_: Any, column: Any, row: Any) -> Any:
    """Let the processor fetch a row of a column, so that it is there when a rule needs it a moment later; changes nothing else."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[0]
        array, first = context.make_array(kind)(context, builder, arguments[0]), context.get_constant(types.intp, 0)
        at = context.cast(builder, arguments[1], signature.args[1], types.intp)
        place = cgutils.get_item_pointer(context, builder, kind, array, [at, first][: kind.ndim])
        bits = ir.IntType(32)
        needs = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), bits, bits, bits])
        function = cgutils.get_or_insert_function(builder.module, needs, "llvm.prefetch.p0")
        builder.call(function, [builder.bitcast(place, ir.IntType(8).as_pointer()), *(ir.Constant(bits, n) for n in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(column, row), generate


@intrinsic
def copy_row(_: Any, target: Any, to: Any, source: Any, row: Any) -> Any:
    """Copy one row of a table over one of another, or of the same, table of its kind."""
    if HELD[target.table] is not HELD[source.table]:
        raise TypeError(f"rows of {source.table} are not rows of {target.table}")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        into, out_of, size = arguments[0], arguments[2], types.intp
        to, row = (context.cast(builder, arguments[k], signature.args[k], size) for k in (1, 3))

        def place(table: Any, words: Any, column: str, at: Any, bytes_: Any) -> Any:
            first = builder.load(builder.gep(words, [context.get_constant(size, _PLACE[table, column])]))
            return builder.inttoptr(builder.add(first, builder.mul(at, bytes_)), ir.IntType(8).as_pointer())

        layout, declared = _ROWS[target.table], _DECLARED[target.table]
        for column, of in list(declared.items())[: 1 if layout is not None else None]:
            each = context.get_constant(size, layout.itemsize if layout is not None else np.dtype(of.dtype).itemsize)
            if of.width:
                wide = _PLACE[target.table, column] + 2
                each = builder.mul(each, builder.load(builder.gep(into, [context.get_constant(size, wide)])))
            pointers = place(target.table, into, column, to, each), place(source.table, out_of, column, row, each)
            cgutils.raw_memmove(builder, *pointers, each, 1)
        return context.get_dummy_value()

    return types.void(target, to, source, row), generate


communities, institutions, workers, ties, calendar, crossings, topology, draws = (
    opener(Opened(name))
    for name in ("communities", "institutions", "workers", "ties", "calendar", "crossings", "topology", "draws")
)
incidents, ended, lethal, projects, towns, pilots, welfare, cases, movements, campaigns, rumours = (
    opener(Opened(name))
    for name in (
        *("incidents", "ended", "lethal", "projects", "towns", "pilots", "welfare", "cases", "movements", "campaigns", "rumours"),
    )
)
