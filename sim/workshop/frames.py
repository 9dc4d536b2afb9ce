"""What is shown of a world: once, how it is laid out; and for each week a frame, some hundred bytes.

A frame holds, one after the other and in little-endian order:

- the week (int32); numbers of incidents, of incidents that ended this week, and of cohorts (uint16 each); two bytes of nothing;
- the series of `SHOWN` (float32);
- trust of each community (uint8, 255 is 1); tension and openness of each crossing (uint8); live ties of each crossing (uint16);
- for each incident its number (uint32), crossing (uint16), kind and rung (uint8);
- for each that ended its crossing (uint16), rung and how it ended (uint8);
- for each cohort its crossing (uint16), profession (uint8), and how much of it is done (uint8, 255 is all).
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.families import FAMILIES, KINDS, RUNGS
from sim.scenario.schema import Scenario
from sim.series import INDEX, SERIES
from sim.workshop.futures import ALIKE
from sim.world.tables import STOP
from sim.world.world import World

SHOWN = (
    "community_trust",
    "worker_trust",
    "worker_warmth",
    "tension",
    "live_ties",
    "reached_force",
    "deaths",
    "mediated",
    "participants",
    "alumni",
    "grievance",
    "legitimacy",
    "livelihoods",
    "spend",
)
"""Series that the page has of every week."""
_COLUMNS = np.array([INDEX[name] for name in SHOWN])
INCIDENT = np.dtype([("number", "<u4"), ("crossing", "<u2"), ("kind", "u1"), ("rung", "u1")])
ENDED = np.dtype([("crossing", "<u2"), ("rung", "u1"), ("how", "u1")])
COHORT = np.dtype([("crossing", "<u2"), ("family", "u1"), ("done", "u1")])
HEAD = struct.Struct("<iHHHxx")
SIZE = struct.Struct("<I")


def layout_of(world: World) -> dict[str, Any]:
    """Tell what does not change: places, crossings, names, and how to read a frame."""
    c, x, scenario = world.communities, world.crossings, world.scenario
    by_name = {series.name: series for series in SERIES}
    return {
        "title": scenario.title,
        "sides": list(scenario.region.sides),
        "start": scenario.start.isoformat(),
        "weeks": scenario.weeks,
        "residents": world.residents,
        "communities": [
            {"name": name, "side": int(c.side[i]), "x": float(c.x[i]), "y": float(c.y[i]), "population": float(c.population[i])}
            for i, name in enumerate(world.community_names)
        ],
        "crossings": [
            {"a": int(x.a[i]), "b": int(x.b[i]), "exposure": float(x.exposure[i])} for i in range(x.key.size)
        ],
        "laid_out": scenario.region.layout is not None,
        "kinds": list(KINDS),
        "rungs": list(RUNGS),
        "families": [family.name for family in FAMILIES],
        "stops": list(STOP),
        "alike": ALIKE,
        "series": [{"name": name, "unit": by_name[name].unit, "meaning": by_name[name].meaning} for name in SHOWN],
    }  # fmt: skip


def shocks_of(scenario: Scenario) -> list[dict[str, Any]]:
    """Tell when which shocks strike."""
    return [{"kind": x.kind, "week": x.in_week(scenario.start), "weeks": x.weeks} for x in scenario.shocks.values()]


def frame_of(world: World) -> bytes:
    """Return what is shown of the week that was lived last."""
    c, x, live = world.communities, world.crossings, world.live_incidents
    incidents = np.empty(live, INCIDENT)
    incidents["number"] = (world.incidents.key[:live] & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    incidents["crossing"], incidents["kind"] = world.incidents.crossing[:live], world.incidents.kind[:live]
    incidents["rung"] = world.incidents.rung[:live]
    rows = ended_now(world)
    gone = np.empty(rows.size, ENDED)
    gone["crossing"], gone["rung"], gone["how"] = (getattr(world.ended, n)[rows] for n in ("crossing", "rung", "stopped"))
    cohorts = [
        (cohort.crossing, p.family, cohort.elapsed / max(cohort.weeks, 1)) for p in world.programmes for cohort in p.cohorts
    ]
    held = np.empty(len(cohorts), COHORT)
    for row, (crossing, family, done) in zip(held, cohorts, strict=True):
        row["crossing"], row["family"], row["done"] = crossing, family, round(255 * min(done, 1.0))
    return b"".join((
        HEAD.pack(world.week - 1, live, len(gone), len(held)), world.tally[_COLUMNS].astype("<f4").tobytes(),
        _byte(c.trust.mean(axis=1)), _byte(x.tension), _byte(x.open), np.minimum(x.bridged, 65_535).astype("<u2").tobytes(),
        incidents.tobytes(), gone.tobytes(), held.tobytes(),
    ))  # fmt: skip


def paired(frames: tuple[bytes, bytes]) -> bytes:
    """Return the frames of both worlds, each with its length (uint32) before it."""
    return b"".join(part for frame in frames for part in (SIZE.pack(len(frame)), frame))


def ended_now(world: World) -> NDArray[np.int64]:
    """Return the rows of the incidents that ended in the week that was lived last: they are filed at the end."""
    last, first = world.ended_incidents, world.ended_incidents
    while first > 0 and world.ended.ended[first - 1] == world.week - 1:
        first -= 1
    return np.arange(first, last)


def _byte(share: NDArray[np.float32]) -> bytes:
    return np.clip(np.rint(share * 255.0), 0, 255).astype(np.uint8).tobytes()
