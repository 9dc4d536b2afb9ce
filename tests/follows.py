"""What of a week can follow from what within that same week, rule by rule: for the test of mechanism switches."""

from __future__ import annotations

FOLLOWS: list[tuple[str, dict[str, tuple[str, ...]]]] = [
    (
        "programmes",
        {
            "money": ("workers.cohort",),
            "workers.cohort": (
                "institutions.away",
                "crossings.visitors",
                "workers.alumnus",
                "communities.enrolled",
                "workers.skill",
                "gatherings",
            ),
            "institutions.withdrawn_until": ("workers.cohort",),
        },
    ),
    (
        "contact",
        {
            "gatherings": ("workers.warmth", "workers.trust", "workers.skill", "workers.strain", "ties"),
            "institutions.buy_in": ("workers.warmth", "workers.trust", "workers.skill", "workers.strain", "ties"),
            "workers.skill": ("workers.warmth", "workers.trust", "workers.strain", "ties"),
            "ties": ("workers.warmth", "workers.trust"),
        },
    ),
    (
        "learning",
        {
            "workers.cohort": (
                "workers.competence",
                "workers.conduct",
                "workers.identity",
                "workers.skill",
                "institutions.partnership",
                "institutions.practice",
            ),
            "institutions.buy_in": ("workers.competence", "workers.conduct"),
        },
    ),
    (
        "rumours",
        {
            "ties": ("rumours",),
            "workers.burnt_until": ("rumours",),
            "rumours": ("communities.rumour",),
            "communities.rumour": ("crossings.rumour",),
        },
    ),
    (
        "vocational",
        {
            "workers.cohort": (
                "institutions.openness",
                "institutions.standards",
                "projects",
                "workers.credential",
                "workers.placed_until",
                "workers.placed_in",
            ),
            "ties": ("projects",),
            "crossings.visitors": ("crossings.trigger",),
            "workers.placed_until": ("communities.reached", "communities.hosted"),
            "workers.placed_in": ("communities.hosted",),
            "communities.hosted": ("crossings.trigger",),
            "projects": ("communities.reached", "institutions.projects", "crossings.failed", "institutions.partnership"),
        },
    ),
    (
        "social work",
        {
            "money": ("institutions.standards", "institutions.sharing", "institutions.agreements"),
            "ties": ("cases",),
            "workers.trust": ("cases",),
            "workers.competence": ("welfare.triage",),
            "institutions.away": ("welfare.places",),
            "institutions.withdrawn_until": ("institutions.standards", "institutions.sharing", "institutions.agreements"),
            "welfare.triage": ("cases",),
            "welfare.places": ("cases", "welfare.load"),
            "institutions.sharing": ("cases", "welfare.triage"),
            "institutions.agreements": ("cases",),
            "institutions.standards": ("cases", "crossings.shared"),
            "cases": (
                "welfare.in_care",
                "welfare.waiting",
                "welfare.load",
                "welfare.unmet",
                "welfare.helped",
                "communities.legitimacy_lost",
            ),
            "welfare.load": ("workers.strain",),
            "welfare.unmet": ("communities.grievance_shift", "communities.legitimacy_shift", "crossings.trigger"),
            "welfare.helped": ("communities.trust_shift",),
            "crossings.visitors": ("crossings.trigger",),
        },
    ),
    (
        "public service",
        {
            "money": ("institutions.standards", "institutions.sharing", "institutions.agreements", "pilots"),
            "workers.cohort": (
                "institutions.standards",
                "institutions.sharing",
                "institutions.agreements",
                "institutions.learning",
                "pilots",
            ),
            "institutions.withdrawn_until": (
                "institutions.standards",
                "institutions.sharing",
                "institutions.agreements",
                "pilots",
            ),
            "ties": ("communities.services_shift",),
            "institutions.agreements": ("communities.services_shift",),
            "institutions.standards": ("crossings.shared", "crossings.trigger"),
            "towns.gap": ("communities.grievance_shift", "communities.legitimacy_shift", "crossings.trigger"),
            "crossings.relief": ("crossings.resources",),
            "crossings.resources": ("crossings.trigger",),
            "crossings.failed_works": ("crossings.trigger",),
            "crossings.visitors": ("crossings.trigger",),
            "communities.services": ("crossings.trigger",),
        },
    ),
    (
        "policing",
        {
            "money": ("institutions.standards", "institutions.sharing"),
            "workers.cohort": ("institutions.rapport", "institutions.standards", "institutions.learning"),
            "institutions.withdrawn_until": ("institutions.standards", "institutions.sharing"),
            "workers.conduct": ("institutions.force", "institutions.misconduct", "communities.legitimacy_shift"),
            "workers.identity": ("institutions.misconduct",),
            "institutions.away": ("institutions.misconduct",),
            "institutions.learning": ("institutions.misconduct", "institutions.habit"),
            "institutions.misconduct": ("communities.misconduct", "institutions.habit"),
            "communities.misconduct": ("communities.legitimacy_lost", "crossings.trigger"),
            "institutions.standards": (
                "crossings.shared",
                "crossings.misread",
                "crossings.containment",
                "communities.trust_shift",
            ),
            "institutions.sharing": (
                "crossings.misread",
                "communities.trust_shift",
                "communities.grievance_added",
                "communities.legitimacy_lost",
            ),
            "institutions.rapport": ("crossings.warning",),
            "crossings.rumour": ("crossings.trigger",),
            "crossings.rumour_rest": ("crossings.trigger",),
            "crossings.visitors": ("crossings.trigger",),
        },
    ),
    (
        "organizing",
        {
            "money": (
                "institutions.standards",
                "institutions.sharing",
                "institutions.agreements",
                "institutions.cohesion",
                "institutions.kept",
                "institutions.retention",
                "campaigns",
            ),
            "workers.cohort": ("communities.grievance_added", "communities.legitimacy_lost"),
            "institutions.withdrawn_until": (
                "institutions.standards",
                "institutions.sharing",
                "institutions.agreements",
                "campaigns",
            ),
            "workers.strain": ("workers.burnt_until",),
            "workers.burnt_until": ("movements.active",),
            "institutions.away": ("movements.active",),
            "workers.warmth": ("movements.pressure", "communities.grievance_shift"),
            "workers.conduct": ("movements.discipline",),
            "institutions.standards": ("movements.discipline", "crossings.shared"),
            "institutions.sharing": (
                "crossings.warning",
                "movements.pressure",
                "communities.grievance_added",
                "communities.legitimacy_lost",
                "movements.claims",
            ),
            "institutions.agreements": ("movements.active", "movements.aid", "movements.claims"),
            "movements.flank": ("movements.discipline",),
            "movements.discipline": (
                "movements.pressure",
                "communities.grievance_added",
                "communities.legitimacy_lost",
                "communities.grievance_shift",
            ),
            "movements.active": ("movements.pressure", "workers.strain"),
            "movements.pressure": ("crossings.trigger", "communities.grievance_shift"),
            "campaigns": (
                "movements.rally",
                "crossings.rally",
                "movements.claims",
                "communities.grievance_added",
                "communities.legitimacy_lost",
            ),
            "movements.claims": ("communities.grievance_shift", "communities.legitimacy_shift", "communities.trust_shift"),
            "movements.aid": ("communities.grievance_shift", "communities.trust_shift"),
            "crossings.rally": ("crossings.trigger",),
            "crossings.rumour": ("crossings.trigger",),
            "crossings.rumour_rest": ("crossings.trigger",),
            "crossings.visitors": ("crossings.trigger",),
        },
    ),
    ("spread", {"workers.competence": ("workers.competence",), "institutions.practice": ("institutions.practice",)}),
    (
        "incidents",
        {
            "crossings.trigger": ("crossings.cause", "incidents"),
            "crossings.drift": ("incidents",),
            "crossings.misread": ("incidents",),
            "crossings.warning": ("incidents",),
            "crossings.shared": ("incidents",),
            "crossings.dialogue": ("incidents",),
            "crossings.containment": ("crossings.excitation",),
            "ties": ("incidents",),
            "workers.trust": ("incidents",),
            "workers.conduct": ("incidents",),
            "workers.competence": ("incidents",),
            "crossings.excitation": ("incidents",),
            "lethal": ("crossings.violence",),
            "incidents": ("ended", "lethal", "crossings.violence", "crossings.excitation"),
        },
    ),
    (
        "communities",
        {
            "crossings.violence": ("communities.violence", "crossings.tension"),
            "communities.violence": (
                "communities.trust",
                "communities.grievance",
                "communities.legitimacy",
                "communities.livelihoods",
                "communities.services",
                "communities.memory",
            ),
            "workers.trust": ("communities.worker_gain",),
            "communities.worker_gain": ("communities.trust",),
            "workers.cohort": ("communities.acquainted_participants",),
            "communities.acquainted_participants": ("communities.trust", "crossings.tension"),
            "institutions.standards": ("communities.standards",),
            "communities.standards": ("communities.trust", "crossings.tension"),
            "communities.reached": ("communities.livelihoods", "communities.trust", "crossings.tension"),
            "communities.trust_shift": ("communities.trust",),
            "communities.legitimacy_shift": ("communities.legitimacy",),
            "communities.legitimacy_lost": ("communities.legitimacy",),
            "communities.grievance_shift": ("communities.grievance",),
            "communities.grievance_added": ("communities.grievance",),
            "communities.services_shift": ("communities.services",),
            "communities.rumour": ("communities.trust",),
            "communities.rumour_rest": ("communities.trust",),
            "crossings.rumour": ("crossings.tension",),
            "crossings.rumour_rest": ("crossings.tension",),
            "communities.trust": ("crossings.tension",),
            "communities.grievance": ("crossings.tension",),
        },
    ),
    (
        "people",
        {
            "communities.trust": ("workers.warmth", "workers.trust"),
            "ties": ("workers.warmth", "workers.trust", "institutions.friends"),
            "workers.competence": ("institutions.capability",),
            "institutions.practice": ("institutions.capability",),
            "institutions.kept": ("institutions.practice",),
            "institutions.away": ("institutions.capability",),
            "institutions.retention": ("workers.person",),
            "workers.strain": ("workers.person",),
            "workers.burnt_until": ("workers.person",),
            "institutions.buy_in": ("institutions.accountability",),
            "workers.person": ("workers", "ties", "institutions.practice", "institutions.friends"),
        },
    ),
    (
        "observation",
        {
            "ties": (
                *("calendar", "crossings.bridged", "institutions.group"),
                *("workers.ties", "workers.slots", "workers.partners", "workers.held_until"),
            )
        },
    ),
]


ORDER = ["shocks", *(step for step, _ in FOLLOWS)]
"""The week, in order."""


def reached(acts: dict[str, tuple[str, ...]]) -> set[str]:
    """Everything that can differ by the end of a week in which a mechanism acts so; a table's name stands for all its columns."""
    follows, out = dict(FOLLOWS), set()
    for step in ORDER:
        out |= set(acts.get(step, ()))
        before = -1
        while before != len(out):
            before = len(out)
            out |= {name for source, targets in follows.get(step, {}).items() if source in out for name in targets}
    return out
