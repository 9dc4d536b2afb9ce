"""What things cost. There is no evidence row for costs: all are assumptions.

The unit says when a cost falls due: by the year (what stands all year, paid week by week), by the head (a participant, paid
when it happens), by the alumnus and year, by the cohort, or each time.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817
from sim.declare import extended
from sim.registry import fresh, registered


class CostParameters(NamedTuple):
    """What things cost. There is no evidence row for costs: all are assumptions."""

    in_person_week: Annotated[float, D("one participant, one week in person", "euro", 300, 2500)] = 900.0
    virtual_week: Annotated[float, D("one participant, one virtual week", "euro", 30, 400)] = 120.0
    preparation: Annotated[float, D("full preparation of one participant", "euro/head", 100, 1500)] = 500.0
    debrief: Annotated[float, D("full debrief and follow-up of one returnee", "euro/head", 50, 800)] = 250.0
    mentoring: Annotated[float, D("full mentoring, per alumnus and year", "euro/alumnus/year", 50, 800)] = 250.0
    alumni_event: Annotated[float, D("one alumnus at one alumni event", "euro/event", 20, 300)] = 90.0
    refresher: Annotated[float, D("one refresher for one alumnus", "euro/alumnus/year", 50, 600)] = 200.0
    joint_centre: Annotated[float, D("a full joint centre for a year", "euro/year", 20000, 400000)] = 90000.0
    leadership_work: Annotated[float, D("full work with leaders for a year", "euro/year", 5000, 100000)] = 25000.0
    evaluation: Annotated[float, D("full evaluation and open reporting for a year", "euro/year", 5000, 100000)] = 25000.0
    outreach: Annotated[float, D("full outreach to marginalised applicants, per participant", "euro/head", 20, 600)] = 150.0
    standards: Annotated[float, D("full joint work on standards for a year", "euro/year", 10000, 200000)] = 50000.0
    recognition: Annotated[float, D("full credential recognition for a year", "euro/year", 5000, 150000)] = 35000.0
    placement: Annotated[float, D("one guaranteed placement", "euro/head", 1000, 12000)] = 4000.0
    simulation: Annotated[float, D("one crisis simulation", "euro/cohort", 3000, 60000)] = 12000.0
    bridge_figure: Annotated[float, D("support of one bridge figure for a year", "euro/alumnus/year", 200, 4000)] = 900.0
    exercise: Annotated[float, D("rehearsed joint scenarios alone, one participant's whole training", "euro/head", 100, 3000)] = (
        600.0
    )
    immersion: Annotated[float, D("time in neighbourhoods alone, one participant's whole training", "euro/head", 50, 1500)] = (
        300.0
    )
    deescalation: Annotated[float, D("full work on a dialogue-first norm for a year", "euro/year", 5000, 100000)] = 25000.0
    contact_points: Annotated[float, D("full contact points and escalation ladders for a year", "euro/year", 10000, 200000)] = (
        45000.0
    )
    joint_patrols: Annotated[float, D("full joint patrols for a year", "euro/year", 20000, 400000)] = 90000.0
    information_sharing: Annotated[float, D("full joint reading of information for a year", "euro/year", 10000, 250000)] = 60000.0
    safeguards: Annotated[float, D("full privacy safeguards and redaction for a year", "euro/year", 3000, 80000)] = 20000.0
    oversight: Annotated[float, D("full civilian review and public reporting for a year", "euro/year", 10000, 250000)] = 60000.0
    audits: Annotated[float, D("full independent audits for a year", "euro/year", 5000, 150000)] = 35000.0
    justice_chain: Annotated[
        float, D("full parallel sessions with prosecutors, judges and auditors for a year", "euro/year", 5000, 150000)
    ] = 35000.0
    agreements: Annotated[float, D("full work on referral agreements for a year", "euro/year", 5000, 120000)] = 30000.0
    protocols: Annotated[float, D("full shared assessment and data for a year", "euro/year", 8000, 160000)] = 40000.0
    privacy: Annotated[float, D("full privacy of what is shared for a year", "euro/year", 3000, 60000)] = 15000.0
    conferences: Annotated[float, D("full joint case conferences for a year", "euro/year", 5000, 100000)] = 25000.0
    intake: Annotated[float, D("full common intake for a year", "euro/year", 5000, 100000)] = 25000.0
    supervision: Annotated[float, D("full peer supervision for a year", "euro/year", 5000, 120000)] = 30000.0
    prevention: Annotated[float, D("full preventive services for a year", "euro/year", 30000, 800000)] = 150000.0
    hotline: Annotated[float, D("a full joint hotline for a year", "euro/year", 15000, 250000)] = 60000.0
    shelters: Annotated[float, D("full shared shelters for a year", "euro/year", 30000, 600000)] = 120000.0
    corridors: Annotated[float, D("full crisis corridors for a year", "euro/year", 10000, 250000)] = 50000.0
    stabilisers: Annotated[float, D("full work on jobs, school and gaps for a year", "euro/year", 20000, 500000)] = 90000.0
    careers: Annotated[float, D("full careers across the border for a year", "euro/year", 8000, 200000)] = 40000.0
    pilot: Annotated[float, D("one pilot", "euro/pilot", 4000, 80000)] = 15000.0
    adaptation: Annotated[float, D("full tailoring of one pilot to its place", "euro/pilot", 1000, 40000)] = 6000.0
    data: Annotated[float, D("full shared indicators and data for a year", "euro/year", 8000, 160000)] = 40000.0
    works: Annotated[float, D("full joint works on water and housing for a year", "euro/year", 60000, 1500000)] = 300000.0
    roles: Annotated[float, D("full clearing of roles for a year", "euro/year", 3000, 60000)] = 15000.0
    flexibility: Annotated[float, D("full flexible governance for a year", "euro/year", 3000, 60000)] = 15000.0
    ethics: Annotated[float, D("full ethics and disclosure work for a year", "euro/year", 8000, 160000)] = 40000.0
    equity: Annotated[float, D("full equity work for a year", "euro/year", 15000, 300000)] = 70000.0
    bargaining: Annotated[float, D("full joint bargaining for a year", "euro/year", 5000, 120000)] = 30000.0
    contingency: Annotated[float, D("full joint contingency planning for a year", "euro/year", 5000, 120000)] = 30000.0
    consent: Annotated[float, D("full work on consent and boundaries, per participant", "euro/head", 50, 800)] = 200.0
    flexible_timelines: Annotated[float, D("fully flexible timelines for a year", "euro/year", 2000, 60000)] = 12000.0
    rotation: Annotated[float, D("fully rotating leadership for a year", "euro/year", 2000, 60000)] = 12000.0
    movement_protocols: Annotated[
        float, D("full work on movements' roles, decision rights and escalation paths for a year", "euro/year", 5000, 100000)
    ] = 25000.0
    values: Annotated[float, D("full work on shared values for a year", "euro/year", 5000, 100000)] = 20000.0
    commons: Annotated[float, D("full digital commons and archives for a year", "euro/year", 5000, 120000)] = 30000.0
    mental_health: Annotated[float, D("full mental-health support for a year", "euro/year", 8000, 200000)] = 40000.0
    rapid_response: Annotated[float, D("a full rapid-response network for a year", "euro/year", 8000, 160000)] = 40000.0
    mutual_aid: Annotated[float, D("full mutual-aid funds and pledges for a year", "euro/year", 10000, 250000)] = 50000.0
    campaigns: Annotated[float, D("full support of joint campaigns for a year", "euro/year", 10000, 250000)] = 50000.0
    eviction: Annotated[float, D("what one household's loss of its home costs the public", "euro/household", 2000, 30000)] = (
        8000.0
    )
    crisis_week: Annotated[
        float, D("what one week in which a household in crisis waits for help costs the public", "euro/week", 20, 600)
    ] = 120.0


fresh("cost", CostParameters._fields, registered().costs)
CostParameters = extended(CostParameters, registered().costs)  # type: ignore[misc]
