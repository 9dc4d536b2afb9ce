"""What a Mesa user finds."""

from __future__ import annotations

import gc
import pickle
import weakref

import mesa
import numpy as np
import pytest
from mesa.datacollection import DataCollector

import sim
from sim.errors import InputError


@pytest.fixture
def model(cases):
    return sim.BorderModel(cases.busy(), rng=3)


def test_it_is_a_mesa_model_that_steps_and_stops(model):
    assert isinstance(model, mesa.Model)
    assert model.week == 0
    model.run_model()
    assert not model.running
    assert model.steps == model.scenario.weeks == 156
    model.step()
    assert model.week == 156


def test_agents_are_communities_institutions_and_workers(model):
    by_type = model.agents_by_type
    assert [t.__name__ for t in model.agent_types] == ["CommunityAgent", "InstitutionAgent", "WorkerAgent"]
    assert [len(by_type[t]) for t in model.agent_types] == [8, 24, 176]
    assert len(model.agents) == 208
    assert len({agent.unique_id for agent in model.agents}) == 208
    assert all(isinstance(agent, mesa.Agent) for agent in model.agents)
    north = by_type[sim.CommunityAgent].select(lambda c: c.side == 0)
    assert north.agg("population", sum) == model.world.communities.population[model.world.communities.side == 0].sum()
    first = next(iter(by_type[sim.InstitutionAgent]))
    assert (first.name, first.kind_name, first.profession) == ("North 1: enterprise 1", "enterprise", "vocational")


def test_views_read_the_columns_as_they_are_now(model):
    worker = next(iter(model.agents_by_type[sim.WorkerAgent]))
    before = worker.warmth.copy()
    for _ in range(5):
        model.step()
    assert worker.warmth == model.world.workers.warmth[worker.row]
    assert (worker.warmth != before).any()


def test_writing_a_state_writes_the_column_and_marks_the_model(model):
    community = next(iter(model.agents_by_type[sim.CommunityAgent]))
    assert not model.edited_by_hand
    community.grievance = 0.9
    assert model.world.communities.grievance[community.row] == np.float32(0.9)
    assert model.edited_by_hand
    with pytest.raises(ValueError, match="between 0 and 1"):
        community.grievance = 1.5
    with pytest.raises(ValueError, match="read-only"):
        community.trust[0] = 0.5
    with pytest.raises(AttributeError, match="cannot be set"):
        community.population = 3
    with pytest.raises(AttributeError, match="has no attribute"):
        _ = community.hopes


def test_adding_and_removing_agents_is_refused(model):
    worker = next(iter(model.agents_by_type[sim.WorkerAgent]))
    with pytest.raises(TypeError, match="turnover"):
        worker.remove()
    with pytest.raises(TypeError, match="cannot be added"):
        mesa.Agent(model)


def test_data_is_collected_as_from_any_model(cases):
    model = sim.BorderModel(cases.scenario(), rng=1)
    collector = DataCollector(model_reporters={"trust": lambda m: m.series("community_trust")})
    for _ in range(10):
        model.step()
        collector.collect(model)
    frame = collector.get_model_vars_dataframe()
    assert len(frame) == 10
    assert frame["trust"].between(0, 1).all()
    with pytest.raises(InputError, match="community_trust"):
        model.series("trust")


def test_the_models_own_generators_change_nothing(cases):
    plain, used = (sim.BorderModel(cases.scenario(), rng=5) for _ in range(2))
    used.rng.random(100)
    used.random.random()
    used.agents.shuffle()
    for _ in range(30):
        plain.step()
        used.step()
    np.testing.assert_array_equal(plain.world.workers.trust, used.world.workers.trust)


def test_a_model_can_be_pickled_mid_run(model):
    for _ in range(40):
        model.step()
    again = pickle.loads(pickle.dumps(model.world))
    from sim.week.schedule import live_week

    while model.running:
        model.step()
        live_week(again)
    np.testing.assert_array_equal(again.workers.trust, model.world.workers.trust)


def test_a_model_with_agents_is_freed_when_dropped(cases):
    model = sim.BorderModel(cases.scenario(), rng=1)
    assert len(model.agents) > 0
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


def test_a_seed_is_checked_and_a_fresh_one_is_taken_where_none_is_given(cases):
    assert sim.BorderModel(cases.scenario()).seed_of_world != sim.BorderModel(cases.scenario()).seed_of_world
    for seed in (-1, 2**64, 1.5, "x"):
        with pytest.raises(InputError, match="whole number"):
            sim.BorderModel(cases.scenario(), rng=seed)
    assert sim.run(cases.scenario(), 2**64 - 1).outcomes


def test_a_change_in_the_burn_in_or_of_nonsense_is_refused(cases):
    model = sim.BorderModel(cases.scenario(), rng=1, skip_burn_in=False)
    assert model.week == -20
    with pytest.raises(InputError, match="week 0"):
        model.change("x", mechanisms={"mediation": False})
    model = sim.BorderModel(cases.scenario(), rng=1)
    with pytest.raises(InputError, match="did you mean"):
        model.change("x", mechanisms={"mediatoin": False})
    model.change("x", mechanisms={"mediation": False})
    with pytest.raises(InputError, match="used already"):
        model.change("x", mechanisms={"mediation": True})
