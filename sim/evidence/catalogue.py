"""The evidence table: which of its rows are held against the simulation by a trial, and which cannot be, and why."""

from __future__ import annotations

USES = {
    "cal": "for calibration",
    "prior": "for setting parameters",
    "check": "scored once, after calibration",
    "own": "a trial of your own",
}
"""What a row of evidence is used for."""

NOT_EXPRESSED = {
    "F2": "how much of a conflict earlier events trigger is not identified: a baseline that drifts explains as much. F3 fits both and shows "
    "how far they differ",
    "F4": "disputes between states that are militarised already; how far everyday incidents climb is an assumption",
    "F9": "no effect of hotlines or early warning has been measured; it is swept over its range",
    "G2": "burnout among activists is reported at 20-40 % a year on weak evidence; it is swept over its range",
}
"""Rows that no trial holds against the simulation, and the reason."""

IN_PART = {
    "A6": "hostile meetings are not counted",
    "B2": "disrespect is not told apart from respectful conduct; the 28 officers' own number is too small to mean much here",
    "B4": "the use of force stands for encounters that escalate",
    "D2": "heads who are replaced are not followed as persons, only their institution's backing",
    "E2": "in a region with exchange: without it hardly any tie is close",
    "E6": "labour disputes alone; how many of them are mediated has no band",
    "F5": "the field counts states, the simulation a region",
    "H1": "employment stands as work across the border",
    "H3": "how much of it is moving away for good has no figure",
    "W1": "clinics stand as welfare offices, and a new resource as help in time",
}
"""Rows of which a trial expresses a part only, and what is missing."""
