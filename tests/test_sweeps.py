"""Sweeps through their doors: designs lived, stopped, spread over processes and a cluster, failing, exported, done again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import door
import numpy as np
import pandas as pd
import pytest
from desks import SIZE, call, experiment_of

from sim.errors import InputError, StorageError
from sim.lab import dispatch
from sim.lab import store as stores
from sim.lab.api import compare, sweep
from sim.lab.dispatch import Means
from sim.lab.evaluate import evaluate
from sim.lab.experiment import Arm, Experiment, Until
from sim.lab.looks import confidence_of, looks_of
from sim.lab.plan import Plan
from sim.lab.reproduce import reproduce
from sim.lab.run import run
from sim.lab.study import Study


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
    monkeypatch.setattr(dispatch, "KEEP_EVERY", 0.0)
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


def test_looks_stay_where_they_were_set_once_runs_are_held(cases, tmp_path):
    def asked(**more):
        until = Until(outcome="live_ties", half_width=1e6, most=more.pop("most", 8))
        return experiment_of(cases, factors=(), until=until, **more)

    study = Study.create(tmp_path / "s", asked(count=2))
    Study.create(tmp_path / "s", asked(count=3))  # nothing was lived yet
    Study.create(tmp_path / "s", asked(count=2))
    evaluate(study, Means(1))
    with pytest.raises(InputError, match="looks were taken with seeds = 2"):
        Study.create(tmp_path / "s", asked(count=3))
    with pytest.raises(InputError, match="looks were taken with until"):
        Study.create(tmp_path / "s", asked(count=2, most=16))


@pytest.mark.parametrize(
    "means", [{"limit": -1.0}, {"limit": float("nan")}, {"limit": "a"}, {"processes": 0}, {"processes": 1.5}]
)
def test_means_that_are_none_are_told(cases, swept, means):
    with pytest.raises(InputError, match=next(iter(means))):
        sweep(experiment_of(cases), swept.folder, **means)


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


def ties_more(study):
    """Live ties that arm busy has more than arm none, at each point and in each world."""
    wide = study.runs.pivot_table(index=["point", "seed"], columns="arm", values="live_ties", observed=True)
    return wide["busy"] - wide["none"]


def test_effects_at_each_point_are_exported(swept, tmp_path):
    from sim.lab.export import export

    written = export(swept, tmp_path)
    assert [path.name for path in written] == ["runs.csv", "points.csv", "series.csv", "effects.csv", "dictionary.csv"]
    effects = pd.read_csv(tmp_path / "effects.csv")
    assert effects[["arm", "point", "worlds"]].values.tolist() == [["busy", point, 2] for point in range(4)]
    by_hand = ties_more(swept).groupby("point").mean()
    assert effects["live_ties"].tolist() == pytest.approx(by_hand.tolist())
    assert effects["exchange.cohort_size"].tolist() == swept.points["exchange.cohort_size"].tolist()
    points = (tmp_path / "points.csv").read_text("utf-8")
    assert f",{int(swept.points['exchange.cohort_size'][0])}," in points  # whole numbers without decimals
    rows = (tmp_path / "dictionary.csv").read_text("utf-8")
    assert "empty: this study has none of it" in rows


def test_effects_of_a_hypercube_are_means_over_points(swept):
    by_point = ties_more(swept).groupby("point").mean()
    row = swept.effects(["live_ties"]).iloc[0]
    assert row["effect"] == pytest.approx(by_point.mean())
    assert row["high"] - row["effect"] == pytest.approx(3.182446 * by_point.std(ddof=1) / 2.0, rel=1e-6)
    assert row["n"] == 4


def test_an_analysis_takes_the_worlds_of_which_most_is_known(cases, swept, tmp_path):
    from sim.lab.answers import answers_of, worlds_known
    from sim.lab.rows import run_table

    whole = answers_of(swept, "live_ties")
    assert whole.values.shape == (4, 2)
    study = Study.create(tmp_path / "s", experiment_of(cases))
    lived = swept.runs
    second = lived["seed"] % 1_000_000 == 2  # each point's second world
    assert second.sum() == 8
    kept = lived[~second | (lived["point"] == 1)]  # it was stopped when it had lived the second world at one point
    names = [name for name in kept if name not in {"arm", "point", "seed", "key"}]
    rows = [((r.arm, r.point, r.seed), r.key, {n: getattr(r, n) for n in names}) for r in kept.itertuples()]
    study.store.parts = ("runs",)
    study.store.add({"runs": run_table(rows, design=True)})
    found = answers_of(study, "live_ties")
    assert (found.values.shape, found.worlds) == ((4, 1), 2)
    assert found.values[:, 0].tolist() == whole.values[:, 0].tolist()
    assert "6 of 16 runs are left out" in study.left_out()
    unknown = np.nan
    assert worlds_known(np.array([[1.0, 1.0], [1.0, 1.0], [1.0, unknown]])) == 2
    assert worlds_known(np.array([[1.0, unknown], [1.0, unknown], [1.0, 1.0]])) == 1
    assert worlds_known(np.array([[unknown, 1.0], [unknown, unknown]])) == 2


def test_intervals_of_a_grid_tell_how_sure_the_mean_of_its_points_is(cases, tmp_path):
    experiment = experiment_of(cases, factors=(SIZE,), kind="sobol", points=2, count=4)
    study = sweep(experiment, tmp_path / "s")
    by_world = ties_more(study).groupby("seed").mean()
    row = study.effects(["live_ties"]).iloc[0]
    assert row["effect"] == pytest.approx(by_world.mean())
    assert row["high"] - row["effect"] == pytest.approx(3.182446 * by_world.std(ddof=1) / 2.0, rel=1e-6)


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
    assert found["picture"] is None  # one arm: nothing to compare
    again = json.loads(call(desk, "sweep", study, "--json", "-p", "1", fault="").stdout)
    assert (again["runs"], again["lived"]) == (8, 0)
    dry = json.loads(call(desk, "sweep", "sweep.toml", "--dry-run", "--json", fault="").stdout)
    assert (dry["runs"], dry["kept"]) == (8, 8)
    listed = json.loads(call(desk, "studies", "--json", fault="").stdout)["studies"]
    assert [(row["study"], row["runs"], row["points"]) for row in listed] == [(study, 8, 4)]
    written = call(desk, "export", study, "--to", "tables", fault="").stdout.split()
    assert [Path(name).name for name in written] == ["runs.csv", "points.csv", "dictionary.csv"]
    assert "failed" in call(desk, "studies", "-q", fault="").stdout
    runs = pd.read_csv(desk / "tables" / "runs.csv")
    assert runs["contact.tie_gain"].tolist() == [0.05, 0.05, 0.1, 0.1, 0.25, 0.25, 0.15, 0.15]
    with (desk / "tables" / "dictionary.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["column"] for row in rows if row["file"] == "runs.csv"} == set(runs.columns)
    assert all(row["meaning"] for row in rows)
    done = call(desk, "reproduce", study, "--out", "again", "-p", "1", fault="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 of 8 runs are identical to the last bit" in done.stdout
    assert Study.open(desk / "again").runs.equals(Study.open(desk / study).runs)


def test_wrong_arguments_of_a_sweep_are_told(desk):
    for arguments, told in (
        (["sweep", "nothing.toml", "-p", "1"], "no such file"),
        (["sweep", "sweep.toml", "-p", "1", "--evaluator", "ray"], "no such evaluator"),
        (["sweep", "sweep.toml", "-p", "1", "--evaluator", "dask"], "--evaluator dask --scheduler ADDRESS"),
        (["sweep", "sweep.toml", "--evaluator", "dask", "--scheduler", "tcp://127.0.0.1:1"], "no Dask scheduler answers"),
        (["compare", "sweep.toml", "-p", "1"], "bridgework sweep sweep.toml"),
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
    from sim.lab.manifest import identity_of, write_manifest

    copy = tmp_path / "older"
    import shutil

    shutil.copytree(swept.folder, copy)
    body.pop("hash")
    old = Study.open(copy)
    runs = old.runs
    monkeypatch.setattr(Study, "runs", property(lambda _: runs))
    body["identity"] = identity_of(body)
    write_manifest(copy, body)
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
    asked = '"results/first-sweep")'
    assert code[0].count(asked) == 1
    code[0] = code[0].replace(
        asked, asked.replace(")", ", seeds=1, processes=2)")
    )  # half of the worlds, as the rest is the same again
    text = "import matplotlib\nmatplotlib.use('Agg')\n" + "\n".join(code)
    done = door.libraries.python(tmp_path, text)
    assert done.returncode == 0, done.stderr
    assert len(Study.open(tmp_path / "results" / "first-sweep").runs) == 80
