"""Organizing: protest and its discipline, burnout, repression and backlash, rumours, mutual aid, joint campaigns; against hand-worked values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.draws import Keyed
from sim.families import KINDS, ORGANIZING
from sim.lab.run import finish, run
from sim.outcomes import summarise
from sim.parameters import Parameters
from sim.parameters import rumours as rumour_parameters
from sim.scenario.reading import make_scenario
from sim.scenario.slopes import believed_slope, flashpoint_slopes, voice_slopes
from sim.series import INDEX, SERIES
from sim.week import observe, people, results
from sim.week.cohorts import ROLES, recruit, role_of
from sim.week.schedule import WEEK, live_week
from sim.week.work import campaigns, learning, organizing, rumours
from sim.world import ties
from sim.world.build import _near, build_world
from sim.world.programmes import Cohort
from sim.world.tables import ARISE

PROTEST = KINDS.index("protest")
P = Parameters().organizing
BASE = {
    "family": "organizing",
    "years": 2.0,
    "annual_budget": 900_000.0,
    "cohort_size": 8.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
}


ACTIVE = 1.0 / (1.0 - math.log(0.7) / 52 * 26)
"""Share of organizers who can act in an ordinary week: three in ten burn out in a year, for half a year."""


def movement(cases, own=None, parameters=None, region=None, shocks=None, **levers):
    return cases.scenario(
        programmes={"p": BASE | levers | {"organizing": own or {}}},
        parameters=parameters or {},
        region=region or {},
        shocks=shocks or {},
    )


def ready(cases, own=None, parameters=None, **levers):
    """Build a world whose programme has money, before its first week."""
    world = build_world(movement(cases, own, parameters, **levers), 1)
    world.week = 0
    world.programmes[0].purse.grant(1e6)
    world.communities.grievance[:] = world.communities.grievance_rest[:] = 0.35
    world.crossings.tension[:] = world.crossings.tension_rest[:] = 0.3
    world.workers.conduct[:] = 0.5
    return world, world.programmes[0]


def week_of(world):
    """Let movements work for a week, whatever was added before set back."""
    for name in ("legitimacy_shift", "legitimacy_lost", "grievance_shift", "grievance_added", "trust_shift"):
        getattr(world.communities, name)[:] = 0.0
    world.tally[:] = 0.0
    organizing.live(world)


def returned(world, programme, rows, weeks=12, debriefed=0.0, **own):
    """Return a cohort of some posts that has met for some weeks."""
    none = np.empty(0, np.int64)
    terms: tuple[Any, ...] = (programme.levers, programme.own._replace(**own))
    cohort = Cohort(
        3, 0, *terms, rows, world.workers.person[rows].copy(), np.ones(rows.size, bool), none, none, none.astype(np.uint64), weeks, 0
    )  # fmt: skip
    cohort.done, cohort.debriefed = weeks, debriefed
    return cohort


def tied(world, i, j, strength):
    ties.make(world.at, i, j, strength, world.week)


# protest and its discipline


def test_restraint_cohesion_and_agreed_roles_keep_protest_nonviolent():
    def chance(*args):
        return organizing.flashpoint_chance(*args, P)

    def from_odds(log):
        odds = 0.15 / 0.85 * math.exp(log)
        return odds / (1 + odds)

    assert chance(0, 0, 0, 0, 0, 0) == pytest.approx(0.15)
    assert chance(0.2, 0.1, 0, 0, 0, 0) == pytest.approx(from_odds(-2.0 * 0.2 - 1.0 * 0.1))
    assert chance(0, 0, 0.3, 0.5, 0, 0) == pytest.approx(from_odds(0.3 + 0.5))
    assert chance(0, 0, 0.3, 0.5, 1, 0) == pytest.approx(from_odds(0.6 * (0.3 + 0.5)))
    assert chance(0, 0, -0.2, 0, 1, 0) == pytest.approx(from_odds(-0.2))  # agreed roles take nothing from calm
    assert chance(0, 0, 0, 0, 0, 1) == pytest.approx(from_odds(0.7)) == pytest.approx(chance(0, 0, 0, 0, 0, 3))


def test_more_protest_with_more_grievance_and_more_organizers_less_where_contact_quietens():
    assert organizing.turnout(0.35, 1.0, 0.0, 0.0, P) == pytest.approx(1.0)
    assert organizing.turnout(0.55, 1.0, 0.0, 0.0, P) == pytest.approx(1.3)
    assert organizing.turnout(0.35, 0.5, 0.0, 0.0, P) == pytest.approx(0.5)
    assert organizing.turnout(0.35, 1.0, 0.2, 0.0, P) == pytest.approx(0.9)
    assert organizing.turnout(0.35, 1.0, 0.0, 0.6, P) == pytest.approx(1.3)


def test_protest_triggers_incidents_as_flashpoints_are_to_be_expected_and_takes_off_grievance_where_heard(cases):
    world, _ = ready(cases)
    world.communities.grievance[:] = 0.55
    world.crossings.rumour[:] = world.crossings.rumour_rest
    week_of(world)
    more = 1.3 / ACTIVE  # all four organizers of each movement can act
    assert world.movements.active == pytest.approx(1.0)
    assert world.movements.pressure == pytest.approx(0.7 * (more - 1.0))
    assert world.crossings.trigger[:, PROTEST] == pytest.approx(0.7 * (more - 1.0))
    assert (world.crossings.cause[:, PROTEST] == ARISE.index("flashpoints")).all()
    assert world.communities.grievance_shift == pytest.approx(-0.02 * (more - 1.0))
    world.crossings.rumour[:] += 0.5
    week_of(world)
    assert world.crossings.trigger[:, PROTEST] == pytest.approx(0.7 * (more - 1.0) + 0.5)


def test_protests_and_flashpoints_are_as_frequent_as_declared_and_counted_apart_from_incidents(cases):
    organizers = {"organizing": {"protests": 40.0, "burnout": 0.1}, "incidents": {"everyday_rate": 0.0}}
    scenario = cases.scenario(parameters=organizers, years=10.0, burn_in_weeks=60)
    counted = [run(scenario, seed) for seed in range(4)]
    protests, turned = (sum(r[name][60:].sum() for r in counted) for name in ("protests", "flashpoints"))
    years, residents = 40 - 4 * 60 / 52, sum(build_world(scenario, 0).communities.population)
    usual = 40.0 * years * residents / 1e4
    active = np.mean([r["active_organizers"][60:].mean() for r in counted])
    grievance = np.mean([r["grievance"][60:].mean() for r in counted])
    assert protests / usual == pytest.approx(
        active * (1.0 - math.log(0.9) / 52 * 26) * (1.0 + 1.5 * (grievance - 0.35)), rel=0.06
    )
    assert turned / protests == pytest.approx(0.15, abs=0.02)
    assert sum(r["incidents_protest"].sum() for r in counted) == 0


def test_contact_quietens_only_the_side_with_more_grievance(cases):
    plain, _ = ready(cases)
    warm, _ = ready(cases)
    for world in (plain, warm):
        world.communities.grievance_rest[:] = np.where(world.communities.side == 0, 0.3, 0.4)
    c = warm.workers.community
    warm.workers.warmth[:] = warm.communities.warmth_rest[c] + warm.workers.warmth_trait[:, None] + 0.2
    plain.workers.warmth[:] = plain.communities.warmth_rest[c] + plain.workers.warmth_trait[:, None]
    week_of(plain)
    week_of(warm)
    more = (warm.movements.pressure / 0.7 + 1.0) / (plain.movements.pressure / 0.7 + 1.0)
    assert more[plain.communities.side == 0] == pytest.approx(1.0)
    assert more[plain.communities.side == 1] == pytest.approx(0.9, rel=1e-4)


# organizers, splits, repression


def test_who_can_act(cases):
    world, _ = ready(cases)
    first = world.topology.pool_first[:, ORGANIZING]
    world.workers.burnt_until[first] = 10
    week_of(world)
    assert world.movements.active == pytest.approx(0.75)
    world.politics.quiet = False
    world.politics.repression[:] = 0.5
    week_of(world)
    assert world.movements.active == pytest.approx(0.75 * (1.0 - 0.4 * 0.5))
    world.institutions.agreements[world.movement_rows] = 1.0
    world.movements.rotation[:] = 1.0
    world.programmes.clear()
    week_of(world)
    assert world.movements.active == pytest.approx(0.75 * (1.0 - 0.4 * 0.5 * 0.5))
    south = world.movement_rows[world.institutions.side[world.movement_rows] == 1]
    world.institutions.agreements[south] = 0.0  # what one side alone pledges is no aid
    week_of(world)
    assert world.movements.active == pytest.approx(0.75 * (1.0 - 0.4 * 0.5 * 0.8))
    world.institutions.agreements[south] = 1.0
    world.institutions.away[world.movement_rows] = 1.0
    week_of(world)
    assert world.movements.active == pytest.approx(0.5 * 0.9)


def keyed(world):
    """Return what compiled rules draw from."""
    return Keyed(*(getattr(world.draws, name) for name in Keyed._fields))


@pytest.mark.parametrize(("strain", "support", "relative"), [(0.3, 0.0, 1.0), (0.55, 0.0, 1.5), (0.3, 1.0, 0.7), (0.0, 0.0, 0.4)])
def test_organizers_burn_out_as_often_as_declared(cases, strain, support, relative):
    world, _ = ready(cases, region={"institutions": {"movement": {"per_community": 1, "staff": 500}}})
    world.workers.strain[:] = strain
    world.movements.active[:] = 1.0
    world.movements.mental_health[:] = support
    n = world.organizers.size
    calm, shields = np.zeros(2), np.zeros(world.communities.key.size)
    rate = world.derive(organizing.organizing_rates)
    assert rate.active == pytest.approx(ACTIVE)
    weeks = 40
    for week in range(weeks):
        world.workers.strain[:], world.workers.burnt_until[:] = strain, -(10**6)
        organizing._burn_out(
            world.workers, world.movements, keyed(world), world.organizers, calm, shields, week, P, rate, world.tally
        )
    expected = weeks * n * (1.0 - 0.7 ** (relative / 52.0))
    assert world.tally[INDEX["burnouts"]] == pytest.approx(expected, abs=4.0 * expected**0.5)
    assert set(world.workers.burnt_until[world.workers.burnt_until > 0]) == {weeks + 26}  # out for 26 weeks, from next week on


def test_few_who_are_left_and_repression_strain_organizers(cases):
    world, _ = ready(cases)
    world.workers.strain[:] = 0.3
    world.movements.active[:] = ACTIVE - 0.5
    rate = world.derive(organizing.organizing_rates)
    struck, shields = np.full(2, 0.5), np.full(8, 0.4)
    never = rate._replace(burnout=0.0)
    organizing._burn_out(
        world.workers, world.movements, keyed(world), world.organizers, struck, shields, 0, P, never, world.tally
    )
    added = 0.01 * 0.5 + 0.03 * 0.5 * 0.6
    assert world.workers.strain[world.organizers] == pytest.approx(0.3 + added * 0.7)


def test_a_split_loses_practice_and_leaves_a_flank_and_a_united_movement_never_splits(cases):
    world, _ = ready(cases)
    rows = world.movement_rows
    world.institutions.practice[rows] = 0.4
    world.institutions.cohesion[rows[0]] = 1.0
    calm, surely = np.zeros(2), 1e9
    organizing._split(world.institutions, world.movements, world.topology, keyed(world), rows, calm, 0, P, surely, world.tally)
    assert world.tally[INDEX["splits"]] == rows.size - 1
    assert world.institutions.practice[rows] == pytest.approx([0.4] + [0.3] * (rows.size - 1))
    assert world.movements.flank == pytest.approx([0.0] + [1.0] * (rows.size - 1))
    for week in range(17):
        organizing._split(
            world.institutions, world.movements, world.topology, keyed(world), rows, calm, week, P, 0.0, world.tally
        )
    assert world.movements.flank[1] == pytest.approx(0.5, abs=0.01)


def test_repression_backfires_as_far_as_it_becomes_known_and_the_movement_is_disciplined(cases):
    world, _ = ready(cases)
    world.programmes.clear()
    world.politics.quiet = False
    world.politics.repression[:] = 1.0
    for network, known in ((0.0, 0.3), (1.0, 1.0), (0.5, 0.65)):
        world.institutions.sharing[world.movement_rows] = network
        week_of(world)
        discipline = 1.0 - organizing.flashpoint_chance(0.0, 0.0, 0.0, 1.0, 0.0, 0.0, P)
        assert world.movements.discipline == pytest.approx(discipline)
        assert world.communities.grievance_added == pytest.approx(0.004 * known * discipline)
        assert world.communities.legitimacy_lost == pytest.approx(0.004 * known * discipline)
        assert world.crossings.warning[:, PROTEST] == pytest.approx(0.1 * network)


def test_mutual_aid_that_meets_hardship_takes_off_grievance_and_moves_trust(cases):
    world, _ = ready(cases)
    world.programmes.clear()
    world.institutions.agreements[world.movement_rows] = 0.5
    week_of(world)
    before = world.communities.grievance_shift.copy()
    assert world.communities.trust_shift == pytest.approx(0.0)
    world.politics.quiet = False
    world.politics.livelihoods[:] = -0.3 * 0.8  # a downturn of size 0.8
    week_of(world)
    assert world.movements.aid == pytest.approx(0.4)
    assert world.communities.trust_shift == pytest.approx(0.03 * 0.4)
    assert world.communities.grievance_shift - before == pytest.approx(-0.02 * 0.4)


def test_those_burnt_out_leave_twice_as_often(cases):
    scenario = cases.scenario(
        region={"institutions": {"movement": {"per_community": 1, "staff": 900}}, "layout": {"population": 9000}}
    )
    world = build_world(scenario, 2)
    gone = np.zeros(2)
    half = world.organizers[::2]
    for _ in range(30):
        world.workers.strain[:] = 0.3
        world.workers.burnt_until[:] = -(10**6)
        world.workers.burnt_until[half] = world.week + 50
        before = world.workers.person.copy()
        people.live(world)
        left = world.workers.person != before
        gone += left[half].sum(), left[world.organizers[1::2]].sum()
        world.week += 1
    assert gone[0] / gone[1] == pytest.approx(2.0, rel=0.12)


# what is built up and taught


def test_a_year_of_standing_work_wins_what_is_declared(cases):
    world, programme = ready(cases)
    programme.standing = dict.fromkeys(("protocols", "rapid_response", "mutual_aid", "values"), 1.0)
    for _ in range(52):
        organizing._build_up(world, programme)
    rows, institutions = world.movement_rows, world.institutions
    assert institutions.standards[rows] == pytest.approx(0.4, abs=1e-3)
    assert institutions.sharing[rows] == pytest.approx(0.5, abs=1e-3)
    assert institutions.agreements[rows] == pytest.approx(0.5, abs=1e-3)
    assert institutions.cohesion[rows] == pytest.approx(0.5 + 0.3 * 0.5, abs=1e-3)
    others = np.setdiff1d(np.arange(institutions.key.size), rows)
    assert (institutions.cohesion[others] == 0.5).all()


def test_commons_keep_practice_and_rotation_keeps_people_while_paid(cases):
    world, programme = ready(cases)
    rows = world.movement_rows
    world.institutions.kept[rows[0]] = 0.7  # what alumni keep already
    programme.standing = {"commons": 0.8, "rotation": 0.5, "mental_health": 0.6}
    organizing._build_up(world, programme)
    assert world.institutions.kept[rows] == pytest.approx([0.7] + [0.4] * (rows.size - 1))
    assert world.institutions.retention[rows] == pytest.approx(0.05)
    assert world.movements.mental_health == pytest.approx(0.6)
    programme.standing = {}
    week_of(world)
    assert (world.institutions.retention[rows] == 0).all()
    assert (world.movements.rotation == 0).all()


def test_rehearsed_flashpoints_teach_restraint_at_the_cost_of_craft(cases):
    world, programme = ready(cases)
    rows = world.organizers[:4]
    world.workers.competence[rows] = 0.4
    cohort = returned(world, programme, rows, rehearsals=0.5)
    cohort.meeting = 1.0
    learning.learn(world, programme, cohort)
    assert world.workers.conduct[rows] == pytest.approx(0.5 + 0.15 * 0.5 * 0.6 * 0.5)
    assert world.workers.competence[rows] == pytest.approx(0.4 + 0.012 * 0.5 * 0.6 * 0.6)


def test_debriefs_turn_experience_into_skill(cases):
    world, programme = ready(cases, debrief=1.0)
    rows = world.organizers[:4]
    world.workers.competence[rows], world.workers.skill[rows] = 0.4, 0.3
    cohort = returned(world, programme, rows, weeks=6)
    learning._keep(world, programme, cohort)
    assert cohort.debriefed == pytest.approx(1.0)
    assert world.workers.competence[rows] == pytest.approx(0.4 + 0.04 * 0.5 * 0.6)
    assert world.workers.skill[rows] == pytest.approx(0.3 + 0.04 * 0.5 * 0.7)


def test_visiting_organizers_harm_hosts_less_where_they_heed_bounds(cases):
    world, programme = ready(cases)
    rows = world.organizers[:4]
    for consent, share in ((0.0, 1.0), (1.0, 0.4), (0.5, 0.7)):
        cohort = returned(world, programme, rows, consent=consent)
        cohort.guests, cohort.host = 10.0, int(world.crossings.b[0])
        programme.cohorts = [cohort]
        world.communities.legitimacy_lost[:] = world.communities.grievance_added[:] = 0.0
        organizing._intrude(world, programme)
        host = cohort.host
        harm = 0.003 * (1.0 - math.exp(-1.0)) * share
        assert world.communities.legitimacy_lost[host] == pytest.approx(harm)
        assert world.communities.grievance_added[host] == pytest.approx(harm)
        assert np.count_nonzero(world.communities.legitimacy_lost) == 1


def test_hosts_of_a_cohort_are_harmed_in_each_of_its_weeks_its_last_one_included(cases):
    own = {"consent": 0.0}
    scenario = movement(cases, own, {"organizing": {"intrusion": 0.01}}, cohorts_per_year=1.0, years=1.0, weeks=3.0)
    result = run(scenario, 1)
    assert (result["host_harm"] > 0).sum() == result["weeks_held"].sum() == 3


@pytest.mark.parametrize("hosting", [0.0, 1.0])
def test_among_three_sides_a_cohort_always_has_a_host(cases, hosting):
    region = {"sides": ["North", "South", "West"], "layout": {"communities_per_side": 5}}
    levers = BASE | {"hosting": hosting, "lead_side": "West", "cohorts_per_year": 6.0, "years": 3.0}
    world = build_world(cases.scenario(programmes={"p": levers}, region=region, burn_in_weeks=0), 1)
    hosts, crossings = [], world.crossings
    while not world.finished:
        live_week(world)
        for cohort in world.programmes[0].cohorts:
            if cohort.guests > 0.0:
                assert cohort.host >= 0
                hosts.append(world.communities.side[cohort.host])
                ends = {int(crossings.a[cohort.crossing]), int(crossings.b[cohort.crossing])}
                assert hosting == 0.0 or cohort.host in ends
    assert set(hosts) == ({2} if hosting == 0.0 else {0, 1, 2})


def test_only_where_a_programme_is_enrolled_does_it_have_hosts(cases):
    places = {"A": ("North", 0.0, 1.0), "B": ("South", 9.0, 1.0), "C": ("West", 4.0, -1.0)}
    towns = {n: {"side": s, "x_km": x, "y_km": y, "population": 2000} for n, (s, x, y) in places.items()}
    towns["A"]["crossings"] = towns["B"]["crossings"] = ["C"]
    table = cases.table(region={"sides": ["North", "South", "West"], "communities": towns})
    del table["region"]["layout"]
    table["programmes"] = {"p": BASE | {"sides": ["North", "South"], "cohorts_per_year": 4.0, "weeks": 6.0}}
    world = build_world(make_scenario(table, "three towns"), 1)
    hosts = set()
    while not world.finished:
        live_week(world)
        hosts |= {cohort.host for cohort in world.programmes[0].cohorts if cohort.guests > 0.0}
    assert hosts
    assert "C" not in {world.community_names[host] for host in hosts}


def test_load_strains_those_who_are_left_and_nobody_who_has_burnt_out(cases):
    world, _ = ready(cases)
    mine = world.topology.pool_first[0, ORGANIZING] + np.arange(4)
    world.workers.burnt_until[mine[:3]] = 100
    world.workers.strain[:] = 0.3
    for _ in range(2):
        week_of(world)
    assert world.workers.strain[mine[:3]] == pytest.approx(0.3)
    assert world.workers.strain[mine[3]] == pytest.approx(0.3 + P.load_strain * (ACTIVE - 0.25) * 0.7)


def test_without_movements_rumours_still_bring_protest_incidents(cases):
    world = build_world(cases.scenario(region={"institutions": {"movement": {"per_community": 0, "staff": 4}}}), 1)
    assert world.organizers.size == 0
    rumours.live(world)
    world.crossings.rumour[:] = world.crossings.rumour_rest + np.float32(0.5)
    organizing.live(world)
    assert world.crossings.trigger[:, PROTEST] == pytest.approx(0.5)


def test_flexible_timelines_pause_in_shocks_and_hold_every_week_later(cases):
    shock = {"crackdown": {"kind": "repression", "week": 2, "size": 0.5, "weeks": 10}}
    held = {}
    for level in (0.0, 0.5, 1.0):
        world = build_world(movement(cases, {"flexible_timelines": level}, shocks=shock), 1)
        while world.week < 2:
            live_week(world)
        cohort, away = world.programmes[0].cohorts[0], []
        while world.week < 40:
            away.append(world.institutions.away.sum()) if 2 < world.week <= 12 else None
            live_week(world)
        held[level] = (cohort.done, cohort.paused, np.mean(np.array(away) > 0))
    assert [held[level][:2] for level in held] == [(6, 0), (6, 3), (6, 10)]
    assert held[1.0][2] == 0.0
    assert held[0.0][2] >= held[0.5][2] > 0.0


# roles and campaigns


def test_a_cohort_is_of_one_role_or_mixed(cases):
    shares = {}
    for level in (0.0, 1.0):
        world, programme = ready(cases, {"mixed_roles": level}, catchment=4.0)
        cohort = recruit(world, programme, 0, 4)
        counts = np.bincount(role_of(world.workers.post[cohort.members]), minlength=len(ROLES))
        shares[level] = counts.max() / counts.sum()
        if level == 0.0:
            role, side = counts.argmax(), world.workers.side[cohort.members]
            for s in (0, 1):
                pool = world.organizers[world.workers.side[world.organizers] == s]
                there = (role_of(world.workers.post[pool]) == role).sum()
                assert (role_of(world.workers.post[cohort.members[side == s]]) == role).sum() == min(there, 4)
        programme.alumni.join(world, programme, cohort)
        role = role_of(world.workers.post[programme.alumni.pairs])
        assert campaigns.mixed_pairs(world, programme) == pytest.approx((role[:, 0] != role[:, 1]).mean())
    assert shares[0.0] > 0.8
    assert shares[1.0] < 0.7


def test_how_fast_a_campaign_is_mobilised_and_how_likely_it_is_won():
    assert campaigns.pace(0.0, 0.0, 1.0, P) == pytest.approx(1 / 12)
    assert campaigns.pace(0.75, 1.0, 0.0, P) == pytest.approx((1 + 0.4 * 0.75 + 0.4 + 0.3) / 12)
    assert campaigns.win_chance(0.0, 0.0, 0.0, P) == pytest.approx(0.25)
    assert campaigns.win_chance(1.0, 1.0, 1.0, P) == pytest.approx(0.25 + 0.1 + 0.15 + 0.05)


def test_calls_come_once_at_a_time_more_often_in_hardship_and_only_where_both_sides_take_part(cases):
    world, programme = ready(cases)
    programme.standing = {"campaigns": 1.0}
    n = world.crossings.key.size
    calls = []
    for hardship in (0.0, 1.0):
        total = 0
        for week in range(300):
            world.week, world.live_campaigns = week, 0
            campaigns._call(world, programme, np.full(2, hardship))
            total += world.live_campaigns
        calls.append(total / (300 * n))
    weekly = 1.0 - 0.5 ** (1 / 52)
    assert calls[0] == pytest.approx(weekly, rel=0.15)
    assert calls[1] == pytest.approx(4 * weekly, rel=0.1)
    world.live_campaigns = n
    world.campaigns.crossing[:n], world.campaigns.programme[:n] = np.arange(n), programme.number
    campaigns._call(world, programme, np.ones(2))
    assert world.live_campaigns == n
    world.live_campaigns = 0
    world.institutions.withdrawn_until[world.movement_rows[world.institutions.side[world.movement_rows] == 1]] = 10_000
    campaigns._call(world, programme, np.ones(2))
    assert world.live_campaigns == 0


def called(world, programme, week=0):
    """Put one call for a campaign at crossing 0."""
    rows = world.campaigns
    rows.key[0], rows.crossing[0], rows.programme[0], rows.called[0], rows.ready[0] = 7, 0, programme.number, week, 0.0
    world.live_campaigns = 1


def test_a_campaign_takes_place_when_it_is_ready_and_lapses_after_half_a_year(cases):
    world, programme = ready(cases)
    programme.standing = {"campaigns": 1.0}
    calm = np.zeros(2)
    world.parameters = world.parameters._replace(organizing=P._replace(campaign_rate=0.0))
    for active, weeks in ((1.0, 12), (0.5, 24)):
        called(world, programme, world.week)
        world.movements.active[:] = active
        world.tally[:] = 0.0
        began = world.week
        while world.live_campaigns:
            campaigns.live(world, calm)
            world.week += 1
        assert world.week - began == weeks
        assert world.tally[INDEX["campaigns"]] == 1
        assert world.tally[INDEX["mobilise_weeks"]] == weeks
    called(world, programme, world.week)
    world.movements.active[:] = 0.2
    world.tally[:] = 0.0
    for _ in range(27):
        campaigns.live(world, calm)
        world.week += 1
    assert world.tally[INDEX["campaigns"]] == 0
    assert world.tally[INDEX["campaigns_lapsed"]] == 1
    assert world.tally[INDEX["mobilise_weeks"]] == 26
    assert world.live_campaigns == 0
    called(world, programme, world.week)
    programme.ended, programme.standing = True, {}
    campaigns.live(world, calm)
    assert world.live_campaigns == 0  # given up with the money, and counted as nothing
    assert world.tally[INDEX["campaigns_lapsed"]] == 1


def test_campaigns_in_hand_divide_effort_and_unpaid_support_brings_none_nearer(cases):
    world, programme = ready(cases, {"campaigns": 0.5})
    programme.standing = {"campaigns": 0.25}  # half of it could be paid
    called(world, programme)
    world.movements.active[:] = 1.0
    busy = np.ones(8)
    busy[world.crossings.a[0]] = 2.0
    campaigns._mobilise(world, programme, busy)
    assert world.campaigns.ready[0] == pytest.approx(0.5 / 12 * 0.75)


def test_a_closed_border_slows_mobilising_and_an_alumni_hub_speeds_it(cases):
    world, programme = ready(cases, {"campaigns": 1.0}, alumni_support=1.0)
    called(world, programme)
    programme.standing, free = {"campaigns": 1.0}, np.ones(8)
    world.movements.active[:] = 1.0
    world.crossings.open[0] = 0.0
    campaigns._mobilise(world, programme, free)
    assert world.campaigns.ready[0] == pytest.approx(0.4 / 12)
    world.crossings.open[0], programme.network = 1.0, 1.0
    campaigns._mobilise(world, programme, free)
    assert world.campaigns.ready[0] == pytest.approx(0.4 / 12 + 1.4 / 12)


def test_what_a_campaign_leaves_behind_and_what_outside_lead_costs(cases):
    world, programme = ready(cases, {"local_lead": 0.25})
    ends = [world.crossings.a[0], world.crossings.b[0]]
    world.communities.legitimacy_lost[:] = world.communities.grievance_added[:] = 0.0
    campaigns._carry_out(world, programme, 0, 0.274)  # 0.25 + 0.1 × 0.25
    assert world.movements.claims[ends] == pytest.approx(1.0)
    assert world.movements.rally[ends] == pytest.approx(3.0)
    assert world.crossings.rally[0] == pytest.approx(3.0)
    assert np.count_nonzero(world.crossings.rally) == 1
    assert world.communities.legitimacy_lost[ends] == pytest.approx(0.008 * 0.75)
    assert world.communities.grievance_added[ends] == pytest.approx(0.008 * 0.75)
    world.movements.claims[:] = 0.0
    campaigns._carry_out(world, programme, 0, 0.276)
    assert (world.movements.claims == 0).all()
    assert world.tally[INDEX["campaigns_won"]] == 1


def test_what_was_won_moves_grievance_confidence_and_trust_for_a_year(cases):
    plain, _ = ready(cases)
    won, _ = ready(cases)
    won.movements.claims[0] = 1.0
    week_of(plain)
    week_of(won)
    left = 0.5 ** (1 / 52)
    assert won.movements.claims[0] == pytest.approx(left)
    for name, moved in (("grievance_shift", -0.03), ("legitimacy_shift", 0.02), ("trust_shift", 0.015)):
        gained = getattr(won.communities, name) - getattr(plain.communities, name)
        assert gained[0] == pytest.approx(moved * left, rel=1e-4)
        assert (gained[1:] == 0).all()


# rumours


def test_life_of_a_rumour_and_how_it_goes_on():
    p = Parameters().rumours
    # 0.3 × exp(−k / 3) falls below 0.02 at k = 9
    assert rumour_parameters.life(0.3, p) == 9
    assert rumour_parameters.belief_of_one(0.3, p) == pytest.approx(sum(0.3 * math.exp(-k / 3) for k in range(9)) / 0.6)
    # it is told in eight further weeks, in any of which it may go on
    assert 1 - (1 - rumours.onward(0.3, p)) ** 8 == pytest.approx(p.spread)
    assert rumours.onward(0.02, p) == 0.0


def test_the_ordinary_belief_counts_who_hears_from_whom(cases):
    """Two communities on one side, one across, reckoned by hand."""
    towns = {
        "Hill": {"side": "North", "x_km": 0.0, "y_km": 1.0, "population": 2000, "crossings": ["Ford"], "rapport": 0.5},
        "Dale": {"side": "North", "x_km": 9.0, "y_km": 5.0, "population": 2000},
        "Ford": {"side": "South", "x_km": 0.0, "y_km": -1.0, "population": 2000},
    }
    table = cases.table(region={"communities": towns, "tension": 0.5, "state_spread": 0.0})
    del table["region"]["layout"]
    world = build_world(make_scenario(table, "three towns"), 1)
    arises = 1 - math.exp(-1 / 52 * (1 + 1.5 * 0.2))

    def none(chance, rapport):
        out, believed = 1.0, 0.3 * (1 - 0.4 * rapport)
        for k in range(math.ceil(3 * math.log(believed / 0.02))):
            out *= 1 - chance * believed * math.exp(-k / 3)
        return out

    expected = {"Hill": none(arises, 0.5), "Dale": none(arises * 0.4, 0.2), "Ford": none(arises, 0.2)}
    found = dict(zip(world.community_names, rumours.ordinary_belief(world)[:, 0], strict=True))
    assert found == pytest.approx({name: 1 - value for name, value in expected.items()})


def test_places_at_one_spot_hear_from_each_other_and_not_from_themselves(cases):
    towns = {
        name: {"side": "North", "x_km": 0.0, "y_km": y, "population": 2000, "crossings": ["Ford"]}
        for name, y in (("Camp", 1.0), ("Town", 1.0), ("Mill", 4.0))
    } | {"Ford": {"side": "South", "x_km": 0.0, "y_km": -1.0, "population": 2000}}  # fmt: skip
    table = cases.table(region={"communities": towns, "state_spread": 0.0})
    del table["region"]["layout"]
    world = build_world(make_scenario(table, "camps"), 1)
    names = world.community_names
    heard = {name: [names[c] for c in near] for name, near in zip(names, _near(world.communities), strict=True)}
    assert heard == {"Camp": ["Town", "Mill"], "Town": ["Camp", "Mill"], "Mill": heard["Mill"], "Ford": []}
    assert set(heard["Mill"]) == {"Camp", "Town"}
    assert world.communities.rumour_rest[0] == pytest.approx(world.communities.rumour_rest[1])


def quiet(world):
    """Let no rumour arise by itself."""
    world.parameters = world.parameters._replace(rumours=world.parameters.rumours._replace(rate=0.0))
    world.derived.clear()
    world.institutions.rapport[world.services] = 0.0


def test_a_rumour_fades_and_ends_and_is_corrected_by_those_who_can_ask_across(cases):
    world, _ = ready(cases)
    quiet(world)
    world.parameters = world.parameters._replace(rumours=world.parameters.rumours._replace(spread=0.0, tie_checks=0.0))
    world.crossings.attacks[0] = 1
    beliefs = []
    for week in range(14):
        world.week = week
        rumours.live(world)
        world.crossings.attacks[0] = 0
        beliefs.append(float(world.crossings.rumour[0]))
    assert beliefs[:4] == pytest.approx([math.exp(-k / 3) for k in range(4)])
    assert beliefs[11] > 0.02 > beliefs[12] == 0.0  # exp(−12 / 3) = 0.018
    assert world.tally[INDEX["rumours_ended"]] == 2  # one on either side of the crossing
    assert world.tally[INDEX["rumour_weeks"]] == 24

    a, b = world.crossings.a[0], world.crossings.b[0]
    first, there = world.topology.pool_first[a, ORGANIZING], world.topology.pool_first[b, ORGANIZING]
    p = Parameters().rumours

    def chance():
        return rumours.check_chance(world.workers, world.institutions, world.ties, world.topology, a, 0, world.week, p)

    assert chance() == 0.0
    tied(world, first, there, 0.6)
    tied(world, first + 1, there, 0.1)  # met, but would not rely on her
    assert chance() == pytest.approx(0.4 / 4)
    world.workers.burnt_until[first + 2] = 100
    assert chance() == pytest.approx(0.4 / 4)
    world.institutions.sharing[world.movement_rows] = 0.5
    assert chance() == pytest.approx(0.4 / 4 + 0.3 * 0.5 * 3 / 4)
    world.workers.burnt_until[first] = 100
    assert chance() == pytest.approx(0.3 * 0.5 / 2)


def test_rumours_arise_as_declared_move_on_and_stay_on_their_side(cases):
    parameters = {"rumours": {"rate": 3.0, "tension_rate": 0.0, "tie_checks": 0.0, "network_checks": 0.0}}
    region = {"layout": {"communities_per_side": 30, "border_km": 600.0}}
    world = build_world(cases.scenario(parameters=parameters, region=region, years=6.0, burn_in_weeks=0), 3)
    facing = 0
    for c in range(60):
        facing += world.topology.crossing_start[c + 1] > world.topology.crossing_start[c]
    result = finish(world, 3)
    arose = result["rumours"].sum()
    assert arose / (6.0 * facing) == pytest.approx(52 * (1 - math.exp(-3 / 52)), rel=3.5 / math.sqrt(arose))
    told = result["rumours_ended"].sum() + world.live_rumours
    assert told / arose == pytest.approx(1 / 0.6, rel=0.08)
    live = slice(0, world.live_rumours)
    assert np.unique(world.rumours.key[live]).size == world.live_rumours


@pytest.mark.parametrize(
    ("sides", "towns", "heard"),
    [
        (2, 1, {"rate": 3.0, "believed": 0.5, "weeks": 8.0, "spread": 0.6}),
        (2, 2, {"rate": 3.0, "believed": 0.4, "weeks": 8.0, "spread": 0.6}),
        (2, 20, {"rate": 3.0, "believed": 0.4, "weeks": 8.0, "spread": 0.6}),
        (3, 6, {"rate": 3.0, "believed": 0.3, "weeks": 1.0, "spread": 0.4}),
    ],
)
def test_the_ordinary_belief_is_what_is_believed_where_all_rests(cases, sides, towns, heard):
    still = {"tension_rate": 0.0, "tie_checks": 0.0, "network_checks": 0.0, "tension": 0.0, "trust": 0.0}
    region = {"sides": ["North", "South", "West"][:sides], "layout": {"communities_per_side": towns, "border_km": 600.0}}
    scenario = cases.scenario(parameters={"rumours": heard | still}, region=region, years=5.0, burn_in_weeks=0)
    believed = []
    for seed in range(1, 5):
        world = build_world(scenario, seed)
        for week in range(40 + round(2400 / (towns * sides))):
            world.week = week
            rumours.live(world)
            if week >= 40:
                believed.append((world.communities.rumour, world.crossings.rumour))
                believed[-1] = tuple(column.mean(axis=0).copy() for column in believed[-1])
    of_communities, of_crossings = (np.mean(column, axis=0) for column in zip(*believed, strict=True))
    assert of_communities.mean() == pytest.approx(world.communities.rumour_rest.mean(), rel=0.1)
    assert of_crossings == pytest.approx(world.crossings.rumour_rest.mean(), rel=0.1)


@pytest.mark.parametrize(("sides", "towns", "police"), [(2, 1, 1), (3, 2, 1), (2, 3, 0)])
def test_where_nothing_happens_tension_and_trust_rest_where_the_region_says(cases, sides, towns, police):
    """At the ends of what rumours may do, in small regions, with three sides, and without police."""
    heard = {"rate": 3.0, "believed": 0.5, "weeks": 5.0, "spread": 0.6, "tension": 0.05, "trust": 0.02, "tension_rate": 0.0}
    region = {
        "sides": ["North", "South", "West"][:sides],
        "layout": {"communities_per_side": towns, "border_km": 600.0},
        "institutions": {"police_service": {"per_community": police, "staff": 4}},
        "state_spread": 0.0,
    }
    calm = {"everyday_rate": 0.0, "armed_rate": 0.0}
    still = cases.scenario(
        parameters={"incidents": calm, "rumours": heard | {"tie_checks": 0.0, "network_checks": 0.0}, "organizing": {"voice": 0.0}},
        region=region, years=6.0,
    )  # fmt: skip
    results = [run(still, seed) for seed in range(1, 9)]
    tension, trust = (np.array([r[name].mean() for r in results]) for name in ("tension", "community_trust"))
    assert tension.mean() == pytest.approx(0.3, abs=3.0 * tension.std() / math.sqrt(7) + 0.006)
    assert trust.mean() == pytest.approx(0.4, abs=3.0 * trust.std() / math.sqrt(7) + 0.006)


def test_disinformation_and_tension_bring_more_rumours(cases):
    def count(tension, **shock):
        world = build_world(cases.scenario(years=2.0, burn_in_weeks=0, shocks=shock), 1)
        total = 0.0
        for week in range(104):
            world.week = week
            world.crossings.tension[:] = tension
            world.tally[:] = 0.0
            WEEK[0][1](world)
            rumours.live(world)
            total += world.tally[INDEX["rumours"]]
        return total

    lies = {"lies": {"kind": "disinformation", "week": 0, "size": 1.0, "weeks": 104, "sides": ["North"]}}
    calm, tense, lied_to = count(0.3), count(0.7), count(0.3, **lies)
    assert calm == pytest.approx(8 * 2, abs=9)
    assert tense / calm == pytest.approx(1.6, abs=0.5)
    assert lied_to == pytest.approx(16 + 4 * 104 * (1 - math.exp(-0.2)), rel=0.2)


# safety, outcomes, the whole


def test_the_bounds_of_the_loop_hold_the_rule():
    split = -math.log(0.92) / 52
    flank = split / 0.04 + math.sqrt(split / (1 - 0.96**2))
    step = 1e-5
    for tension in (0.3, 0.6, 1.0):
        bound, heard = flashpoint_slopes(Parameters(), tension), voice_slopes(Parameters(), tension, 0.35)
        found = {"grievance": [], "tension": [], "heard": []}
        for repression in (0.0, 1.0):
            able = (1 - 0.4 * repression) / ACTIVE

            def turning(heat, stress=repression):
                return organizing.flashpoint_chance(-0.06, 0.0, heat, stress, 0.0, flank, P)

            def pressure(grievance, heat, stress=repression, able=able, turning=turning):
                more = organizing.turnout(grievance, able, 0.0, stress * (1 - turning(heat)), P)
                return 0.7 * (more * turning(heat) / 0.15 - 1.0)

            heat = tension - 0.3
            found["grievance"].append((pressure(0.5, heat) - pressure(0.5 - step, heat)) / step)
            found["tension"].append((pressure(1.0, heat + step) - pressure(1.0, heat)) / step)
            found["heard"].append(2 * (turning(heat + step) - turning(heat)) / step / (1 - turning(heat)))
        assert max(found["grievance"]) == pytest.approx(bound["grievance"], rel=0.02)
        assert max(found["tension"]) * (1 - 1e-4) <= bound["tension"] <= 1.35 * max(found["tension"])
        assert 0.02 * max(found["heard"]) == pytest.approx(heard["tension"], rel=0.02)
        assert heard["grievance"] == 0.0
    harmful = Parameters()._replace(organizing=P._replace(voice=-0.02))
    assert voice_slopes(harmful, 0.6, 0.35) == pytest.approx({"grievance": 0.02 * 1.5 / ACTIVE / 0.85, "tension": 0.0})
    believed = 1 / 52 * sum(0.3 * math.exp(-k / 3) for k in range(9)) / 0.6
    for tension in (0.2, 0.8):
        many = [1 - math.exp(-believed * (1 + 1.5 * (t - 0.3))) for t in (tension, tension + step)]
        assert believed_slope(Parameters(), tension) == pytest.approx((many[1] - many[0]) / step, rel=1e-3)


def test_how_evenly_enrolments_fall_and_what_a_network_hangs_on(cases):
    residents = np.full(4, 1000.0, np.float32)
    assert observe.evenness(np.full(4, 3.0, np.float32), residents) == pytest.approx(1.0)
    assert observe.evenness(np.array([0, 0, 0, 5], np.float32), residents) == pytest.approx(0.25)
    assert observe.evenness(np.zeros(4, np.float32), residents) == 0.0
    world, _ = ready(cases)
    assert observe.network(world) == (0.0, 0.0)
    north = world.organizers[world.workers.side[world.organizers] == 0]
    south = world.organizers[world.workers.side[world.organizers] == 1]
    tied(world, north[0], south[0], 0.6)
    tied(world, north[0], south[4], 0.6)
    tied(world, north[8], south[8], 0.6)
    tied(world, north[12], south[12], 0.1)
    component, brokerage = observe.network(world)
    assert component == pytest.approx(3 / world.institutions.key.size)
    assert brokerage == pytest.approx(1.0)  # fewer than a tenth of all hold any


def test_outcomes_of_organizing():
    weeks = 260
    s = {series.name: np.zeros(weeks) for series in SERIES}
    s["staff_organizing"][:] = 40.0
    s["burnouts"][:26] = 2.0
    s["protests"][:100] = 4.0
    s["flashpoints"][:50] = 1.0
    s["protests_repressed"][:20], s["flashpoints_repressed"][:20] = 2.0, 0.5
    s["staff_repressed"][:20], s["active_repressed"][:20] = 20.0, 12.0
    s["campaigns"][[10, 20]], s["mobilise_weeks"][[10, 20]], s["campaigns_won"][20] = 1.0, (8.0, 12.0), 1.0
    s["campaigns_lapsed"][30], s["mobilise_weeks"][30] = 2.0, 52.0
    s["ties_born"][:208], s["ties_survived"][52:] = 10.0, 3.0
    s["rumours_ended"][5], s["rumour_weeks"][5], s["rumours_checked"][5] = 4.0, 14.0, 1.0
    out = summarise(s, 1e5)
    assert out["burnout"] == pytest.approx(52 / (40 * 5))
    assert out["nonviolent_share"] == pytest.approx(1 - 50 / 400)
    assert out["nonviolent_while_repressed"] == pytest.approx(0.75)
    assert out["active_while_repressed"] == pytest.approx(0.6)
    assert out["protests"] == pytest.approx(80.0)
    assert (out["weeks_to_mobilise"], out["campaign_success"], out["calls_lapsed"]) == pytest.approx((18.0, 0.5, 0.5))
    assert out["tie_survival"] == pytest.approx(0.3)
    assert (out["rumour_life"], out["rumours_checked"]) == pytest.approx((3.5, 0.25))


def test_visible_results_of_organizing(cases):
    world, programme = ready(cases)
    world.movements.claims[:] = 0.5
    world.institutions.agreements[world.movement_rows] = 0.2
    assert results.visible_results(world, programme) == pytest.approx(0.7)


def test_the_whole_family_at_work(cases):
    own = {
        "rehearsals": 0.5, "consent": 1.0, "rotation": 1.0, "protocols": 1.0, "values": 1.0, "commons": 1.0, "mental_health": 1.0,
        "rapid_response": 1.0, "mutual_aid": 1.0, "campaigns": 1.0,
    }  # fmt: skip
    terms = {"alumni_support": 1.0, "debrief": 1.0, "years": 4.0}
    nothing = cases.scenario(years=4.0, shocks=cases.SHOCKS)
    funded = movement(cases, own, shocks=cases.SHOCKS, **terms).model_copy(update={"years": 4.0})
    pairs = [(run(nothing, seed), run(funded, seed)) for seed in range(8)]
    for name, sign in (
        ("nonviolent_share", 1),
        ("burnout", -1),
        ("rumour_life", -1),
        ("cohesion", 1),
        ("practice_organizing", 1),
    ):
        effect = np.mean([b.outcomes[name] - a.outcomes[name] for a, b in pairs])
        assert effect * sign > 0, name
    for a, b in pairs:
        for name in ("campaigns", "mutual_aid"):
            assert a[name].sum() == 0
            assert b[name].sum() > 0
        assert a["protests"].sum() > 20
        assert (b["flashpoints"] <= b["protests"]).all()
        assert b["campaigns_won"].sum() <= b["campaigns"].sum()
        assert b["campaigns"].sum() + b["campaigns_lapsed"].sum() <= b["campaigns_called"].sum()
