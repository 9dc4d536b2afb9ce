"""Calibration: what is ruled out and what is left, on figures whose truth is known; kept, killed and gone on with."""

from __future__ import annotations

import json
import math
from pathlib import Path

import door
import numpy as np
import pandas as pd
import pytest

from sim.calibration import waves
from sim.calibration.emulator import Emulator, emulate, implausibility
from sim.calibration.living import Found, Task, first_seed, lived, under_vector
from sim.calibration.notebook import Notebook
from sim.calibration.plausible import CUTOFF, plausible
from sim.calibration.results import Calibrated, calibrate
from sim.calibration.space import Space, livable, placed, space_of, spread_out
from sim.calibration.targets import Target, calibration_trials
from sim.calibration.waves import Calibration, CalibrationSize
from sim.errors import InputError, StorageError
from sim.evidence.conduct import conduct
from sim.evidence.estimates import figures
from sim.evidence.trial import load_trial
from sim.lab.ensemble import read_ensemble
from sim.parameters import all_parameters
from sim.report.calibration import calibration_document, calibration_picture, calibration_tables, calibration_words
from sim.scenario.reading import load_scenario
from sim.scenario.stability import check_stability

NAN, INF = float("nan"), float("inf")


def target(low: float = -INF, high: float = INF, measure: str = "m", evidence: str = "X1") -> Target:
    return Target("t", measure, evidence, low, high, True, measure)


def cube(parameters: int) -> Space:
    names = tuple(f"room.p{k}" for k in range(parameters))
    return Space(names, np.zeros(parameters), np.ones(parameters), np.full(parameters, 0.5))


# --- targets and the space


def test_a_figure_is_held_against_its_band() -> None:
    band = target(0.2, 0.5)
    figure = np.array([0.1, 0.2, 0.3, 0.5, 0.8])
    assert band.outside(figure) == pytest.approx([0.1, 0.0, 0.0, 0.0, 0.3])
    assert list(band.holds(figure)) == [False, True, True, True, False]
    assert band.near(np.array([-9.0, 0.3, 9.0])) == pytest.approx([0.2 - 4 * 0.3, 0.3, 0.5 + 4 * 0.3])
    assert target(high=0.0).outside(np.array([-5.0, 0.0, 0.7])) == pytest.approx([0.0, 0.0, 0.7])


def test_an_open_band_tells_figures_apart_by_their_own_spread() -> None:
    figure = np.concatenate([np.zeros(60), np.linspace(-1.0, 1.0, 40)])  # quartiles of which are equal
    near = target(high=0.0).near(figure)
    assert near.std() > 0.0
    assert near == pytest.approx(figure)


def test_only_studies_for_calibration_are_used() -> None:
    assert {trial.file.use for trial in calibration_trials()} == {"cal"}
    with pytest.raises(InputError, match="scored once"):
        calibration_trials(["f5-relapse"])
    with pytest.raises(InputError, match="prior"):
        calibration_trials(["d1-civil-service-quits"])


def test_the_space_holds_every_default_and_no_cost() -> None:
    space = space_of()
    assert not any(name.startswith("costs.") for name in space.names)
    table, rows = space.table(space.default), {row.path: row for row in all_parameters()}
    for name in space.names:
        room, own = name.split(".")
        assert table[room][own] == pytest.approx(rows[name].default, rel=1e-12, abs=1e-15)
    for unit in (np.zeros(len(space.names)), np.ones(len(space.names))):
        values = space.values(unit)
        assert ((values >= space.low) & (values <= space.high)).all()
    some = space_of(["policing", "contact.bad_weight"])
    assert set(some.names) == {name for name in rows if name.startswith("policing.")} | {"contact.bad_weight"}


def test_a_parameter_that_is_none_is_told() -> None:
    with pytest.raises(InputError, match=r"contact\.bad_weight"):
        space_of(["contact.bad_wieght"])
    with pytest.raises(InputError):
        space_of(["communities.tipping"])  # of a rival assumption


def test_what_a_scenario_sets_itself_stays() -> None:
    scenario = load_scenario("quiet-border")
    space = space_of(["incidents.deaths_max", "contact.bad_weight"])
    under = placed(scenario, space.table(np.zeros(2))).effective_parameters
    assert under.incidents.deaths_max == scenario.effective_parameters.incidents.deaths_max == 20
    assert under.contact.bad_weight == dict(zip(space.names, space.low, strict=True))["contact.bad_weight"]


def test_vectors_under_which_violence_feeds_itself_are_no_part_of_the_space() -> None:
    scenario, space = load_scenario("violent-region"), space_of(["incidents", "communities"])
    units = np.random.default_rng(1).random((25, len(space.names)))
    stable = []
    for unit in units:
        try:
            check_stability(placed(scenario, space.table(unit)), "here")
        except InputError:
            stable.append(False)
        else:
            stable.append(True)
    assert set(stable) == {True, False}
    assert list(livable(space, units, [scenario], 1)) == stable
    kept, drawn = spread_out(space, 6, [scenario], 3, 1)
    assert kept.shape == (6, len(space.names))
    assert drawn > 6
    assert livable(space, kept, [scenario], 1).all()
    assert np.array_equal(kept, spread_out(space, 6, [scenario], 3, 1)[0])


# --- emulators, and what they leave


def known(units: np.ndarray) -> np.ndarray:
    """A figure that two of many parameters move, one of them not in a straight line."""
    return np.asarray(2.0 * units[:, 3] - 1.5 * (units[:, 7] - 0.3) ** 2)


def made(
    seed: int = 0, count: int = 150, noise: float = 0.05, band: tuple[float, float] = (0.5, 1.0)
) -> tuple[Emulator, np.ndarray]:
    chance = np.random.default_rng(seed)
    units = chance.random((count, 12))
    figure = known(units) + noise * chance.standard_normal(count)
    found = emulate(target(*band), units, figure, np.full(count, noise))
    assert found is not None
    return found, units


def test_an_emulator_finds_what_moves_a_figure_and_foretells_it() -> None:
    emulator, _ = made()
    assert {3, 7} <= set(emulator.active[:3])
    assert emulator.explained > 0.95
    assert 0.88 <= emulator.covered <= 1.0
    fresh = np.random.default_rng(99).random((2000, 12))
    mean, spread = emulator.foretell(fresh)
    error = mean - known(fresh)
    assert np.abs(error).mean() < 0.03
    assert (np.abs(error) <= 3.0 * spread).mean() >= 0.9


def test_chance_in_worlds_is_not_taken_for_what_parameters_do() -> None:
    """Of a figure that is all chance, the expectation is known well: it is the same everywhere."""
    chance = np.random.default_rng(4)
    units, figure = chance.random((200, 12)), 0.1 + 0.3 * chance.standard_normal(200)
    emulator = emulate(target(0.0, 0.2), units, figure, np.full(200, 0.3))
    assert emulator is not None
    fresh = chance.random((100, 12))
    mean, spread = emulator.foretell(fresh)
    assert np.abs(mean - 0.1).max() < 0.15
    assert 0.3 / math.sqrt(200) <= spread.min() <= spread.max() < 0.2
    blind = emulate(target(0.0, 0.2), units, figure, np.full(200, NAN))
    assert blind is not None
    assert blind.foretell(fresh)[1].min() > 0.2  # what is not known to be chance might be parameters


def test_a_few_wild_figures_do_not_make_an_emulator_sure_of_itself() -> None:
    """One vector in twenty has a figure and an error a hundred times as large; the others' doubt stays what it is."""
    chance = np.random.default_rng(6)
    units = chance.random((240, 12))
    wild = chance.random(240) < 0.05
    noise = np.where(wild, 20.0, 0.1)
    hidden = 0.3 * np.sin(40.0 * units[:, 9])  # what no emulator can follow
    figure = known(units) + hidden + noise * chance.standard_normal(240)
    emulator = emulate(target(0.5, 1.0), units, figure, noise)
    assert emulator is not None
    fresh = chance.random((3000, 12))
    mean, spread = emulator.foretell(fresh)
    error = mean - known(fresh) - 0.3 * np.sin(40.0 * fresh[:, 9])
    assert (np.abs(error) <= 3.0 * spread).mean() > 0.95
    assert spread.mean() < 1.0


def test_figures_that_are_unknown_or_never_move_have_no_emulator() -> None:
    units = np.random.default_rng(1).random((60, 4))
    assert emulate(target(0, 1), units, np.full(60, NAN), np.zeros(60)) is None
    assert emulate(target(0, 1), units, np.full(60, 0.4), np.zeros(60)) is None
    some = np.where(np.arange(60) < 40, units[:, 0], NAN)
    found = emulate(target(0, 1), units, some, np.zeros(60))
    assert found is not None
    assert found.vectors == 40


def test_what_is_left_is_where_the_figure_lies_in_its_band() -> None:
    """Against the truth, which is known here: the share of the space, who is kept, and that nothing else is narrowed."""
    emulator, _ = made(band=(1.2, 1.6))
    left = plausible([emulator], 12, 5)
    uniform = np.random.default_rng(8).random((200_000, 12))
    truth = known(uniform)
    share = float(((truth >= 1.2) & (truth <= 1.6)).mean())
    assert share * 0.8 < left.share < share * 1.6  # the emulator's own doubt leaves a margin
    values = known(left.units)
    assert np.mean((values > 1.1) & (values < 1.7)) > 0.97
    assert implausibility([emulator], left.units).max() <= CUTOFF
    inside = uniform[(truth >= 1.2) & (truth <= 1.6)]
    for k in (3, 7):
        assert left.units[:, k].mean() == pytest.approx(inside[:, k].mean(), abs=0.06)
    rest = np.delete(left.units, emulator.active, axis=1)
    assert rest.std(axis=0) == pytest.approx(1.0 / math.sqrt(12.0), abs=0.02)


def test_a_small_part_of_the_space_is_found() -> None:
    """Two bands that only one vector in some two thousand meets."""
    one, units = made(seed=2, noise=0.01, band=(1.85, INF))
    other = emulate(target(0.9, INF, "n"), units, units[:, 5] * 1.0, np.full(len(units), 1e-6))
    assert other is not None
    left = plausible([one, other], 12, 6)
    uniform = np.random.default_rng(3).random((400_000, 12))
    share = float(((known(uniform) >= 1.85) & (uniform[:, 5] >= 0.9)).mean())
    assert 0.5 * share < left.share < 2.5 * share
    assert np.mean(known(left.units) > 1.75) > 0.9
    assert np.mean(left.units[:, 5] > 0.88) > 0.95


def test_bands_that_contradict_each_other_are_told_and_not_hidden() -> None:
    one, units = made(band=(1.5, INF), noise=0.01)
    other = emulate(target(-INF, 0.5, "n"), units, known(units), np.full(len(units), 1e-6))
    assert other is not None
    assert plausible([one, other], 12, 1).worst > CUTOFF


# --- living vectors


def test_the_default_vector_is_the_trial_itself() -> None:
    """Living the defaults as a vector gives the figures that the trial gives, bit by bit."""
    trial, space = load_trial("w3-child-welfare-turnover", 3), space_of(["people"])
    table = {"people": {row.name: row.default for row in all_parameters() if row.room == "people"}}
    found = lived(Task(trial, table, 7, 3))
    own = figures(trial, [conduct(trial, 7 + k) for k in range(3)])
    assert found.figures == own
    assert all(v > 0.0 for v in found.noise.values())
    moved = lived(Task(trial, space.table(np.ones(len(space.names))), 7, 3))
    assert moved.figures != own


def test_a_vector_reaches_all_worlds_of_a_trial_and_their_twins() -> None:
    trial = load_trial("w1-screening-and-referral", 2)
    under = under_vector(trial, {"people": {"annual_turnover": 0.31}})
    assert len(under.worlds) == len(trial.worlds)
    for pair in under.worlds:
        assert [one.scenario.effective_parameters.people.annual_turnover for one in pair] == [0.31, 0.31]


def test_no_two_vectors_live_the_same_worlds() -> None:
    seeds = {first_seed(wave, vector) + k for wave in (1, 2, 100, 101) for vector in range(300) for k in (0, 40)}
    assert len(seeds) == 4 * 300 * 2


# --- a calibration whose truth is known


def fake(task: Task) -> Found:
    """Stand in for a trial: its figures are read off the vector, with chance of a known size."""
    chance = np.random.default_rng(task.first_seed)
    transfer, gain = task.table["work"]["transfer"], task.table["policing"]["conduct_gain"]
    truth = {
        "d3-training-transfer": {"at_once": transfer, "half_year": 0.65 * transfer, "year": 0.45 * transfer},
        "b2-procedural-justice": {"conduct": 2.5 * gain * transfer, "confidence": 0.0},
    }[task.trial.name]
    sd = 0.02 / math.sqrt(task.seeds / 4)
    names = list(task.trial.file.measures)
    values = {name: truth.get(name, 0.0) + sd * float(chance.standard_normal()) for name in names}
    return Found(values, dict.fromkeys(names, sd))


def toy(folder: Path, monkeypatch: pytest.MonkeyPatch, **more: int) -> Calibration:
    monkeypatch.setattr(waves, "lived", fake)
    monkeypatch.setattr("sim.calibration.plausible.CLOUD", 400)
    monkeypatch.setattr(waves, "SHOWN", 100)
    monkeypatch.setattr(waves, "AT_A_TIME", 25)
    size = CalibrationSize(**({"points": 60, "waves": 2, "members": 30, "left_out": 20} | more))
    space = space_of(["work.transfer", "policing.conduct_gain", "people.annual_turnover", "contact.bad_weight"])
    return Calibration(calibration_trials(["d3-training-transfer", "b2-procedural-justice"]), space, size, folder, 1)


def test_a_calibration_narrows_what_the_evidence_tells_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calibration = toy(tmp_path / "c", monkeypatch)
    names = {t.measure for t in calibration.targets if t.trial == "d3-training-transfer"}
    assert len(names) == 3
    calibration.run()
    found = Calibrated.of(calibration)
    spread = found.parameters.set_index("name")["spread"]
    assert spread["policing.conduct_gain"] < 0.85
    assert spread["people.annual_turnover"] == pytest.approx(1.0, abs=0.12)
    assert spread["contact.bad_weight"] == pytest.approx(1.0, abs=0.12)
    assert found.worst <= CUTOFF
    assert 0.0 < found.share < 1.0
    assert 10 <= len(found.members) <= found.tried == 30
    conduct_row = found.rows.set_index("label").loc["officers' conduct, half a year on"]
    assert conduct_row["after_verdict"].startswith("in")
    first = calibration.waves[0].figures["b2-procedural-justice/conduct"]
    assert ((first >= 0.2) & (first <= 0.5)).mean() < 0.6 < 0.7 < conduct_row["after_share"]
    product = 2.5 * found.members["policing.conduct_gain"] * found.members["work.transfer"]
    assert product.between(0.15, 0.55).mean() > 0.9
    # without its own study, nothing says how much conduct is gained: what is foretold is as wide as the range
    assert conduct_row["without_p95"] - conduct_row["without_p5"] > conduct_row["after_p95"] - conduct_row["after_p5"]
    rows = found.rows
    assert "" not in set(rows.loc[rows["emergent"], "without_verdict"])
    assert set(rows.loc[rows["evidence"] == "D3", "without_verdict"]) == {""}
    scored = [key for key in calibration.book.found if key[0] == "scored"]
    assert len(scored) == 2 * len(found.members)  # in worlds of their own, not those by which they were chosen


def test_a_calibration_that_is_killed_goes_on_and_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"points": 40, "waves": 1, "members": 8, "left_out": 2}
    whole = toy(tmp_path / "whole", monkeypatch, **small)
    whole.run()
    count = {"n": 0}

    def dies(task: Task) -> Found:
        count["n"] += 1
        if count["n"] == 77:
            raise KeyboardInterrupt
        return fake(task)

    broken = toy(tmp_path / "broken", monkeypatch, **small)
    monkeypatch.setattr(waves, "lived", dies)
    with pytest.raises(KeyboardInterrupt):
        broken.run()
    path = tmp_path / "broken" / "lived.jsonl"
    assert len(path.read_text().splitlines()) == 76
    with path.open("a") as file:
        file.write('["1", 37, "d3-trai')  # the line that was being written
    again = toy(tmp_path / "broken", monkeypatch, **small)
    counted = {"n": 0}

    def counts(task: Task) -> Found:
        counted["n"] += 1
        return fake(task)

    monkeypatch.setattr(waves, "lived", counts)
    again.run()
    assert counted["n"] + 76 == len(whole.book.found) == len(again.book.found)
    one, other = Calibrated.of(whole), Calibrated.of(again)
    assert one.text == other.text
    pd.testing.assert_frame_equal(one.rows, other.rows)


def unknown(task: Task) -> Found:
    """A trial in which nobody was there to be measured."""
    found = fake(task)
    if task.trial.name == "b2-procedural-justice" and task.seeds > 4:
        return Found(dict.fromkeys(found.figures, NAN), dict.fromkeys(found.figures, NAN))
    return found


def test_what_cannot_be_told_does_not_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calibration = toy(tmp_path, monkeypatch, points=40, waves=1, members=8, left_out=0)
    monkeypatch.setattr(waves, "SHOWN", 20)
    monkeypatch.setattr(waves, "lived", unknown)
    calibration.run()
    assert not calibration.agrees().any()
    found = Calibrated.of(calibration)
    assert len(found.members) == 0
    assert any("there is no ensemble" in line for line in calibration_words(found))
    calibration_picture(found, tmp_path / "p.png")
    assert calibration_tables(found)
    json.dumps(calibration_document(found), allow_nan=False)


def contradicting(task: Task) -> Found:
    found = fake(task)
    values = dict.fromkeys(found.figures, 0.9) if task.trial.name == "b2-procedural-justice" else found.figures
    return Found(values | {k: 0.6 + v for k, v in values.items() if k == "half_year"}, found.noise)


def test_measures_that_nothing_meets_and_that_never_move_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calibration = toy(tmp_path, monkeypatch, points=40, waves=1, members=4, left_out=0)
    monkeypatch.setattr(waves, "SHOWN", 20)
    monkeypatch.setattr(waves, "lived", contradicting)
    calibration.run()
    found = Calibrated.of(calibration)
    words = "\n".join(calibration_words(found))
    assert found.worst > CUTOFF
    assert "Nothing agrees with all measures" in words
    assert "officers' conduct, half a year on (outside its band)" in words.split("rule nothing out")[1]
    assert "narrows" not in words


OWN = """bridgework = "trial/1"
title = "TITLE"
scenario = "quiet-border"
seeds = 2
[programmes.course]
family = "policing"
annual_budget = 1e6
[arms.course]
programmes = {course = {}}
[measures.conduct]
statistic = "mean"
among = "workers"
of = "conduct"
low = 0.2
high = 0.5
"""


def test_trials_of_ones_own_need_no_row_of_the_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(OWN.replace("TITLE", name))
    (tmp_path / "three.toml").write_text(OWN.replace("scenario =", 'evidence = "my/own row"\nscenario ='))

    def own(task: Task) -> Found:
        value = task.table["work"]["transfer"] + 0.02 * float(np.random.default_rng(task.first_seed).standard_normal())
        return Found({"conduct": value}, {"conduct": 0.02})

    monkeypatch.setattr(waves, "lived", own)
    monkeypatch.setattr("sim.calibration.plausible.CLOUD", 400)
    monkeypatch.setattr(waves, "SHOWN", 30)
    monkeypatch.setattr(waves, "AT_A_TIME", 10)
    trials = calibration_trials([tmp_path / f"{name}.toml" for name in ("one", "two", "three")])
    size = CalibrationSize(points=30, waves=1, members=4, left_out=2)
    calibration = Calibration(trials, space_of(["work.transfer", "contact.bad_weight"]), size, tmp_path / "c", 1)
    calibration.run()
    assert set(calibration.without) == {"one", "two", "my/own row"}
    with pytest.raises(InputError, match="two trials of one name"):
        Calibration([trials[0], trials[0]], space_of(["work.transfer"]), size, tmp_path / "d", 1)


def test_a_region_that_has_changed_is_another_calibration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for region in ("quiet-border", "violent-region"):
        (tmp_path / "own.toml").write_text(OWN.replace("TITLE", "same").replace("quiet-border", "region.toml"))
        (tmp_path / "region.toml").write_text(f'bridgework = "scenario/1"\ntitle = "here"\nextend = "{region}"\n')
        trials = calibration_trials([tmp_path / "own.toml"])
        calibration = Calibration(trials, space_of(["work.transfer"]), CalibrationSize(), tmp_path / "c", 1)
        if region == "quiet-border":
            calibration.book.open()
        else:
            with pytest.raises(InputError, match="worlds"):
                calibration.book.open()


@pytest.mark.parametrize(("name", "value"), [("points", 3), ("waves", 0), ("seeds", 1), ("last_seeds", 500), ("members", 1)])
def test_a_size_that_cannot_be_is_told(name: str, value: int) -> None:
    with pytest.raises(InputError, match=name):
        CalibrationSize(**{name: value})


def test_a_missing_library_is_told_before_anything_is_lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calibration = toy(tmp_path / "c", monkeypatch)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"bridgework\[discovery\]"):
        calibration.run()
    assert not (tmp_path / "c").exists()


def test_a_folder_with_another_calibration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy(tmp_path, monkeypatch).book.open()
    with pytest.raises(InputError, match="points"):
        toy(tmp_path, monkeypatch, points=80).book.open()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lived.jsonl", '["1", 0, "t", {"a": 1.0}, {}]\nrubbish\n', "line 2"),
        ("lived.jsonl", '["1", 0]\n', "line 1"),
        ("calibration.json", "{", "calibration.json"),
    ],
)
def test_a_damaged_notebook_says_where(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        Notebook(tmp_path, {"points": 3}).open()


def test_a_notebook_keeps_figures_that_are_unknown_or_endless(tmp_path: Path) -> None:
    book = Notebook(tmp_path, {})
    book.open()
    found = Found({"a": NAN, "b": INF, "c": -0.5}, {"a": NAN, "b": NAN, "c": 0.1})
    book.note(iter([(("1", 0, "t"), found)]))
    again = Notebook(tmp_path, {})
    again.open()
    back = again.found["1", 0, "t"]
    assert np.array_equal(list(back.figures.values()), [NAN, INF, -0.5], equal_nan=True)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        Notebook(tmp_path / "file" / "c", {}).open()


def test_the_command_calibrates_and_goes_on(tmp_path: Path) -> None:
    words = ("calibrate", "w3-child-welfare-turnover", "--vary", "people", "--points", "30", "--waves", "1", "-n", "2")
    words = (*words, "--members", "4", "--last-seeds", "2", "--left-out", "0", "--out", "c", "--json")
    done = door.model.command(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {"waves", "rows", "parameters", "members", "score"} <= document.keys()
    assert document["members"] >= 1
    turnover = next(row for row in document["parameters"] if row["name"] == "people.annual_turnover")
    assert turnover["spread"] < 0.9  # a hazard of leaving says how many leave
    assert (tmp_path / "c" / "calibration.png").stat().st_size > 5000
    assert len(read_ensemble(tmp_path / "c" / "ensemble.csv").values) == document["members"]
    refused = door.model.command(tmp_path, *words[:5], "50", *words[6:])
    assert refused.returncode == 2
    assert "points" in refused.stderr


def test_python_has_the_same_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waves, "lived", fake)
    monkeypatch.setattr("sim.calibration.plausible.CLOUD", 400)
    monkeypatch.setattr(waves, "SHOWN", 30)
    monkeypatch.setattr(waves, "AT_A_TIME", 10)
    size = CalibrationSize(points=40, waves=1, members=6, left_out=0)
    found = calibrate(["d3-training-transfer"], tmp_path / "c", vary=["work.transfer", "policing.conduct_gain"], size=size)
    assert isinstance(found, Calibrated)
    assert set(found.members) == {"work.transfer", "policing.conduct_gain"}
    path = tmp_path / "mine.csv"
    path.write_text(found.text)
    assert read_ensemble(path).values == pytest.approx(found.members.to_numpy())
