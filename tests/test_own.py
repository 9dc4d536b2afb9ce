"""Rules of one's own: the worked examples of the docs through the real doors, what they leave alone, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import door
import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs" / "own-rules.md"
NAMES = ("markets.py", "markets.toml", "thresholds.py", "curfew.py", "press.py", "press.toml")
SMALL = """
[region]
ties_per_worker = 6
[region.layout]
communities_per_side = 3
border_km = 60.0
population = 1500
"""


@pytest.fixture
def desk(tmp_path):
    """The files of the docs, word for word, with regions that are quick to live through."""
    blocks = re.findall(r"```(?:python|toml)\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == len(NAMES)
    for name, body in zip(NAMES, blocks, strict=True):
        (tmp_path / name).write_text(body, "utf-8")
    (tmp_path / "small.toml").write_text(f'extend = "quiet-border"\nyears = 1\nburn_in_weeks = 4\n{SMALL}', "utf-8")
    quick = (tmp_path / "markets.toml").read_text("utf-8").replace('"quiet-border"', '"small.toml"')
    (tmp_path / "markets.toml").write_text(quick, "utf-8")
    return tmp_path


def command(folder, *words, code=0):
    """Call the command in a process of its own."""
    done = door.libraries.command(folder, *map(str, words))
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


def python(folder, text):
    """Run Python in a process of its own and read the JSON that it prints."""
    done = door.libraries.python(folder, text)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_worked_rule_runs_is_keyed_and_appears_wherever_rules_appear(desk):
    assert "--import FILE" in command(desk, "check", "markets.toml", code=2)
    found = {}
    for processes in (1, 2):
        words = ("compare", "markets.toml", "--import", "markets.py", "-p", processes, "--seeds", 3, "--all", "--json")
        found[processes] = json.loads(command(desk, *words, "--out", f"study-{processes}"))
    assert found[1]["effects"] == found[2]["effects"]
    effects = {(row["arm"], row["outcome"]): row for row in found[1]["effects"]}
    assert effects["markets", "markets_held"]["effect"] > 50
    assert effects["markets", "livelihoods"]["effect"] > 0.005
    assert effects["off", "markets_held"]["effect"] > 50
    assert effects["off", "livelihoods"]["differing"] == effects["off", "force_rate"]["differing"] == 0
    assert effects["markets", "markets_held"]["reference"] == 0
    for table, name in (
        ("parameters", "markets.held"),
        ("mechanisms", "markets"),
        ("outcomes", "markets_held"),
        ("own", "markets"),
    ):
        assert f"| `{name}`" in command(desk, "model", table, "--import=markets.py")
    swept = python(
        desk,
        "import json, markets; from sim.lab.ranges import futures; from sim.lab.experiment import load_experiment;"
        "arms = load_experiment('markets.toml').scenarios; drawn = futures([arms['none'], arms['markets']], 8).draws;"
        "print(json.dumps([d['markets']['held'] for d in drawn]))",
    )
    assert len(set(swept)) == 8
    assert all(0 <= value <= 1 for value in swept)


def test_what_is_loaded_but_not_named_changes_no_number_and_a_changed_file_is_noticed(desk):
    lived = (
        "import json{load}; from sim import load_scenario, run; from sim.lab.run import provenance; r = run(load_scenario('small.toml'), 1);"
        "print(json.dumps([{{n: r[n].tolist() for n in ('community_trust', 'tension', 'live_ties')}}, provenance()['sources']]))"
    )
    (plain, without), (loaded, with_it) = python(desk, lived.format(load="")), python(desk, lived.format(load=", markets"))
    assert plain == loaded
    assert without != with_it
    body = (desk / "markets.py").read_text("utf-8")
    (desk / "markets.py").write_text(body.replace("= 0.003", "= 0.004"), "utf-8")
    assert python(desk, lived.format(load=", markets"))[1] not in {without, with_it}


def test_a_plain_import_reaches_the_processes_too_and_leaves_the_draws_of_others_alone(desk):
    text = (
        "import json{load}; from sim import compare; from sim.lab.ranges import futures; from sim.lab.experiment import load_experiment\n"
        "from sim.scenario.reading import load_scenario\n"
        "drawn = futures([load_scenario('small.toml')], 4).draws\n"
        "found = compare('{file}', '{out}', seeds=2, processes=2).runs\n"
        "print(json.dumps([len(found), [sorted(d) for d in drawn], [d['contact'] for d in drawn]]))"
    )
    (desk / "two.toml").write_text(
        'bridgework = "experiment/1"\ntitle = "Two"\nscenario = "small.toml"\nseeds = 2\nreference = "none"\n'
        "[arms.none]\n[arms.open.mechanisms]\nlent_ties = false\n",
        "utf-8",
    )
    loaded = python(desk, text.format(load=", markets", file="markets.toml", out="a"))
    plain = python(desk, text.format(load="", file="two.toml", out="b"))
    assert loaded[0] == 2 * 3
    assert loaded[1:] == plain[1:]


def test_a_file_that_failed_can_be_mended_and_loaded_again(desk):
    (desk / "half.py").write_text(RULE.format(more="") + "1 / 0\n", "utf-8")
    text = (
        "import json\nfrom pathlib import Path\nfrom sim.errors import InputError\nfrom sim.own import load\n"
        "try:\n    load('half.py')\nexcept InputError as error:\n    said = str(error)\n"
        "Path('half.py').write_text(Path('half.py').read_text().replace('1 / 0', ''))\nload('half.py')\n"
        "from sim.registry import registered\nprint(json.dumps([said, list(registered().rules)]))"
    )
    said, rules = python(desk, text)
    assert "ZeroDivisionError" in said
    assert rules == ["mine"]


def test_a_rival_stands_in_place_of_the_rule_and_a_shock_strikes_while_it_lasts(desk):
    (desk / "night.toml").write_text(
        'extend = "small.toml"\nrules = ["thresholds"]\n[shocks.night]\nkind = "curfew"\nweek = 10\nweeks = 6\nsize = 0.9\nsides = ["Northbank"]\n',
        "utf-8",
    )
    week, door = python(
        desk,
        "import json, thresholds, curfew; from sim import build_world, load_scenario; from sim.week.schedule import live_week, steps\n"
        "world = build_world(load_scenario('night.toml'), 1); door = []\n"
        "while world.week < 20:\n    live_week(world); door.append([world.week - 1, float(world.politics.open[0, 1])])\n"
        "print(json.dumps([[name for name, _ in steps(world.scenario.named)], door]))",
    )
    assert "thresholds" in week
    assert "what spreads beyond participants" not in week
    assert len(week) == 15
    assert [w for w, level in door if level < 1] == list(range(10, 16))
    assert min(level for _, level in door) == pytest.approx(0.7)


def test_a_profession_of_ones_own_works_and_exists_only_where_its_institutions_do(desk):
    small = (
        (desk / "press.toml").read_text("utf-8").replace('"quiet-border"', '"small.toml"').replace("years = 5", "years = 1", 1)
    )
    (desk / "press.toml").write_text(small.replace("annual_budget", "weeks = 4\ncohort_size = 6\nannual_budget", 1), "utf-8")
    assert "others with --import FILE" in command(desk, "check", "press.toml", code=2)
    found = python(
        desk,
        "import json, press; from sim import load_scenario, run; a = run('press.toml', 1); b = run('small.toml', 1)\n"
        "p = a.world.programmes[0]; family = a.world.workers.family\n"
        "print(json.dumps({'checked': a['checked_by_press'].sum(), 'spent': p.purse.items, 'alumni': int(p.alumni.posts.size),"
        "'theirs': bool((family[p.alumni.posts] == 5).all()), 'media': [r['incidents_media'].sum() for r in (a, b)],"
        "'weight': [r.world.parameters.incidents.media_weight for r in (a, b)], 'elsewhere': b['community_trust'].tolist()}))",
    )
    plain = python(desk, "import json; from sim import run; print(json.dumps(run('small.toml', 1)['community_trust'].tolist()))")
    assert found["checked"] > 0
    assert found["spent"]["desk"] == pytest.approx(40_000)
    assert found["alumni"] > 0
    assert found["theirs"]
    assert found["media"][0] > found["media"][1] == 0
    assert found["weight"] == [0.5, 0.0]
    assert found["elsewhere"] == plain


RULE = "from sim.own import *\n\n@rule('mine', after='contact'{more})\ndef live(world):\n    pass\n"
ROOM = (
    "from typing import *\nfrom sim.own import *\nclass P(NamedTuple):\n    x: {hint}{default}\n\n"
    "@rule('mine', after='contact', parameters=P)\ndef live(world):\n    pass\n"
)
LEVER = "Annotated[float, Declared('a lever', '0-1', 0, 1)]"
PRESS = (
    "from typing import *\nfrom sim.own import *\nclass L(NamedTuple):\n    desk: " + LEVER + " = 0\n"
    "@family('press', institutions={{'newsroom': ('newsrooms', 'journalists')}}, incident='media', "
    "flow='rumour', damper='rumour', levers=L, first={first})\n"
    "def live(world):\n    pass\n"
)
BROKEN = {
    "no such file": (None, "no such file", "mine.py"),
    "not Python": ("def live(:\n", "SyntaxError", "mine.py"),
    "a fault in line 3": ("x = 1\ny = 2\nz = 1 / 0\n", "ZeroDivisionError", "line 3"),
    "the model used too early": ("from sim.week.contact import live\n", "before it has registered", "inside functions"),
    "nowhere in the week": ("from sim.own import rule\n@rule('mine')\ndef live(world): pass\n", "stands nowhere", "before, after or instead_of"),
    "in two places": (RULE.format(more=", before='incidents'"), "stands in 2 places", "one of before"),
    "beside no step": (RULE.format(more="").replace("'contact'", "'contcat'"), "a step that the week does not have", "what spreads beyond"),
    "a name with spaces": (RULE.format(more="").replace("'mine'", "'my rule'"), "not a name", "small letters"),
    "twice": (RULE.format(more="") * 2, "registered twice", "mine.py has it already"),
    "undeclared parameters": (ROOM.format(hint="float", default=" = 1.0"), "not a room of parameters", "not declared"),
    "a default out of range": (ROOM.format(hint=LEVER, default=" = 2.0"), "outside its range", "Declared"),
    "a parameter without default": (ROOM.format(hint=LEVER, default=""), "not a room of parameters", "default"),
    "an empty range": (ROOM.format(hint="Annotated[float, Declared('a', 'b', 1, 1)]", default=" = 1.0"), "empty range", "mine.py"),
    "a lever that moves nothing": (PRESS.format(first={}), "moves no outcome", "desk"),
    "a room that is there already": (
        ROOM.format(hint=LEVER, default=" = 0.5").replace("'mine'", "'contact'"), "name that is taken", "contact"),
    "a series that is there already": (RULE.format(more=", series=(Series('tension', '0-1', 'again'),)"), "name that is taken", "tension"),
    "an outcome that is there already": (
        RULE.format(more=", outcomes=(Outcome('tension', '0-1', 'again', 'family', 0, mean('tension')),)"), "name that is taken", "tension"),
    "a mechanism of no parameter": (
        RULE.format(more=", mechanisms={'off': Mechanism('nothing', {'mine.x': 0.0})}"), "no such parameter", "mine.x"),
    "a lever of no cost": (PRESS.format(first={"desk": "rumour"}).replace("0, 1)] = 0", "0, 1, cost='dsk')] = 0"), "no such cost", "press"),
    "an outcome of no direction": (
        RULE.format(more=", outcomes=(Outcome('new', '0-1', 'new', 'family', 'more', mean('tension')),)"), "no direction", "1 if more"),
    "an outcome of no series": (
        RULE.format(more=", outcomes=Outcome('new', '0-1', 'new', 'family', 1, mean('tensoin'))"), "a series that there is not", "tension"),
    "a flow of no outcome": (PRESS.format(first={"desk": "rumour"}).replace("flow='rumour'", "flow='memory'"), "no such outcome", "memory"),
    "a rule of two arguments": (RULE.format(more="").replace("live(world)", "live(world, week)"), "other arguments", "of the world"),
    "series that are no tuple of Series": (RULE.format(more=", series=('held',)"), "not Series", "a tuple of Series(...)"),
    "an institution without words": (
        PRESS.format(first={"desk": "rumour"}).replace("('newsrooms', 'journalists')", "'newsrooms'"), "without its words", "two texts"),
    "a word of Python": (RULE.format(more="").replace("'mine'", "'class'"), "not a name", "no word of Python"),
    "two switches of one name": (
        RULE.format(more=", mechanisms={'off': Mechanism('nothing', {'contact.lent_tie': 0.0})}")
        + RULE.format(more=", mechanisms={'off': Mechanism('nothing', {'contact.lent_tie': 0.0})}").replace("'mine'", "'more'"),
        "mechanism of a name that is taken", "off"),
    "an incident of two words": (PRESS.format(first={"desk": "rumour"}).replace("'media'", "'media war'"), "kind of incident", "media war"),
    "too heavy incidents": (PRESS.format(first={"desk": "rumour"}).replace("flow=", "weight=5.0, flow="), "a weight out of its range", "0 to 3"),
    "a lever of another's name": (
        PRESS.format(first={"debrief": "rumour"}).replace("desk:", "debrief:"), "lever of a name that is taken", "debrief"),
    "a cost by the week": (
        PRESS.format(first={"desk": "rumour"}).replace("0, 1)] = 0", "0, 1, cost='desk')] = 0").replace(
            "@family", "class C(NamedTuple):\n    desk: Annotated[float, Declared('a desk', 'euro/week', 0, 9)] = 1\n@family"
        ).replace("levers=L", "levers=L, costs=C"), "falls due at no time", "euro/year"),
    "a profession named like a key": (PRESS.format(first={"desk": "rumour"}).replace("'press'", "'label'"), "key of a programme", "label"),
    "an outcome of no kind": (
        RULE.format(more=", outcomes=(Outcome('new', '0-1', 'new', 'wealth', 0, mean('tension')),)"), "wealth", "one of: escalation"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_of_ones_own_meets_a_clear_error(tmp_path, name):
    body, said, right = BROKEN[name]
    if body is not None:
        (tmp_path / "mine.py").write_text(body, "utf-8")
    (tmp_path / "s.toml").write_text('extend = "quiet-border"\nrules = ["mine"]\n', "utf-8")
    text = command(tmp_path, "check", "s.toml", "--import", "mine.py", code=2)
    assert said in text
    assert right in text


FAULTY = {
    "a fault": ("world.communities.trust[0, 5] = 0.5", "line 5: mine, in week -4", "other_of"),
    "a column rebound": ("world.communities.trust *= 0.5", "AttributeError", "in place"),
    "no number": ("world.communities.trust[0] = float('nan')", "communities.trust out of its range", "0 to 1"),
    "a state out of its range": ("world.crossings.tension[:] = 3.0", "crossings.tension out of its range", "3.0"),
    "a series that there is not": ("world.count('tensoin')", "unknown series", 'did you mean "tension"'),
    "NumPy's own numbers": (
        "import numpy as np; world.communities.trust[:] = np.random.default_rng().random(world.communities.trust.shape)",
        "random numbers of Python or NumPy",
        "drawn by key",
    ),
    "the same seed in all worlds": (
        "import numpy as np; world.communities.trust[:] = np.random.default_rng(1).random(world.communities.trust.shape)",
        "random numbers of Python or NumPy",
        "world.draws.fill",
    ),
    "a column misspelt": ("world.communities.trsut[:] = 0.5", "trsut", 'did you mean "trust"'),
    "a memory of its own": (
        "live.weeks = getattr(live, 'weeks', 0) + 1; world.crossings.tension[0] = 0.1 + 0.01 * live.weeks",
        "does otherwise in the same world: crossings.tension",
        "outside the world",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_rule_that_fails_is_told_by_its_line_before_anything_is_run(desk, name):
    body, said, right = FAULTY[name]
    (desk / "mine.py").write_text(RULE.format(more="").replace("pass", body), "utf-8")
    (desk / "s.toml").write_text('extend = "small.toml"\nrules = ["mine"]\n', "utf-8")
    text = command(desk, "check", "s.toml", "--import", "mine.py", code=2)
    assert said in text
    assert right in text


def test_a_shock_that_fails_is_told_before_anything_is_run(desk):
    body = "from sim.own import shock\n@shock('mine', 'a blow')\ndef strike(world, shock, sides, first):\n    world.politics.fear[sides] = 1\n"
    (desk / "mine.py").write_text(body, "utf-8")
    (desk / "s.toml").write_text('extend = "small.toml"\n[shocks.blow]\nkind = "mine"\nweek = 40\n', "utf-8")
    text = command(desk, "check", "s.toml", "--import", "mine.py", code=2)
    assert "line 4" in text
    assert "fear" in text


def test_a_rule_that_fails_later_is_told_by_its_reason_and_leaves_the_other_arms(desk):
    later = RULE.format(more="").replace("pass", "if world.week == 30:\n        raise ValueError('thirty')")
    (desk / "mine.py").write_text(later, "utf-8")
    two = 'bridgework = "experiment/1"\ntitle = "Later"\nscenario = "small.toml"\nseeds = 2\nreference = "none"\n[arms.none]\nlabel = "none"\n'
    (desk / "two.toml").write_text(two + '[arms.mine]\nrules = ["mine"]\n', "utf-8")
    text = command(desk, "compare", "two.toml", "--import", "mine.py", "-p", "1", code=3)
    (desk / "all.toml").write_text(
        two.replace("[arms.none]", '[arms.none]\nrules = ["mine"]') + "[arms.calm]\nrules = []\n", "utf-8"
    )
    assert "2 run(s) of none" in command(desk, "compare", "all.toml", "--import", "mine.py", "-p", "1", code=3)
    assert "2 of 4 runs failed" in text
    assert "ValueError: thirty" in text
    assert "mine.py, line 6" in text
    assert "2 run(s) of mine" in text


def test_rivals_and_neighbours_of_one_step_get_along(desk):
    (desk / "three.py").write_text(
        "from sim.own import rule\n@rule('one', instead_of='incidents')\ndef one(world): pass\n@rule('two', after='incidents')\n"
        "def two(world): pass\n@rule('three', before='incidents')\ndef three(world): pass\n@rule('four', instead_of='incidents')\n"
        "def four(world): pass\n",
        "utf-8",
    )
    text = (
        "import json, three; from sim.errors import InputError; from sim.week.schedule import steps\n"
        "names = [name for name, _ in steps(('two', 'one', 'three'))]\n"
        "try:\n    steps(('one', 'four'))\nexcept InputError as error:\n    print(json.dumps([names, str(error)]))"
    )
    names, said = python(desk, text)
    at = names.index("one")
    assert names[at - 1 : at + 2] == ["three", "one", "two"]
    assert "incidents" not in names
    assert "the place that one has taken" in said


def test_what_a_scenario_names_has_to_be_there_once(desk):
    for rules, said in (
        (["market"], 'did you mean "markets"?'),
        (["markets", "markets"], "listed twice"),
        (["contact"], "registered: markets"),
    ):
        (desk / "s.toml").write_text(f'extend = "small.toml"\nrules = {json.dumps(rules)}\n', "utf-8")
        assert said in command(desk, "check", "s.toml", "--import", "markets.py", code=2)
    for table in ("[parameters.markets]\nheld = 0.2\n", "[mechanisms]\nmarkets = false\n"):
        (desk / "s.toml").write_text(f'extend = "small.toml"\n{table}', "utf-8")
        assert 'rules = ["markets"]' in command(desk, "check", "s.toml", "--import", "markets.py", code=2)
    assert "names no file" in command(desk, "check", "small.toml", "--import", code=2)
    assert "names no file" in command(desk, "--import", "--json", "check", "small.toml", code=2)
    assert "a sound scenario" in command(desk, "--import", "markets.py", "check", "small.toml")


def test_what_comes_too_late_is_told(desk):
    text = (
        "import json, sim.families\nfrom sim.errors import InputError\nfrom sim.own import load\nsaid = []\n"
        "for late in (lambda: __import__('markets'), lambda: load('curfew.py')):\n"
        "    try:\n        late()\n    except InputError as error:\n        said.append(str(error))\nprint(json.dumps(said))"
    )
    late, loaded = python(desk, text)
    assert "registered too late" in late
    assert "in use already" in loaded
