"""State in columns: a table is a ``NamedTuple`` of NumPy arrays, declared field by field.

The class says what each column means; `allocate` makes the arrays; compiled rules take the whole table and read
``workers.trust[i, side]``. Of a table whose rows are looked up one by one the columns lie `together`, row by row in memory, and are
read in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
_LINE = 64
"""Bytes of a line of the processor's cache."""


@dataclass(frozen=True, slots=True)
class Column:
    """Declaration of a column.

    Attributes
    ----------
    dtype : str
        NumPy type.
    meaning : str
        One plain sentence.
    unit : str
        Unit, or the range of its values.
    width : str
        Empty for one value a row; ``"others"`` for one value per other side (see `other`); ``"slots"`` for one per tie a
        worker can keep; ``"kinds"`` for one per kind of incident; ``"families"`` for one per profession; ``"respects"`` for two.
    fill : float
        Value of a new row.
    """

    dtype: str
    meaning: str
    unit: str = "0-1"
    width: str = ""
    fill: float = 0


F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
F64 = NDArray[np.float64]
I16 = NDArray[np.int16]
U64 = NDArray[np.uint64]


def columns(cls: Any) -> dict[str, Column]:
    """List the declared columns of a table class."""
    return _columns(cls)


@cache
def _columns(cls: Any) -> dict[str, Column]:
    hints = get_type_hints(cls, include_extras=True)
    return {name: hints[name].__metadata__[0] for name in cls._fields}


def together(cls: type[T]) -> type[T]:
    """Let the columns of a table lie row by row in memory."""
    cls.together = True  # type: ignore[attr-defined]
    return cls


def row_type(cls: Any) -> np.dtype[Any] | None:
    """Layout of a row of a table whose columns lie together, row by row; None where each column lies by itself."""
    return _row_type(cls)


@cache
def _row_type(cls: Any) -> np.dtype[Any] | None:
    if not getattr(cls, "together", False):
        return None
    of = columns(cls)
    row = np.dtype([(name, column.dtype) for name, column in of.items()])
    size = 1 << (row.itemsize - 1).bit_length()  # a row that is a power of two lies in one line of the processor's cache
    places = [row.fields[name][1] for name in of]  # type: ignore[index]
    return np.dtype({"names": list(of), "formats": [column.dtype for column in of.values()], "offsets": places, "itemsize": size})


def allocate(cls: type[T], rows: int, widths: dict[str, int] | None = None) -> T:
    """Make a table with `rows` rows; `widths` says how wide ``others``, ``slots``, ``kinds`` and ``families`` are."""
    arrays, row = [], row_type(cls)
    if row is not None:
        room = np.zeros((rows + _LINE // row.itemsize) * row.itemsize, np.uint8)
        table = room[-room.ctypes.data % _LINE :][: rows * row.itemsize].view(row)
    for name, column in columns(cls).items():
        shape = (rows, widths[column.width]) if column.width and widths else (rows,)
        array = table[name] if row is not None else np.zeros(shape, column.dtype)
        if column.fill:
            array.fill(column.fill)
        arrays.append(array)
    return cls(*arrays)


def copied(table: T) -> T:
    """Copy a table with all its arrays."""
    cls = type(table)
    if row_type(cls) is None:
        return cls(*(array.copy() for array in table))  # type: ignore[attr-defined]
    copy = allocate(cls, len(table[0]))  # type: ignore[index]
    for new, old in zip(copy, table, strict=True):  # type: ignore[call-overload]
        new[:] = old  # one by one: those of a table that has come from another process lie apart
    return copy


def rows_of(table: Any) -> NDArray[np.void]:
    """Return a table whose columns lie together as one array of rows, each so many bytes."""
    size, first = row_type(type(table)).itemsize, table[0]  # type: ignore[union-attr]
    begin = first.__array_interface__["data"][0] - first.base.__array_interface__["data"][0]
    rows: NDArray[np.void] = first.base[begin : begin + len(first) * size].view(f"V{size}")
    return rows


def nbytes(table: Any) -> int:
    """Bytes taken by all columns of a table."""
    row = row_type(type(table))
    return len(table[0]) * row.itemsize if row is not None else sum(array.nbytes for array in table)


def picked(table: T, rows: NDArray[np.int64]) -> T:
    """Copy some rows of a table into a new one."""
    cls = type(table)
    if row_type(cls) is None:
        return cls(*(array[rows] for array in table))  # type: ignore[attr-defined]
    new = allocate(cls, rows.size)
    rows_of(new)[:] = rows_of(table)[rows]
    return new


def keep(table: Any, rows: NDArray[np.int64]) -> None:
    """Move the rows to be kept to the front, in place and in order."""
    for array in table if row_type(type(table)) is None else (rows_of(table),):
        array[: rows.size] = array[rows]


def grown(table: T, size: int) -> T:
    """Return a copy of a table with room for more rows."""
    if row_type(type(table)) is not None:
        new = allocate(type(table), size)
        rows_of(new)[: len(table[0])] = rows_of(table)  # type: ignore[index]
        return new
    return type(table)(*(np.concatenate([a, np.zeros((size - len(a), *a.shape[1:]), a.dtype)]) for a in table))  # type: ignore[attr-defined]
