from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim import draws
from sim.draws import Draws, Keyed, name_key, pair_keys, purpose_key


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [  # published with Random123 (Salmon et al. 2011), file kat_vectors, philox4x32 with 10 rounds
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_test_vectors(counter, key, words):
    given = (np.uint32(x) for x in (*counter, *key))
    assert tuple(int(w) for w in draws.philox(*given)) == words


def test_fill_maps_purpose_week_entity_and_seed_onto_philox():
    seed, entity = 0x0123456789ABCDEF, 0xFEDCBA9876543210
    u = Draws(seed).fill("some purpose", -3, np.array([entity], np.uint64))
    words = draws.philox(
        purpose_key("some purpose"), np.uint32(-3 & 0xFFFFFFFF), np.uint32(entity & 0xFFFFFFFF), np.uint32(entity >> 32),
        np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32),
    )  # fmt: skip
    assert u[0].tolist() == [(int(w) + 0.5) / 2**32 for w in words]


def test_a_block_draws_what_each_would_draw_alone():
    one, purpose = Draws(77, room=2000), purpose_key("a purpose")
    keyed, entities = (
        Keyed(*(getattr(one, name) for name in Keyed._fields)),
        np.arange(10**15, 10**15 + draws.BLOCK + 40, dtype=np.uint64),
    )
    for first, count in ((0, draws.BLOCK), (draws.BLOCK, 40)):
        assert draws.draw_block(keyed, purpose, -3, entities, first) == count
        for k in range(count):
            alone = draws.uniforms(keyed, purpose, -3, entities[first + k])
            assert tuple(draws.uniform(keyed, which, k) for which in range(4)) == alone
    noted = one.noted[0]
    assert noted == 2 * entities.size
    assert sorted(set(one.entities[:noted].tolist())) == entities.tolist()


def test_draws_do_not_depend_on_who_else_is_drawn():
    ids = np.arange(1000, dtype=np.uint64)
    whole = Draws(5).fill("p", 1, ids).copy()
    part = Draws(5).fill("p", 1, ids[700:300:-1])
    np.testing.assert_array_equal(part, whole[700:300:-1])


def test_draws_are_uniform_in_the_open_interval_and_differ_by_seed_purpose_and_week():
    ids = np.arange(40_000, dtype=np.uint64)
    base = Draws(1).fill("p", 1, ids).copy()
    assert base.min() > 0.0
    assert base.max() < 1.0
    for word in range(4):
        assert stats.kstest(base[:, word], "uniform").pvalue > 1e-4
    for other in (Draws(2).fill("p", 1, ids), Draws(1).fill("q", 1, ids), Draws(1).fill("p", 2, ids)):
        assert abs(np.corrcoef(base[:, 0], other[:, 0])[0, 1]) < 0.02


def test_keys_are_stable_and_pairs_have_no_order():
    assert name_key("community", "North 1") == name_key("community", "North 1") != name_key("community", "North 2")
    assert name_key("ab", "c") != name_key("a", "bc")
    a, b = np.array([3, 9], np.uint64), np.array([9, 4], np.uint64)
    np.testing.assert_array_equal(pair_keys(a, b), pair_keys(b, a))
    assert pair_keys(a, b)[0] != pair_keys(a, b)[1]


def test_pair_keys_of_a_large_region_do_not_collide():
    people = draws.mix_all(np.arange(3000, dtype=np.uint64), np.zeros(3000, np.uint64))
    i, j = np.triu_indices(1500, 1)
    keys = pair_keys(people[i], people[j])
    assert np.unique(keys).size == keys.size


def test_two_purposes_that_share_a_key_are_refused(monkeypatch):
    monkeypatch.setitem(draws._purposes, int(purpose_key("first name")), "another name")
    purpose_key.cache_clear()
    with pytest.raises(ValueError, match="share a key"):
        purpose_key("first name")


def test_numbers_drawn_in_a_rule_are_those_of_a_fill():
    some = Draws(2**63 + 12345)
    ids = np.array([0, 1, 2**63 + 7], np.uint64)
    filled = some.fill("a purpose", -3, ids)
    keyed = Keyed(*(getattr(some, name) for name in Keyed._fields))
    for row, entity in zip(filled, ids, strict=True):
        assert draws.uniforms(keyed, purpose_key("a purpose"), -3, entity) == pytest.approx(row, abs=0.0)
