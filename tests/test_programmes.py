"""Programme life: money, cohorts, closures, enrolment, the end of the donor years."""

from __future__ import annotations

import numpy as np
import pytest

from sim.families import VOCATIONAL
from sim.lab.api import compare
from sim.lab.experiment import Arm, Experiment, ExperimentFile
from sim.lab.participants import follow
from sim.lab.run import finish, run
from sim.week.programmes import cost_per_head
from sim.week.schedule import live_week
from sim.week.work import vocational
from sim.world.build import build_world
from sim.world.tables import ARISE

WIDE = {"layout": {"communities_per_side": 6}}
PLAIN = {
    "family": "vocational",
    "years": 2.0,
    "annual_budget": 600_000.0,
    "cohort_size": 16.0,
    "cohorts_per_year": 2.0,
    "weeks": 8.0,
}


def programme(cases, region=None, **levers):
    return cases.scenario(region=region or WIDE, programmes={"p": PLAIN | levers})


def test_a_participant_costs_what_her_weeks_and_services_cost(cases):
    own = {"placements": 0.25}
    world = build_world(
        programme(cases, weeks=10.0, virtual_share=0.4, preparation=1.0, debrief=0.5, inclusion=0.0, vocational=own), 1
    )
    # 6 weeks at 900, 4 virtual at 120, preparation 500, half a debrief of 250, a quarter of a placement of 4,000
    assert cost_per_head(world, world.programmes[0]) == pytest.approx(6 * 900 + 4 * 120 + 500 + 125 + 1000)


@pytest.mark.parametrize(
    "levers", [{"summit": 1.0}, {"summit": 1.0, "virtual_share": 0.4}, {"weeks": 3.0, "virtual_share": 0.5}, {"weeks": 1.0}]
)
def test_everyone_who_is_recruited_does_meet(cases, levers):
    scenario = programme(cases, **levers)
    result = run(scenario, 2)
    weeks = result.world.programmes[0].length()[0]
    assert result["enrolments"].sum() > 0
    assert result["participants"].sum() >= 0.85 * weeks * result["enrolments"].sum()
    items = result.spending["p"]
    held = items.get("in_person_week", 0) / 900 + items.get("virtual_week", 0) / 120
    assert held == pytest.approx(result["participants"].sum())
    gain = follow(scenario, 2)
    assert gain.enrolled > 0
    assert gain.d["reliance on persons met"] > 0


def test_a_summit_and_small_cohorts_cost_the_same_in_a_year(cases):
    large = WIDE | {"institutions": {"enterprise": {"per_community": 2, "staff": 60}}}
    levers = {"cohorts_per_year": 4.0, "catchment": 6.0, "cohort_size": 40.0}
    spent = [run(programme(cases, region=large, summit=summit, **levers), 1)["spend"].sum() for summit in (0.0, 1.0)]
    assert spent[0] == pytest.approx(spent[1], rel=0.15)
    assert 800_000 < max(spent) <= 1_200_000


def test_a_part_year_gets_a_part_of_the_grant_and_nothing_is_spent_afterwards(cases):
    for years in (0.5, 1.5, 2.0):
        result = run(programme(cases, years=years, weeks=20.0, vocational={"placements": 0.5}), 3)
        assert result["budget"].sum() == pytest.approx(600_000 * years)
        assert result["spend"][round(52 * years) :].sum() == 0.0


def test_institutions_carry_their_share_on_after_the_donor(cases):
    result = run(programme(cases, years=1.0, after="institutionalised", institutional_share=0.5), 1)
    assert result["budget"][:52].sum() == 600_000
    assert result["budget"][52:104].sum() == 300_000
    assert result["enrolments"][52:104].sum() > 0


def test_a_funding_cut_takes_money_back_and_an_end_is_an_end(cases):
    cut = {"cut": {"kind": "funding_cut", "week": 10, "size": 1.0, "weeks": 100}}
    result = run(cases.scenario(region=WIDE, programmes={"p": PLAIN}, shocks=cut), 1)
    assert result["spend"][10:].sum() == 0.0
    assert result["budget"].sum() == pytest.approx(result["spend"].sum())


def test_money_and_levers_of_a_modest_programme_buy_smaller_cohorts(cases):
    enrolled = [run(programme(cases, annual_budget=b), 1)["enrolments"].sum() for b in (30_000.0, 200_000.0, 600_000.0)]
    assert enrolled[0] < enrolled[1] < enrolled[2]


def test_a_new_rhythm_holds_from_the_edit_on_without_a_burst_or_a_gap(cases):
    for before, after in ((2.0, 6.0), (6.0, 2.0)):
        edits = {"rhythm": {"week": 52, "programmes": {"p": {"cohorts_per_year": after}}}}
        table = {"p": PLAIN | {"cohorts_per_year": before, "years": 3.0, "annual_budget": 900_000.0}}
        world = build_world(cases.scenario(region=WIDE, programmes=table, edits=edits), 1)
        begun = []
        while not world.finished:
            count = world.programmes[0].begun
            live_week(world)
            begun += [world.week - 1] * (world.programmes[0].begun - count)
        assert sum(w < 52 for w in begun) == before
        assert abs(sum(52 <= w < 156 for w in begun) - 2 * after) <= 1
        assert min(np.diff(begun)) >= 52 / max(before, after) - 1


def test_enrolled_communities_alone_take_part(cases):
    names = ["North 1", "North 2", "South 1", "South 2"]
    world = build_world(programme(cases, communities=names, benefits=0.0, leadership_work=1.0, vocational={"standards": 1.0}), 2)
    untouched = ~np.isin(world.community_names, names)[world.institutions.community]
    twin = build_world(cases.scenario(region=WIDE), 2)
    recruited = set()
    while world.week < 60:
        live_week(world)
        live_week(twin)
        recruited |= set(world.workers.community[np.flatnonzero(world.workers.cohort)].tolist())
    assert {world.community_names[c] for c in recruited} <= set(names)
    assert recruited
    assert (world.institutions.withdrawn_until[untouched] < 0).all()
    assert (world.institutions.standards[untouched] == 0).all()
    np.testing.assert_array_equal(world.institutions.buy_in[untouched], twin.institutions.buy_in[untouched])


def test_two_of_three_sides_can_hold_a_programme_between_them(cases):
    region = WIDE | {"sides": ["A", "B", "C"]}
    names = [f"{side} {k}" for side in "AB" for k in (1, 2, 3)]
    result = run(programme(cases, region=region, communities=names), 1)
    assert result["enrolments"].sum() > 0
    posts = result.world.programmes[0].alumni.posts
    assert set(result.world.workers.side[posts].tolist()) == {0, 1}


def test_three_sides_meet_in_one_cohort(cases):
    result = run(programme(cases, region=WIDE | {"sides": ["A", "B", "C"]}, cohort_size=18.0), 1)
    assert set(result.world.workers.side[result.world.programmes[0].alumni.posts].tolist()) == {0, 1, 2}


def test_a_closed_border_moves_everything_online_and_places_nobody(cases):
    closed = {"closed": {"kind": "border_closure", "week": 0, "size": 1.0, "weeks": 156}}
    own = {"placements": 1.0, "recognition": 1.0}
    scenario = cases.scenario(region=WIDE, shocks=closed, programmes={"p": PLAIN | {"alumni_support": 1.0, "vocational": own}})
    world = build_world(scenario, 1)
    amounts = set()
    from sim.week import contact

    seen = contact.live

    def watched(world):
        for gathering in world.gatherings:
            amounts.update(np.round(gathering.amount, 6).tolist())
        seen(world)

    from sim.week import schedule

    week = [(name, watched if rule is seen else rule) for name, rule in schedule.WEEK]
    placed = 0.0
    while not world.finished:
        world.tally[:] = 0.0
        for _, rule in week:
            rule(world)
        placed += world.tally[schedule.observe.INDEX["placements"]]
        world.week += 1
    assert amounts == {0.4}
    assert placed == 0.0
    without = run(cases.scenario(region=WIDE, shocks=closed, programmes={"p": PLAIN | {"virtual_fallback": 0.0}}), 1)
    assert without["spend"].sum() < 100_000
    assert without["enrolments"].sum() > 0


def test_what_triggers_labour_incidents(cases):
    world = build_world(cases.scenario(programmes={"p": {"family": "vocational", "annual_budget": 0.0}}), 1)
    x, workers, topology = world.crossings, world.workers, world.topology
    world.communities.livelihoods[:], x.tension[:], x.failed[1] = 0.4, 0.3, 3.0
    host = int(x.a[0])
    others = np.flatnonzero(workers.side != world.communities.side[host])[:2]
    workers.placed_in[others], workers.placed_until[others] = host, 100
    vocational.live(world)
    assert world.communities.hosted[host] == pytest.approx(2 / topology.pool_staff[host, VOCATIONAL])
    share = 2 / topology.pool_staff[host, VOCATIONAL] / vocational.RIVALS
    expected = np.full(x.key.size, 1.5 * 0.1)
    expected[1] += 1.0
    expected[(x.a == host) | (x.b == host)] += 0.1 * 0.5 * min(share, 1.0)
    np.testing.assert_allclose(x.trigger[:, vocational.LABOUR], expected, rtol=1e-5)
    world.communities.livelihoods[:], workers.placed_in[:], workers.placed_until[:] = 0.5, host, 100
    world.parameters = world.parameters._replace(vocational=world.parameters.vocational._replace(placement_rivalry=0.6))
    vocational.live(world)
    assert x.trigger[0, vocational.LABOUR] == pytest.approx(0.3)
    assert x.cause[0, vocational.LABOUR] == ARISE.index("rivalry for work")


def test_nobody_is_driven_out_by_a_programme_that_nobody_attends(cases):
    world = build_world(programme(cases, annual_budget=9_000.0, benefits=0.0, evaluation=1.0), 1)
    result = finish(world, 1)
    assert result["enrolments"].sum() == 0
    assert result["withdrawn"].max() == 0


def test_one_sided_benefits_make_people_and_institutions_leave(cases):
    shared, one_sided = (run(programme(cases, benefits=b, years=3.0), 1) for b in (1.0, 0.0))
    assert shared["withdrawn"].max() == 0
    assert one_sided["withdrawn"].max() > 0
    assert one_sided["dropouts"].sum() > shared["dropouts"].sum()


def test_like_arms_are_both_done_and_a_study_can_be_asked_for_more_seeds(cases, tmp_path):
    arms = {"a": cases.scenario(), "b": cases.scenario(), "c": cases.busy()}

    def experiment(count):
        file = {"bridgework": "experiment/1", "title": "t", "scenario": "x", "seeds": count, "reference": "a"}
        return Experiment("like", ExperimentFile(**file, arms={a: Arm() for a in arms}), arms)

    whole = compare(experiment(2), tmp_path / "whole").runs
    assert compare(experiment(1), tmp_path / "s").runs.shape[0] == len(arms)
    assert compare(experiment(2), tmp_path / "s").runs.equals(whole)


def test_the_order_of_tables_in_a_file_changes_no_number(cases):
    from sim.scenario.reading import make_scenario

    places = {
        f"Town {k}": {"side": side, "x_km": float(10 * k), "y_km": 5.0 if side == "North" else -5.0, "population": 2000}
        for k, side in enumerate(["North", "South"] * 3)
    }
    edits = {
        "one": {"week": 10, "parameters": {"contact": {"warmth_gain": 0.0}}},
        "two": {"week": 10, "parameters": {"contact": {"warmth_gain": 0.02}}},
    }
    table = cases.table()
    region = {k: v for k, v in table["region"].items() if k != "layout"}
    outcomes = []
    for turn in (dict, lambda d: dict(reversed(d.items()))):
        changed = table | {"region": region | {"communities": turn(places)}, "edits": turn(edits), "shocks": turn(cases.SHOCKS)}
        outcomes.append(run(make_scenario(changed, "t"), 1).series)
    np.testing.assert_array_equal(*outcomes)


def test_no_tie_is_given_up_for_one_that_is_not_made(cases):
    from sim.world import ties

    world = build_world(cases.scenario(region={"ties_per_worker": 1}), 1)
    w = world.workers
    a, b = np.flatnonzero(w.side == 0)[:2], np.flatnonzero(w.side == 1)[:2]
    ties.make(world.at, a[0], b[0], 0.2, 0)
    ties.make(world.at, a[1], b[1], 0.9, 0)
    ties.make(world.at, a[0], b[1], 0.5, 0)
    assert w.ties[[a[0], b[0], a[1], b[1]]].tolist() == [1, 1, 1, 1]
    ties.make(world.at, a[1], b[0], 0.95, 0)
    assert ties.find(w, a[1], b[0]) >= 0
    assert w.ties[[a[0], b[0], a[1], b[1]]].tolist() == [0, 1, 1, 0]
