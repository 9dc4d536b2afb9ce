from __future__ import annotations

import copy
import signal
from typing import Any

import pytest
from desks import DESK

from sim.lab.warmup import warm_up
from sim.scenario.reading import make_scenario, overlay
from sim.scenario.schema import Scenario

SMALL: dict[str, Any] = {
    "bridgework": "scenario/1",
    "title": "small border",
    "years": 3.0,
    "burn_in_weeks": 20,
    "region": {
        "sides": ["North", "South"],
        "layout": {"communities_per_side": 4, "border_km": 60.0, "population": 2000},
        "institutions": {
            "enterprise": {"per_community": 2, "staff": 8},
            "training_centre": {"per_community": 1, "staff": 6},
            "welfare_office": {"per_community": 1, "staff": 4},
            "municipality": {"per_community": 1, "staff": 5},
            "police_service": {"per_community": 1, "staff": 6},
            "movement": {"per_community": 1, "staff": 4},
        },
    },
}

EVERYTHING: dict[str, Any] = {
    "family": "vocational",
    "years": 2.0,
    "annual_budget": 900_000.0,
    "cohort_size": 16.0,
    "cohorts_per_year": 3.0,
    "weeks": 8.0,
    "virtual_share": 0.25,
    "joint_work": 0.8,
    "benefits": 0.6,
    "governance": 0.7,
    "mentoring": 0.5,
    "alumni_support": 0.8,
    "joint_centre": 0.5,
    "refreshers": 0.5,
    "inclusion": 0.5,
    "seniority": 0.3,
    "leadership_work": 0.5,
    "evaluation": 0.5,
    "vocational": {"standards": 0.6, "recognition": 0.8, "placements": 0.3, "simulations": 1.0, "bridge_figures": 0.5},
}

PATROLS: dict[str, Any] = {
    "family": "policing",
    "start_week": 4,
    "years": 2.0,
    "annual_budget": 900_000.0,
    "cohort_size": 12.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
    "joint_work": 0.8,
    "debrief": 1.0,
    "refreshers": 0.5,
    "leadership_work": 0.5,
    "policing": {
        "restraint": 0.4,
        "scenarios": 0.3,
        "immersion": 0.2,
        "deescalation": 1.0,
        "contact_points": 1.0,
        "joint_patrols": 1.0,
        "information_sharing": 1.0,
        "safeguards": 0.3,
        "oversight": 0.8,
        "audits": 0.6,
        "justice_chain": 0.5,
        "blame_free": 0.9,
    },
}

OFFICES: dict[str, Any] = {
    "family": "social_work",
    "start_week": 2,
    "years": 2.0,
    "annual_budget": 900_000.0,
    "cohort_size": 10.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
    "joint_work": 0.8,
    "debrief": 1.0,
    "alumni_support": 0.5,
    "leadership_work": 0.5,
    "social_work": {
        "agreements": 1.0,
        "protocols": 1.0,
        "privacy": 0.4,
        "conferences": 1.0,
        "intake": 0.8,
        "supervision": 0.8,
        "prevention": 0.5,
        "hotline": 0.9,
        "shelters": 0.7,
        "corridors": 1.0,
        "stabilisers": 0.6,
        "careers": 0.8,
    },
}

COUNCILS: dict[str, Any] = {
    "family": "public_service",
    "start_week": 3,
    "years": 2.0,
    "annual_budget": 1_200_000.0,
    "cohort_size": 12.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
    "joint_work": 0.8,
    "debrief": 1.0,
    "alumni_support": 0.5,
    "evaluation": 0.5,
    "public_service": {
        "pilots": 1.0,
        "adaptation": 0.6,
        "standards": 0.8,
        "data": 0.8,
        "works": 1.0,
        "roles": 0.7,
        "flexibility": 0.8,
        "ethics": 0.7,
        "equity": 0.6,
        "bargaining": 1.0,
        "contingency": 0.9,
    },
}

MOVEMENT: dict[str, Any] = {
    "family": "organizing",
    "start_week": 5,
    "years": 2.0,
    "annual_budget": 1_200_000.0,
    "cohort_size": 10.0,
    "cohorts_per_year": 4.0,
    "weeks": 6.0,
    "joint_work": 0.8,
    "debrief": 1.0,
    "alumni_support": 1.0,
    "inclusion": 0.5,
    "evaluation": 0.5,
    "organizing": {
        "rehearsals": 0.5,
        "mixed_roles": 0.5,
        "consent": 0.6,
        "flexible_timelines": 0.4,
        "rotation": 0.8,
        "protocols": 0.9,
        "values": 0.8,
        "commons": 0.9,
        "mental_health": 0.8,
        "rapid_response": 0.9,
        "mutual_aid": 0.9,
        "campaigns": 1.0,
        "local_lead": 0.6,
    },
}

PROGRAMMES: dict[str, Any] = {
    "exchange": EVERYTHING,
    "offices": OFFICES,
    "councils": COUNCILS,
    "patrols": PATROLS,
    "movement": MOVEMENT,
}

SHOCKS: dict[str, Any] = {
    "words": {"kind": "rhetoric", "week": 30, "size": 0.8, "weeks": 20},
    "closed": {"kind": "border_closure", "week": 60, "size": 0.9, "weeks": 12},
    "vote": {"kind": "election", "week": 70, "size": 1.0, "weeks": 8, "sides": ["North"]},
    "cut": {"kind": "funding_cut", "week": 80, "size": 0.6, "weeks": 30},
    "spoilers": {"kind": "spoiler_attack", "week": 50, "size": 0.8, "weeks": 20},
    "flood": {"kind": "disaster", "week": 45, "size": 0.6, "weeks": 12, "sides": ["North"]},
    "flight": {"kind": "displacement", "week": 35, "size": 0.5, "weeks": 10, "sides": ["South"]},
    "leaving": {"kind": "turnover_wave", "week": 55, "size": 0.5, "weeks": 10},
    "crackdown": {"kind": "repression", "week": 65, "size": 0.7, "weeks": 15, "sides": ["South"]},
    "lies": {"kind": "disinformation", "week": 48, "size": 0.6, "weeks": 15},
    "slump": {"kind": "downturn", "week": 40, "size": 0.7, "weeks": 40},
}


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile all rules once before several processes would each do so; and hear Ctrl-C where a shell's `&` has switched it off."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config = session.config
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        warm_up(scenario())


def table(**changes: Any) -> dict[str, Any]:
    """The small scenario as a table, with some changes laid over it."""
    return overlay(copy.deepcopy(SMALL), changes)


def scenario(**changes: Any) -> Scenario:
    """The small scenario, with some changes laid over it."""
    return make_scenario(table(**changes), "test")


def busy(**changes: Any) -> Scenario:
    """The small scenario with a programme of each family that uses every lever, and every shock."""
    programmes = PROGRAMMES
    return scenario(**overlay(copy.deepcopy({"programmes": programmes, "shocks": SHOCKS}), changes))


@pytest.fixture(scope="session")
def cases() -> Any:
    """The functions above, for tests."""
    import types

    return types.SimpleNamespace(
        table=table,
        scenario=scenario,
        busy=busy,
        PROGRAMMES=PROGRAMMES,
        EVERYTHING=EVERYTHING,
        OFFICES=OFFICES,
        PATROLS=PATROLS,
        SHOCKS=SHOCKS,
        SMALL=SMALL,
    )


@pytest.fixture
def desk(tmp_path):
    """Lay the files of a small sweep on a desk, which a rule of one's own fails at one of its points."""
    for name, text in DESK.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    """Return the file of a small region."""
    import tomli_w

    path = tmp_path_factory.mktemp("workshop") / "small.toml"
    path.write_text(tomli_w.dumps(SMALL), "utf-8")
    return str(path)


@pytest.fixture(scope="module")
def address(region):
    """Serve the workshop from another thread; return where."""
    from stage import served

    with served(region) as where:
        yield where


@pytest.fixture
def page(address):
    """Open the page in a browser; fail if it reports a fault, or asks anybody else for anything."""
    from stage import looked_at

    with looked_at(address) as page:
        yield page
