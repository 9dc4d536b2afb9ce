"""Compile the rules with Numba, once per user and per version of the sources.

Numba's own cache does not notice that a function in another file changed, so the cache folder carries the fingerprint of
all sources. Where no folder can be written, the rules are compiled anew in each process and the user is told so.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba.core import types
from platformdirs import user_cache_dir

from sim.about import source_fingerprint

F = TypeVar("F", bound=Callable[..., Any])


def _cache_folder(more: str = "") -> Path | None:
    base = os.environ.get("BRIDGEWORK_CACHE_DIR") or user_cache_dir("bridgework", appauthor=False)
    folder = Path(base) / f"rules-{source_fingerprint()}{more and '-'}{more}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


_COMPLETE = "complete"
CACHE_FOLDER = _cache_folder()
"""Where compiled rules are kept, or None where nothing can be written."""
_counted = {"folder": CACHE_FOLDER}
"""Where those are kept that count by profession or kind of incident."""

if CACHE_FOLDER is None:
    warnings.warn(
        "no folder for compiled rules can be written, so they are compiled anew each time (some 30 s); "
        "set BRIDGEWORK_CACHE_DIR to a writable folder",
        stacklevel=2,
    )
else:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)


def count_apart(professions: str) -> None:
    """Keep rules that count by profession or kind of incident in a folder of their own: their constants differ where more are registered."""
    _counted["folder"] = _cache_folder(professions)


_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
"""No rule makes an array, so none needs Numba's reference counting, which would cost more than the rules themselves."""


def compiled(function: F) -> F:
    """Compile a rule: no Python objects, no fast-math, no threads, so that numbers never depend on the machine's cores.

    A rule may not make arrays; it writes into those it is given.
    """
    return numba.njit(cache=CACHE_FOLDER is not None, **_OPTIONS)(function)


def counted(function: F) -> F:
    """Compile a rule whose constants depend on which professions there are."""
    folder = _counted["folder"]
    if folder is None:
        return compiled(function)
    numba.config.CACHE_DIR = str(folder)
    try:
        return compiled(function)
    finally:
        numba.config.CACHE_DIR = str(CACHE_FOLDER)


def called(function: F) -> F:
    """Compile a function that other rules call; whole numbers reach it in 64 bits, so that it is compiled once, whoever calls."""
    return _widened(numba.njit(**_OPTIONS)(function))


def inlined(function: F) -> F:
    """Compile a small function that other rules call very often; it is built into them."""
    return _widened(numba.njit(forceinline=True, **_OPTIONS)(function))


def _widened(dispatcher: Any) -> Any:
    """Let compiled callers hand over whole numbers in 64 bits, constants too, where Numba would compile a variant for each type and each constant."""
    resolve = dispatcher.get_call_template

    def widened(arguments: Any, named: Any) -> Any:
        return resolve(tuple(map(_wide, arguments)), {name: _wide(one) for name, one in named.items()})

    dispatcher.get_call_template = widened
    return dispatcher


def _wide(one: Any) -> Any:
    plain: Any = types.unliteral(one)  # type: ignore[attr-defined]
    return types.int64 if isinstance(plain, types.Integer) and plain.signed else plain  # type: ignore[attr-defined]


def is_warm() -> bool:
    """Tell whether all compiled rules are in the cache already."""
    return all(folder is not None and (folder / _COMPLETE).exists() for folder in (CACHE_FOLDER, _counted["folder"]))


def note_warm() -> None:
    """Note that all rules are compiled."""
    for folder in (CACHE_FOLDER, _counted["folder"]):
        if folder is not None:
            with contextlib.suppress(OSError):
                (folder / _COMPLETE).touch()
