"""What an outcome is: one number of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.outcomes.measures import Measure


@dataclass(frozen=True, slots=True)
class Outcome:
    """One number of a run.

    Attributes
    ----------
    name, unit, definition : str
        As tables show them.
    group : str
        escalation, trust, network, family, money or resilience.
    better : int
        1 if more is better, -1 if less is, 0 if neither.
    measure : callable
        From (series, residents) to the number; ``series[name]`` is the weekly array over the horizon.
    primary : bool
        Whether comparisons lead with it.
    interval : bool
        False where the tail is too heavy for an interval to mean anything.
    decimals : int
        How many decimals a table shows.
    """

    name: str
    unit: str
    definition: str
    group: Literal["escalation", "trust", "network", "family", "money", "resilience"]
    better: Literal[-1, 0, 1]
    measure: Measure
    primary: bool = False
    interval: bool = True
    decimals: int = 3

    @property
    def matters(self) -> float:
        """Smallest effect that matters: 0.01 on a scale or share, 5 % of the reference level otherwise."""
        return 0.01 if self.absolute else 0.05

    @property
    def absolute(self) -> bool:
        """Whether `matters` is counted on the outcome's own scale."""
        return self.unit in {"0-1", "share"}

    def threshold(self, reference: float) -> float:
        """Smallest effect that matters, in the outcome's unit, where the reference arm is at `reference`."""
        return self.matters if self.absolute else self.matters * abs(reference)
