"""Levels of an ordinary newcomer, institution and week, from which effects are counted (assumptions, fixed)."""

from __future__ import annotations

NEUTRAL_TENSION = 0.3
"""Tension of an ordinary week; effects of tension are counted from here."""
NEUTRAL_TRUST = 0.5
"""Trust at which trust neither helps nor hinders an incident's climb."""
ORDINARY_SKILL = 0.3
ORDINARY_COMPETENCE = 0.45
ORDINARY_CONDUCT = 0.5
ORDINARY_STRAIN = 0.3
ORDINARY_IDENTITY = 0.4
"""Levels of an ordinary newcomer."""
SKILL_SPREAD = 0.08
COMPETENCE_SPREAD = 0.1
CONDUCT_SPREAD = 0.12
"""Standard deviations of newcomers around them."""
ORDINARY_OPENNESS = 0.4
ORDINARY_LEARNING = 0.25
"""An ordinary institution's openness to staff from across, and readiness to admit errors."""
ORDINARY_STATE = 0.5
"""Level of livelihoods or legitimacy from which their lack is counted."""
ORDINARY_COHESION = 0.5
ORDINARY_GRIEVANCE = 0.35
"""Cohesion of an ordinary movement, and grievance at which protests are as frequent as usual."""
ORDINARY_VULNERABILITY = 0.3
MOST_VULNERABLE = 1.5
"""Share of vulnerable residents in an ordinary community, and how many times as many crises the most vulnerable one has."""
UNMET_SCALE = 2.0
ORDINARY_UNMET = 0.3
"""Recent unmet crises per 1,000 residents that are half-way to overwhelmingly many, and how far an ordinary community is on that way."""
CRISES_REMEMBERED = 12.5
"""Weeks for which an unmet crisis counts in all, half of it in the first eight."""
ORDINARY_RESOURCES = 0.3
"""Strain on what both sides of an ordinary crossing use (water, housing)."""
RELIANCE = 0.15
"""Strength of a tie from which one would rely on the other: ask across, and believe the answer."""
CROWD = 10.0
"""Visitors of programmes at a crossing who make two thirds (1 − 1/e) of the occasion for incidents that many would make."""
