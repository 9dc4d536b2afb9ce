"""What the field found, as calibration uses it: the banded measures of trials, and how far a figure lies outside a band.

Only trials whose ``use`` is ``cal`` are read here; those that are kept for the end, or that parameters came from, are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.evidence.catalogue import USES
from sim.evidence.trial import Trial, load_trial
from sim.evidence.trial_file import Measure
from sim.scenario import library

CAL = "cal"
REACH = 4.0
"""Widths of a band beyond its ends within which figures are told apart; further out is as good as there."""


@dataclass(frozen=True, slots=True)
class Target:
    """One banded measure of a trial.

    Attributes
    ----------
    trial, measure : str
        Names of both.
    evidence : str
        Id of the row of the evidence table.
    low, high : float
        Ends of the band; infinite where it is open.
    emergent : bool
        Whether it speaks for or against the model.
    label : str
        How tables call it.
    """

    trial: str
    measure: str
    evidence: str
    low: float
    high: float
    emergent: bool
    label: str

    @property
    def study(self) -> str:
        """The study it comes from: its row of the evidence table, or its trial where it is in none."""
        return self.evidence or self.trial

    @property
    def key(self) -> str:
        """Trial and measure, by which figures are kept."""
        return f"{self.trial}/{self.measure}"

    def holds(self, figure: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which figures lie in the band."""
        return (figure >= self.low) & (figure <= self.high)

    def outside(self, figure: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far figures lie outside the band, 0 within it."""
        return np.maximum(np.maximum(self.low - figure, figure - self.high), 0.0)

    def near(self, figure: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return figures, those far from the band moved to where nothing is told apart any more.

        Of a band that is open on one side, the spread of the figures (the extreme hundredths left aside) stands for its width.
        """
        width = self.high - self.low
        if not np.isfinite(width):
            known = figure[np.isfinite(figure)]
            width = float(np.clip(known, *np.percentile(known, [1, 99])).std()) if known.size else 1.0
        low = self.low if np.isfinite(self.low) else self.high
        high = self.high if np.isfinite(self.high) else self.low
        return np.clip(figure, low - REACH * width, high + REACH * width)


def _target(trial: Trial, name: str, measure: Measure) -> Target:
    low = -np.inf if measure.low is None else measure.low
    high = np.inf if measure.high is None else measure.high
    return Target(trial.name, name, trial.file.evidence, float(low), float(high), measure.emergent, measure.label or name)


def targets_of(trials: Iterable[Trial]) -> list[Target]:
    """List the banded measures of trials."""
    return [_target(trial, name, m) for trial in trials for name, m in trial.file.measures.items() if m.banded]


def calibration_trials(names: Iterable[str | Path] | None = None) -> list[Trial]:
    """Return the trials that are calibrated on: the built-in ones that are for it, or those that are named.

    Raises
    ------
    InputError
        If a trial that is named is kept for another end, or there is none of this name.
    """
    if not names:
        return [trial for trial in map(load_trial, library.names("trials")) if trial.file.use == CAL]
    found = [load_trial(name) for name in dict.fromkeys(names)]
    for trial in found:
        if trial.file.use not in (CAL, "own"):
            right = f'trials whose use is "{CAL}" ({USES[CAL]}), or your own'
            raise InputError(
                "not for calibration", where=trial.name, value=f"{trial.file.use}: {USES[trial.file.use]}", right=right
            )
    return found
