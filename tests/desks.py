"""What tests of sweeps start from: a small experiment with a design, and a desk with files and a rule of one's own that can fail."""

import door

from sim.lab.design import DesignTable
from sim.lab.experiment import Arm, Experiment, ExperimentFile
from sim.lab.factors import Factor

TIE_GAIN = Factor("contact.tie_gain", "uncertainty", ("parameters", "contact", "tie_gain"), 0.02, 0.3)
SIZE = Factor("exchange.cohort_size", "lever", ("programmes", "exchange", "cohort_size"), 8.0, 20.0, whole=True)


def experiment_of(cases, *, factors=(TIE_GAIN, SIZE), count=2, points=4, kind="latin_hypercube", **file):
    table = cases.table(years=0.5, burn_in_weeks=4)
    none = cases.scenario(years=0.5, burn_in_weeks=4)
    busy = cases.scenario(
        years=0.5, burn_in_weeks=4, programmes={"exchange": {"family": "vocational", "annual_budget": 900_000.0}}
    )
    assert table["years"] == 0.5
    size = {"latin_hypercube": "points", "sobol": "base_points", "morris": "trajectories"}[kind]
    design = DesignTable(kind=kind, **{size: points}) if factors else None
    arms = {"none": none, "busy": busy}
    head = {"bridgework": "experiment/1", "title": "t", "scenario": "x", "seeds": count, "reference": "none", "series_every": 13}
    file = ExperimentFile(**head | file, design=design, uncertainties={"x": 1} if factors else {}, arms={a: Arm() for a in arms})
    return Experiment("sweep", file, arms, tuple(factors), "e.toml")


OWN = """
import os, time
from sim.own import rule

@rule("faulty", after="contact")
def faulty(world):
    if world.week == 3 and world.parameters.contact.tie_gain > 0.2:
        what = os.environ["FAULT"]
        if what == "raise":
            raise ZeroDivisionError("made up")
        if what == "kill":
            os.kill(os.getpid(), 9)
        if what == "slow":
            time.sleep(1.5)
        while what == "hang":
            pass
"""
TOWN = """bridgework = "scenario/1"
title = "town"
years = 0.25
burn_in_weeks = 0
rules = ["faulty"]
[region]
sides = ["North", "South"]
[region.layout]
communities_per_side = 1
population = 500
[region.institutions.enterprise]
per_community = 1
staff = 4
"""
SWEEP = """bridgework = "experiment/1"
title = "faults"
scenario = "town.toml"
seeds = 2
series_every = 0
reference = "all"
[design]
kind = "grid"
[uncertainties]
contact.tie_gain = { values = [0.05, 0.1, 0.25, 0.15] }
[arms.all]
"""


DESK = {"own.py": OWN, "town.toml": TOWN, "sweep.toml": SWEEP}


def call(desk, *arguments, fault="raise", own=True):
    if own:
        return door.libraries.command(desk, "--import", "own.py", *arguments, FAULT=fault)
    return door.model.command(desk, *arguments, FAULT=fault)
