"""Rival assumptions: what some in the field hold instead of this model's main assumptions, each to be lived in its stead.

A rival replaces the parameters that carry an assumption, and switches mechanisms, so that the other view holds; nothing else changes.
Where a conclusion holds under the model and under its rivals, it does not hang on which of them is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sim.errors import InputError
from sim.scenario.reading import make_scenario, overlay
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.evidence.trial import Trial
    from sim.lab.experiment import Experiment

MOST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Rival:
    """A rival assumption.

    Attributes
    ----------
    instead_of : str
        What the model assumes.
    words : str
        What the rival assumes.
    who : str
        Where the other view comes from.
    mechanisms : dict of str to bool
        Mechanisms that it switches.
    parameters : dict of str to dict of str to float
        Parameters that it sets, by room.
    """

    instead_of: str
    words: str
    who: str
    mechanisms: dict[str, bool] = field(default_factory=dict)
    parameters: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def table(self) -> dict[str, Any]:
        """What is laid over a scenario."""
        return {"mechanisms": self.mechanisms, "parameters": self.parameters}


RIVALS: dict[str, Rival] = {
    "idle-trust": Rival(
        "trust between communities keeps incidents from climbing and lowers tension",
        "trust between communities does neither: what people feel for each other does not stop violence",
        "no field study has measured it (EVIDENCE, last line)",
        {"trust_escalation": False},
        {"communities": {"trust_tension": 0.0}},
    ),
    "exposing-contact": Rival(
        "contact warms, and visitors add some occasions for incidents",
        "contact hardly warms and never generalises; above all, visitors at a tense crossing are occasions for incidents",
        "null effects on strangers (A4), harm under competition (A6); the size of exposure is an assumption",
        {"generalisation": False},
        {"contact": {"warmth_gain": 0.002}, "incidents": {"exposure": 1.0}},
    ),
    "thresholds": Rival(
        "every meeting moves attitudes a little, and residents learn from every worker they know",
        "only meetings of people who have become close move attitudes, and residents learn only once a quarter of them know a participant",
        "friendship as the turning point of contact (Pettigrew 1998); tipping at a committed quarter (Centola et al. 2018)",
        {},
        {"contact": {"friendship": 0.3}, "communities": {"tipping": 0.25}},
    ),
    "drift": Rival(
        "incidents echo: violence sets off violence",
        "incidents do not echo; their background drifts, and bad weeks follow bad weeks because of that",
        "counts cannot tell the two apart (F2)",
        {"self_excitation": False, "drifting_baseline": True},
        {"incidents": {"drift_spread": 0.9, "drift_half_life": 13.0, "drift_common": 0.8}},
    ),
}
"""Every rival assumption, by name; numbers are those of EVIDENCE where it has them, and otherwise the plainest that make the other view hold."""


def rival_named(name: str, where: str = "rival") -> Rival:
    """Return a rival.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in RIVALS:
        raise InputError("no such rival assumption", where=where, value=name, right=f"one of: {', '.join(RIVALS)}")
    return RIVALS[name]


def under(scenario: Scenario, name: str) -> Scenario:
    """Return a scenario under a rival assumption; what the scenario itself sets of it gives way.

    Raises
    ------
    InputError
        If there is no such rival, or violence would feed itself under it.
    """
    table = scenario.model_dump(exclude_none=True)
    return make_scenario(overlay(table, rival_named(name).table), f"{scenario.title}, rival {name}")


def experiment_under(experiment: Experiment, name: str) -> Experiment:
    """Return an experiment all of whose arms live under a rival assumption."""
    title = f"{experiment.file.title} (rival: {name})"
    file = experiment.file.model_copy(update={"title": title if len(title) <= MOST_TITLE else experiment.file.title})
    scenarios = {arm: under(scenario, name) for arm, scenario in experiment.scenarios.items()}
    return replace(experiment, name=f"{experiment.name}-{name}", file=file, scenarios=scenarios)


def trial_under(trial: Trial, name: str) -> Trial:
    """Return a trial all of whose worlds live under a rival assumption."""
    worlds = [
        (replace(world, scenario=under(world.scenario, name)), replace(twin, scenario=under(twin.scenario, name)))
        for world, twin in trial.worlds
    ]
    return replace(trial, worlds=worlds)
