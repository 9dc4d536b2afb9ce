"""What `bridgework bench` measures."""

from __future__ import annotations

import json

import numpy as np

from sim.cli import _guarded
from sim.cli.app import app
from sim.lab import bench
from sim.week.schedule import live_week


def test_the_command_times_weeks_and_tells_what_it_cannot_time(tmp_path, capsys):
    arguments = ["bench", "weeks", "mesa", "--repeats", "1", "--largest", "2000", "--plain-mesa", str(tmp_path)]
    assert _guarded(lambda **options: app([*arguments, "--json"], **options)) == 0
    weeks, mesa = json.loads(capsys.readouterr().out)["lines"]
    assert weeks["part"] == "a week"
    assert weeks["value"] > 0
    assert "x the floor" in weeks["note"]
    assert mesa["value"] is None
    assert str(tmp_path) in mesa["note"]
    out = tmp_path / "new" / "bench.md"
    assert _guarded(lambda **options: app([*arguments, "--markdown", str(out)], **options)) == 0
    assert "floor" in capsys.readouterr().out
    assert "| a week |" in out.read_text("utf-8")
    assert _guarded(lambda **options: app(["bench", "wheels"], **options)) == 2
    assert "no such part" in capsys.readouterr().err


def test_a_region_has_about_as_many_workers_as_asked_for():
    for workers in (2_000, 50_000):
        assert abs(bench.region_of(workers).region.size()[2] / workers - 1.0) < 0.1


def test_the_floor_touches_every_worker_and_no_more_ties_than_it_is_told():
    world = bench.lived_in(bench.region_of(2_000))
    before, strength = world.copy(), world.ties.strength.copy()
    bench._floor(world.at, 3, 0)
    for name in ("warmth", "trust", "competence", "skill", "conduct", "strain"):
        assert np.mean(getattr(world.workers, name) != getattr(before.workers, name)) > 0.5, name
    assert (world.ties.strength == strength).all()
    np.testing.assert_array_equal(world.workers.person, before.workers.person)


def test_steps_are_counted_as_they_are_taken():
    done = []
    bench.bench(("weeks", "flat"), repeats=2, largest=2_000, runs=4, tick=lambda: done.append(1))
    assert len(done) == bench.steps(("weeks", "flat"), 2, 2_000, 4)


def test_what_is_timed_is_lived():
    world = bench.lived_in(bench.region_of(2_000))
    week = world.week
    assert bench.timed(lambda: live_week(world), 3) > 0.0
    assert world.week == week + 3
    assert bench.resident() >= 0


def test_a_long_run_tells_how_far_it_is_and_what_it_held():
    done = []
    lines = bench.long_run(2_000, 52, lambda: done.append(1))
    assert len(done) == 2
    assert [line.unit for line in lines] == ["ns a worker and week", "ns a tie and week", "MB"]
    assert all(line.value > 0 for line in lines)
    assert "52 weeks" in lines[0].what


def test_pairing_saves_as_much_as_two_arms_have_in_common():
    # variances 1 and 1 of arms that differ by a constant, by +-1 against each other, and not at all
    arm = np.array([0.0, 1.0, 2.0])
    assert bench.replicates_saved(np.column_stack([arm, arm + 5.0])) == bench.MOST_SAVED
    opposite = bench.replicates_saved(np.column_stack([arm, -arm]))
    assert abs(opposite - 2.0 / 4.0) < 1e-12  # a difference of -2 arm has four times the variance of an arm
    assert bench.replicates_saved(np.stack([np.column_stack([arm, arm]), np.column_stack([arm, -arm])])).shape == (2,)
