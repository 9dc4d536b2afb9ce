"""Rival assumptions: what they change and what they leave alone, and the command that lives a comparison under each of them."""

from __future__ import annotations

import json
from pathlib import Path

import door
import numpy as np
import pytest

from sim.errors import InputError
from sim.evidence.trial import load_trial
from sim.lab.experiment import load_experiment
from sim.lab.factors import factors_of
from sim.lab.ranges import futures
from sim.lab.run import run
from sim.mechanisms import MECHANISMS
from sim.parameters import all_parameters
from sim.rivals import RIVALS, experiment_under, rival_named, trial_under, under
from sim.scenario.reading import load_scenario, make_scenario, overlay
from sim.scenario.schema import Scenario

OF_RIVALS = {row.path for row in all_parameters() if row.declared.rival}
SMALL = {
    "years": 2,
    "burn_in_weeks": 0,
    "region": {"layout": {"communities_per_side": 3, "population": 4000}},
    "programmes": {"weeks": {"family": "vocational", "annual_budget": 3_000_000, "cohort_size": 48, "cohorts_per_year": 4}},
}


def small(**more: dict[str, dict[str, float]]) -> Scenario:
    """A small region with a programme."""
    table = load_scenario("quiet-border").model_dump(exclude_none=True)
    return make_scenario(overlay(overlay(table, SMALL), {"parameters": more}), "small")


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_sets_what_it_says_and_nothing_else(name: str) -> None:
    own, other = small().effective_parameters, under(small(), name).effective_parameters
    rival = RIVALS[name]
    allowed = {f"{room}.{key}" for room, values in rival.parameters.items() for key in values}
    for mechanism in rival.mechanisms:
        allowed |= set(MECHANISMS[mechanism].neutral)
    changed = {
        row.path
        for row in all_parameters()
        if getattr(getattr(own, row.room), row.name) != getattr(getattr(other, row.room), row.name)
    }
    assert changed
    assert changed <= allowed
    for room, values in rival.parameters.items():
        for key, value in values.items():
            assert getattr(getattr(other, room), key) == value


@pytest.mark.parametrize("name", RIVALS)
def test_a_rival_changes_a_world(name: str) -> None:
    plain, other = run(small(), 3), run(under(small(), name), 3)
    assert not np.array_equal(plain.series, other.series, equal_nan=True)


def test_below_the_threshold_of_friendship_nobody_is_moved() -> None:
    """No tie of a short run is as strong as 0.6, so meetings move nobody: warmth is what it is where contact warms nobody."""
    weeks = {"years": 0.25, "programmes": {"weeks": {"annual_budget": 0.0}}}

    def warmth(**contact: float) -> np.ndarray:
        table = overlay(small(contact={"everyday_meetings": 0.2} | contact).model_dump(exclude_none=True), weeks)
        return run(make_scenario(table, "short"), 5)["worker_warmth"]

    assert (warmth(friendship=0.6) == warmth(warmth_gain=0.0)).all()
    assert not (warmth() == warmth(warmth_gain=0.0)).all()


def test_below_the_tipping_point_residents_learn_nothing() -> None:
    def trust(**communities: float) -> np.ndarray:
        return run(small(communities=communities), 5)["community_trust"]

    assert (trust(tipping=0.6) == trust(extended_contact=0.0)).all()
    assert not (trust() == trust(extended_contact=0.0)).all()


def test_parameters_of_rivals_are_varied_only_by_name() -> None:
    scenario = small()
    assert len(OF_RIVALS) == 2
    found = {factor.name for factor in factors_of({"all": "declared"}, {}, {}, {"one": scenario}, "x")}
    assert not found & OF_RIVALS
    assert found == {row.path for row in all_parameters()} - OF_RIVALS
    assert not {f.name for f in factors_of({"contact": "declared"}, {}, {}, {"one": scenario}, "x")} & OF_RIVALS
    named = factors_of({"contact.friendship": {"low": 0.0, "high": 0.5}}, {}, {}, {"one": scenario}, "x")
    assert [factor.name for factor in named] == ["contact.friendship"]
    (drawn,) = futures([scenario], 1).draws
    assert not {f"{room}.{name}" for room, values in drawn.items() for name in values} & OF_RIVALS


def test_experiments_and_trials_live_under_a_rival() -> None:
    experiment = experiment_under(load_experiment("none-modest-generous"), "drift")
    assert experiment.file.title.endswith("(rival: drift)")
    assert all(scenario.effective_parameters.incidents.branching == 0.0 for scenario in experiment.scenarios.values())
    trial = trial_under(load_trial("a4-mixed-teams"), "thresholds")
    assert all(one.scenario.effective_parameters.contact.friendship == 0.3 for pair in trial.worlds for one in pair)
    with pytest.raises(InputError, match="idle-trust"):
        rival_named("nobody")


def test_the_command(tmp_path: Path) -> None:
    done = door.libraries.command(tmp_path, "rivals")
    assert done.returncode == 0
    assert all(name in done.stdout for name in RIVALS)
    (tmp_path / "mine.toml").write_text(
        'bridgework = "experiment/1"\ntitle = "Weeks"\nscenario = "quiet-border"\nseeds = 2\nreference = "none"\n'
        "[arms.none]\nyears = 2\nburn_in_weeks = 0\nregion.layout = {communities_per_side = 3, population = 4000}\n"
        "[arms.weeks]\nyears = 2\nburn_in_weeks = 0\nregion.layout = {communities_per_side = 3, population = 4000}\n"
        'programmes.weeks = {family = "vocational", annual_budget = 2_000_000}\n'
    )
    words = ("rivals", "mine.toml", "--rival", "thresholds", "--processes", "1", "--picture", "rivals.png")
    done = door.model.command(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert '"weeks" against "none"' in done.stdout
    assert '"weeks", community_trust:' in done.stdout
    assert (tmp_path / "rivals.png").stat().st_size > 20_000
    document = json.loads(door.model.command(tmp_path, *words, "--json").stdout)
    rows = {(row["assumptions"], row["outcome"]): row for row in document["effects"]}
    assert {name for name, _ in rows} == {"the model's own", "thresholds"}
    trust = rows["the model's own", "community_trust"]
    assert trust["survives"] is True
    row = rows["thresholds", "community_trust"]
    assert row["survives"] == (row["conclusion"] == trust["conclusion"])
    assert len(set(document["studies"].values())) == 2
    for wrong, what in ((("--rival", "nobody"), "no such rival"), (("--picture", "a.doc"), "no kind of picture")):
        done = door.libraries.command(tmp_path, "rivals", "mine.toml", *wrong)
        assert done.returncode == 2
        assert what in done.stderr
