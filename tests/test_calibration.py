"""Calibration: what is ruled out and what is left, on figures whose truth is known; kept, killed and gone on with; and the ensemble, lived."""

from __future__ import annotations

import json
import math
from pathlib import Path

import door
import numpy as np
import pandas as pd
import pytest

import sim
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
from sim.lab.design import DesignTable
from sim.lab.ensemble import read_ensemble
from sim.lab.experiment import load_experiment
from sim.lab.members import effects_over_members, without_chance
from sim.lab.study import Study
from sim.outcomes import BY_NAME
from sim.parameters import all_parameters
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
    mean, spread = emulator.foretell(chance.random((100, 12)))
    assert np.abs(mean - 0.1).max() < 0.15
    assert spread.max() < 0.2
    blind = emulate(target(0.0, 0.2), units, figure, np.full(200, NAN))
    assert blind is not None
    assert blind.unexplained > 0.05  # what is not known to be chance might be parameters


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
    assert 0.4 * share < left.share < 4.0 * share
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
    monkeypatch.setattr(waves, "SHOWN", 120)
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
    assert set(rows.loc[rows["emergent"], "without_verdict"]) != {""}
    assert set(rows.loc[rows["evidence"] == "D3", "without_verdict"]) == {""}


def test_a_calibration_that_is_killed_goes_on_and_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"points": 40, "waves": 1, "members": 12, "left_out": 3}
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
    counted["n"] = 0
    third = toy(tmp_path / "broken", monkeypatch, **small)
    monkeypatch.setattr(waves, "lived", counts)
    third.run()
    assert counted["n"] == 0


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


# --- the ensemble


@pytest.fixture
def plausible_file(tmp_path: Path) -> Path:
    """Five vectors around the defaults."""
    space = space_of()
    units = space.default + 0.1 * (np.random.default_rng(3).random((5, len(space.names))) - space.default)
    frame = pd.DataFrame([space.values(unit) for unit in units], columns=list(space.names), index=range(1, 6))
    frame.to_csv(tmp_path / "plausible.csv", index_label="member")
    return tmp_path / "plausible.csv"


def test_an_ensemble_is_read_as_it_was_written(plausible_file: Path) -> None:
    ensemble, frame = read_ensemble(plausible_file), pd.read_csv(plausible_file, index_col="member")
    assert list(ensemble.names) == list(frame)
    assert np.array_equal(ensemble.values, frame.to_numpy())
    assert ensemble.table(2)["contact"]["bad_weight"] == frame.loc[3, "contact.bad_weight"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no ensemble"),
        ("member\n1\n", "no ensemble"),
        ("member,contact.bad_wieght\n1,0.5\n", "contact.bad_wieght"),
        ("member,contact.bad_weight,contact.bad_weight\n1,2,2\n", "no ensemble"),
        ("member,contact.bad_weight\n", "no member"),
        ("member,contact.bad_weight\n1\n", "member 1"),
        ("member,contact.bad_weight\n1,2\n2,lots\n", "member 2, contact.bad_weight"),
        ("member,contact.bad_weight\n1,-40\n", "declared range"),
        ("member,contact.bad_weight\n1,nan\n", "declared range"),
    ],
)
def test_a_wrong_ensemble_says_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "e.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_ensemble(path)


def test_a_missing_ensemble_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_ensemble(tmp_path / "nowhere.csv")


def test_an_ensemble_varies_what_scenario_and_arms_do_not_set(plausible_file: Path) -> None:
    loaded = load_experiment("none-modest-generous", 2, DesignTable(kind="ensemble", members=3, file=str(plausible_file)))
    names = {factor.name for factor in loaded.factors}
    given = load_scenario("quiet-border").parameters
    assert given is not None
    assert "contact.bad_weight" in names
    assert not {"incidents.deaths_scale", "incidents.deaths_max"} & names  # which the scenario sets
    assert names | {"incidents.deaths_scale", "incidents.deaths_max"} == set(read_ensemble(plausible_file).names)


@pytest.mark.parametrize(
    ("design", "said"),
    [
        ('kind = "ensemble"', "file"),
        ('kind = "ensemble"\nfile = "plausible.csv"\nmembers = 100000', "so many members"),
        ('kind = "ensemble"\nfile = "plausible.csv"\npoints = 10', "points"),
        ('kind = "ensemble"\nfile = "nowhere.csv"', "nowhere"),
        ('kind = "ensemble"\nfile = "plausible.csv"\n[uncertainties]\nall = "declared"', "what varies"),
        ('kind = "latin_hypercube"\npoints = 5\nmembers = 3\n[uncertainties]\nall = "declared"', "members"),
    ],
)
def test_a_wrong_design_of_an_ensemble_is_told(plausible_file: Path, design: str, said: str) -> None:
    tmp_path = plausible_file.parent
    path = tmp_path / "e.toml"
    head = 'bridgework = "experiment/1"\ntitle = "x"\nscenario = "quiet-border"\nreference = "a"\n[arms.a]\n[arms.b]\n'
    path.write_text(f"{head}[design]\n{design}\n")
    with pytest.raises(InputError, match=said):
        sim.sweep(path, tmp_path / "out")


def test_chance_is_taken_off_what_spreads_between_members() -> None:
    """By hand: means 1, 3 spread with variance 2; chance of variance 1 each leaves half of it, so they move by the root of a half."""
    effects, share = without_chance(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    assert share == pytest.approx(0.5)
    assert effects == pytest.approx([2.0 - math.sqrt(0.5), 2.0 + math.sqrt(0.5)])
    effects, share = without_chance(np.array([1.0, 3.0]), np.array([5.0, 5.0]))
    assert share == 0.0
    assert effects == pytest.approx([2.0, 2.0])
    effects, share = without_chance(np.array([1.0, 3.0]), np.array([NAN, NAN]))
    assert math.isnan(share)
    assert list(effects) == [1.0, 3.0]


def test_the_spread_that_parameters_make_is_found_again() -> None:
    chance = np.random.default_rng(5)
    truth = 0.3 * chance.standard_normal(400)
    worlds = truth[:, None] + 0.6 * chance.standard_normal((400, 4))
    effects, share = without_chance(worlds.mean(axis=1), worlds.var(axis=1, ddof=1) / 4)
    assert effects.std() == pytest.approx(0.3, rel=0.15)
    assert share == pytest.approx(0.09 / (0.09 + 0.36 / 4), abs=0.1)


SMALL = """bridgework = "experiment/1"
title = "A small comparison"
scenario = "small.toml"
reference = "none"
[arms.none]
[arms.weeks.programmes.weeks]
family = "vocational"
annual_budget = 3_000_000
cohort_size = 48
cohorts_per_year = 4
"""
REGION = """bridgework = "scenario/1"
title = "A small region"
extend = "quiet-border"
years = 2
burn_in_weeks = 0
[region.layout]
communities_per_side = 3
population = 4000
"""


def test_a_comparison_is_lived_under_every_member(plausible_file: Path) -> None:
    tmp_path = plausible_file.parent
    (tmp_path / "small.toml").write_text(REGION)
    (tmp_path / "e.toml").write_text(SMALL)
    done = door.model.command(
        tmp_path,
        "compare",
        "e.toml",
        "--ensemble",
        "plausible.csv",
        "--members",
        "4",
        "-n",
        "3",
        "--out",
        "s",
        "--json",
        "-p",
        "1",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    study = Study.open(tmp_path / "s")
    assert study.manifest["design"]["kind"] == "ensemble"
    runs = study.runs
    assert len(runs) == 4 * 3 * 2
    ensemble = read_ensemble(plausible_file)
    assert study.points["contact.bad_weight"].to_numpy() == pytest.approx(
        ensemble.values[:4, ensemble.names.index("contact.bad_weight")]
    )
    effects = effects_over_members(study).set_index("outcome")
    wide = runs.pivot_table(index=["point", "seed"], columns="arm", values="worker_warmth", observed=True)
    by_hand = (wide["weeks"] - wide["none"]).groupby("point")
    assert effects.loc["worker_warmth", "effect"] == pytest.approx(by_hand.mean().mean())
    expected, share = without_chance(by_hand.mean().to_numpy(), (by_hand.var(ddof=1) / 3).to_numpy())
    assert effects.loc["worker_warmth", "median"] == pytest.approx(np.median(expected))
    assert effects.loc["worker_warmth", "by_parameters"] == pytest.approx(share)
    told = effects[["better", "small", "worse"]].dropna()
    assert len(told)
    assert told.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert (effects["p5"].dropna() <= effects["p95"].dropna() + 1e-15).all()
    assert math.isnan(effects.loc["deaths", "p5"])
    assert {row["outcome"] for row in document["effects"]} == set(BY_NAME)
    assert (tmp_path / "s" / "picture.png").stat().st_size > 5000
    assert any("plausible parameters" in line for line in document["words"])
    read = door.model.command(
        tmp_path, "compare", "e.toml", "--ensemble", "plausible.csv", "--members", "4", "-n", "3", "--out", "s", "-p", "1"
    )
    assert read.returncode == 0, read.stderr
    assert "by parameters" in read.stdout
    assert "that the field's evidence leaves standing" in read.stdout


def test_misplaced_options_of_an_ensemble_are_told(plausible_file: Path) -> None:
    tmp_path = plausible_file.parent
    (tmp_path / "small.toml").write_text(REGION)
    (tmp_path / "e.toml").write_text(SMALL)
    for words, said in (
        (("e.toml", "--members", "4"), "--ensemble"),
        (("e.toml", "--ensemble", "none.csv"), "none.csv"),
        (("first-sweep", "--ensemble", "plausible.csv"), "has a design"),
    ):
        done = door.model.command(tmp_path, "compare", *words)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr


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
    members = (tmp_path / "c" / "ensemble.csv").read_text()
    lines = (tmp_path / "c" / "lived.jsonl").read_text()
    (tmp_path / "c" / "lived.jsonl").write_text(lines[: lines.rfind("\n", 0, len(lines) * 3 // 4)] + "\n[")
    again = door.model.command(tmp_path, *words[:-1])
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "c" / "ensemble.csv").read_text() == members
    assert sorted((tmp_path / "c" / "lived.jsonl").read_text().splitlines()) == sorted(lines.splitlines())
    assert "not identified" in again.stdout
    refused = door.model.command(tmp_path, *words[:5], "50", *words[6:])
    assert refused.returncode == 2
    assert "points" in refused.stderr


def test_python_has_the_same_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waves, "lived", fake)
    monkeypatch.setattr("sim.calibration.plausible.CLOUD", 400)
    monkeypatch.setattr(waves, "SHOWN", 50)
    size = CalibrationSize(points=40, waves=1, members=6, left_out=0)
    found = calibrate(["d3-training-transfer"], tmp_path / "c", vary=["work.transfer", "policing.conduct_gain"], size=size)
    assert isinstance(found, Calibrated)
    assert set(found.members) == {"work.transfer", "policing.conduct_gain"}
    path = tmp_path / "mine.csv"
    path.write_text(found.text)
    assert read_ensemble(path).values == pytest.approx(found.members.to_numpy())
