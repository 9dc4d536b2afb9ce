"""Tables whose columns lie by themselves, and tables whose columns lie together: the same to whoever uses them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from sim import state
from sim.columns import allocate, copied, grown, keep, nbytes, picked, row_type, rows_of
from sim.compiled import compiled
from sim.week.observe import _total
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


@compiled
def copy_rows(at, to, row):
    state.copy_row(state.ended(at), to, state.incidents(at), row)  # columns that lie together
    state.copy_row(state.cases(at), to, state.cases(at), row)  # columns that lie by themselves
    state.copy_row(state.communities(at), to, state.communities(at), row)  # some of them several values wide


@pytest.mark.parametrize("name", ["incidents", "cases", "communities"])
def test_rows_are_copied_in_compiled_rules_whole_and_alone(cases, name):
    world = build_world(cases.busy(), 4)
    world.incidents, world.ended = (grown(table, len(table[0]) + 9) for table in (world.incidents, world.ended))
    world.cases = grown(world.cases, len(world.cases[0]) + 9)
    source, target = getattr(world, name), world.ended if name == "incidents" else getattr(world, name)
    for k, column in enumerate(source):
        column[:] = (np.arange(column.size).reshape(column.shape) + k) % 100
    before = copied(target)
    row, to = 3, 1
    taken = [column[row].copy() for column in source]
    copy_rows(world.at, to, row)
    for column, value, old in zip(target, taken, before, strict=True):
        np.testing.assert_array_equal(column[to], value)
        others = np.arange(len(column)) != to
        np.testing.assert_array_equal(column[others], old[others])


def test_only_rows_of_the_same_kind_are_copied_over_each_other(cases):
    @compiled
    def mixed(at):
        state.copy_row(state.cases(at), 0, state.incidents(at), 0)

    with pytest.raises(Exception, match="rows of incidents are not rows of cases"):
        mixed(build_world(cases.busy(), 4).at)


@compiled
def totals(column, first, last):
    return _total(column, first, last)


@pytest.mark.parametrize(("first", "last"), [(0, 0), (2, 3), (0, 4), (3, 10), (1, 97)])
def test_a_column_is_summed_from_one_row_to_before_another(first, last):
    column = np.random.default_rng(1).random(100).astype(np.float32)
    assert totals(column, first, last) == pytest.approx(sum(column[first:last].tolist()), abs=1e-12)
