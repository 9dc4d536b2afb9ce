"""The study directory through faults: killed, interrupted, damaged, full."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.errors import InputError, RunsFailedError, StorageError
from sim.lab import worker as evaluation
from sim.lab.api import compare
from sim.lab.effects import paired_effects
from sim.lab.experiment import Arm, Experiment, ExperimentFile, load_experiment
from sim.lab.store import write_whole
from sim.lab.study import Study
from sim.outcomes import BY_NAME, OUTCOMES
from sim.series import SERIES


def experiment_of(cases, count=3, **file):
    arms = {"none": cases.scenario(years=2.0), "busy": cases.busy(years=2.0)}
    head = {"bridgework": "experiment/1", "title": "t", "scenario": "x", "seeds": count, "reference": "none"}
    return Experiment("study", ExperimentFile(**head | file, arms={a: Arm(label=a.upper()) for a in arms}), arms)


@pytest.fixture(scope="module")
def finished(cases, tmp_path_factory):
    return compare(experiment_of(cases, incidents=True), tmp_path_factory.mktemp("study") / "s")


def test_a_study_is_one_table_for_any_reader_of_parquet(finished):
    table = pq.read_table(finished.folder / "runs").to_pandas()
    assert len(table) == 6
    assert set(table.columns) == {"arm", "seed", "key", *BY_NAME}
    assert finished.runs["arm"].tolist() == ["none"] * 3 + ["busy"] * 3
    assert finished.runs["seed"].tolist() == [1, 2, 3] * 2
    series = finished.series
    assert len(series) == 6 * 104
    assert list(series.columns) == ["arm", "seed", "week", *(s.name for s in SERIES)]
    assert finished.series_of("tension")["tension"].equals(series["tension"])
    with pytest.raises(InputError, match="one of"):
        finished.series_of("tention")
    assert {"arose", "stopped", "rung"} <= set(finished.incidents.columns)
    assert finished.incidents["misread"].any()
    assert not finished.incidents["misread"].all()


def test_the_manifest_says_everything_needed_to_do_it_again(finished, cases):
    manifest = json.loads((finished.folder / "study.json").read_text("utf-8"))
    assert manifest["format"] == "study/2"
    assert {"bridgework", "sources", "numpy", "numba", "machine"} <= manifest["provenance"].keys()
    from sim.lab.run import run
    from sim.scenario.schema import Scenario

    again = Scenario.model_validate_json(json.dumps(manifest["scenarios"]["busy"]))
    assert again == cases.busy(years=2.0)
    row = finished.runs.set_index(["arm", "seed"]).loc[("busy", 2)]
    outcomes = run(again, 2).outcomes
    assert all(outcomes[o.name] == row[o.name] or pd.isna(row[o.name]) for o in OUTCOMES)
    times = [p.name for p in finished.folder.rglob("*") if p.is_file() and b"202" in p.read_bytes() and p.suffix == ".txt"]
    assert times == ["log.txt"]


def test_a_finished_study_is_not_run_again_and_another_question_is_refused(cases, finished, monkeypatch):
    monkeypatch.setattr(evaluation, "run", lambda *_: pytest.fail("ran again"))
    again = compare(experiment_of(cases, incidents=True), finished.folder)
    assert again.runs.equals(finished.runs)
    with pytest.raises(InputError, match="another study: incidents"):
        compare(experiment_of(cases), finished.folder)


def test_a_folder_with_something_else_is_left_alone(cases, tmp_path):
    (tmp_path / "letter.txt").write_text("dear", "utf-8")
    with pytest.raises(InputError, match="holds no study"):
        compare(experiment_of(cases), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("part", ["runs", "series"])
@pytest.mark.parametrize("how", ["flip", "cut", "gone"])
def test_a_damaged_shard_is_never_read_and_is_done_again(cases, finished, tmp_path, part, how):
    shutil.copytree(finished.folder, tmp_path / "s")
    study = Study.open(tmp_path / "s")
    whole, series = study.runs, study.series
    path = next((study.folder / part).glob("*.parquet"))
    raw = bytearray(path.read_bytes())
    if how == "gone":
        path.unlink()
    else:
        if how == "flip":
            raw[len(raw) // 2] ^= 4
        path.write_bytes(raw[: len(raw) // 2] if how == "cut" else raw)
        with pytest.raises(StorageError, match="damaged"):
            _ = study.runs if part == "runs" else study.series
    again = compare(experiment_of(cases, incidents=True), tmp_path / "s")
    assert again.runs.equals(whole)
    assert again.series.equals(series)


def test_a_damaged_manifest_is_told(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "s")
    path = tmp_path / "s" / "study.json"
    path.write_text(path.read_text("utf-8").replace('"busy"', '"lazy"'), "utf-8")
    with pytest.raises(StorageError, match="hash does not match"):
        Study.open(tmp_path / "s")
    path.write_text("{", "utf-8")
    with pytest.raises(StorageError, match="damaged"):
        Study.open(tmp_path / "s")
    with pytest.raises(StorageError, match="no study here"):
        Study.open(tmp_path)


def test_a_run_that_fails_is_recorded_and_the_others_are_kept(cases, tmp_path, monkeypatch):
    real = evaluation.run

    def faulty(scenario, seed, limit):
        if seed == 2 and scenario.programmes:
            raise ZeroDivisionError("made up")
        return real(scenario, seed, limit)

    monkeypatch.setattr(evaluation, "run", faulty)
    with pytest.raises(RunsFailedError, match="1 of 6"):
        compare(experiment_of(cases), tmp_path / "s")
    study = Study.open(tmp_path / "s")
    assert len(study.runs) == 5
    record = json.loads(next((study.folder / "failures").glob("*.json")).read_text("utf-8"))
    assert (record["arm"], record["seed"], record["error"]) == ("busy", 2, "ZeroDivisionError: made up")
    effects = paired_effects(study.runs, "none", ["force_rate"])
    assert effects["n"].tolist() == [2]
    monkeypatch.setattr(evaluation, "run", real)
    assert len(compare(experiment_of(cases), tmp_path / "s").runs) == 6


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
import conftest, test_study, types
cases = types.SimpleNamespace(scenario=conftest.scenario, busy=conftest.busy)
if __name__ == "__main__":
    from sim.lab.api import compare
    {limit}
    compare(test_study.experiment_of(cases, count={count}), {folder!r}, processes={processes})
"""


def script(tmp_path, folder, *, count=20, processes=2, limit="pass"):
    path = tmp_path / "go.py"
    path.write_text(
        SCRIPT.format(tests=str(Path(__file__).parent), folder=str(folder), count=count, processes=processes, limit=limit),
        "utf-8",
    )
    return [sys.executable, str(path)]


def leave_half_written(path):
    """Leave behind what a process leaves that is killed while it writes a file."""

    def killed(_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            write_whole(path, b"half")
    assert not path.exists()
    assert list(path.parent.glob(".writing-*"))


def test_a_study_can_be_read_while_another_process_writes_it(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "s")
    leave_half_written(tmp_path / "s" / "runs" / "x-0123456789abcdef.parquet")
    assert Study.open(tmp_path / "s").runs.equals(finished.runs)
    assert len(pq.read_table(tmp_path / "s" / "runs")) == len(finished.runs)


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")
def test_killed_and_started_again_a_study_is_bit_identical_to_an_uninterrupted_one(cases, tmp_path):
    folder = tmp_path / "killed"
    process = subprocess.Popen(
        script(tmp_path, folder, count=8), start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while not list(folder.glob("runs/*.parquet")) and time.monotonic() < until and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    leave_half_written(folder / "runs" / "x.parquet")
    kept = Study.open(folder).runs
    assert 0 < len(kept) < 16
    again = compare(experiment_of(cases, count=8), folder)
    whole = compare(experiment_of(cases, count=8), tmp_path / "whole", processes=1)
    assert again.runs.equals(whole.runs)
    assert again.series.equals(whole.series)
    assert again.runs.merge(kept, on=["arm", "seed", "key"]).shape[0] == len(kept)
    assert not list(folder.rglob(".writing-*"))


@pytest.mark.skipif(os.name != "posix", reason="limits on file sizes are POSIX")
def test_a_full_disk_ends_with_a_clear_error_and_loses_nothing(cases, tmp_path):
    folder = tmp_path / "full"
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))"
    done = subprocess.run(
        script(tmp_path, folder, count=8, processes=1, limit=limit), capture_output=True, text=True, timeout=120
    )
    assert done.returncode != 0
    assert "StorageError" in done.stderr
    assert "results cannot be written" in done.stderr
    assert not list(folder.rglob(".writing-*"))
    assert len(compare(experiment_of(cases, count=8), folder).runs) == 16


def test_a_worker_process_that_dies_is_replaced(cases, tmp_path):
    folder, killed = tmp_path / "s", []

    def kill_one():
        until = time.monotonic() + 60
        while not killed and time.monotonic() < until:
            children = multiprocessing.active_children()
            if children and list(folder.glob("runs/*.parquet")):
                children[0].kill()
                killed.append(children[0].pid)
            time.sleep(0.01)

    killer = threading.Thread(target=kill_one)
    killer.start()
    study = compare(experiment_of(cases, count=8), folder, processes=2)
    killer.join()
    assert killed
    assert study.runs.equals(compare(experiment_of(cases, count=8), tmp_path / "t", processes=1).runs)
    assert len(study.runs) == 16


def test_a_script_without_its_guard_is_told_what_it_lacks(cases, tmp_path):
    arguments = script(tmp_path, tmp_path / "s", count=4)
    path = Path(arguments[1])
    path.write_text(path.read_text("utf-8").replace('__name__ == "__main__"', "True"), "utf-8")
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0
    assert "StorageError: worker processes died as they started: a script that uses more than one needs" in done.stderr


def test_blocks_of_weeks_add_up_flows_and_keep_levels(cases, tmp_path):
    whole = compare(experiment_of(cases, count=1), tmp_path / "a").series
    blocks = compare(experiment_of(cases, count=1, series_every=13), tmp_path / "b").series
    none = compare(experiment_of(cases, count=1, series_every=0), tmp_path / "c")
    assert none.series.empty
    assert not none.runs.empty
    assert len(blocks) * 13 == len(whole)
    assert blocks["meetings"].sum() == whole["meetings"].sum()
    assert blocks["community_trust"].tolist() == whole["community_trust"][12::13].tolist()


def test_paired_effects_are_differences_of_the_same_seeds():
    values = {"none": [1.0, 2.0, 4.0], "busy": [2.0, 4.0, 7.0]}
    runs = pd.DataFrame(
        [{"arm": a, "seed": s, "force_rate": v, "deaths": v} for a, vs in values.items() for s, v in enumerate(vs)]
    )
    runs["arm"] = pd.Categorical(runs["arm"], ["none", "busy"])
    row = paired_effects(runs, "none", ["force_rate", "deaths"]).set_index("outcome")
    assert row.loc["force_rate", "effect"] == pytest.approx(2.0)
    assert row.loc["force_rate", "low"] == pytest.approx(2.0 - 4.302653 / 3**0.5)
    assert pd.isna(row.loc["deaths", "low"])
    plain = runs.assign(arm=runs["arm"].astype(str))  # as a table reads it back
    assert paired_effects(plain, "none", ["force_rate"])["effect"].tolist() == row.loc[["force_rate"], "effect"].tolist()
    with pytest.raises(InputError, match="no such outcome"):
        paired_effects(runs.assign(colour=1.0), "none", ["colour"])
    unknown = runs.assign(force_rate=[1.0, float("nan"), 1.0] * 2)
    assert pd.isna(paired_effects(unknown, "none", ["force_rate"]).loc[0, ["low", "high"]]).all()
    same = runs.assign(force_rate=1.0)
    row = paired_effects(same, "none", ["force_rate"]).iloc[0]
    assert row["differing"] == 0
    assert pd.isna(row["low"])


def test_the_built_in_experiment_names_what_the_readme_says():
    assert list(load_experiment("none-modest-generous").scenarios) == ["none", "modest", "generous"]
