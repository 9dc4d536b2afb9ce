"""The same world twice: what must be identical is compared bit by bit."""

from __future__ import annotations

import runpy
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.acts import ACTS
from sim.draws import Draws, _purposes
from sim.lab.api import compare
from sim.lab.experiment import Arm, Experiment, ExperimentFile
from sim.lab.run import finish, run
from sim.mechanisms import MECHANISMS
from sim.model import BorderModel
from sim.parameters import Parameters, with_overrides
from sim.series import SERIES
from sim.week.schedule import live_week
from sim.world.build import build_world
from sim.world.world import TABLES

reached = runpy.run_path(str(Path(__file__).with_name("follows.py")))["reached"]


def assert_same_tables(a, b):
    for name in TABLES:
        for column, left, right in zip(getattr(a, name)._fields, getattr(a, name), getattr(b, name), strict=True):
            np.testing.assert_array_equal(left, right, err_msg=f"{name}.{column} in week {a.week}")


def live_together(a, b, check):
    while not a.finished:
        live_week(a)
        live_week(b)
        check(a, b)


def test_a_zero_budget_programme_is_bit_identical_to_none_in_every_week(cases):
    none = build_world(cases.scenario(shocks=cases.SHOCKS), 11)
    empty = build_world(cases.busy(programmes={key: {"annual_budget": 0.0} for key in cases.PROGRAMMES}), 11)
    assert len(empty.programmes) == len(cases.PROGRAMMES)

    def check(a, b):
        assert_same_tables(a, b)
        for i, series in enumerate(SERIES):
            assert np.array_equal(a.tally[i], b.tally[i], equal_nan=True), series.name
            if not series.shared:
                assert b.tally[i] == 0.0 or np.isnan(b.tally[i]), series.name

    live_together(none, empty, check)


def test_a_programme_with_money_does_change_the_world(cases):
    none, busy = run(cases.scenario(shocks=cases.SHOCKS), 11), run(cases.busy(), 11)
    assert none.outcomes["worker_warmth"] != busy.outcomes["worker_warmth"]


def test_before_a_programme_starts_its_world_is_the_one_without_it(cases):
    none = build_world(cases.scenario(shocks=cases.SHOCKS), 4)
    later = build_world(cases.busy(programmes={key: {"start_week": 50} for key in cases.PROGRAMMES}), 4)
    while none.week < 50:
        live_week(none)
        live_week(later)
        assert_same_tables(none, later)


def traced(scenario, seed):
    """Live through a scenario and return the keys of all its draws: purpose, week, entity."""
    world = build_world(scenario, seed)
    world.draws = Draws(seed, room=4_000_000)
    finish(world, seed)
    n = int(world.draws.noted[0])
    assert 10_000 < n < world.draws.room
    keys = list(
        zip(*(column[:n].tolist() for column in (world.draws.purposes, world.draws.weeks, world.draws.entities)), strict=True)
    )
    drawn = set(keys)
    if len(drawn) < n:
        twice, times = Counter(keys).most_common(1)[0]
        raise AssertionError(f"drawn {times} times: {_purposes[twice[0]]}, week {twice[1]}")
    return {(_purposes[purpose], week, entity) for purpose, week, entity in drawn}


def test_no_key_is_drawn_twice_and_a_policy_adds_keys_only_where_it_reaches(cases):
    none, busy = traced(cases.scenario(shocks=cases.SHOCKS), 2), traced(cases.busy(), 2)
    common = none & busy
    assert len(common) > 0.95 * len(none), "policy reached far more than it can"
    extra = {purpose for purpose, _, _ in busy - none}
    for name in cases.PROGRAMMES:
        assert any(purpose.startswith(f"{name}: ") for purpose in extra)


def test_two_programmes_of_each_family_at_once_draw_no_key_twice(cases):
    more = {f"more {name}": programme | {"start_week": 10} for name, programme in cases.PROGRAMMES.items()}
    traced(cases.busy(programmes=more), 5)


@pytest.mark.parametrize("idle", ["exchange", "offices", "councils", "patrols", "movement"])
def test_beside_a_working_family_one_without_money_changes_nothing(cases, idle):
    working = {name: programme for name, programme in cases.PROGRAMMES.items() if name != idle}
    alone = build_world(cases.scenario(shocks=cases.SHOCKS, programmes=working), 3)
    both = build_world(cases.busy(programmes={idle: {"annual_budget": 0.0}}), 3)

    def check(a, b):
        for name in TABLES:
            for column, left, right in zip(getattr(a, name)._fields, getattr(a, name), getattr(b, name), strict=True):
                if column not in {"alumnus", "programme"}:  # a programme's number depends on how many there are
                    np.testing.assert_array_equal(left, right, err_msg=f"{name}.{column} in week {a.week}")
        np.testing.assert_array_equal(a.tally, b.tally)

    live_together(alone, both, check)


@pytest.mark.parametrize("new", ["exchange", "offices", "councils", "patrols", "movement"])
def test_switching_a_family_on_changes_no_key_of_the_others(cases, new):
    others = {name: programme for name, programme in cases.PROGRAMMES.items() if name != new}
    one = traced(cases.scenario(shocks=cases.SHOCKS, programmes=others), 6)
    both = traced(cases.busy(), 6)
    common = one & both
    for old in others:
        own = [key for key in one if key[0].startswith(f"{old}: ")]
        assert len(own) > 500
        assert sum(key in common for key in own) > 0.7 * len(own)
    assert not any(key[0].startswith(f"{new}: ") for key in one)


def test_a_copied_world_goes_on_as_the_original_would(cases):
    original = build_world(cases.busy(), 3)
    while original.week < 70:
        live_week(original)
    twin = original.copy()
    before = [column.copy() for column in twin.workers]
    live_together(original, twin, assert_same_tables)
    assert not all(np.array_equal(a, b) for a, b in zip(before, twin.workers, strict=True))
    assert original.programmes[0].purse == twin.programmes[0].purse


def test_living_a_copy_leaves_the_original_alone(cases):
    original = build_world(cases.busy(), 3)
    while original.week < 40:
        live_week(original)
    kept = original.copy()
    twin = original.copy()
    for _ in range(20):
        live_week(twin)
    assert_same_tables(original, kept)


def experiment_of(cases, count=4):
    arms = {"none": cases.scenario(shocks=cases.SHOCKS), "busy": cases.busy()}
    file = ExperimentFile(
        bridgework="experiment/1",
        title="t",
        scenario="x",
        seeds=count,
        reference="none",
        incidents=True,
        arms={a: Arm() for a in arms},
    )
    return Experiment("same", file, arms)


def test_results_are_the_same_on_one_process_and_on_two(cases, tmp_path):
    one = compare(experiment_of(cases), tmp_path / "one", processes=1)
    two = compare(experiment_of(cases), tmp_path / "two", processes=2)
    for part in ("runs", "series", "incidents"):
        left, right = getattr(one, part), getattr(two, part)
        assert len(left) > 0
        assert left.equals(right), part


def test_runs_do_not_depend_on_the_order_in_which_they_are_done(cases):
    first = [run(cases.busy(), seed).outcomes for seed in (1, 2)]
    second = [run(cases.busy(), seed).outcomes for seed in (2, 1)]
    assert repr(first) == repr(second[::-1])


def test_the_order_of_communities_and_programmes_in_a_file_changes_no_key(cases):
    places = {
        f"Town {k}": {"side": side, "x_km": float(10 * k), "y_km": 5.0 if side == "North" else -5.0, "population": 2000}
        for k, side in enumerate(["North", "South"] * 3)
    }
    table = cases.table()
    region = {k: v for k, v in table["region"].items() if k != "layout"}
    worlds = []
    for ordered in (places, dict(reversed(places.items()))):
        from sim.scenario.reading import make_scenario

        worlds.append(build_world(make_scenario(table | {"region": region | {"communities": ordered}}, "t"), 1))
    assert set(worlds[0].workers.person.tolist()) == set(worlds[1].workers.person.tolist())
    assert set(worlds[0].crossings.key.tolist()) == set(worlds[1].crossings.key.tolist())


@pytest.fixture(scope="module")
def lively(cases):
    """A world in which every mechanism has something to do, and its usual course under a seed."""
    parameters = {
        "incidents": {"everyday_rate": 0.055, "exposure": 0.8, "mediation": 0.8, "bridge_call": 1.0},
        "vocational": {"project_founding": 0.3, "project_failure": 0.4, "failure_labour": 2.0},
        "policing": {"misconduct_share": 0.002, "misread": 0.5, "early_warning": 0.3},
        "public_service": {"failure_services": 2.0, "strain_services": 3.0, "works_rate": 0.9},
    }
    tables = {
        "parameters": parameters,
        "region": {"tension": 0.6, "armed_actors": 0.2},
        "programmes": {"exchange": {"years": 3.0}},
    }
    plain = cases.busy(**tables)
    return tables, plain, cache(lambda seed: run(plain, seed).series)


def parts(scenario, seed, course):
    """Tell whether a world's series part from a course at any time."""
    world = build_world(scenario, seed)
    while not world.finished:
        live_week(world)
        if world.week > 0 and not np.array_equal(world.tally, course[world.week - 1], equal_nan=True):
            return True
    return False


@pytest.mark.parametrize("name", sorted(MECHANISMS))
def test_switching_a_mechanism_changes_the_course_of_a_busy_world_and_nothing_before(cases, lively, name):
    tables, plain, course = lively
    switched = cases.busy(**tables, mechanisms={name: not MECHANISMS[name].on})
    usual, other = build_world(plain, 1), build_world(switched, 1)
    assert_same_tables(usual, other)
    room, field = next(iter(MECHANISMS[name].neutral)).split(".")
    assert getattr(getattr(other.parameters, room), field) != getattr(getattr(usual.parameters, room), field)
    assert any(parts(switched, seed, course(seed)) for seed in range(1, 13)), f"{name} does nothing"


def test_one_week_after_a_switch_only_what_its_mechanism_acts_on_and_what_follows_differs(lively):
    """From one shared state, in ten weeks of a busy world."""
    world, rows = (
        build_world(lively[1], 1),
        {"incidents", "ended", "lethal", "cases", "pilots", "projects", "campaigns", "rumours", "ties"},
    )
    acted = dict.fromkeys(MECHANISMS, 0)
    while world.week < 115:
        if world.week >= 15 and world.week % 10 == 5:
            usual = world.copy()
            live_week(usual)
            for name, mechanism in MECHANISMS.items():
                switched = world.copy()
                whole = Parameters() if not mechanism.on else None
                values: dict[str, dict[str, float]] = {}
                for path, neutral in mechanism.neutral.items():
                    room, field = path.split(".")
                    values.setdefault(room, {})[field] = neutral if whole is None else getattr(getattr(whole, room), field)
                switched.parameters = with_overrides(switched.parameters, values)
                live_week(switched)
                reach = reached(ACTS[name])
                for table in TABLES:
                    for column, a, b in zip(
                        getattr(usual, table)._fields, getattr(usual, table), getattr(switched, table), strict=True
                    ):
                        if a.shape != b.shape or not np.array_equal(a, b):
                            acted[name] += 1
                            assert reach & {table, f"{table}.{column}"}, f"{name} moved {table}.{column} in week {world.week}"
                            assert table not in rows or table in reach
        live_week(world)
    assert sum(count > 0 for count in acted.values()) > 0.75 * len(acted)


def test_a_change_made_live_is_replayed_from_the_scenario(cases):
    model = BorderModel(cases.busy(), rng=8)
    for _ in range(25):
        model.step()
    model.change("heat", shock={"kind": "rhetoric", "size": 0.9, "weeks": 12})
    model.change("no-mediation", mechanisms={"mediation": False}, parameters={"contact": {"bad_weight": 3.0}})
    model.change("more", programmes={"exchange": {"joint_work": 0.1, "vocational": {"standards": 0.0}}})
    while model.running:
        model.step()
    again = build_world(model.scenario, 8)
    while not again.finished:
        live_week(again)
    assert_same_tables(model.world, again)
    plain = build_world(cases.busy(), 8)
    while not plain.finished:
        live_week(plain)
    assert not np.array_equal(plain.crossings.tension, again.crossings.tension)


def test_the_mesa_model_lives_the_same_world_as_a_run(cases):
    model = BorderModel(cases.busy(), rng=2)
    values = []
    while model.running:
        model.step()
        values.append(model.series("community_trust"))
    np.testing.assert_array_equal(values, run(cases.busy(), 2)["community_trust"])
