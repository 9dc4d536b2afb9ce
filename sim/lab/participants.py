"""What participants themselves gain: each is compared with herself in the world without the programme.

Worlds of one seed that differ in a programme hold the same persons, so everyone who was enrolled (those who gave up
or left included: intention to treat) has a twin who never was. A person who leaves her post in either world keeps the
last values seen in both. It is a trial (`sim.evidence`) of the scenario's programmes, given to the whole region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.evidence.conduct import Conduct, probes_of
from sim.evidence.followed import Place
from sim.evidence.trial import Trial, TrialWorld
from sim.evidence.trial_file import TWINS, Assignment, Measure, TrialFile
from sim.lab.experiment import Arm
from sim.lab.survey import RELIABILITY
from sim.parameters.ordinary import RELIANCE
from sim.scenario.schema import Scenario

MEASURES = {
    "warmth": "warmth",
    "trust in strangers": "trust",
    "reliance on persons met": "reliance",
    "competence": "competence",
    "conduct": "conduct",
    "intercultural skill": "skill",
}
"""What is measured, and the quantity of persons that it is."""
ARM = "programmes"


@dataclass(frozen=True, slots=True)
class Gain:
    """What the participants of one pair of worlds gained by some weeks after enrolment.

    Attributes
    ----------
    d : dict
        Measure to standardised mean difference between participants and their twins.
    relying : float
        Participants who can rely on someone across, minus the same share of their twins.
    enrolled, workers, residents, institutions : float
        Persons enrolled, staff and residents of the region, and share of institutions that sent anyone.
    """

    d: dict[str, float]
    relying: float
    enrolled: int
    workers: int
    residents: float
    institutions: float


def follow(scenario: Scenario, seed: int, weeks: int = 52) -> Gain:
    """Follow all who are enrolled, and their twins, for some weeks after enrolment.

    Parameters
    ----------
    scenario : Scenario
        With at least one programme.
    seed : int
        Seed of both worlds.
    weeks : int
        Weeks from enrolment to measurement; those who are enrolled too late for it are left out of the gains.
    """
    trial = _trial(scenario, weeks)
    conduct = Conduct(trial, seed)
    record = conduct.live()
    world, sample = conduct.worlds[Place(0, False)], conduct.samples["participants", ARM]
    d, relying = {}, float("nan")
    for name, of in MEASURES.items():
        own, twin = (record[probe].values[0] for probe in probes_of(trial, trial.file.measures[of]) if probe is not None)
        spread = np.sqrt((own.var(ddof=1) + twin.var(ddof=1)) / 2.0) if own.size > 2 else 0.0
        d[name] = float((own.mean() - twin.mean()) / spread * np.sqrt(RELIABILITY)) if spread > 0 else float("nan")
        if of == "reliance" and own.size:
            relying = float((own >= RELIANCE).mean() - (twin >= RELIANCE).mean())
    institutions = np.unique(world.workers.institution[sample.posts]).size / world.institutions.key.size
    return Gain(d, relying, sample.persons.size, world.workers.person.size, world.residents, institutions)


def _trial(scenario: Scenario, weeks: int) -> Trial:
    """Make the trial that gives a scenario's programmes to its region and follows all participants against their twins."""
    until = min(max(programme.paid_until for programme in scenario.programmes.values()), scenario.weeks)
    file = TrialFile(
        bridgework="trial/1",
        title="participants",
        scenario="",
        seeds=2,
        enrol_weeks=max(int(until), 1),
        assignment=Assignment(),
        arms={ARM: Arm(programmes={name: {} for name in scenario.programmes})},
        measures={of: Measure(among="participants", of=of, arm=ARM, against=TWINS, week=weeks) for of in MEASURES.values()},
    )
    twin = scenario.model_copy(update={"programmes": {}})
    worlds = [(TrialWorld(scenario, {ARM: tuple(scenario.programmes)}), TrialWorld(twin, {}))]
    return Trial("participants", file, worlds, 0, min(int(until) + weeks + 1, scenario.weeks))
