"""Ctrl-C: heard wherever it falls, and answered between two pieces of work rather than in the middle of one."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator

_heard: list[int] = []
"""Every Ctrl-C that `heed_ctrl_c` answered."""


def heed_ctrl_c() -> None:
    """Note a Ctrl-C as well as raise it: raised while compiled rules are loaded it is lost, and `interrupts` answers it then."""

    def note(*_: object) -> None:
        _heard.append(1)
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
