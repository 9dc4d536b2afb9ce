"""Programmes together: cohorts of two professions, ties across professions and what they are worth, one budget that swings."""

from __future__ import annotations

import numpy as np
import pytest

from sim.families import POLICING, SOCIAL_WORK
from sim.lab.run import run
from sim.parameters import Parameters
from sim.week.schedule import WEEK, live_week
from sim.week.work import households
from sim.world import ties
from sim.world.build import build_world

LEAD = {
    "family": "social_work",
    "years": 3.0,
    "annual_budget": 900_000.0,
    "cohort_size": 12.0,
    "cohorts_per_year": 3.0,
    "catchment": 6.0,
    "weeks": 6.0,
}
WITH = LEAD | {"family": "policing", "cohorts_with": "families", "weeks": 4.0, "cohorts_per_year": 7.0}
REGION = {
    "layout": {"communities_per_side": 6},
    "institutions": {"welfare_office": {"per_community": 4, "staff": 4}, "police_service": {"per_community": 3, "staff": 6}},
}


def both(cases, mixing=0.5, region=None, **changes):
    programmes = {"families": LEAD, "beat": WITH | {"mixing": mixing} | changes}
    return cases.scenario(programmes=programmes, region=region or REGION, burn_in_weeks=0)


def test_cohorts_of_two_professions_begin_together_at_one_crossing_and_share_their_time(cases):
    world = build_world(both(cases, mixing=0.3), 1)
    assert [p.name for p in world.programmes] == ["families", "beat"]  # who leads is lived first
    lead, other = world.programmes
    seen, mixed = 0, 0
    while world.week < 150:
        for name, rule in WEEK[:2]:
            if name == "programmes":
                world.tally[:] = 0.0
            rule(world)
        for cohort in other.cohorts:
            assert cohort.mixed is not None
            assert (cohort.began, cohort.crossing) == (cohort.mixed.other.began, cohort.mixed.other.crossing)
        amounts = {g.purpose: np.unique(g.amount) for g in world.gatherings if "task group" in g.purpose}
        if "beat: mixed task group" in amounts:
            mixed += 1
            assert amounts["beat: mixed task group"] == pytest.approx(0.3)
            assert amounts["beat: task group"] == amounts["families: task group"] == pytest.approx(0.7)
            g = next(g for g in world.gatherings if g.purpose == "beat: mixed task group")
            assert (world.workers.side[g.a] != world.workers.side[g.b]).all()
            assert set(world.workers.family[np.append(g.a, g.b)]) == {SOCIAL_WORK, POLICING}
            assert np.unique(g.keys).size == g.keys.size
        elif "families: task group" in amounts:
            seen += 1
            assert amounts["families: task group"] == pytest.approx(1.0)
        for _, rule in WEEK[2:]:
            rule(world)
        world.week += 1
    assert lead.begun == other.begun == 9
    assert mixed == 9 * 4  # all weeks of the shorter cohorts
    assert seen == 9 * 2  # the rest of the longer ones


def test_only_cohorts_held_together_tie_people_across_professions(cases):
    together, apart = run(both(cases), 1), run(both(cases, cohorts_with=None, cohorts_per_year=3.0), 1)
    assert together["ties_across_professions"].max() > 5
    assert (apart["ties_across_professions"] == 0).all()
    assert together["live_ties"][-1] > together["ties_across_professions"][-1]


def test_without_mixing_nobody_meets_across_professions(cases):
    result = run(both(cases, mixing=0.0, alumni_support=1.0), 1)
    assert result["weeks_held"].sum() > 20
    assert (result["ties_across_professions"] == 0).all()
    assert result.world.programmes[1].alumni.guests() == 0


def test_a_partner_without_money_changes_nothing(cases):
    alone = cases.scenario(programmes={"families": LEAD}, region=REGION, burn_in_weeks=0)
    one, two = run(alone, 3), run(both(cases, annual_budget=0.0), 3)
    np.testing.assert_array_equal(one.series, two.series)


def test_alumni_of_both_professions_meet_again(cases):
    programmes = {"families": LEAD, "beat": WITH | {"alumni_support": 1.0}}
    world = build_world(cases.scenario(programmes=programmes, region=REGION, burn_in_weeks=0), 1)
    while world.week < 20:
        live_week(world)
    alumni = world.programmes[1].alumni
    alumni.update(world)
    professions = world.workers.family[alumni.pairs]
    assert (professions[:, 0] != professions[:, 1]).any()
    assert (professions == POLICING).any(axis=1).all()  # pairs of the others meet at their own events, if at all
    guests = np.unique(alumni.pairs[professions == SOCIAL_WORK]).size
    assert alumni.guests() == guests > 0
    beat = world.programmes[1]
    events = beat.purse.items["alumni_events"]
    while beat.purse.items["alumni_events"] == events:
        heads = alumni.posts.size + alumni.guests()
        live_week(world)
    assert beat.purse.items["alumni_events"] - events == pytest.approx(heads * 0.5 * world.parameters.costs.alumni_event)
    assert np.unique(alumni.pair_keys).size == alumni.pair_keys.size
    assert (world.workers.person[alumni.pairs] == alumni.pair_persons).all()


def test_who_has_left_before_both_cohorts_are_done_is_nobodys_alumnus(cases):
    world = build_world(both(cases, weeks=9.0), 1)
    while world.week < 8:
        live_week(world)
    (cohort,) = world.programmes[1].cohorts
    there = cohort.mixed.posts(cohort, cohort.mixed.active(cohort))
    gone = int(next(i for i in np.concatenate(there[:2]) if world.workers.family[i] == SOCIAL_WORK))
    world.workers.person[gone] += np.uint64(1)  # somebody else in her post, after her own cohort's six weeks
    while world.week < 10:
        live_week(world)
    alumni = world.programmes[1].alumni
    assert len(alumni.pairs) > 0
    assert gone not in alumni.pairs


def tied(world, i, j, strength):
    ties.make(world.at, i, j, strength, world.week)


def test_what_a_tie_to_another_profession_is_worth_and_what_a_returnee_lends(cases):
    world = build_world(cases.scenario(burn_in_weeks=0), 1)
    w, top, x, contact = world.workers, world.topology, world.crossings, world.parameters.contact
    world.week = 0
    a, b = int(x.a[0]), int(x.b[0])
    officer, across = int(top.pool_first[a, POLICING]), int(top.pool_first[b, SOCIAL_WORK])
    helper = int(top.pool_first[a, SOCIAL_WORK])
    w.trust[:] = 0.6

    def worth(i, family):
        return ties.best_across(w, world.ties, i, b, 1, family, 0, 0.4, contact)

    tied(world, officer, across, 0.6)
    assert worth(officer, SOCIAL_WORK) == pytest.approx(0.6)
    assert worth(officer, POLICING) == pytest.approx(0.6 * 0.5)

    # of all who are no social workers in that community, 37 in all, the officer comes after 16 + 6 + 5
    def lent(u):
        return ties.lent_across(w, world.ties, top, a, b, 1, SOCIAL_WORK, u, 0, 0.4, contact)

    others = 2 * 8 + 6 + 5 + 6 + 4
    place = (2 * 8 + 6 + 5 + 0.5) / others
    assert lent(place) == 0.0  # she never took part in an exchange
    w.alumnus[officer] = 1
    assert lent(place) == pytest.approx(0.3 * 0.6 * (0.5 + 0.5 * 0.6))
    assert lent(place + 1 / others) == lent(place - 1 / others) == 0.0
    assert [lent(u) > 0 for u in np.linspace(1e-6, 1 - 1e-6, 1000)].count(True) == pytest.approx(1000 / others, abs=1)
    assert (
        ties.lent_across(w, world.ties, top, a, b, 1, POLICING, place, 0, 0.4, contact) == 0.0
    )  # her own profession borrows nothing
    assert worth(helper, SOCIAL_WORK) == 0.0
    nobody = Parameters().contact._replace(lent_tie=0.0)
    assert ties.lent_across(w, world.ties, top, a, b, 1, SOCIAL_WORK, place, 0, 0.4, nobody) == 0.0


def test_a_household_finds_its_way_across_by_a_colleague_of_another_profession(cases):
    world = build_world(cases.scenario(burn_in_weeks=0), 1)
    w, top, x = world.workers, world.topology, world.crossings
    world.week = 0
    a, b = int(x.a[0]), int(x.b[0])
    officer, across = int(top.pool_first[a, POLICING]), int(top.pool_first[b, SOCIAL_WORK])
    w.trust[:] = 1.0
    tied(world, officer, across, 1.0)
    cases_table = world.cases
    cases_table.community[0], cases_table.there[0], cases_table.crossing[0] = a, b, 0
    p = world.parameters.social_work

    def share_by_chain():
        found = [
            households.across(
                world.communities, world.institutions, w, world.ties, world.welfare, x, top, cases_table, 0, 1e-9, (k + 0.5) / 4000,
                0, p, 0.4, world.parameters.contact,
            )
            for k in range(4000)
        ]  # fmt: skip
        return found.count(households.BY_CHAIN) / 4000

    assert share_by_chain() == 0.0
    w.alumnus[officer] = 1
    assert share_by_chain() == pytest.approx(1 / 37, abs=0.01)


def test_one_budget_that_swings_gives_more_and_less_in_turn_and_the_same_in_all(cases):
    programmes = {"families": LEAD | {"years": 4.0}, "beat": WITH | {"cohorts_with": None, "years": 4.0}}

    def budget(stop_go):
        money = {"annual": 1_200_000.0, "stop_go": stop_go}
        scenario = cases.scenario(programmes=programmes, region=REGION, budget=money, years=4.0, burn_in_weeks=0)
        return run(scenario, 1)["budget"].reshape(4, 52).sum(axis=1)

    assert budget(0.0) == pytest.approx([1_200_000.0] * 4)
    assert budget(0.5) == pytest.approx([1_800_000.0, 600_000.0] * 2)
    assert budget(1.0) == pytest.approx([2_400_000.0, 0.0] * 2)


def test_a_budget_that_swings_keeps_the_total_of_shorter_programmes_too(cases):
    programmes = {"families": LEAD | {"years": 3.0, "start_week": 52}}

    def budget(stop_go):
        money = {"annual": 600_000.0, "stop_go": stop_go}
        scenario = cases.scenario(programmes=programmes, region=REGION, budget=money, years=6.0, burn_in_weeks=0)
        return run(scenario, 1)["budget"].reshape(6, 52).sum(axis=1)

    assert budget(0.0) == pytest.approx([0.0, *[600_000.0] * 3, 0.0, 0.0])
    assert budget(1.0) == pytest.approx([0.0, 900_000.0, 0.0, 900_000.0, 0.0, 0.0])


def test_nobody_lends_to_a_profession_that_is_not_there(cases):
    region = REGION | {
        "institutions": {kind: {"per_community": 0} for kind in cases.SMALL["region"]["institutions"] if kind != "enterprise"}
    }
    programmes = {"p": LEAD | {"family": "vocational"}}
    incidents = {"incidents": {"everyday_rate": 0.12, "labour_weight": 0.0}, "contact": {"lent_tie": 0.8}}
    result = run(cases.scenario(programmes=programmes, region=region, parameters=incidents, burn_in_weeks=0), 1)
    assert result["live_ties"].max() > 20
    assert sum(result[f"incidents_{kind}"].sum() for kind in ("welfare", "security", "protest")) > 20
    assert result["mediated_lent"].sum() == 0


def test_institutions_carry_on_within_one_budget(cases):
    later = {"years": 1.0, "after": "institutionalised", "institutional_share": 0.5}
    programmes = {"families": LEAD | later, "beat": WITH | {"cohorts_with": None, "years": 3.0}}
    scenario = cases.scenario(programmes=programmes, region=REGION, budget={"annual": 1_350_000.0}, burn_in_weeks=0)
    result = run(scenario, 1)
    yearly = {p.name: p.purse.granted for p in result.world.programmes}
    # first both ask for 900,000 of 1,350,000; then 450,000 and 900,000 are just what there is
    assert yearly == pytest.approx({"families": 675_000 + 2 * 450_000, "beat": 675_000 + 2 * 900_000})
