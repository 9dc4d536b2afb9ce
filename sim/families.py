"""The five professions as data: who works where, and which kind of incident each owns.

Each profession owns one kind of trigger and one kind of damper.
"""

from __future__ import annotations

from sim.declare import Family, InstitutionKind
from sim.registry import fresh, registered

_BUILT_IN: tuple[Family, ...] = (
    Family(
        "vocational",
        "V",
        (
            InstitutionKind("enterprise", "enterprises", "technicians and engineers"),
            InstitutionKind("training_centre", "training centres", "teachers and trainers"),
            InstitutionKind("health_centre", "health centres", "health staff"),
        ),
        "labour",
        flow="projects",
        trigger="incident_rate_labour",
        damper="livelihoods",
    ),
    Family(
        "social_work",
        "S",
        (InstitutionKind("welfare_office", "welfare offices", "social workers"),),
        "welfare",
        flow="helped_across",
        trigger="incident_rate_welfare",
        damper="unmet_share",
    ),
    Family(
        "public_service",
        "P",
        (InstitutionKind("municipality", "municipalities", "public servants"),),
        "services",
        flow="practice_public_service",
        trigger="incident_rate_services",
        damper="services",
    ),
    Family(
        "policing",
        "C",
        (InstitutionKind("police_service", "police services", "officers"),),
        "security",
        flow="procedures",
        trigger="incident_rate_security",
        damper="force_per_encounter",
    ),
    Family(
        "organizing",
        "O",
        (InstitutionKind("movement", "movements", "organizers"),),
        "protest",
        flow="campaigns",
        trigger="incident_rate_protest",
        damper="nonviolent_share",
    ),
)

FAMILIES: tuple[Family, ...] = (*_BUILT_IN, *(own.family for own in registered().families))
"""Every profession: the five of the package, then those that were registered."""
fresh("profession", (), (family.name for family in FAMILIES))
fresh("kind of institution", (), (kind.name for family in FAMILIES for kind in family.institutions))
VOCATIONAL, SOCIAL_WORK, PUBLIC_SERVICE, POLICING, ORGANIZING = range(len(_BUILT_IN))
"""Index of each family, as columns hold it."""

ARMED_KIND = "armed"
KINDS: tuple[str, ...] = (
    *(family.incident for family in _BUILT_IN),
    ARMED_KIND,
    *(own.family.incident for own in registered().families),
)
"""Kinds of incidents; ``armed`` belongs to no profession."""
fresh("kind of incident", (), KINDS)

RUNGS: tuple[str, ...] = ("friction", "threat", "force", "lethal", "sustained")
"""The ladder: friction, confrontation or threat, force without death, lethal, sustained violence."""
FORCE, LETHAL = 2, 3

ECHO_WEIGHT: tuple[float, ...] = (0.3, 0.6, 1.0, 1.5, 2.0)
"""Echoes caused by an incident that reaches a rung, relative to one that reaches force (assumption, fixed)."""
SEVERITY: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0, 5.0)
"""Violence felt when an incident reaches a rung, in units of one incident of force (assumption, fixed)."""


def family_of(institution_kind: str) -> Family:
    """Return the family that an institution kind belongs to."""
    for family in FAMILIES:
        if any(kind.name == institution_kind for kind in family.institutions):
            return family
    raise KeyError(institution_kind)
