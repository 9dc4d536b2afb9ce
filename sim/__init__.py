"""Bridgework: an agent-based simulation of peacebuilding through professional exchange.

Everything a user may rely on is listed here; a change to any of it is in the changelog.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.about import MODEL_VERSION, __version__

if TYPE_CHECKING:
    from sim.agents import CommunityAgent, InstitutionAgent, WorkerAgent
    from sim.calibration.results import Calibrated, calibrate
    from sim.calibration.waves import CalibrationSize
    from sim.errors import BridgeworkError, InputError, RunsFailedError, StorageError
    from sim.evidence.estimates import Finding, hold_trials
    from sim.evidence.trial import Trial, load_trial
    from sim.fit.border import BorderFit, fit_events
    from sim.fit.choosing import EventChoice
    from sim.lab.api import compare, sweep
    from sim.lab.effects import paired_effects
    from sim.lab.experiment import Experiment, load_experiment
    from sim.lab.run import Run, run
    from sim.lab.study import Study
    from sim.model import BorderModel
    from sim.outcomes import OUTCOMES
    from sim.parameters import Parameters, all_parameters
    from sim.scenario.reading import load_scenario
    from sim.scenario.schema import Scenario
    from sim.series import SERIES
    from sim.week.schedule import WEEK
    from sim.world.build import build_world

_PUBLIC = {
    "BorderFit": "sim.fit.border",
    "BorderModel": "sim.model",
    "BridgeworkError": "sim.errors",
    "Calibrated": "sim.calibration.results",
    "CalibrationSize": "sim.calibration.waves",
    "CommunityAgent": "sim.agents",
    "EventChoice": "sim.fit.choosing",
    "Experiment": "sim.lab.experiment",
    "Finding": "sim.evidence.estimates",
    "InputError": "sim.errors",
    "InstitutionAgent": "sim.agents",
    "OUTCOMES": "sim.outcomes",
    "Parameters": "sim.parameters",
    "Run": "sim.lab.run",
    "RunsFailedError": "sim.errors",
    "SERIES": "sim.series",
    "Scenario": "sim.scenario.schema",
    "StorageError": "sim.errors",
    "Study": "sim.lab.study",
    "Trial": "sim.evidence.trial",
    "WEEK": "sim.week.schedule",
    "WorkerAgent": "sim.agents",
    "all_parameters": "sim.parameters",
    "build_world": "sim.world.build",
    "calibrate": "sim.calibration.results",
    "compare": "sim.lab.api",
    "fit_events": "sim.fit.border",
    "hold_trials": "sim.evidence.estimates",
    "load_experiment": "sim.lab.experiment",
    "load_scenario": "sim.scenario.reading",
    "load_trial": "sim.evidence.trial",
    "paired_effects": "sim.lab.effects",
    "run": "sim.lab.run",
    "sweep": "sim.lab.api",
}

__all__ = [
    "MODEL_VERSION",
    "OUTCOMES",
    "SERIES",
    "WEEK",
    "BorderFit",
    "BorderModel",
    "BridgeworkError",
    "Calibrated",
    "CalibrationSize",
    "CommunityAgent",
    "EventChoice",
    "Experiment",
    "Finding",
    "InputError",
    "InstitutionAgent",
    "Parameters",
    "Run",
    "RunsFailedError",
    "Scenario",
    "StorageError",
    "Study",
    "Trial",
    "WorkerAgent",
    "__version__",
    "all_parameters",
    "build_world",
    "calibrate",
    "compare",
    "fit_events",
    "hold_trials",
    "load_experiment",
    "load_scenario",
    "load_trial",
    "paired_effects",
    "run",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``import sim`` stays light."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
