"""What must hold in any world, tried on random scenarios."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.columns import columns
from sim.declare import declarations
from sim.errors import InputError
from sim.families import KINDS
from sim.lab.run import finish
from sim.levers import FAMILY_LEVERS, TRAINING_TIME, CommonLevers
from sim.mechanisms import MECHANISMS
from sim.parameters import all_parameters
from sim.parameters.ordinary import RELIANCE
from sim.scenario.programme import WHOLE
from sim.scenario.reading import make_scenario
from sim.scenario.schema import SHOCKS
from sim.series import INDEX, series_index
from sim.week.schedule import live_week
from sim.week.work import crises
from sim.world.build import build_world
from sim.world.world import TABLES

OWN = list(FAMILY_LEVERS.items())
NARROW = {"catchment": 4, "cohort_size": 40, "weeks": 12, "annual_budget": 2e6}


def number(low, high):
    return st.floats(low, high, allow_nan=False).map(float)


def levers_of(room, cls):
    def values(d):
        high = min(d.declared.high, NARROW.get(d.name, 1e9))
        if d.declared.unit in WHOLE:
            return st.integers(int(d.declared.low), int(high)).map(float)
        return number(d.declared.low, high)

    return st.fixed_dictionaries({}, optional={d.name: values(d) for d in declarations(room, cls)})


@st.composite
def tables(draw):
    sides = draw(st.sampled_from([["A", "B"], ["A", "B", "C"], ["A", "B", "C", "D"]]))
    programmes = {}
    for family, cls in draw(st.lists(st.sampled_from(OWN), max_size=3)):
        own = draw(levers_of(family, cls))
        if family == "policing":
            time = {name: own.get(name, cls._field_defaults[name]) for name in TRAINING_TIME}
            own |= {name: share / max(sum(time.values()), 1.0) for name, share in time.items()}
        programmes[f"programme {len(programmes)}"] = draw(levers_of("programme", CommonLevers)) | {
            "family": family,
            "start_week": draw(st.integers(0, 20)),
            "years": draw(number(0.2, 2)),
            "after": draw(st.sampled_from(["ends", "institutionalised"])),
            "sides": draw(st.sampled_from([None, sides, sides[:2]])),
            family: own,
        }
    shocks = {
        f"shock {k}": {
            "kind": draw(st.sampled_from(sorted(SHOCKS))),
            "week": draw(st.integers(0, 50)),
            "size": draw(number(0, 1)),
            "weeks": draw(st.integers(1, 40)),
        }
        for k in range(draw(st.integers(0, 4)))
    }
    parameters = {}
    rows = draw(st.lists(st.sampled_from(all_parameters()), max_size=12, unique_by=lambda d: d.path))
    for row in rows:
        parameters.setdefault(row.room, {})[row.name] = draw(number(row.declared.low, row.declared.high))
    return {
        "bridgework": "scenario/1",
        "title": "random",
        "years": 1.5,
        "burn_in_weeks": draw(st.integers(0, 10)),
        "region": {
            "sides": sides,
            "layout": {"communities_per_side": draw(st.integers(1, 4)), "population": draw(st.integers(50, 5000))},
            "institutions": {
                "enterprise": {"per_community": draw(st.integers(1, 2)), "staff": draw(st.integers(1, 9))},
                "training_centre": {"per_community": draw(st.integers(0, 1)), "staff": 4},
                "municipality": {"per_community": draw(st.integers(0, 2)), "staff": draw(st.integers(1, 7))},
                "welfare_office": {"per_community": draw(st.integers(0, 2)), "staff": draw(st.integers(1, 7))},
                "police_service": {"per_community": draw(st.integers(0, 2)), "staff": draw(st.integers(1, 7))},
            },
            "ties_per_worker": draw(st.integers(1, 4)),
            "armed_actors": draw(number(0, 3)),
            "neighbours": draw(st.integers(1, 3)),
        },
        "parameters": parameters,
        "mechanisms": draw(st.dictionaries(st.sampled_from(sorted(MECHANISMS)), st.booleans(), max_size=5)),
        "programmes": programmes,
        "budget": draw(st.sampled_from([None, {"annual": 0.0}, {"annual": 300_000.0}])),
        "shocks": shocks,
    }


def check_columns(world):
    for name in TABLES:
        table = getattr(world, name)
        for field, column in columns(type(table)).items():
            values = getattr(table, field)
            if values.dtype.kind == "f":
                assert np.isfinite(values).all(), f"{name}.{field}"
            if column.unit == "0-1":
                assert values.min(initial=0.5) >= -1e-6, f"{name}.{field}"
                assert values.max(initial=0.5) <= 1 + 1e-6, f"{name}.{field}"


def check_ties(world):
    workers, ties = world.workers, world.ties
    used = np.flatnonzero(ties.a >= 0)
    free, row = 0, int(world.calendar.free[0])
    while row < ties.a.size:
        assert ties.a[row] == -1
        free, row = free + 1, int(ties.b[row])
    assert used.size + free == ties.a.size
    assert (workers.side[ties.a[used]] != workers.side[ties.b[used]]).all()
    assert workers.ties.sum() == 2 * used.size
    held = {(i, int(row)) for i in np.flatnonzero(workers.ties) for row in workers.slots[i, : workers.ties[i]]}
    assert held == {(int(end), int(row)) for row in used for end in (ties.a[row], ties.b[row])}
    assert (workers.slots >= 0).sum() == workers.ties.sum()
    for i in np.flatnonzero(workers.ties):
        for row, j in zip(workers.slots[i, : workers.ties[i]], workers.partners[i, : workers.ties[i]], strict=True):
            assert {int(ties.a[row]), int(ties.b[row])} == {int(i), int(j)}
    check_what_is_counted_of_ties(world, used)


def check_what_is_counted_of_ties(world, used):
    """What the calendar of ties says of a week that has just been lived is what a look at every tie says."""
    workers, ties, week = world.workers, world.ties, world.week - 1
    strength = ties.strength[used] * np.exp(-ties.decay[used] * (week - ties.last[used].astype(np.int64)))
    alive = used[week < ties.ends[used]]
    assert world.tally[INDEX["live_ties"]] == ((strength >= RELIANCE) & (week < ties.ends[used])).sum()
    assert world.tally[INDEX["ties_born"]] == (ties.born[alive] == week).sum()
    assert world.tally[INDEX["ties_survived"]] == (ties.born[alive] == week - 52).sum()
    for i in np.flatnonzero(workers.ties):
        rows, there = workers.slots[i, : workers.ties[i]], workers.side[workers.partners[i, : workers.ties[i]]]
        for side in set(there.tolist()):
            o = (side - int(workers.side[i]) - 1) % len(world.scenario.region.sides)
            assert max(workers.held_until[i, o], week) == max(ties.holds[rows[there == side]].max(), week)


def check_money(world):
    if world.scenario.budget is not None:
        years = max(0, -(-world.week // 52))
        assert sum(p.purse.granted - p.purse.won for p in world.programmes) <= years * world.scenario.budget.annual + 1e-3
    for programme in world.programmes:
        purse = programme.purse
        assert purse.balance >= -1e-6
        assert purse.spent <= purse.granted + 1e-6
        assert abs(purse.granted - purse.spent - purse.balance) < 1e-3
        assert abs(sum(purse.items.values()) - purse.spent) < 1e-3


def check_cases(world):
    """Every household is in one state, in care somewhere or nowhere, and offices hold no more than they have places for."""
    cases, welfare = world.cases, world.welfare
    live = slice(0, world.live_cases)
    state, host = cases.state[live], cases.host[live]
    assert ((state == crises.IN_CARE) == (host >= 0)).all()
    assert np.unique(cases.key[live]).size == world.live_cases
    held = np.bincount(host[host >= 0], minlength=welfare.places.size)
    assert (np.abs(held - welfare.in_care) < 0.5).all() or (welfare.followed > 1).any()
    assert (cases.helped[live] + cases.unmet[live] <= 2).all()
    waiting = np.bincount(cases.community[live][state == crises.WAITING], minlength=welfare.places.size)
    np.testing.assert_allclose(waiting, welfare.waiting)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(), seed=st.integers(0, 2**64 - 1))
def test_random_worlds_stay_within_bounds_and_lose_nothing(table, seed):
    try:
        scenario = make_scenario(table, "random")
    except InputError as error:
        assert (
            "loop gain" in str(error) or "stop_go" in str(error) or "no institution of its family" in str(error)
        )  # all that can be wrong with these
        return
    world = build_world(scenario, seed)
    posts = world.workers.post.copy()
    while world.week < 30:
        live_week(world)
    for check in (check_columns, check_ties, check_money):
        check(world)
    world = build_world(scenario, seed)
    result = finish(world, seed)
    for check in (check_columns, check_ties, check_money):
        check(world)
    np.testing.assert_array_equal(world.workers.post, posts)
    assert np.unique(world.workers.person).size == posts.size
    outside = series_index("practice_outside", "test")  # unknown where no institution is outside
    assert np.isfinite(np.delete(result.series, outside, axis=1)).all()
    at = {name: result.series[:, i] for name, i in INDEX.items()}
    assert at["reached_friction"].sum() == sum(at[f"incidents_{kind}"].sum() for kind in KINDS)
    for lower, upper in zip(("friction", "threat", "force", "lethal"), ("threat", "force", "lethal", "sustained"), strict=True):
        assert at[f"reached_{upper}"].sum() <= at[f"reached_{lower}"].sum() + world.live_incidents + 60
    assert world.live_projects == world.institutions.projects.sum() / 2
    assert at["projects_founded"].sum() - at["projects_ended"].sum() == at["projects"][-1]
    assert (at["bad_meetings"] <= at["meetings"]).all()
    for part, whole in (
        ("repeat_crises", "crises"),
        ("unmet_crises", "crises"),
        ("helped", "crises"),
        ("lost_handovers", "handovers"),
    ):
        assert at[part].sum() <= at[whole].sum() + 1e-6 or world.scenario.burn_in_weeks
    check_cases(world)
    begun = at["pilots_started"].sum() + at["works_started"].sum()
    assert (
        begun
        == sum(at[f"{name}"].sum() for name in ("pilots_adopted", "pilots_failed", "works_done", "works_failed"))
        + world.live_pilots
    )
    for series, kept in (("spend", "spent"), ("budget", "granted")):
        assert abs(at[series].sum() - sum(getattr(p.purse, kept) for p in world.programmes)) < 1e-3


def test_every_incident_is_accounted_for(cases):
    world = build_world(cases.busy(burn_in_weeks=0, parameters={"incidents": {"everyday_rate": 0.085}}), 1)
    result = finish(world, 1)
    arisen, ended = result["reached_friction"].sum(), result["ended"].sum()
    assert arisen == ended + world.live_incidents
    assert ended == result.incidents.key.size > 20
    assert np.unique(result.incidents.key).size == result.incidents.key.size
    assert (result.incidents.ended >= result.incidents.began).all()
    assert result["deaths"].sum() >= result.incidents.deaths.sum()
    assert ((result.incidents.deaths > 0) <= (result.incidents.rung >= 3)).all()
    assert (result.incidents.stopped > 0).all()
