"""The kinds of regions differ as their descriptions say, and each can be lived, compared and drawn."""

from __future__ import annotations

import numpy as np
import pytest

from sim.families import KINDS
from sim.lab.run import run
from sim.report.map import draw_map, map_of
from sim.scenario import library
from sim.scenario.reading import load_scenario, read_toml

REGIONS = [name for name, path in library.names("scenarios").items() if "about" in read_toml(path)]
LARGE = "hardened-border"
QUIET = "quiet-border"
MOST = {
    "frozen-conflict": ("share_armed",),
    "labour-corridor": ("share_labour", "openness", "uneven"),
    "displacement-frontier": ("crises", "unmet_share", "queue_peak", "share_welfare"),
    "contested-city": ("tension", "force_per_encounter", "meetings"),
    "river-basin": ("share_services", "resources", "services_dip"),
    "protest-wave": ("share_protest", "protests", "grievance"),
}
"""Of all regions, this one has most of it."""
LEAST = {
    "frozen-conflict": ("meetings", "incident_rate"),
    "contested-city": ("legitimacy", "community_trust"),
    "protest-wave": ("active_organizers",),
}
"""Of all regions, this one has least of it."""
MORE = {
    "twin-towns": ("meetings", "grievance", "tension"),
    "frozen-conflict": ("tension",),
    "protest-wave": ("rumour",),
}
"""More than on the quiet border."""
LESS = {"twin-towns": ("community_trust",), "frozen-conflict": ("community_trust",), LARGE: ("meetings", "community_trust")}


def measured(name):
    scenario = load_scenario(name)
    result = run(scenario.model_copy(update={"years": 1.0}) if name == LARGE else scenario, 2)
    found = dict(result.outcomes)
    world = result.world
    arisen = sum(found[f"incident_rate_{kind}"] for kind in KINDS)
    found |= {f"share_{kind}": found[f"incident_rate_{kind}"] / arisen for kind in KINDS}
    found["meetings"] = float(result["meetings"].mean() / world.workers.person.size)
    sides = [world.communities.livelihoods[world.communities.side == s].mean() for s in range(world.sides)]
    found["uneven"] = float(max(sides) - min(sides))
    return found


@pytest.fixture(scope="module")
def regions():
    return {name: measured(name) for name in [QUIET, *REGIONS]}


def test_there_are_eight_kinds_of_regions_each_described_in_full():
    assert len(REGIONS) >= 8
    for name in REGIONS:
        scenario = load_scenario(name)
        assert (
            min(len(scenario.about.typical), len(scenario.about.to_try), len(scenario.about.shaped_by), len(scenario.description))
            > 60
        )


def test_each_differs_from_the_others_in_what_its_description_says(regions):
    for rows, sign in ((MOST, 1.0), (LEAST, -1.0)):
        for name, measures in rows.items():
            for measure in measures:
                first = max(regions, key=lambda r, m=measure, s=sign: s * regions[r][m])
                assert first == name, f"{measure}: { ({r: round(v[measure], 4) for r, v in regions.items()}) }"
    for rows, sign in ((MORE, 1.0), (LESS, -1.0)):
        for name, measures in rows.items():
            for measure in measures:
                assert sign * regions[name][measure] > sign * regions[QUIET][measure], (name, measure)


def test_the_diaspora_trusts_both_more_than_they_trust_each_other():
    scenario = load_scenario(LARGE)
    assert len(scenario.region.communities) >= 200
    assert len(scenario.region.sides) == len(load_scenario("river-basin").region.sides) == 3
    trust = {side: [] for side in scenario.region.sides}
    for community in scenario.region.communities.values():
        trust[community.side].append(community.trust if community.trust is not None else scenario.region.climate.trust)
    assert np.mean(trust["Diaspora"]) > max(np.mean(trust["Eastern Side"]), np.mean(trust["Western Side"])) + 0.1


@pytest.mark.parametrize("name", [name for name in REGIONS if name != LARGE])
def test_each_can_be_drawn_as_a_map(name, tmp_path):
    scenario = load_scenario(name)
    data = map_of((scenario.model_dump_json(exclude_none=True), 1, 2))
    assert draw_map(scenario, data, 2, tmp_path / "map.png").stat().st_size > 20_000
