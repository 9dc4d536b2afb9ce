"""The region comes back to itself."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sim.errors import InputError
from sim.lab.run import finish
from sim.parameters import Parameters, all_parameters, with_overrides
from sim.scenario import library
from sim.scenario.reading import load_scenario, make_scenario
from sim.scenario.stability import LIFTED, STATES, Surroundings, loop_gain, surroundings
from sim.week.schedule import live_week
from sim.world.build import build_world

QUIET = {"incidents": {"everyday_rate": 0.0, "armed_rate": 0.0}}


def test_without_incidents_only_echoes_are_left_of_the_loop():
    p = with_overrides(Parameters(), QUIET | {"communities": {"memory_trust": 0.0, "violence_memory": 0.0}})
    gain = loop_gain(p, Surroundings(2.0))
    echoes = STATES.index("armed incidents")
    assert gain.matrix[echoes, echoes] > 0
    assert gain.radius == pytest.approx(max(np.abs(np.linalg.eigvals(gain.matrix))))
    silent = with_overrides(p, {"incidents": {"branching": 0.0}})
    assert loop_gain(silent, Surroundings(2.0)).radius < 0.7


def test_the_gain_of_echoes_alone_is_branching_times_the_weight_reached():
    neutral = dict.fromkeys(("violence_trust", "violence_grievance", "violence_legitimacy", "violence_livelihoods"), 0.0)
    neutral |= dict.fromkeys(
        ("violence_services", "violence_memory", "violence_tension", "grievance_tension", "trust_tension", "memory_trust"), 0.0
    )
    p = with_overrides(
        Parameters(),
        {
            "communities": neutral,
            "rumours": {"tension": 0.0, "trust": 0.0},
            "organizing": {"load_strain": 0.0},
            "incidents": {"trust_climb": 0.0, "tension_climb": 0.0},
        },
    )
    i = p.incidents
    chance, total, weights = 1.0, 0.3, (0.3, 0.4, 0.5, 0.5)
    for c, w in zip((i.armed_threat, i.armed_force, i.armed_lethal, i.armed_sustained), weights, strict=True):
        chance *= c / (c + (1 - c) * i.calm)
        total += chance * w
    assert loop_gain(p, Surroundings(2.0)).radius == pytest.approx(i.branching * total)


def test_too_high_a_gain_is_refused_on_loading_with_the_number(cases):
    hot = {
        "incidents": {"branching": 0.35, "armed_rate": 0.06, "armed_lethal": 0.5, "tension_climb": 2.0},
        "communities": {"violence_tension": 0.05},
    }
    with pytest.raises(InputError, match=r"loop gain is \d\.\d\d") as error:
        make_scenario(cases.table(parameters=hot), "hot.toml")
    assert float(re.search(r"loop gain is (\d\.\d\d)", str(error.value))[1]) > 0.9
    assert "→" in str(error.value)
    later = {"edits": {"heat": {"week": 10, "parameters": hot}}}
    with pytest.raises(InputError, match="after 1 edit"):
        make_scenario(cases.table(**later), "later.toml")


def test_what_the_loop_takes_from_a_region(cases):
    scenario = cases.scenario(region={"climate_of": {"North": {"livelihoods": 0.7, "grievance": 0.5}}, "armed_actors": 3.0})
    world = build_world(scenario, 1)
    found, x = surroundings(scenario.region), world.crossings
    around = np.zeros(world.communities.key.size)
    np.add.at(around, x.a, x.exposure)
    np.add.at(around, x.b, x.exposure)
    assert found.felt == pytest.approx(np.max(0.5 * (around[x.a] + around[x.b])), rel=1e-5)
    best, calmest = world.communities.livelihoods_rest.max(), world.communities.grievance_rest.min()
    assert (found.armed, found.livelihoods, found.grievance) == pytest.approx((3.0, best + LIFTED, calmest - LIFTED), rel=1e-5)
    assert found.tension == pytest.approx(x.tension_rest.min() - LIFTED, rel=1e-5)
    assert found.resources == pytest.approx(x.resources_rest.max(), rel=1e-5)
    assert found.staffed == pytest.approx(41 / world.communities.population.min(), rel=1e-5)


def test_at_worst_a_kind_is_as_frequent_as_its_states_and_the_cap_allow():
    flow = STATES.index("violence"), STATES.index("tension")

    def climbing(cap, livelihood):
        p = with_overrides(Parameters(), {"incidents": {"rate_cap": cap}, "vocational": {"livelihood_labour": livelihood}})
        return loop_gain(p, Surroundings(2.0, tension=1.0, trust=0.0)).matrix[flow]

    assert climbing(6.0, 0.0) < climbing(6.0, 1.0) < climbing(6.0, 3.0)
    assert climbing(2.0, 3.0) < climbing(6.0, 3.0)


def test_half_lives_of_slow_states_are_declared_between_26_and_104_weeks():
    slow = [row for row in all_parameters() if row.name.endswith("half_life") and row.name != "drift_half_life"]
    assert len(slow) >= 14
    assert all(row.declared.low >= 26 and row.declared.high <= 104 for row in slow)


def test_under_none_nothing_drifts_and_nobody_sticks_at_an_end_over_20_years(cases):
    scenario = cases.scenario(years=20.0, burn_in_weeks=104)
    means, edges = [], []
    for seed in range(14):
        world = build_world(scenario, seed)
        levels = []
        while not world.finished:
            live_week(world)
            if world.week in (1, 1040):
                levels.append(world.tally.copy())
        means.append(np.array(levels))
        for table, names in (
            ("communities", ("trust", "grievance", "legitimacy", "livelihoods", "services")),
            ("workers", ("warmth", "trust", "competence", "skill", "strain")),
        ):
            edges += [np.percentile(getattr(getattr(world, table), name), [5, 95]) for name in names]
        edges.append(np.percentile(world.crossings.tension, [5, 95]))
    from sim.series import INDEX

    states = [
        "community_trust",
        "worker_warmth",
        "worker_trust",
        "legitimacy",
        "grievance",
        "livelihoods",
        "services",
        "tension",
        "capability",
        "competence",
        "strain",
    ]
    drift = np.mean(means, axis=0)
    for name in states:
        assert abs(drift[1, INDEX[name]] - drift[0, INDEX[name]]) / 2 < 0.05, name
    assert np.min(edges) > 0.02
    assert np.max(edges) < 0.98


def test_half_of_a_blow_to_trust_is_mended_within_26_to_104_weeks(cases):
    calm = cases.scenario(parameters=QUIET, years=6.0)
    hurt, twin = build_world(calm, 1), build_world(calm, 1)
    while hurt.week < 0:
        live_week(hurt)
        live_week(twin)
    for name in ("trust", "livelihoods", "services", "legitimacy"):
        getattr(hurt.communities, name)[:] *= 0.7
    hurt.crossings.tension[:] += 0.3
    gaps = []
    for _ in range(105):
        gap = {
            n: float(np.abs(getattr(twin.communities, n) - getattr(hurt.communities, n)).mean())
            for n in ("trust", "livelihoods", "services", "legitimacy")
        }
        gaps.append(gap | {"tension": float(np.abs(hurt.crossings.tension - twin.crossings.tension).mean())})
        live_week(hurt)
        live_week(twin)
    for name in gaps[0]:
        series = np.array([g[name] for g in gaps])
        half = int(np.argmax(series < series[0] / 2))
        assert 26 <= half <= 104, (name, half)


@pytest.mark.parametrize("scenario", library.names("scenarios"))
def test_builtin_scenarios_stay_inside_the_rule(scenario):
    loaded = load_scenario(scenario)
    assert loop_gain(loaded.effective_parameters, surroundings(loaded.region)).radius < 0.9


def test_finish_returns_the_whole_horizon(cases):
    result = finish(build_world(cases.scenario(), 1), 1)
    assert result.weeks.tolist() == list(range(156))
    assert result.series.shape[0] == 156
