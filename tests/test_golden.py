from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_outcomes_of_fixed_worlds_are_those_of_the_baseline():
    spec = importlib.util.spec_from_file_location("golden", HERE / "golden.py")
    golden = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(golden)
    baseline = json.loads((HERE / "golden.json").read_text("utf-8"))
    assert baseline["reasons"], "a baseline has a reason"
    lived = golden.lived()
    assert lived.keys() == baseline["outcomes"].keys()
    for world, outcomes in baseline["outcomes"].items():
        # other processors may round the last digits of exp and log differently
        assert lived[world] == pytest.approx(outcomes, rel=1e-6, abs=1e-9), (
            f'{world}: renew with python tests/golden.py "reason" if meant'
        )
