"""How communities feel what happens, and come back to themselves."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from sim.declare import Declared as D  # noqa: N817


class CommunityParameters(NamedTuple):
    """How communities feel what happens, and come back to themselves."""

    trust_half_life: Annotated[float, D("weeks until half of a blow to community trust is mended", "weeks", 26, 104)] = 78.0
    grievance_half_life: Annotated[float, D("weeks until half of an added grievance is gone", "weeks", 26, 104)] = 52.0
    legitimacy_half_life: Annotated[float, D("weeks until half of a change in legitimacy is gone", "weeks", 26, 104)] = 78.0
    livelihoods_half_life: Annotated[
        float, D("weeks until livelihoods are half-way to their resting level", "weeks", 26, 104)
    ] = 40.0
    services_half_life: Annotated[float, D("weeks until services are half-way to their resting level", "weeks", 26, 104)] = 40.0
    memory_half_life: Annotated[float, D("weeks until half of the memory of violence has faded", "weeks", 26, 104)] = 104.0
    tension_half_life: Annotated[float, D("weeks until half of an added tension is gone", "weeks", 26, 104)] = 30.0
    acquaintances: Annotated[
        float, D("residents who know a worker well enough to learn from her contacts", "residents", 5, 50, "A12", "C")
    ] = 20.0
    extended_contact: Annotated[
        float, D("share of a worker's gain that passes to those who know her", "share", 0, 1, "A12", "B")
    ] = 0.4
    tipping: Annotated[
        float,
        D(
            "share of residents who know a participant from which on residents learn from workers' contacts",
            "share",
            0,
            0.6,
            rival=True,
        ),
    ] = 0.0
    violence_trust: Annotated[float, D("community trust lost per unit of violence", "share", 0, 0.016)] = 0.008
    violence_grievance: Annotated[float, D("grievance added per unit of violence", "share of the way to 1", 0, 0.016)] = 0.008
    violence_legitimacy: Annotated[float, D("legitimacy lost per unit of violence", "share", 0, 0.015)] = 0.005
    violence_livelihoods: Annotated[float, D("livelihoods lost per unit of violence", "share", 0, 0.015, "C15")] = 0.005
    violence_services: Annotated[float, D("service quality lost per unit of violence", "share", 0, 0.015, "C15")] = 0.005
    violence_memory: Annotated[float, D("memory added per unit of violence", "share of the way to 1", 0, 0.05)] = 0.02
    violence_tension: Annotated[float, D("tension added per unit of violence", "share of the way to 1", 0, 0.05)] = 0.03
    livelihoods_grievance: Annotated[
        float, D("rise of grievance's resting level per unit of livelihoods lost", "ratio", 0, 0.6)
    ] = 0.4
    services_legitimacy: Annotated[float, D("rise of legitimacy's resting level per unit of service gained", "ratio", 0, 1)] = 0.3
    legitimacy_grievance: Annotated[
        float, D("fall of grievance's resting level per unit of legitimacy gained", "ratio", 0, 1)
    ] = 0.2
    grievance_tension: Annotated[float, D("rise of tension's resting level per unit of grievance added", "ratio", 0, 0.4)] = 0.3
    trust_tension: Annotated[
        float, D("fall of tension's resting level per unit of community trust gained", "ratio", -0.1, 0.4)
    ] = 0.2
    memory_trust: Annotated[float, D("fall of trust's resting level per unit of memory of violence", "ratio", 0, 0.15)] = 0.05
    projects_livelihoods: Annotated[
        float, D("rise of livelihoods' resting level if every household had work across the border", "ratio", 0, 0.6, "V15")
    ] = 0.25
    capability_services: Annotated[
        float, D("rise of services' resting level per unit of its institutions' capability gained", "ratio", 0, 0.8, "V15")
    ] = 0.4
