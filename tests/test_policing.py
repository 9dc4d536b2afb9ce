"""Policing: conduct, oversight, warnings, misreading, spoilers; rules against hand-worked values and the whole family at work."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.errors import InputError
from sim.families import KINDS, POLICING
from sim.lab.participants import follow
from sim.lab.run import finish, run
from sim.outcomes import INDEX
from sim.parameters import Parameters
from sim.week import incidents, shocks
from sim.week.schedule import live_week
from sim.week.work import learning, policing
from sim.world.build import build_world
from sim.world.tables import ARISE, STOP

SECURITY = KINDS.index("security")
P = Parameters().policing
BASE = {
    "family": "policing",
    "years": 2.0,
    "annual_budget": 800_000.0,
    "cohort_size": 12.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
}


def patrols(cases, own=None, region=None, **levers):
    return cases.scenario(region=region or {}, programmes={"p": BASE | levers | {"policing": own or {}}})


def test_misconduct_falls_with_restraint_accountability_and_identity_and_more_with_both():
    assert policing.misconduct_rate(0.0, 0.0, 0.0, P) == pytest.approx(0.0004)
    assert policing.misconduct_rate(0.1, 0.0, 0.0, P) == pytest.approx(0.0004 * math.exp(-0.3))
    both = policing.misconduct_rate(0.0, 0.4, 0.2, P)
    assert both == pytest.approx(0.0004 * math.exp(-(0.8 * 0.4 + 0.5 * 0.2 + 1.0 * 0.4 * 0.2)))


def test_cases_are_corrected_by_learning_or_by_punishment():
    assert policing.corrected(0.0, 0.0, P) == pytest.approx(0.3)
    assert policing.corrected(1.0, 1.0, P) == pytest.approx(0.6)
    assert policing.corrected(0.0, 1.0, P) == pytest.approx(0.45)


def test_a_picture_is_shared_as_far_as_the_weaker_lets_it_be():
    assert policing.shared_picture(0.8, 0.2, 0.0) == pytest.approx(0.5)
    assert policing.shared_picture(0.8, 0.2, 1.0) == pytest.approx(0.2)
    assert policing.shared_picture(0.8, 0.2, 0.5) == pytest.approx(0.35)


def test_counts_have_the_right_distribution():
    u = (np.arange(20_000) + 0.5) / 20_000
    for mean in (0.03, 1.6, 40.0):
        counts = np.array([policing.count_from(x, mean) for x in u])
        assert counts.mean() == pytest.approx(mean, rel=0.01)
        assert counts.var() == pytest.approx(mean, rel=0.03)
    heard = np.array([policing.thinned(x, 5, 0.4) for x in u])
    assert heard.mean() == pytest.approx(2.0, rel=0.01)
    assert heard.max() == 5
    assert policing.thinned(0.99, 3, 1.0) == 3


def test_without_programmes_misconduct_and_force_are_the_ordinary_ones(cases):
    result = run(cases.scenario(years=40.0, region={"institutions": {"police_service": {"staff": 60}}}), 1)
    uncorrected = 0.3 * (1 - 0.3 - 0.15 * 0.3)
    expected = 0.0004 / (1 - uncorrected)
    assert result["misconduct"].sum() / result["encounters"].sum() == pytest.approx(expected, rel=0.1)
    assert result["repeat_misconduct"].sum() / result["misconduct"].sum() == pytest.approx(uncorrected, rel=0.15)
    assert result["encounters"][0] == 8 * 60 * 8
    assert result["police_force"].sum() / result["encounters"].sum() == pytest.approx(0.02, rel=0.15)
    assert result["legitimacy"][-52:].mean() == pytest.approx(result["legitimacy"][:52].mean(), abs=0.02)


def test_training_time_goes_where_the_levers_put_it(cases):
    world = build_world(patrols(cases, {"restraint": 0.5, "scenarios": 0.3, "immersion": 0.0}), 1)
    programme, rows = world.programmes[0], np.array([int(world.topology.pool_first[0, POLICING])])
    programme.standing["audits"] = 1.0
    world.institutions.buy_in[:] = 0.8
    w = world.workers
    conduct, competence = float(w.conduct[rows[0]]), float(w.competence[rows[0]])
    learning.learn(world, programme, rows, 2.0)
    transfer = (0.6 + 0.4 * 0.3) * (1 - 0.5 * 0.2)
    assert w.conduct[rows[0]] == pytest.approx(conduct + 2 * 0.2 * 0.5 * transfer * (1 - conduct), rel=1e-5)
    gain = 2 * (0.012 * 0.2 + 0.02 * 0.3) * transfer
    assert w.competence[rows[0]] == pytest.approx(competence + gain * (1 - competence), rel=1e-5)


def test_a_year_of_standing_work_reaches_what_is_declared(cases):
    own = {"oversight": 1.0, "deescalation": 1.0, "information_sharing": 1.0, "contact_points": 1.0}
    world = build_world(patrols(cases, own, cohorts_per_year=1.0), 1)
    services, start = world.services, world.institutions.accountability.copy()
    while world.week < 52:
        live_week(world)
    keeps = np.exp(np.log(0.5) / 60)

    def reached(gain, fading):
        level = 0.0
        for _ in range(52):
            level = (level + gain / 52 * (1 - level)) * fading
        return level

    np.testing.assert_allclose(world.institutions.dialogue[services], reached(0.4, keeps), rtol=1e-3)
    np.testing.assert_allclose(world.institutions.sharing[services, 0], reached(0.5, keeps), rtol=1e-3)
    assert (world.institutions.accountability[services] > start[services] + 0.1).all()
    others = np.setdiff1d(np.arange(start.size), services)
    assert (world.institutions.dialogue[others] == 0).all()
    np.testing.assert_allclose(world.institutions.accountability[others], start[others], rtol=1e-4)


def watched(world, **columns):
    for name, value in columns.items():
        getattr(world.institutions, name)[world.services] = value
    policing.watch(world.crossings, world.communities, world.institutions, world.topology, world.parameters.policing, 0.2)
    return world.crossings


def test_procedures_and_sharing_lower_misreading_and_echoes_rapport_warns_dialogue_cools(cases):
    x = watched(build_world(cases.scenario(), 1), standards=0.6, sharing=0.4, rapport=0.5, dialogue=0.5)
    assert x.misread[:, SECURITY] == pytest.approx(0.3 * (1 - 0.5 * 0.5))
    assert x.containment[:, SECURITY] == pytest.approx(0.3 * 0.6)
    assert x.warning[:, SECURITY] == pytest.approx(0.1 * 0.5)
    assert x.dialogue[:, SECURITY] == pytest.approx(0.3 * 0.5)
    others = [k for k in range(len(KINDS)) if k != SECURITY]
    assert (x.misread[:, others] == 0).all()


def test_what_triggers_security_incidents(cases):
    world = build_world(cases.scenario(), 1)
    world.communities.legitimacy[:] = 0.3
    world.communities.misconduct[:] = 1.2  # with six officers in each community: 2.4 cases for 12, or 2 for ten
    x = watched(world)
    assert x.trigger[:, SECURITY] == pytest.approx(1.0 * 0.2 + 0.3 * 2.0)
    assert (x.cause[:, SECURITY] == ARISE.index("misconduct")).all()


def test_spoilers_strike_as_often_as_asked_and_fewer_believe_them_where_rapport_is_high(cases):
    attack = {"blow": {"kind": "spoiler_attack", "week": 0, "size": 0.8, "weeks": 40, "sides": ["North"]}}
    scenario = cases.scenario(region={"layout": {"communities_per_side": 40, "border_km": 600.0}}, shocks=attack, burn_in_weeks=0)
    world = build_world(scenario, 5)
    result = finish(world, 5)
    assert result["attacks"].sum() / world.crossings.key.size == pytest.approx(0.8, rel=0.15)
    assert result["attacks"][40:].sum() == 0
    born = result.incidents.arose == ARISE.index("spoilers")
    assert abs(born.sum() - result["attacks"].sum()) <= 5  # the last may still be live
    assert (result.incidents.rung[born] >= 2).all()
    assert (result.incidents.kind[born] == KINDS.index("armed")).all()
    assert result["rumour"][:40].max() > 0

    for rapport, believed in ((0.0, 1.0), (1.0, 0.6)):
        fresh = build_world(scenario, 5)
        shocks.live(fresh)
        fresh.crossings.attacks[:] = 1
        assert watched(fresh, rapport=rapport).rumour == pytest.approx(believed)


def test_a_misread_incident_climbs_more_and_a_warned_one_not_at_all(cases):
    lively = {"incidents": {"security_rate": 0.08, "branching": 0.0, "mediation": 0.0, "tension_climb": 0.0, "trust_climb": 0.0}}
    parameters = lively | {"policing": {"misread": 0.5, "early_warning": 0.3}}
    parts = [
        run(cases.scenario(parameters=parameters, years=10.0, region={"climate": {"rapport": 0.9}}), s).incidents
        for s in range(6)
    ]
    rung, kind, misread, stopped = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("rung", "kind", "misread", "stopped")
    )
    security = kind == SECURITY
    warned = security & (stopped == STOP.index("early warning"))
    assert (rung[warned] == 0).all()
    assert warned.sum() / security.sum() == pytest.approx(0.3 * 0.9, abs=0.04)
    told = security & ~warned
    assert misread[told].mean() == pytest.approx(0.5, abs=0.05)
    climbed = [(rung[told & (misread == m)] >= 1).mean() for m in (0, 1)]
    odds = 0.15 / 0.85
    for m, got in enumerate(climbed):
        climb = odds * math.exp(0.7 * m) / (1 + odds * math.exp(0.7 * m))
        assert got == pytest.approx(climb / (climb + (1 - climb) * 0.5), abs=0.05)


def test_restrained_officers_on_duty_let_less_climb_and_trained_ones_end_sooner(cases):
    results = {}
    for name, column in (("plain", None), ("restrained", "conduct"), ("trained", "competence")):
        lively = {"incidents": {"security_rate": 0.06}, "people": {"annual_turnover": 0.06, "skill_half_life": 56.0}}
        reached = lasted = arisen = 0.0
        for seed in range(6):
            world = build_world(cases.scenario(parameters=lively, burn_in_weeks=0, region={"armed_actors": 0.2}), seed)
            if column:
                getattr(world.workers, f"{column}_base")[:] = 0.9
                getattr(world.workers, column)[:] = 0.9
            result = finish(world, seed)
            security = result.incidents.kind == SECURITY
            reached += (result.incidents.rung[security] >= 1).sum()
            lasted += (result.incidents.ended - result.incidents.began + 1)[security].sum()
            arisen += security.sum()
        results[name] = (reached / arisen, lasted / arisen)
    assert results["restrained"][0] < 0.8 * results["plain"][0]
    assert results["trained"][1] < 0.95 * results["plain"][1]


def test_shared_data_that_nobody_checks_harm_the_vulnerable_and_safeguards_avoid_most_of_it(cases):
    def lost(sharing, accountability, safeguards):
        world = build_world(cases.scenario(), 1)
        for name, value in (
            ("sharing", sharing),
            ("accountability", accountability),
            ("safeguards", safeguards),
            ("misconduct", 0.0),
        ):
            getattr(world.institutions, name)[world.services] = value
        world.institutions.accountability_rest[world.services] = accountability
        learning.live(world)
        policing.live(world)
        return world.communities.grievance_added / world.communities.vulnerability

    np.testing.assert_allclose(lost(1.0, 0.25, 0.0), 0.004 * 0.75, rtol=1e-4)
    np.testing.assert_allclose(lost(1.0, 0.25, 1.0), 0.004 * 0.75 * 0.3, rtol=1e-4)
    np.testing.assert_allclose(lost(1.0, 1.0, 0.0), 0.0, atol=1e-9)
    np.testing.assert_allclose(lost(0.0, 0.25, 0.0), 0.0, atol=1e-9)


def test_training_by_itself_teaches_and_brings_nobody_together(cases):
    own = {"restraint": 0.8, "scenarios": 0.0}
    large = {"institutions": {"police_service": {"staff": 40}}}
    apart = patrols(cases, own, large, joint=0.0)
    result, twin = run(apart, 2), run(cases.scenario(region=large), 2)
    assert result["enrolments"].sum() > 20
    assert result["meetings"].sum() == pytest.approx(twin["meetings"].sum(), rel=0.02)
    gain = follow(apart, 2)
    assert gain.d["conduct"] > 0.1
    assert abs(gain.d["reliance on persons met"]) < 0.2

    one = run(patrols(cases, own, large, joint=0.0, sides=["South"]), 2)
    posts = one.world.programmes[0].alumni.posts
    assert set(one.world.workers.side[posts].tolist()) == {1}
    assert one["spend"].sum() == pytest.approx(result["spend"].sum(), rel=0.3)
    assert one["conduct_gap"].mean() > result["conduct_gap"].mean()


def test_officers_meet_on_joint_patrols(cases):
    own = {"joint_patrols": 1.0}
    with_patrols = run(patrols(cases, own, cohort_size=4.0), 3)
    without = run(patrols(cases, {}, cohort_size=4.0), 3)
    crossings = with_patrols.world.crossings.key.size
    more = with_patrols["meetings"][:104].sum() - without["meetings"][:104].sum()
    assert more == pytest.approx(0.5 * crossings * 104, rel=0.25)


def test_all_programmes_together_get_no_more_than_the_one_budget(cases):
    asked = {"exchange": cases.EVERYTHING, "patrols": cases.PATROLS}
    apart = run(cases.scenario(programmes=asked), 1)
    together = run(cases.scenario(programmes=asked, budget={"annual": 600_000.0}), 1)
    for start in (0, 52, 104):
        assert together["budget"][start : start + 52].sum() <= 600_000 + 1e-6
    assert together["budget"][52:104].sum() == pytest.approx(600_000)
    assert together["budget"].sum() < apart["budget"].sum()
    granted = [p.purse.granted for p in together.world.programmes]
    assert min(granted) > 0.25 * sum(granted)
    plenty = run(cases.scenario(programmes=asked, budget={"annual": 1e9}), 1)
    assert plenty["budget"].sum() == pytest.approx(apart["budget"].sum())


def test_what_a_side_shares_with_another_is_not_shared_with_a_third_that_takes_no_part(cases):
    sides = {"sides": ["A", "B", "C"], "layout": {"communities_per_side": 4}}
    levers = {"sides": ["A", "B"], "benefits": 1.0}
    own = {"contact_points": 1.0, "information_sharing": 1.0, "scenarios": 0.5}
    world = build_world(patrols(cases, own, sides, **levers), 1)
    guests = []
    while world.week < 60:
        live_week(world)
        guests.append(float(world.crossings.visitors.sum()))
    rows, side = world.services, world.institutions.side[world.services]
    standards = world.institutions.standards[rows]
    assert (standards[side == 0, 0] > 0.1).all()  # A towards B
    assert (standards[side == 1, 1] > 0.1).all()  # B towards A
    assert (standards[side == 0, 1] == 0).all()  # A towards C
    assert (standards[side == 2] == 0).all()
    x, of = world.crossings, world.communities.side
    with_c = (of[x.a] == 2) | (of[x.b] == 2)
    assert (x.shared[with_c, SECURITY] == 0).all()
    assert (x.shared[~with_c, SECURITY] > 0.1).all()
    assert (x.containment[with_c, SECURITY] == 0).all()
    assert world.communities.trust_shift[of == 2].max() >= 0
    assert world.communities.trust_shift[of == 0, 0].max() > 0
    assert (world.communities.trust_shift[of == 0, 1] == 0).all()
    cohort = BASE["cohort_size"]
    assert max(guests) < cohort


def test_what_misconduct_does_does_not_depend_on_how_large_or_how_divided_a_service_is(cases):
    triggers = []
    for count, staff in ((1, 40), (4, 10), (1, 400)):
        region = {"institutions": {"police_service": {"per_community": count, "staff": staff}}, "layout": {"population": 9000}}
        world = build_world(cases.scenario(region=region, burn_in_weeks=0), 2)
        world.workers.conduct_base[:] = 0.7
        means = []
        while world.week < 150:
            live_week(world)
            world.workers.conduct[:] = 0.7
            means.append(world.crossings.trigger[:, SECURITY].mean())
        triggers.append(np.mean(means[50:]))
    assert max(triggers) - min(triggers) < 0.08, triggers


def test_edits_are_checked_one_upon_another(cases):
    first = {"week": 10, "programmes": {"p": {"policing": {"restraint": 0.8}}}}
    second = {"week": 20, "programmes": {"p": {"policing": {"immersion": 0.4}}}}
    programmes = {"p": BASE | {"policing": {"scenarios": 0.0}}}
    cases.scenario(programmes=programmes, edits={"one": first})
    with pytest.raises(InputError, match=r"edits\.two\.programmes\.p\.policing"):
        cases.scenario(programmes=programmes, edits={"one": first, "two": second})
    apart = {"p": BASE | {"joint": 0.0, "sides": ["South"]}}
    with pytest.raises(InputError, match="joint = 0"):
        cases.scenario(programmes=apart, edits={"together": {"week": 10, "programmes": {"p": {"joint": 1.0}}}})


def test_a_closed_border_does_not_stop_training_that_crosses_none(cases):
    closed = {"closed": {"kind": "border_closure", "week": 0, "size": 1.0, "weeks": 156}}
    table = {"p": BASE | {"joint": 0.0, "virtual_fallback": 0.0, "policing": {"restraint": 0.8, "scenarios": 0.0}}}
    shut, open_ = (run(cases.scenario(programmes=table, shocks=shocks), 1) for shocks in (closed, {}))
    assert shut["conduct"][30:80].mean() == pytest.approx(open_["conduct"][30:80].mean(), abs=0.01)
    assert shut["trained"].sum() > 0


def test_half_a_donor_year_is_topped_up_by_the_institutions(cases):
    levers = {"years": 1.5, "after": "institutionalised", "institutional_share": 0.5, "annual_budget": 800_000.0}
    result = run(patrols(cases, {}, **levers), 1)
    assert result["budget"][:52].sum() == pytest.approx(800_000)
    assert result["budget"][52:104].sum() == pytest.approx(400_000 + 200_000)
    assert result["budget"][104:].sum() == pytest.approx(400_000)


def test_visible_results_of_policing_move_its_budget(cases):
    levers = {"evaluation": 1.0, "years": 3.0}
    own = {"oversight": 1.0, "contact_points": 1.0}
    result = run(patrols(cases, own, **levers), 1)
    assert result["budget"][104:].sum() > result["budget"][:52].sum()


@pytest.mark.parametrize(
    ("changes", "parts"),
    [
        ({"policing": {"restraint": 0.6, "scenarios": 0.5}}, ["programmes.p.policing", "immersion = 0", "1 or less"]),
        ({"sides": ["South"]}, ["programmes.p", "joint = 0"]),
        ({"sides": ["East"]}, ["programmes.p.sides", "'East'", "North, South"]),
    ],
)
def test_a_policing_programme_that_cannot_be_is_refused(cases, changes, parts):
    with pytest.raises(InputError) as error:
        cases.scenario(programmes={"p": BASE | changes})
    for part in parts:
        assert part in str(error.value), str(error.value)


def test_no_incident_is_lost_however_many_arise_at_once(cases):
    world = build_world(cases.scenario(region={"layout": {"communities_per_side": 30, "border_km": 450.0}}), 1)
    world.crossings.excitation[:] = 6.0
    world.tally[:] = 0.0
    incidents.live(world)
    arisen = world.tally[[INDEX[f"incidents_{kind}"] for kind in KINDS]].sum()
    assert arisen > 5 * world.crossings.key.size * len(KINDS)
    assert arisen == world.live_incidents + incidents.ended(world).key.size
