"""A region read from tables: places by longitude and latitude or kilometres, crossings by distance or by list, and broken tables."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.errors import InputError
from sim.lab.run import run
from sim.scenario.places import crossing_pairs, places_of
from sim.scenario.reading import load_scenario
from sim.series import series_index
from sim.world.build import build_world

REGION = """bridgework = "scenario/1"
title = "Read from a table"
years = 1
burn_in_weeks = 4
[region]
table = "places.csv"
"""
STAFF = """
[region.institutions.enterprise]
per_community = 1
staff = 6
"""
PLACES = """name,side,longitude,latitude,population,trust
Oakford,Hill,10.00,50.00,5200,0.55
Elmbridge,Plain,10.10,50.00,8100,
"Ashby, Old Town",Hill,10.00,50.10,1200,0.3
Birchfield,Plain,10.10,50.10,2500,
"""
CROSSINGS = "one,other\nOakford,Birchfield\nElmbridge,Oakford\n"


@pytest.fixture
def desk(tmp_path):
    def lay(places=PLACES, region="", crossings=None, head=REGION, staff=STAFF):
        if places is not None:
            (tmp_path / "places.csv").write_bytes(places.encode() if isinstance(places, str) else places)
        if crossings is not None:
            (tmp_path / "crossings.csv").write_text(crossings, "utf-8")
            region += '\ncrossings_table = "crossings.csv"\n'
        (tmp_path / "r.toml").write_text(head + region + staff, "utf-8")
        return tmp_path / "r.toml"

    return lay


def test_places_lie_where_their_degrees_say_and_keep_what_they_say_of_themselves(desk):
    scenario = load_scenario(desk())
    region = scenario.region
    assert region.sides == ["Hill", "Plain"]
    assert region.table is None
    assert region.communities["Oakford"].trust == 0.55
    assert region.communities["Elmbridge"].trust is None
    a, b = region.communities["Oakford"], region.communities["Elmbridge"]
    degree = math.pi / 180 * 6371.0
    assert b.x_km - a.x_km == pytest.approx(0.1 * degree * math.cos(math.radians(50.05)), abs=0.01)
    assert region.communities["Ashby, Old Town"].y_km - a.y_km == pytest.approx(0.1 * degree, abs=0.01)
    world = build_world(scenario, 1)
    assert world.community_names == ["Ashby, Old Town", "Oakford", "Birchfield", "Elmbridge"]
    assert world.communities.population.tolist() == [1200, 5200, 2500, 8100]


def test_crossings_come_by_list_by_distance_or_from_the_nearest(desk):
    def pairs(**kwargs):
        region = load_scenario(desk(**kwargs)).region
        places = places_of(region)
        return {tuple(sorted((places[i]["name"], places[j]["name"]))) for i, j in crossing_pairs(region, places)}

    assert pairs(crossings=CROSSINGS) == {("Birchfield", "Oakford"), ("Elmbridge", "Oakford")}
    near = {("Elmbridge", "Oakford"), ("Ashby, Old Town", "Birchfield")}
    assert pairs(region="within_km = 8") == near
    assert pairs(region="neighbours = 1") == near
    assert len(pairs(region="within_km = 14")) == 4


def test_the_date_line_and_kilometres_are_no_matter(desk):
    moved = PLACES.replace("10.00,", "179.95,").replace("10.10,", "-179.95,")
    here, there = load_scenario(desk()).region, load_scenario(desk(moved)).region
    for name, community in here.communities.items():
        assert there.communities[name].x_km == pytest.approx(community.x_km, abs=0.01)
    flat = "name;side;x_km;y_km;population\nA;Hill;0;1.5;900\nB;Plain;0;-1.5;900\n"
    region = load_scenario(desk("﻿" + flat)).region
    assert region.communities["B"].y_km == -1.5


def test_a_table_replaces_the_places_of_what_a_scenario_extends(desk):
    head = REGION.replace("[region]", 'extend = "quiet-border"\n[region]')
    scenario = load_scenario(desk(head=head, staff=""))
    assert scenario.region.sides == ["Hill", "Plain"]
    assert scenario.region.layout is None
    assert scenario.region.institutions["enterprise"].staff == 10
    renamed = '\n[region.communities."Ashby, Old Town"]\npopulation = 999\n'
    assert load_scenario(desk(head=head, staff=renamed)).region.communities["Ashby, Old Town"].population == 999


def test_two_hundred_places_some_far_from_any_crossing_live(desk):
    rng = np.random.default_rng(1)
    lines = ["name,side,x_km,y_km,population"]
    for k in range(240):
        side = ("Hill", "Plain", "Coast")[k % 3]
        lines.append(
            f"Place {k},{side},{rng.uniform(0, 120):.2f},{40 * (k % 3) + rng.uniform(0, 40):.2f},{int(rng.uniform(400, 9000))}"
        )
    scenario = load_scenario(desk("\n".join(lines), "within_km = 12"))
    world = build_world(scenario, 1)
    apart = np.diff(world.topology.crossing_start) == 0
    assert 0 < apart.sum() < 200
    result = run(scenario, 1)
    outside = series_index("practice_outside", "test")  # unknown where no institution is outside
    assert np.isfinite(np.delete(result.series, outside, axis=1)).all()


BROKEN = {
    "no file": ({"places": None}, "no such file"),
    "empty": ({"places": ""}, "no lines"),
    "a header alone": ({"places": PLACES.splitlines()[0]}, "no lines"),
    "not UTF-8": ({"places": PLACES.encode().replace(b"Oakford", b"\xd6kford")}, "not UTF-8"),
    "a column missing": ({"places": PLACES.replace("population", "trust_", 1)}, "no such column"),
    "no population": ({"places": "name,side,longitude,latitude\nA,Hill,1,1\n"}, "a column is missing"),
    "no side": ({"places": PLACES.replace(",side,", ",services,", 1)}, "a column is missing"),
    "an unknown column": ({"places": PLACES.replace(",trust", ",trusst", 1)}, 'did you mean "trust"'),
    "a column twice": ({"places": PLACES.replace(",trust", ",population", 1)}, "stands there twice"),
    "no coordinates": ({"places": "name,side,population\nA,Hill,900\n"}, "one pair of coordinates"),
    "half of the coordinates": ({"places": "name,side,population,longitude\nA,Hill,900,1\n"}, "one pair of coordinates"),
    "two kinds of coordinates": ({"places": PLACES.replace(",trust", ",x_km", 1)}, "one pair of coordinates"),
    "a place twice": ({"places": PLACES + "Oakford,Hill,10,50.2,900,\n"}, "line 6: name: a place stands there twice"),
    "no name": ({"places": PLACES + ",Hill,10,50.2,900,\n"}, "line 6: name: not a name"),
    "a name out of bounds": ({"places": PLACES + "../x,Hill,10,50.2,900,\n"}, "line 6: name: not a name"),
    "no name of a side": ({"places": PLACES + "New,,10,50.2,900,\n"}, "line 6: side: not a name"),
    "an unknown side": ({"region": 'sides = ["Hill", "Plains"]'}, "line 3: side: no such side"),
    "a side without places": ({"region": 'sides = ["Hill", "Plain", "Coast"]'}, "a side without a community"),
    "one side": ({"places": PLACES.replace("Plain", "Hill")}, "all places are on one side"),
    "text for a number": ({"places": PLACES.replace("5200", "many")}, "line 2: population: not a number"),
    "no population given": ({"places": PLACES.replace("5200", "")}, "line 2: population: not a number"),
    "a comma for a point": ({"places": PLACES.replace(",", ";").replace("10.00", "10,00")}, "with a point before decimals"),
    "a thousands sign": ({"places": PLACES.replace("5200", "5_200")}, "line 2: population: not a number"),
    "part of a person": ({"places": PLACES.replace("5200", "5200.5")}, "line 2: population: not a whole number"),
    "too few residents": ({"places": PLACES.replace("5200", "12")}, "line 2: population: out of range"),
    "fewer residents than staff": ({"staff": STAFF.replace("6", "3000")}, "3,000 workers"),
    "infinitely many": ({"places": PLACES.replace("5200", "inf")}, "line 2: population: not a number"),
    "no number": ({"places": PLACES.replace("0.55", "nan")}, "line 2: trust: not a number"),
    "too much trust": ({"places": PLACES.replace("0.55", "55")}, "at least 0 and at most 1"),
    "off the globe": ({"places": PLACES.replace("50.00", "95.00", 1)}, "line 2: latitude: out of range"),
    "exchanged degrees": ({"places": PLACES.replace("10.00,50.00", "150.00,10.00", 1)}, "too far apart"),
    "too few cells": ({"places": PLACES + "New,Hill,10\n"}, "line 6: 3 cells"),
    "too many cells": ({"places": PLACES.replace('"', "")}, "line 4: 7 cells"),
    "an open quote": ({"places": PLACES.replace('Town"', "Town")}, "not a table"),
    "a nought byte": ({"places": PLACES.replace("Oakford", "Oak\0ford")}, "not a"),
    "a folder": ({"head": REGION.replace("places.csv", ".")}, "this is a folder"),
    "no text": ({"head": REGION.replace('"places.csv"', "5")}, "region.table: not text"),
    "a layout beside it": ({"region": "[region.layout]\ncommunities_per_side = 3"}, "either a layout or"),
    "crossings without places": ({"head": REGION.replace("table =", "crossings_table ="), "region": "[region.layout]"}, "sides"),
    "a crossing to nowhere": ({"crossings": CROSSINGS + "Oakford,Elmbrige\n"}, 'did you mean "Elmbridge"'),
    "a crossing within a side": ({"crossings": CROSSINGS + 'Oakford,"Ashby, Old Town"\n'}, "line 4: a crossing within one side"),
    "a crossing to itself": ({"crossings": CROSSINGS + "Oakford,Oakford\n"}, "line 4: a crossing within one side"),
    "a crossing of one": ({"crossings": "one,other\nOakford,\n"}, "line 2: other: no such place"),
    "crossings without a header": ({"crossings": "Oakford,Elmbridge\n"}, "no such column"),
    "too short a distance": ({"region": "within_km = 0.5"}, "at least 7.1"),
    "no distance": ({"region": "within_km = 0"}, "out of range"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_table_is_refused_with_its_place(desk, kind):
    parts, said = BROKEN[kind]
    with pytest.raises(InputError) as error:
        load_scenario(desk(**parts))
    text = str(error.value)
    assert said in text
    assert "right: " in text
    assert ".csv" in text or ".toml" in text or kind == "no file"
    assert "pydantic" not in text


def test_too_many_crossings_are_refused_before_they_are_made(desk):
    lines = ["name,side,x_km,y_km,population", *(f"Place {k},{'AB'[k % 2]},{k / 100},0,900" for k in range(200))]
    with pytest.raises(InputError, match="too many crossings"):
        load_scenario(desk("\n".join(lines), "within_km = 50"))
