"""Outcomes: the summaries of a run that comparisons use.

An *outcome* is one number of a run, computed from its weekly series over the horizon (weeks from 0 on; the burn-in never counts).
"""

from __future__ import annotations

from sim.outcomes.catalogue import OUTCOMES
from sim.outcomes.measures import Weekly
from sim.outcomes.outcome import Outcome

__all__ = ["BY_NAME", "OUTCOMES", "PRIMARY", "Outcome", "summarise"]

BY_NAME: dict[str, Outcome] = {outcome.name: outcome for outcome in OUTCOMES}
PRIMARY: tuple[str, ...] = tuple(outcome.name for outcome in OUTCOMES if outcome.primary)


def summarise(series: Weekly, residents: float) -> dict[str, float]:
    """Compute every outcome of a run.

    Parameters
    ----------
    series : dict of array of float, shape (weeks,)
        Weekly values over the horizon.
    residents : float
        Population of the region.
    """
    return {outcome.name: outcome.measure(series, residents) for outcome in OUTCOMES}
