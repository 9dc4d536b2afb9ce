"""Refuse what this machine could not hold, before anything is made."""

from __future__ import annotations

import os

from sim.errors import InputError, Words
from sim.scenario.schema import Scenario

BYTES_PER_WORKER = 140
BYTES_PER_TIE_KEPT = 24
"""Memory of one worker, and of one tie that she can keep; a test holds these against the real columns."""
BYTES_PER_COMMUNITY = 40_000
"""Memory of one community, most of it for households in crisis: twenty thousand residents are followed at most."""
SHARE = 0.8


def memory_of_machine() -> int:
    """Bytes of memory of this machine; 16 GB where it cannot be told."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 16 * 10**9


def memory_needed(scenario: Scenario) -> float:
    """Bytes that a scenario's world takes."""
    region = scenario.region
    communities, institutions, workers = region.size()
    return (
        workers * (BYTES_PER_WORKER + BYTES_PER_TIE_KEPT * region.ties_per_worker)
        + 300.0 * institutions
        + BYTES_PER_COMMUNITY * communities
    )


def check_memory(scenario: Scenario, where: str) -> None:
    """Refuse a region that does not fit into memory.

    Raises
    ------
    InputError
        With the number of workers and the memory they would take.
    """
    needed, there = memory_needed(scenario), memory_of_machine()
    if needed > SHARE * there:
        communities, institutions, workers = scenario.region.size()
        raise InputError(
            f"its workers in {institutions:,} institutions of {communities:,} communities would take {needed / 1e9:,.0f} GB of memory",
            where=f"{where}: region",
            value=Words(f"{workers:,} workers"),
            right=f"at most {SHARE * there / 1e9:,.0f} GB on this machine: fewer communities, institutions or staff",
        )
