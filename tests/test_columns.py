"""Tables whose columns lie by themselves, and tables whose columns lie together: the same to whoever uses them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from sim.columns import allocate, copied, grown, keep, nbytes, picked, row_type, rows_of
from sim.week.schedule import live_week
from sim.world.build import build_world
from sim.world.tables import Incidents, LethalEvents, Rumours, Ties


def filled(cls, rows):
    table = allocate(cls, rows)
    for k, column in enumerate(table):
        column[:] = np.arange(rows) * 10 + k
    return table


@pytest.mark.parametrize("cls", [LethalEvents, Incidents, Rumours, Ties])
def test_rows_are_kept_picked_and_added_to_alike(cls):
    table = filled(cls, 7)
    chosen = np.array([1, 4, 5])
    some, more, same = picked(table, chosen), grown(table, 12), copied(table)
    keep(table, chosen)
    for k, (now, taken, longer, copy) in enumerate(zip(table, some, more, same, strict=True)):
        assert now[:3].tolist() == taken.tolist() == [10 + k, 40 + k, 50 + k]
        assert longer[:7].tolist() == copy.tolist() == [10 * i + k for i in range(7)]
        assert longer.size == 12
    same[0][0] = 99
    assert more[0][0] == 0


@pytest.mark.parametrize("cls", [Incidents, Rumours, Ties])
def test_a_row_that_lies_together_lies_in_one_line_of_the_cache(cls):
    row, table = row_type(cls), filled(cls, 5)
    assert row.itemsize in {32, 64}
    assert table[0].ctypes.data % 64 == 0
    assert {column.strides for column in table} == {(row.itemsize,)}
    assert all(row.fields[name][1] % row.fields[name][0].itemsize == 0 for name in row.names)  # each where its type wants it
    assert rows_of(table).size == 5
    assert nbytes(table) == 5 * row.itemsize


def test_a_world_that_comes_from_another_process_goes_on_as_it_would_have(cases):
    world = build_world(cases.busy(), 4)
    for _ in range(20):
        live_week(world)
    there = pickle.loads(pickle.dumps(world))
    for _ in range(20):
        live_week(world)
        live_week(there)
        np.testing.assert_array_equal(world.tally, there.tally)
