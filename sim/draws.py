"""Keyed randomness: a draw belongs to (seed, purpose, week, entity), never to a position in a stream.

The generator is Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011),
a published counter-based generator. The 64-bit seed is its key; its 128-bit counter is made of the purpose (32 bits),
the week (32) and the entity (64). Each key yields four words, of which a rule uses as many as it needs.

Entities are named, not numbered: a post is the hash of its institution's name and its place in it, a person is (post,
week hired), a tie the unordered pair of its persons, an incident (crossing, kind, week, lineage). So two runs of one
seed that differ in policy differ only where the policy reaches.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.columns import Column as C  # noqa: N817
from sim.compiled import called, compiled, inlined

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)
_LOW, _32 = np.uint64(0xFFFFFFFF), np.uint64(32)
_MIX1, _MIX2, _GOLDEN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)


@inlined
def philox(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Philox4x32 with ten rounds: four counter words and two key words in, four random words out (all uint32)."""
    for _ in range(10):
        p0 = _M0 * np.uint64(c0)
        p1 = _M1 * np.uint64(c2)
        c0, c1, c2, c3 = (
            np.uint32(p1 >> _32) ^ c1 ^ k0,
            np.uint32(p1 & _LOW),
            np.uint32(p0 >> _32) ^ c3 ^ k1,
            np.uint32(p0 & _LOW),
        )
        k0 = np.uint32(k0 + _W0)
        k1 = np.uint32(k1 + _W1)
    return c0, c1, c2, c3


@inlined
def mix(a, b):  # type: ignore[no-untyped-def]
    """Hash an ordered pair of uint64 into one (SplitMix64's finaliser, applied twice)."""
    x = a + _GOLDEN
    x = (x ^ (x >> _30)) * _MIX1
    x = (x ^ (x >> _27)) * _MIX2
    x = (x ^ (x >> _31)) + b * _GOLDEN + _MIX1
    x = (x ^ (x >> _30)) * _MIX1
    x = (x ^ (x >> _27)) * _MIX2
    return x ^ (x >> _31)


@inlined
def pair_key(a, b):  # type: ignore[no-untyped-def]
    """Key of an unordered pair of persons."""
    return mix(min(a, b), max(a, b))


@inlined
def poisson_inverse(u, mean, most):  # type: ignore[no-untyped-def]
    """Count of a Poisson variable, at most `most`, from one uniform number; it never falls when the mean rises."""
    if u <= 1.0 - mean:  # a bound of the chance of none that costs less
        return 0
    term = math.exp(-mean)
    total, n = term, 0
    while u > total and n < most:
        n += 1
        term *= mean / n
        total += term
    return n


@compiled
def _fill(k0, k1, purpose, week, ids, out):  # type: ignore[no-untyped-def]
    purpose, week, k0, k1 = np.uint32(purpose), np.uint32(week), np.uint32(k0), np.uint32(k1)
    for i in range(ids.size):
        entity = ids[i]
        a, b, c, d = philox(purpose, week, np.uint32(entity & _LOW), np.uint32(entity >> _32), k0, k1)
        out[i, 0] = (a + 0.5) * 2.0**-32
        out[i, 1] = (b + 0.5) * 2.0**-32
        out[i, 2] = (c + 0.5) * 2.0**-32
        out[i, 3] = (d + 0.5) * 2.0**-32


@compiled
def _mix_all(a, b, out):  # type: ignore[no-untyped-def]
    for i in range(a.size):
        out[i] = mix(a[i], b[i])


@compiled
def _pair_keys(a, b, out):  # type: ignore[no-untyped-def]
    for i in range(a.size):
        out[i] = pair_key(a[i], b[i])


def mix_all(a: U64, b: U64) -> U64:
    """Apply `mix` to two equally long arrays of uint64."""
    out = np.empty(a.size, np.uint64)
    _mix_all(a, b, out)
    return out


def pair_keys(a: U64, b: U64) -> U64:
    """Apply `pair_key` to two equally long arrays of person keys."""
    out = np.empty(a.size, np.uint64)
    _pair_keys(a, b, out)
    return out


def name_key(*parts: str | int) -> int:
    """Hash a name into a 64-bit key, the same on every machine and in every version.

    Parameters
    ----------
    *parts : str or int
        The parts of the name, such as ``("institution", "Arnhem mill", 3)``.
    """
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


_purposes: dict[int, str] = {}


@cache
def purpose_key(name: str) -> np.uint32:
    """Hash a purpose's name into 32 bits; two names that would share them are refused."""
    value = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")
    if _purposes.setdefault(value, name) != name:
        raise ValueError(f"the purposes {name!r} and {_purposes[value]!r} share a key: rename one")
    return np.uint32(value)


BLOCK = 256
"""Entities for which `draw_block` draws at once."""


class Keyed(NamedTuple):
    """What compiled rules need to draw; see `uniforms` and `draw_block`."""

    words: Annotated[U64, C("u8", "the two halves of the seed", "key")]
    drawn: Annotated[NDArray[np.uint32], C("u4", "the four words of each entity of a block, see `draw_block`", "word", "block")]
    chosen: Annotated[NDArray[np.int32], C("i4", "room for what a rule chooses for those of a block", "index", "block")]
    noted: Annotated[NDArray[np.int64], C("i8", "number of draws that have been noted", "draws")]
    purposes: Annotated[NDArray[np.uint32], C("u4", "purposes of the draws that are noted, for tests", "key")]
    weeks: Annotated[NDArray[np.int32], C("i4", "their weeks", "week")]
    entities: Annotated[U64, C("u8", "their entities", "key")]


@inlined
def uniforms(draws, purpose, week, entity):  # type: ignore[no-untyped-def]
    """Draw four uniform numbers for an entity, in a compiled rule; `draws` is ``state.draws(at)``, `purpose` comes from `purpose_key`."""
    low, high = np.uint32(entity & _LOW), np.uint32(entity >> _32)
    a, b, c, d = philox(np.uint32(purpose), np.uint32(week), low, high, np.uint32(draws.words[0]), np.uint32(draws.words[1]))
    if draws.purposes.size > 0:
        k = draws.noted[0] % draws.purposes.size
        draws.purposes[k], draws.weeks[k], draws.entities[k] = purpose, week, entity
        draws.noted[0] += 1
    return (a + 0.5) * 2.0**-32, (b + 0.5) * 2.0**-32, (c + 0.5) * 2.0**-32, (d + 0.5) * 2.0**-32


@called
def draw_block(draws, purpose, week, entities, first):  # type: ignore[no-untyped-def]
    """Draw as `uniforms` does, for at most `BLOCK` entities from the place `first` on; returns for how many.

    Their numbers are then read with `uniform`. Drawing for many at once takes a third of the time, where every entity draws and few
    go on to anything else.
    """
    count = min(entities.size - first, BLOCK)
    k0, k1, drawn = np.uint32(draws.words[0]), np.uint32(draws.words[1]), draws.drawn
    for k in range(count):
        entity = entities[first + k]
        low, high = np.uint32(entity & _LOW), np.uint32(entity >> _32)
        a, b, c, d = philox(np.uint32(purpose), np.uint32(week), low, high, k0, k1)
        drawn[0, k], drawn[1, k], drawn[2, k], drawn[3, k] = a, b, c, d
    if draws.purposes.size > 0:
        for k in range(count):
            place = draws.noted[0] % draws.purposes.size
            draws.purposes[place], draws.weeks[place], draws.entities[place] = purpose, week, entities[first + k]
            draws.noted[0] += 1
    return count


@inlined
def uniform(draws, which, k):  # type: ignore[no-untyped-def]
    """Return one of the four uniform numbers, 0 to 3, that `draw_block` drew for the k-th entity of the block."""
    return (draws.drawn[which, k] + 0.5) * 2.0**-32


@dataclass(slots=True)
class Draws:
    """The random numbers of one run.

    Parameters
    ----------
    seed : int
        0 to 2⁶⁴−1.
    room : int, optional
        How many draws are noted with purpose, week and entity; for tests.
    """

    seed: int
    room: int = 0
    words: U64 = field(init=False)
    drawn: NDArray[np.uint32] = field(init=False)
    chosen: NDArray[np.int32] = field(init=False)
    noted: NDArray[np.int64] = field(init=False)
    purposes: NDArray[np.uint32] = field(init=False)
    weeks: NDArray[np.int32] = field(init=False)
    entities: U64 = field(init=False)
    _scratch: dict[str, tuple[np.uint32, F64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the columns that compiled rules read."""
        self.words, self.noted = np.array([self.seed & 0xFFFFFFFF, self.seed >> 32], np.uint64), np.zeros(1, np.int64)
        self.drawn, self.chosen = np.zeros((4, BLOCK), np.uint32), np.zeros((3, BLOCK), np.int32)
        self.purposes, self.weeks = np.zeros(self.room, np.uint32), np.zeros(self.room, np.int32)
        self.entities = np.zeros(self.room, np.uint64)

    def fill(self, purpose: str, week: int, ids: U64) -> F64:
        """Draw four uniform numbers for each entity.

        Parameters
        ----------
        purpose : str
            What the numbers are for; each purpose has draws of its own.
        week : int
            Week of the run, 0 at the start of the horizon, negative in the burn-in.
        ids : array of uint64, shape (n,)
            Keys of the entities, each at most once per purpose and week.

        Returns
        -------
        array of float64, shape (n, 4)
            Uniform in the open interval (0, 1), on a grid of 2⁻³². The array is reused by the next fill for the same purpose.
        """
        n = ids.size
        key, buffer = self._scratch.get(purpose) or (purpose_key(purpose), np.empty((64, 4)))
        if buffer.shape[0] < n:
            buffer = np.empty((n, 4))
        self._scratch[purpose] = key, buffer
        out = buffer[:n]
        if n:
            _fill(self.seed & 0xFFFFFFFF, self.seed >> 32, key, week & 0xFFFFFFFF, ids, out)
            if self.room:
                rows = (int(self.noted[0]) + np.arange(n)) % self.room
                self.purposes[rows], self.weeks[rows], self.entities[rows] = key, week, ids
                self.noted[0] += n
        return out

    def copy(self) -> Draws:
        """Return draws of the same seed, none of them noted."""
        return Draws(self.seed)


def normals(u: F64, v: F64) -> tuple[F64, F64]:
    """Turn two arrays of uniforms into two arrays of standard normals (Box & Muller 1958)."""
    radius = np.sqrt(-2.0 * np.log(u))
    return radius * np.cos(2 * np.pi * v), radius * np.sin(2 * np.pi * v)
