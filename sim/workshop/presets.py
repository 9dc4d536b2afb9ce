"""Programmes that can be switched on with one click: those of the experiment ``five-families``, one of each profession on the same money."""

from __future__ import annotations

from functools import cache
from typing import Any

from sim.errors import InputError
from sim.scenario.reading import find, read_toml

EXPERIMENT = "five-families"


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
