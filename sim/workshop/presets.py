"""Programmes that can be switched on with one click: those of the experiment ``five-families``, one of each profession on the same money."""

from __future__ import annotations

from functools import cache
from typing import Any

from sim.declare import Declaration, declarations
from sim.errors import InputError
from sim.levers import FAMILY_LEVERS, CommonLevers
from sim.mechanisms import MECHANISMS
from sim.scenario.programme import WHOLE
from sim.scenario.reading import find, read_toml

EXPERIMENT = "five-families"


MOST = {"annual_budget": 5_000_000.0, "cohort_size": 120.0, "catchment": 20.0}
"""Highest that the page offers of levers that may be set higher in a file."""


def turned() -> dict[str, Any]:
    """Tell all that can be turned: levers of every programme and of each profession, and mechanisms.

    Returns
    -------
    dict
        ``common``: rows of levers; ``families``: such rows by profession; ``mechanisms``: name, meaning, and whether it is on unless said otherwise.
        A row of a lever has its name, meaning, unit, least and most, and ``sources``: what asserts or measured it; none for an assumption.
    """
    own = {family: [_row(row) for row in declarations("", room)] for family, room in FAMILY_LEVERS.items()}
    switches = [{"name": name, "meaning": m.meaning, "on": m.on} for name, m in MECHANISMS.items()]
    return {"common": [_row(row) for row in declarations("", CommonLevers)], "families": own, "mechanisms": switches}


def _row(row: Declaration) -> dict[str, Any]:
    d = row.declared
    sources = [] if d.source == "assumption" else d.source.split(", ")
    most = MOST.get(row.name, d.high)
    whole = d.unit in WHOLE
    return {
        "name": row.name,
        "meaning": d.meaning,
        "unit": d.unit,
        "low": d.low,
        "high": most,
        "whole": whole,
        "sources": sources,
    }


@cache
def _presets() -> dict[str, dict[str, Any]]:
    arms = read_toml(find("experiments", EXPERIMENT))["arms"]
    return {name: dict(body) for arm in arms.values() for name, body in arm.get("programmes", {}).items()}


def presets() -> tuple[str, ...]:
    """Return their names."""
    return tuple(_presets())


def preset(name: str) -> dict[str, Any]:
    """Return what a scenario says of one.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in _presets():
        raise InputError("no such programme", where="programme", value=name, right=f"one of: {', '.join(presets())}")
    return dict(_presets()[name])
