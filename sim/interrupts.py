"""Ctrl-C: heard wherever it falls, and answered between two pieces of work rather than in the middle of one."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

_COMPILER = ("numba", "llvmlite")
_heard: list[int] = []
"""Every Ctrl-C that fell while rules were compiled or loaded."""


def heed_ctrl_c() -> None:
    """Raise at a Ctrl-C, but for one that falls while rules are compiled or loaded: the compiler would lose it, or print a trace.

    That is noted, and the next `interrupts` answers it.
    """

    def note(_: int, frame: FrameType | None) -> None:
        while frame is not None:
            if str(frame.f_globals.get("__name__")).partition(".")[0] in _COMPILER:
                _heard.append(1)
                return
            frame = frame.f_back
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)


@contextlib.contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a flag, so that the work in hand is finished and kept; the second one ends it at once.

    Raises
    ------
    KeyboardInterrupt
        If there was one before, see `heed_ctrl_c`.
    """
    if _heard:
        raise KeyboardInterrupt
    hits: list[int] = []

    def note(*_: object) -> None:
        from multiprocessing import active_children

        hits.append(1)
        if len(hits) == 1:
            print("\nStopping after the work in hand; Ctrl-C again stops at once.", file=sys.stderr, flush=True)
        workers = active_children() if len(hits) > 1 else []
        for worker in workers:
            worker.kill()
        if len(hits) > 1 and not workers:
            raise KeyboardInterrupt

    try:
        old = signal.signal(signal.SIGINT, note)
    except ValueError:  # not in the main thread: Ctrl-C does not come here
        yield lambda: False
        return
    try:
        yield lambda: bool(hits)
    finally:
        signal.signal(signal.SIGINT, old)
