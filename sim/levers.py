"""What a programme designer can set. Each lever is a declared row: meaning, unit, range and what it costs."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declaration, declarations
from sim.declare import Declared as D  # noqa: N817


class CommonLevers(NamedTuple):
    """Levers of every family."""

    annual_budget: Annotated[float, D("money a year; never overspent", "euro", 0, 1e9)] = 250_000.0
    cohort_size: Annotated[float, D("participants of one cohort, all sides together", "workers", 4, 400)] = 24.0
    cohorts_per_year: Annotated[float, D("cohorts begun in a year", "cohorts", 1, 12)] = 2.0
    weeks: Annotated[float, D("weeks of one cohort", "weeks", 1, 40, "V1, V9", cost="in_person_week")] = 12.0
    virtual_share: Annotated[float, D("share of weeks held online", "share", 0, 1, cost="virtual_week")] = 0.0
    virtual_fallback: Annotated[float, D("1: go online while the border is closed; 0: the week is lost", "yes/no", 0, 1)] = 1.0
    summit: Annotated[
        float, D("1: the year's contact in one big one-week event; 0: small, repeated exposure", "yes/no", 0, 1, "V1")
    ] = 0.0
    catchment: Annotated[float, D("communities on each side that a cohort draws on", "communities", 1, 1000)] = 4.0
    joint_work: Annotated[float, D("share of time spent on real joint tasks", "share", 0, 1, "V7")] = 0.5
    cooperation: Annotated[float, D("0: the two sides compete; 1: they co-operate", "0-1", 0, 1, "A6")] = 1.0
    hosting: Annotated[float, D("who hosts: 0 one side only, 1 in turn", "0-1", 0, 1, "V5")] = 1.0
    governance: Annotated[float, D("who governs: 0 one side only, 1 together", "0-1", 0, 1, "V6")] = 1.0
    benefits: Annotated[float, D("who benefits: 0 one side only, 1 all alike", "0-1", 0, 1, "V5")] = 1.0
    preparation: Annotated[float, D("language, intercultural and bias preparation", "0-1", 0, 1, "V8", cost="preparation")] = 0.5
    mentoring: Annotated[
        float, D("mentoring that outlives the cohort, and of entrants", "0-1", 0, 1, "V3, V10", cost="mentoring")
    ] = 0.0
    debrief: Annotated[
        float, D("debrief, so that institutions keep what returnees learnt", "0-1", 0, 1, "V9", cost="debrief")
    ] = 0.5
    alumni_support: Annotated[float, D("alumni events: 1 is one a month", "0-1", 0, 1, "V4, V12", cost="alumni_event")] = 0.0
    joint_centre: Annotated[float, D("a joint centre where alumni and others meet", "0-1", 0, 1, "V4", cost="joint_centre")] = 0.0
    refreshers: Annotated[float, D("share of alumni refreshed in a year", "share", 0, 1, "B5", cost="refresher")] = 0.0
    inclusion: Annotated[
        float, D("outreach: how far marginalised communities are favoured in selection", "0-1", 0, 1, cost="outreach")
    ] = 0.0
    seniority: Annotated[float, D("-1 favours the newest staff, 1 the longest-serving", "-1 to 1", -1, 1, "V10")] = 0.0
    leadership_work: Annotated[float, D("work for the buy-in of leaders", "0-1", 0, 1, cost="leadership_work")] = 0.0
    evaluation: Annotated[
        float, D("evaluation and open reporting, which makes results visible to funders", "0-1", 0, 1, cost="evaluation")
    ] = 0.0


class VocationalLevers(NamedTuple):
    """Levers of joint vocational exchange."""

    standards: Annotated[float, D("joint work on standards of quality and safety", "0-1", 0, 1, "V2, V18", cost="standards")] = (
        0.0
    )
    recognition: Annotated[float, D("mutual recognition of credentials", "0-1", 0, 1, "V18, H2", cost="recognition")] = 0.0
    placements: Annotated[
        float, D("share of graduates with a guaranteed placement across the border", "share", 0, 1, "V5", cost="placement")
    ] = 0.0
    simulations: Annotated[
        float, D("share of cohorts that end with a crisis simulation", "share", 0, 1, "V11", cost="simulation")
    ] = 0.0
    bridge_figures: Annotated[
        float, D("share of alumni chosen and supported as bridge figures", "share", 0, 1, "V14", cost="bridge_figure")
    ] = 0.0


FAMILY_LEVERS = {"vocational": VocationalLevers}


def all_levers() -> list[Declaration]:
    """List every declared lever, the common ones first."""
    rows = declarations("programme", CommonLevers)
    for family, cls in FAMILY_LEVERS.items():
        rows += declarations(family, cls)
    return rows
