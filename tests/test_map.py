"""What the map shows of a world."""

from __future__ import annotations

import numpy as np
import pytest

from sim.families import FORCE
from sim.lab.run import run
from sim.report.map import draw_map, map_of, mean_of_maps
from sim.scenario.reading import load_scenario


def test_the_map_shows_the_world_as_it_is_at_that_week(cases, tmp_path):
    scenario = cases.busy()
    result = run(scenario, 3)
    data = map_of((scenario.model_dump_json(exclude_none=True), 3, scenario.weeks))
    np.testing.assert_array_equal(data.tension, result.world.crossings.tension)
    np.testing.assert_array_equal(data.ties, result.world.crossings.bridged)
    happened = (result.incidents.rung >= FORCE) & (result.incidents.began >= 0)
    live = slice(0, result.world.live_incidents)
    still = (result.world.incidents.rung[live] >= FORCE) & (result.world.incidents.began[live] >= 0)
    assert data.force.sum() * scenario.weeks / 52 == pytest.approx(happened.sum() + still.sum())
    early = map_of((scenario.model_dump_json(exclude_none=True), 3, 26))
    assert not np.array_equal(early.tension, data.tension)
    both = mean_of_maps([early, data])
    np.testing.assert_allclose(both.tension, (early.tension + data.tension) / 2)
    path = draw_map(scenario, both, scenario.weeks, tmp_path / "map.png", 2)
    assert path.stat().st_size > 20_000


def test_three_sides_one_line_and_odd_names_can_be_drawn(cases, tmp_path):
    for k, region in enumerate(
        (
            {"sides": ["A", "B", "C"]},
            {"layout": {"communities_per_side": 1}},
            {"sides": ["Hill & Co. (1)", "B_2"], "layout": {"communities_per_side": 2, "border_km": 0.1}},
        )
    ):
        scenario = cases.scenario(region=region, years=0.25, burn_in_weeks=0) if k else cases.scenario(region=region, years=0.25)
        data = map_of((scenario.model_dump_json(exclude_none=True), 1, scenario.weeks))
        assert draw_map(scenario, data, scenario.weeks, tmp_path / f"{k}.png").stat().st_size > 10_000


def test_every_side_is_named_within_the_picture_and_on_no_place(cases, tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setattr(plt, "close", lambda _: None)
    for name in ("river-basin", "labour-corridor"):
        scenario = load_scenario(name).model_copy(update={"burn_in_weeks": 0})
        draw_map(scenario, map_of((scenario.model_dump_json(exclude_none=True), 1, 1)), 1, tmp_path / "map.png")
        figure = plt.gcf()
        shown, renderer = figure.bbox, figure.canvas.get_renderer()
        texts = {text.get_text(): text.get_window_extent(renderer) for text in figure.axes[0].texts}
        places = figure.axes[0].transData.transform(np.concatenate([c.get_offsets() for c in figure.axes[0].collections[1:]]))
        for side in scenario.region.sides:
            box = texts.pop(side)
            assert shown.x0 <= box.x0 < box.x1 <= shown.x1
            assert shown.y0 <= box.y0 < box.y1 <= shown.y1
            assert not box.count_contains(places)
            assert not box.count_overlaps(list(texts.values()))
    monkeypatch.undo()
    plt.close("all")
