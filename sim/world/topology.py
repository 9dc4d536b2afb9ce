"""Who is next to whom; fixed in a run. Lists of unequal length are stored one after another with their starts."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.columns import I32, U64
from sim.columns import Column as C  # noqa: N817


class Topology(NamedTuple):
    """Who is next to whom; fixed in a run."""

    crossing_start: Annotated[I32, C("i4", "where the crossings of each community start in the list", "index")]
    crossing_list: Annotated[I32, C("i4", "crossings of community c: from crossing_start[c] to crossing_start[c + 1]", "index")]
    neighbour_start: Annotated[I32, C("i4", "where the neighbours of each crossing start in the list", "index")]
    neighbour_list: Annotated[I32, C("i4", "neighbouring crossings of a crossing: those that share a community with it", "index")]
    pool_first: Annotated[I32, C("i4", "first worker of a profession in a community", "index", "families")]
    pool_staff: Annotated[I32, C("i4", "workers of a profession in a community", "workers", "families")]
    institution_start: Annotated[I32, C("i4", "institutions of community c: rows from [c] to [c + 1]", "index")]
    cells: Annotated[U64, C("u8", "keys of (crossing, kind of incident), kinds running fastest", "key")]
    told: Annotated[U64, C("u8", "keys of (community, side that a rumour is about), sides running fastest", "key")]
    near_start: Annotated[I32, C("i4", "where the nearest communities of each one start in the list", "index")]
    near_list: Annotated[I32, C("i4", "nearest communities of its own side, nearest first: the way that rumours take", "index")]
    faces: Annotated[NDArray[np.bool_], C("?", "whether a community has a crossing to each other side", "yes/no", "others")]
    needs: Annotated[U64, C("u8", "keys of (community, need), needs running fastest", "key")]
    peer_start: Annotated[I32, C("i4", "where the peers of each institution start in the list", "index")]
    peer_list: Annotated[
        I32, C("i4", "peers: of its profession nearby or across a crossing, see `sim.week.work.diffusion`", "index")
    ]
