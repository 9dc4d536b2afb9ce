"""What a survey of residents would find: the fixed survey model, which no calibration may tune.

Residents of a community differ from its mean, and a scale measures with error. A standardised difference therefore divides
what the simulation says of means by how far residents differ, and is smaller than the true one by the root of the scale's reliability.
"""

from __future__ import annotations

import math

RESIDENT_SPREAD = 0.2
"""Standard deviation of residents' trust or legitimacy around their community's mean, on the scale from 0 to 1 (assumption, fixed)."""
RELIABILITY = 0.8
"""Reliability of a survey scale (assumption, fixed)."""


def residents_d(difference: float) -> float:
    """Turn a difference of residents' mean trust or legitimacy into the standardised difference d that a survey would find."""
    return difference / RESIDENT_SPREAD * math.sqrt(RELIABILITY)
