"""What a Mesa user finds."""

from __future__ import annotations

import copy
import gc
import pickle
import tracemalloc
import weakref

import mesa
import numpy as np
import pytest
from mesa.datacollection import DataCollector

import sim
from sim.errors import InputError
from sim.lab.experiment import single
from sim.series import SERIES


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
    assert [len(by_type[t]) for t in model.agent_types] == [8, 56, 328]
    assert len(model.agents) == 392
    assert len({agent.unique_id for agent in model.agents}) == 392
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


def test_steps_count_weeks_lived_and_every_series_is_collected(model):
    model.run_model()
    model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    assert len(frame) == model.steps == 156
    assert set(frame.columns) == {series.name for series in SERIES}
    assert frame["community_trust"].iloc[-1] == model.series("community_trust")
    with pytest.raises(TypeError, match="DataCollector of your own"):
        model.datacollector.collect(model)


def test_agent_sets_do_what_they_do_in_mesa(model):
    workers = model.agents_by_type[sim.WorkerAgent]
    north = workers.select(lambda w: w.side == 0)
    assert len(north) == len(workers) / 2
    assert len(workers.select(at_most=10)) == 10
    assert workers.get("competence")[:3] == [round(x, 9) and x for x in model.world.workers.competence[:3].tolist()]
    assert workers.agg("competence", max) == model.world.workers.competence.max()
    assert workers.map(lambda w: w.row) == list(range(len(workers)))
    groups = workers.groupby("institution")
    assert len(groups.groups) == model.world.institutions.key.size
    seen = []
    workers.do(lambda w: seen.append(w.unique_id))
    workers.shuffle_do(lambda w: seen.append(w.unique_id))
    assert len(seen) == 2 * len(workers)
    assert seen[: len(workers)] == sorted(seen[: len(workers)]) != seen[len(workers) :]
    ordered = workers.sort("skill")
    assert ordered.get("skill") == sorted(workers.get("skill"), reverse=True)
    communities = model.agents_by_type[sim.CommunityAgent]
    communities.set("grievance", 0.7)
    assert (model.world.communities.grievance == np.float32(0.7)).all()
    with pytest.raises(TypeError, match="turnover"):
        workers.do("remove")
    with pytest.raises(TypeError, match="turnover"):
        model.remove_all_agents()


def test_ones_own_collector_takes_model_agent_and_type_reporters(cases):
    class Mine(sim.BorderModel):
        def __init__(self, **kwargs):
            super().__init__(cases.scenario(), **kwargs)
            self.datacollector = DataCollector(
                model_reporters={"trust": lambda m: m.series("community_trust"), "week": "week"},
                agent_reporters={"row": "row"},
                agenttype_reporters={sim.CommunityAgent: {"grievance": "grievance"}},
            )

        def step(self):
            super().step()
            self.datacollector.collect(self)

    mine = Mine(rng=4)
    for _ in range(5):
        mine.step()
    assert mine.steps == 5
    assert mine.datacollector.get_model_vars_dataframe()["week"].tolist() == [1, 2, 3, 4, 5]
    assert len(mine.datacollector.get_agent_vars_dataframe()) == 5 * len(mine.agents)
    by_type = mine.datacollector.get_agenttype_vars_dataframe(sim.CommunityAgent)
    last = by_type.loc[5]["grievance"].to_numpy()
    np.testing.assert_array_equal(last, mine.world.communities.grievance)


def test_mesa_batch_run_lives_the_same_worlds(tmp_path, cases):
    path = tmp_path / "small.toml"
    path.write_text(
        'bridgework = "scenario/1"\ntitle = "small"\nyears = 0.5\nburn_in_weeks = 2\n[region]\nsides = ["A", "B"]\n'
        "[region.layout]\ncommunities_per_side = 2\n[region.institutions.enterprise]\nper_community = 1\nstaff = 5\n"
    )
    rows = mesa.batch_run(
        sim.BorderModel,
        {"scenario": str(path), "rng": [1, 2]},
        data_collection_period=1,
        max_steps=1000,
        display_progress=False,
    )
    assert len(rows) == 2 * 26
    for seed in (1, 2):
        own = [row["community_trust"] for row in rows if row["rng"] == seed]
        np.testing.assert_array_equal(own, sim.run(path, seed)["community_trust"])


def test_models_and_views_can_be_copied_and_pickled_mid_run(model):
    for _ in range(30):
        model.step()
    worker = model.agents_by_type[sim.WorkerAgent].select(lambda w: w.row == 7)[0]
    for again in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):
        assert again is not model
        twin = again.agents_by_type[sim.WorkerAgent].select(lambda w: w.row == 7)[0]
        assert twin.unique_id == worker.unique_id
        assert twin.model is again
        fresh = copy.deepcopy(model)
        while again.running:
            again.step()
            fresh.step()
        np.testing.assert_array_equal(again.world.workers.trust, fresh.world.workers.trust)
        assert len(again.datacollector.get_model_vars_dataframe()) == 156
    assert model.week == 30
    restored, same = pickle.loads(pickle.dumps((worker, model)))
    assert restored.model is same
    assert (restored.row, restored.model.week) == (7, 30)


def test_models_are_freed_at_once_and_views_do_not_keep_them(cases):
    scenario = cases.scenario(burn_in_weeks=0)

    def one(seed):
        model = sim.BorderModel(scenario, rng=seed)
        model.agents.agg("unique_id", max)
        model.step()
        return model

    one(0)
    gc.collect()
    gc.disable()
    try:
        tracemalloc.start()
        base = tracemalloc.get_traced_memory()[0]
        model = one(1)
        size = tracemalloc.get_traced_memory()[0] - base
        worker = next(iter(model.agents_by_type[sim.WorkerAgent]))
        del model
        with pytest.raises(ReferenceError, match="keep a reference"):
            _ = worker.warmth
        tracemalloc.reset_peak()
        for seed in range(50):
            model = one(seed)
        del model
        left, peak = (m - base for m in tracemalloc.get_traced_memory())
    finally:
        tracemalloc.stop()
        gc.enable()
    assert size > 400_000
    assert peak < 3 * size
    assert left < 5_000_000


def test_changes_can_be_put_off_and_are_never_in_the_past_or_empty(cases):
    model = sim.BorderModel(cases.scenario(), rng=1)
    for _ in range(20):
        model.step()
    model.change("later", shock={"kind": "rhetoric", "week": 50, "size": 0.5})
    model.change("also later", week=60, mechanisms={"mediation": False})
    model.change("now", shock={"kind": "rhetoric", "size": 0.5})
    assert [model.scenario.shocks[name].week for name in ("later", "now")] == [50, 20]
    assert model.scenario.edits["also later"].week == 60
    with pytest.raises(InputError, match="in the past"):
        model.change("too late", shock={"kind": "rhetoric", "week": 19, "size": 0.5})
    for empty in ({}, {"week": 30}):
        with pytest.raises(InputError, match="nothing to change"):
            model.change("nothing", **empty)
    assert set(model.scenario.shocks) == {"later", "now"}
    while model.running:
        model.step()
    np.testing.assert_array_equal(sim.run(model.scenario, 1)["tension"], model.datacollector.model_vars["tension"])


def test_what_else_is_refused(model):
    with pytest.raises(TypeError, match="deepcopy"):
        copy.copy(model)
    with pytest.raises(TypeError, match="cannot be added"):
        sim.WorkerAgent(model)
    with pytest.raises(TypeError, match="no step of its own"):
        model.agents.shuffle_do("step")
    with pytest.raises(InputError, match="rng=7"):
        sim.BorderModel("quiet-border", seed=7)
    worker = model.agents_by_type[sim.WorkerAgent][0]
    with pytest.raises(ValueError, match="warmth lies between"):
        worker.warmth = "much"
    assert {"warmth", "institution"} <= set(dir(worker))


def test_agents_of_a_model_that_nobody_holds_say_so(cases):
    agents = sim.BorderModel(cases.scenario(burn_in_weeks=0), rng=1).agents_by_type[sim.CommunityAgent]
    with pytest.raises(ReferenceError, match="keep a reference"):
        agents.get("grievance")


@pytest.fixture(scope="module")
def study(cases, tmp_path_factory):
    return sim.compare(single(cases.scenario(years=0.25), "x", 1), tmp_path_factory.mktemp("studies") / "s")


@pytest.mark.parametrize(
    "call",
    [
        lambda folder, study: sim.load_scenario(None),
        lambda folder, study: sim.load_experiment({"title": "x"}),
        lambda folder, study: sim.run(3, 1),
        lambda folder, study: sim.run("quiet-border", "1"),
        lambda folder, study: sim.BorderModel(["quiet-border"]),
        lambda folder, study: sim.compare("none-modest-generous", 3),
        lambda folder, study: sim.compare("none-modest-generous", folder, seeds="3"),
        lambda folder, study: sim.compare("none-modest-generous", folder, seeds=True),
        lambda folder, study: sim.compare("none-modest-generous", folder, seeds=2, processes="2"),
        lambda folder, study: sim.Study.open(None),
        lambda folder, study: sim.paired_effects(study.series, "busy"),
        lambda folder, study: study.series_of("tenshun"),
        lambda folder, study: sim.run("quiet-border", 1)["tenshun"],
    ],
)
def test_wrong_arguments_are_told_in_words(call, tmp_path, study):
    with pytest.raises(InputError) as error:
        call(tmp_path / "new", study)
    assert "right: " in str(error.value)
    assert not (tmp_path / "new").exists()
