"""Sweeps through their doors: designs lived, stopped, spread over processes and a cluster, failing, exported, done again."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import InputError, StorageError
from sim.lab import evaluate as evaluation
from sim.lab import store as stores
from sim.lab.api import compare, sweep
from sim.lab.design import DesignTable
from sim.lab.evaluate import Means, evaluate
from sim.lab.experiment import Arm, Experiment, ExperimentFile, Until
from sim.lab.factors import Factor
from sim.lab.looks import confidence_of, looks_of
from sim.lab.plan import Plan
from sim.lab.reproduce import reproduce
from sim.lab.run import run
from sim.lab.study import Study

COMMAND = Path(sys.executable).parent / "bridgework"
TIE_GAIN = Factor("contact.tie_gain", "uncertainty", ("parameters", "contact", "tie_gain"), 0.02, 0.3)
SIZE = Factor("exchange.cohort_size", "lever", ("programmes", "exchange", "cohort_size"), 8.0, 20.0, whole=True)


def experiment_of(cases, *, factors=(TIE_GAIN, SIZE), count=2, points=4, kind="latin_hypercube", **file):
    table = cases.table(years=0.5, burn_in_weeks=4)
    none = cases.scenario(years=0.5, burn_in_weeks=4)
    busy = cases.scenario(
        years=0.5, burn_in_weeks=4, programmes={"exchange": {"family": "vocational", "annual_budget": 900_000.0}}
    )
    assert table["years"] == 0.5
    size = {"latin_hypercube": "points", "sobol": "base_points", "morris": "trajectories"}[kind]
    design = DesignTable(kind=kind, **{size: points}) if factors else None
    arms = {"none": none, "busy": busy}
    head = {"bridgework": "experiment/1", "title": "t", "scenario": "x", "seeds": count, "reference": "none", "series_every": 13}
    file = ExperimentFile(**head | file, design=design, uncertainties={"x": 1} if factors else {}, arms={a: Arm() for a in arms})
    return Experiment("sweep", file, arms, tuple(factors), "e.toml")


@pytest.fixture(scope="module")
def swept(cases, tmp_path_factory):
    return sweep(experiment_of(cases), tmp_path_factory.mktemp("sweep") / "s")


def test_a_sweep_lives_each_arm_at_every_point_in_worlds_that_arms_share(swept):
    runs = swept.runs
    assert len(runs) == 2 * 4 * 2
    assert list(runs.columns[:4]) == ["arm", "point", "seed", "key"]
    assert (
        runs.loc[runs["arm"] == "none", ["point", "seed"]].values.tolist()
        == runs.loc[runs["arm"] == "busy", ["point", "seed"]].values.tolist()
    )
    assert runs["seed"].nunique() == 8  # a hypercube's points have worlds of their own
    assert swept.points.shape == (4, 3)
    row = runs[(runs["arm"] == "busy") & (runs["point"] == 2)].iloc[0]
    values = swept.points.loc[2]
    scenario = swept.scenarios["busy"]
    by_hand = scenario.model_dump(exclude_none=True)
    by_hand["parameters"] = {"contact": {"tie_gain": float(values["contact.tie_gain"])}}
    by_hand["programmes"]["exchange"]["cohort_size"] = float(values["exchange.cohort_size"])
    outcomes = run(type(scenario).model_validate(by_hand), int(row["seed"])).outcomes
    assert outcomes["live_ties"] == row["live_ties"]
    assert outcomes["spend"] == row["spend"]


def test_processes_and_shards_change_nothing(cases, swept, tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation, "KEEP_EVERY", 0.0)
    monkeypatch.setattr(stores, "FAN", 2)
    other = sweep(experiment_of(cases), tmp_path / "s", processes=2)
    assert other.runs.equals(swept.runs)
    assert other.series.equals(swept.series)
    assert len(list((other.folder / "runs").glob("*.parquet"))) == 1


def test_arms_that_a_factor_does_not_reach_are_lived_once(cases, tmp_path):
    study = Study.create(tmp_path / "s", experiment_of(cases, factors=(SIZE,), kind="sobol", points=2))
    progress = evaluate(study, Means(1))
    points = len(study.points)
    different = study.points["exchange.cohort_size"].nunique()
    assert (progress.done, progress.lived) == (2 * points * 2, 2 * (1 + different))
    runs = study.runs
    assert len(runs) == 2 * points * 2
    assert runs[runs["arm"] == "none"].groupby("seed")["key"].nunique().tolist() == [1, 1]


def test_a_study_can_be_asked_for_more_worlds_and_for_fewer(cases, tmp_path):
    more = sweep(experiment_of(cases, count=3), tmp_path / "more")
    study = sweep(experiment_of(cases, count=1), tmp_path / "s")
    before = study.runs
    study = Study.create(tmp_path / "s", experiment_of(cases, count=3))
    assert evaluate(study, Means(1)).lived == 2 * 4 * 2
    assert study.runs.equals(more.runs)
    assert study.left_out() == ""
    fewer = sweep(experiment_of(cases, count=1), tmp_path / "s")
    assert fewer.runs.equals(before)
    assert fewer.left_out() == "16 runs of further seeds are kept but not asked for now"


def test_texts_may_change_and_numbers_may_not(cases, swept, tmp_path):
    other = experiment_of(cases, title="otherwise", question="why?")
    study = sweep(other, swept.folder)
    assert study.manifest["title"] == "otherwise"
    assert study.runs.equals(swept.runs)
    with pytest.raises(InputError, match="another study: design"):
        sweep(experiment_of(cases, points=5), swept.folder)
    with pytest.raises(InputError, match=r"sim\.sweep"):
        compare(experiment_of(cases), tmp_path / "c")


def test_worlds_are_lived_until_a_difference_is_known(cases, tmp_path):
    def asked(width, most=16):
        return experiment_of(cases, factors=(), count=2, until=Until(outcome="live_ties", half_width=width, most=most))

    assert looks_of(2, {"most": 16}) == [2, 4, 8, 16]
    assert looks_of(5, {"most": 12}) == [5, 10, 12]
    study = Study.create(tmp_path / "wide", asked(1e6))
    assert confidence_of(study.manifest) == pytest.approx(1 - 0.05 / 4)
    progress = evaluate(study, Means(1))
    assert [(r.pairs, r.resolved) for r in progress.resolutions] == [(2, True)]
    study = Study.create(tmp_path / "never", asked(1e-9))
    progress = evaluate(study, Means(1))
    assert [(r.pairs, r.resolved) for r in progress.resolutions] == [(16, False)]
    # by hand: the first look at which the interval is narrow enough
    pairs = study.runs.pivot_table(index="seed", columns="arm", values="live_ties", observed=True)
    differences = (pairs["busy"] - pairs["none"]).to_numpy()
    from scipy import stats

    halves = {n: stats.t.ppf(1 - 0.05 / 8, n - 1) * differences[:n].std(ddof=1) / n**0.5 for n in (2, 4, 8, 16)}
    width = (halves[4] + halves[8]) / 2
    expected = next(n for n in (2, 4, 8, 16) if halves[n] <= width)
    study = Study.create(tmp_path / "some", asked(width))
    progress = evaluate(study, Means(1))
    assert [(r.pairs, r.resolved) for r in progress.resolutions] == [(expected, True)]
    assert len(study.runs) == 2 * expected
    again = evaluate(study, Means(1))
    assert (again.lived, again.resolutions) == (0, progress.resolutions)


def test_what_never_differs_is_not_taken_for_known(cases, tmp_path):
    until = Until(outcome="rumour", half_width=0.1, most=4)
    experiment = experiment_of(cases, factors=(), count=2, until=until)
    arms = {"none": experiment.scenarios["none"], "same": experiment.scenarios["none"], "busy": experiment.scenarios["busy"]}
    file = experiment.file.model_copy(update={"arms": {arm: Arm() for arm in arms}})
    study = Study.create(tmp_path / "s", Experiment("s", file, arms))
    found = {r.arm: r for r in evaluate(study, Means(1)).resolutions}
    assert (found["same"].resolved, found["same"].half_width) == (True, 0.0)
    from sim.lab.looks import resolutions

    runs = study.runs.assign(rumour=0.5)
    turns = study.turn_of(runs["seed"].to_numpy(), 0)
    made_equal = {r.arm: r for r in resolutions(runs, turns, study.manifest, 2, [0])}
    assert not made_equal["busy"].resolved
    assert made_equal["same"].resolved
    missing = {
        r.arm: r
        for r in resolutions(runs[runs["arm"] != "busy"], turns[(runs["arm"] != "busy").to_numpy()], study.manifest, 2, [0])
    }
    assert (missing["busy"].pairs, missing["busy"].resolved) == (0, False)


def test_only_points_that_are_not_known_get_further_worlds(cases, tmp_path):
    until = Until(outcome="live_ties", half_width=1e-9, most=4)
    experiment = experiment_of(cases, kind="sobol", points=2, count=2, until=until)
    study = Study.create(tmp_path / "s", experiment)
    never = {r.point: r.pairs for r in evaluate(study, Means(1)).resolutions}
    assert never == dict.fromkeys(range(len(study.points)), 4)
    halves = [r.half_width for r in evaluate(study, Means(1)).resolutions]
    # the same, asked for what half of the points come to at the first look
    until = Until(outcome="live_ties", half_width=1e9, most=4)
    other = Study.create(tmp_path / "t", experiment_of(cases, kind="sobol", points=2, count=2, until=until))
    first = {r.point: r.half_width for r in evaluate(other, Means(1)).resolutions}
    width = float(np.median([h for h in first.values() if np.isfinite(h)]))
    until = Until(outcome="live_ties", half_width=width, most=4)
    some = Study.create(tmp_path / "u", experiment_of(cases, kind="sobol", points=2, count=2, until=until))
    pairs = {r.point: r.pairs for r in evaluate(some, Means(1)).resolutions}
    assert pairs == {point: 2 if half <= width else 4 for point, half in first.items()}
    assert set(pairs.values()) == {2, 4}
    assert len(some.runs) == 2 * sum(pairs.values())
    assert len(halves) == len(first)


def test_effects_of_a_hypercube_are_means_over_points(swept):
    runs = swept.runs
    wide = runs.pivot_table(index=["point", "seed"], columns="arm", values="live_ties", observed=True)
    by_point = (wide["busy"] - wide["none"]).groupby("point").mean()
    row = swept.effects(["live_ties"]).iloc[0]
    assert row["effect"] == pytest.approx(by_point.mean())
    assert row["high"] - row["effect"] == pytest.approx(3.182446 * by_point.std(ddof=1) / 2.0, rel=1e-6)
    assert row["n"] == 4


def test_two_at_once_on_one_study_do_every_run_once(cases, tmp_path):
    import threading

    experiment, progress, told = experiment_of(cases, points=8), [], []
    Study.create(tmp_path / "s", experiment)

    def go():
        study = Study.open(tmp_path / "s")
        progress.append(evaluate(study, Means(1), lambda p: told.append(p.waiting)))

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(p.lived for p in progress) == [0, 32]
    assert True in told


OWN = """
import os, time
from sim.own import rule

@rule("faulty", after="contact")
def faulty(world):
    if world.week == 3 and world.parameters.contact.tie_gain > 0.2:
        what = os.environ["FAULT"]
        if what == "raise":
            raise ZeroDivisionError("made up")
        if what == "kill":
            os.kill(os.getpid(), 9)
        if what == "slow":
            time.sleep(1.5)
        while what == "hang":
            pass
"""
TOWN = """bridgework = "scenario/1"
title = "town"
years = 0.25
burn_in_weeks = 0
rules = ["faulty"]
[region]
sides = ["North", "South"]
[region.layout]
communities_per_side = 1
population = 500
[region.institutions.enterprise]
per_community = 1
staff = 4
"""
SWEEP = """bridgework = "experiment/1"
title = "faults"
scenario = "town.toml"
seeds = 2
series_every = 0
reference = "all"
[design]
kind = "grid"
[uncertainties]
contact.tie_gain = { values = [0.05, 0.1, 0.25, 0.15] }
[arms.all]
"""


@pytest.fixture
def desk(tmp_path, cases):
    for name, text in (("own.py", OWN), ("town.toml", TOWN), ("sweep.toml", SWEEP)):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def call(desk, *arguments, fault="raise", own=True):
    command = [str(COMMAND), *(["--import", "own.py"] if own else []), *arguments]
    return subprocess.run(command, cwd=desk, capture_output=True, text=True, timeout=240, env=os.environ | {"FAULT": fault})


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize(
    ("fault", "cause", "error"),
    [
        ("raise", "raised", "ZeroDivisionError: made up"),
        ("slow", "overdue", "not done within its limit"),
        ("hang", "killed", "ended its worker process 2 times"),
        ("kill", "killed", "ended its worker process 2 times"),
    ],
)
def test_a_run_that_fails_leaves_the_others_alone(desk, fault, cause, error):
    done = call(desk, "sweep", "sweep.toml", "--out", "s", "-p", "2", "--limit", "1", fault=fault)
    assert done.returncode == 3, done.stderr
    assert "2 of 8 runs failed and are left out" in done.stderr
    assert error in done.stderr
    assert "reproduce s --arm all --point 2 --seed" in done.stderr
    assert "again: bridgework --import" in done.stderr
    study = Study.open(desk / "s")
    assert len(study.runs) == 6
    assert study.runs["point"].tolist() == [0, 0, 1, 1, 3, 3]
    assert study.failures["cause"].tolist() == [cause] * 2
    assert study.failures["point"].tolist() == [2, 2]
    assert study.left_out() == "2 of 8 runs are left out (2 failed, 0 not done)"
    if fault == "raise":
        one = ("reproduce", "s", "--arm", "all", "--point", "2", "--seed")
        done = call(desk, *one, "1")
        assert done.returncode == 1
        assert "ZeroDivisionError" in done.stderr
        done = call(desk, *one, "1", fault="")
        assert done.returncode == 0, done.stderr
        assert "now it was lived without a fault" in done.stdout
        done = call(desk, *one, "7", fault="")
        assert done.returncode == 2
        assert "1 to 2" in done.stderr
        done = call(desk, *one[:2], "--point", "2", fault="")
        assert done.returncode == 2


def test_the_commands_of_a_sweep(desk):
    done = call(desk, "sweep", "sweep.toml", "--dry-run", fault="")
    assert done.returncode == 0, done.stderr
    assert "8 runs: 1 arms at 4 points (grid), 2 worlds each" in done.stdout
    assert "Time: some" in done.stdout
    assert not (desk / "results").exists()
    done = call(desk, "sweep", "sweep.toml", "--json", "-p", "2", fault="")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["runs"], found["lived"], found["failed"], found["left_out"]) == (8, 8, 0, "")
    study = found["study"]
    again = json.loads(call(desk, "sweep", study, "--json", fault="").stdout)
    assert (again["runs"], again["lived"]) == (8, 0)
    dry = json.loads(call(desk, "sweep", "sweep.toml", "--dry-run", "--json", fault="").stdout)
    assert (dry["runs"], dry["kept"]) == (8, 8)
    listed = json.loads(call(desk, "studies", "--json", fault="").stdout)["studies"]
    assert [(row["study"], row["runs"], row["points"]) for row in listed] == [(study, 8, 4)]
    written = call(desk, "export", study, "--to", "tables", fault="").stdout.split()
    assert [Path(name).name for name in written] == ["runs.csv", "points.csv", "dictionary.csv"]
    runs = pd.read_csv(desk / "tables" / "runs.csv")
    assert runs["contact.tie_gain"].tolist() == [0.05, 0.05, 0.1, 0.1, 0.25, 0.25, 0.15, 0.15]
    with (desk / "tables" / "dictionary.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["column"] for row in rows if row["file"] == "runs.csv"} == set(runs.columns)
    assert all(row["meaning"] for row in rows)
    done = call(desk, "reproduce", study, "--out", "again", fault="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 of 8 runs are identical to the last bit" in done.stdout
    assert Study.open(desk / "again").runs.equals(Study.open(desk / study).runs)


def test_wrong_arguments_of_a_sweep_are_told(desk):
    for arguments, told in (
        (["sweep", "nothing.toml"], "no such file"),
        (["sweep", "sweep.toml", "--evaluator", "ray"], "no such evaluator"),
        (["sweep", "sweep.toml", "--evaluator", "dask"], "--evaluator dask --scheduler ADDRESS"),
        (["sweep", "sweep.toml", "--evaluator", "dask", "--scheduler", "tcp://127.0.0.1:1"], "no Dask scheduler answers"),
        (["compare", "sweep.toml"], "bridgework sweep sweep.toml"),
        (["studies", "nowhere"], "no such folder"),
        (["export", "nowhere"], "no study here"),
        (["reproduce", "nowhere"], "no study here"),
    ):
        done = call(desk, *arguments, fault="")
        assert done.returncode in {2, 4}, (arguments, done.stderr)
        assert told in done.stderr, (arguments, done.stderr)
        assert "Traceback" not in done.stderr


def test_what_is_done_again_under_other_versions_is_told(swept, tmp_path, monkeypatch):
    from sim.lab import reproduce as again

    found = reproduce(swept, tmp_path / "same", Means(1))
    assert found.held
    assert (found.identical, found.runs, found.differs) == (16, 16, {})
    body = json.loads((swept.folder / "study.json").read_text("utf-8"))
    body["provenance"]["numpy"] = "1.0"
    from sim.lab.study import _write_manifest, identity_of

    copy = tmp_path / "older"
    import shutil

    shutil.copytree(swept.folder, copy)
    body.pop("hash")
    old = Study.open(copy)
    runs = old.runs
    monkeypatch.setattr(Study, "runs", property(lambda _: runs))
    body["identity"] = identity_of(body)
    _write_manifest(copy, body)
    older = Study.open(copy)
    found = reproduce(older, tmp_path / "newer", Means(1))
    assert found.differs == {"numpy": ("1.0", np.__version__)}
    assert found.numeric == ["numpy"]
    assert found.held
    with pytest.raises(InputError, match=r"made with other versions: numpy 1\.0"):
        older.check_versions()
    with pytest.raises(InputError, match="the study itself"):
        reproduce(older, copy, Means(1))
    changed = runs.copy()
    changed.loc[3, "live_ties"] += 1e-3
    monkeypatch.setattr(Study, "runs", property(lambda self: changed if self.folder == copy else runs))
    apart = again._compared(older, Study.open(tmp_path / "newer"), found.progress)
    assert not apart.held
    assert apart.identical == 15
    assert apart.worst.startswith("live_ties: ")


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")
def test_a_cluster_whose_scheduler_and_workers_die_comes_to_the_same_tables(cases, swept, tmp_path):
    """Start a real scheduler and workers, kill a worker, then all, and start them anew."""
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, bare = f"tcp://127.0.0.1:{port}", [sys.executable, "-m", "distributed.cli.dask_scheduler"]

    def start():
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True, "cwd": tmp_path}
        scheduler = subprocess.Popen([*bare, "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet)
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
        return [scheduler, *(subprocess.Popen(worker, **quiet) for _ in range(2))]

    def kill(processes):
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    script = tmp_path / "go.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import conftest, test_sweeps, types\n"
        "cases = types.SimpleNamespace(scenario=conftest.scenario, table=conftest.table)\n"
        "from sim.lab.api import sweep\n"
        "from sim.lab import evaluate; evaluate.KEEP_EVERY = 0.0\n"
        f"sweep(test_sweeps.experiment_of(cases, points=60), {str(tmp_path / 's')!r}, scheduler={address!r})\n",
        "utf-8",
    )
    cluster = start()
    process = None
    try:
        time.sleep(3.0)
        process = subprocess.Popen([sys.executable, str(script)], stderr=subprocess.PIPE, text=True)
        until = time.monotonic() + 90
        while not list((tmp_path / "s").glob("runs/*.parquet")) and time.monotonic() < until and process.poll() is None:
            time.sleep(0.05)
        kill(cluster[2:])
        time.sleep(0.5)
        kill(cluster[:2])
        kept = len(Study.open(tmp_path / "s").runs)
        cluster = start()
        assert process.wait(timeout=120) == 0, process.stderr.read()
    finally:
        if process is not None:
            process.kill()
        kill([p for p in cluster if p.poll() is None])
    assert 0 < kept < 240
    local = sweep(experiment_of(cases, points=60), tmp_path / "local", processes=2)
    assert Study.open(tmp_path / "s").runs.equals(local.runs)
    assert Study.open(tmp_path / "s").series.equals(local.series)
    assert np.isin(swept.runs["arm"].astype(str), ["none", "busy"]).all()


def test_orders_are_not_dropped_when_idle_processes_die(cases, tmp_path, monkeypatch):
    from concurrent.futures import BrokenExecutor, Future

    from sim.lab.worker import live

    class Fragile:
        capacity, broken, recovered = 1, False, 0

        def submit(self, job):
            self.count = getattr(self, "count", 0) + 1
            if self.count % 3 == 0:
                raise BrokenExecutor
            future = Future()
            future.set_result(live(job))
            return future

        def loss(self, _):
            return "broken"

        def watch(self, _):
            pass

        def recover(self):
            type(self).recovered += 1
            return set()

        def close(self):
            pass

    import contextlib

    monkeypatch.setattr(evaluation, "MOST_PER_JOB", 1)
    monkeypatch.setattr(evaluation, "opened", lambda *_, **__: contextlib.nullcontext((Fragile(), lambda: False)))
    study = Study.create(tmp_path / "s", experiment_of(cases))
    assert evaluate(study, Means(2)).done == 16
    assert Fragile.recovered > 1


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_worker_processes_end_with_the_one_that_started_them(tmp_path):
    script = tmp_path / "go.py"
    script.write_text(
        "import time\nfrom sim.lab.evaluators import Processes\nfrom sim.lab.parallel import submitted\n"
        "if __name__ == '__main__':\n"
        "    mine = Processes(1)\n    print(submitted(mine.pool, abs, [0])[0].result(), flush=True)\n    time.sleep(60)\n",
        "utf-8",
    )
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().strip() == "0"
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True).stdout.split()
    process.kill()
    process.wait()
    until = time.monotonic() + 10
    while time.monotonic() < until and any(Path(f"/proc/{pid}").exists() for pid in children):
        time.sleep(0.05)
    assert children
    assert not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children)


def test_a_sweep_in_which_everything_fails_tells_so(desk):
    (desk / "sweep.toml").write_text(SWEEP.replace("values = [0.05, 0.1, 0.25, 0.15]", "values = [0.25, 0.28]"), "utf-8")
    done = call(desk, "sweep", "sweep.toml", "--out", "s", "-p", "2")
    assert done.returncode == 3, done.stderr
    assert "4 of 4 runs failed" in done.stderr
    for analysis in ("sensitivity", "discover"):
        done = call(desk, analysis, "s")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr


def test_a_study_is_made_in_an_empty_folder_that_cannot_be_replaced(cases, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    study = sweep(experiment_of(cases, points=2), tmp_path / "link")
    assert len(study.runs) == 8
    assert (tmp_path / "real" / "study.json").exists()
    assert not list(tmp_path.glob("**/.making-*"))


def test_a_plan_counts_what_it_orders(cases, tmp_path):
    study = Study.create(tmp_path / "s", experiment_of(cases))
    plan = Plan.of(study)
    orders = [one for order in plan.orders(range(2), frozenset()) for one in order.runs]
    assert plan.count(range(2), frozenset()) == (16, 16)
    assert len(set(orders)) == 16
    assert plan.count(range(2), set(orders[:5])) == (16, 11)


def test_a_damaged_table_of_points_is_never_read(cases, swept, tmp_path):
    import shutil

    shutil.copytree(swept.folder, tmp_path / "s")
    path = next((tmp_path / "s" / "points").glob("*.parquet"))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(StorageError, match="damaged"):
        _ = Study.open(tmp_path / "s").points
    path.unlink()
    with pytest.raises(StorageError, match="cannot be read"):
        _ = Study.open(tmp_path / "s").points


def test_a_shard_of_another_study_is_set_aside(cases, swept, tmp_path):
    import shutil

    other = sweep(experiment_of(cases, points=3), tmp_path / "other")
    shutil.copytree(swept.folder, tmp_path / "s")
    for part in ("runs", "series"):
        for path in (other.folder / part).glob("*.parquet"):
            shutil.copy(path, tmp_path / "s" / part)
    study = Study.open(tmp_path / "s")
    with pytest.raises(StorageError, match="another study"):
        _ = study.runs
    progress = evaluate(study, Means(1))
    assert progress.lived == 0
    assert progress.damaged
    assert study.runs.equals(swept.runs)


NOTEBOOK = Path(__file__).parent.parent / "experiments" / "first-sweep.ipynb"


@pytest.mark.skipif(not NOTEBOOK.exists(), reason="the notebook is in the source tree only")
def test_the_notebook_of_a_first_sweep_runs(tmp_path, cases):
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert len(code) == 8
    assert all(cell["outputs"] for cell in cells if cell["cell_type"] == "code")
    text = "import matplotlib\nmatplotlib.use('Agg')\n" + "\n".join(code)
    done = subprocess.run([sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert len(Study.open(tmp_path / "results" / "first-sweep").runs) == 160
