"""Files that are wrong: what is wrong, where, and what would be right."""

from __future__ import annotations

import json

import pytest

from sim.errors import InputError
from sim.lab.experiment import ExperimentFile, load_experiment
from sim.scenario import library
from sim.scenario.reading import load_scenario, make_scenario
from sim.scenario.schema import Scenario, file_schema

HEAD = 'bridgework = "scenario/1"\ntitle = "t"\n'
REGION = '[region]\nsides = ["A", "B"]\n[region.layout]\ncommunities_per_side = 2\n[region.institutions.enterprise]\nper_community = 1\nstaff = 5\n'


HUGE = REGION.replace("= 5", "= 100000").replace("ty = 1", "ty = 100").replace("side = 2", "side = 99999\npopulation = 50000000")


def written(tmp_path, text, name="s.toml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(path):
    with pytest.raises(InputError) as error:
        load_scenario(path)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("title = 3", ["bridgework", "format of this file is missing", 'bridgework = "scenario/1"']),
        (HEAD.replace('"t"', "3") + REGION, ["title", "text in quotes"]),
        (HEAD, ["region", "missing"]),
        (HEAD + "yeers = 3\n" + REGION, ["yeers", "unknown key", 'did you mean "years"']),
        (HEAD + "years = nan\n" + REGION, ["years", "finite"]),
        (HEAD + "years = -1\n" + REGION, ["years", "at least 0.25"]),
        (HEAD + REGION.replace('["A", "B"]', '["A"]'), ["region.sides", "at least 2"]),
        (HEAD + REGION.replace('["A", "B"]', '["A", "A"]'), ["region.sides", "two sides have the same name"]),
        (HEAD + REGION.replace('"B"', '"<b>B</b>"'), ["region.sides", "letters, digits", "<b>B</b>"]),
        (HEAD + REGION.replace("enterprise", "entreprise"), ["region.institutions.entreprise", 'did you mean "enterprise"']),
        (HEAD + REGION + "[parameters.contact]\nbad_weigth = 2.0\n", ["parameters.contact.bad_weigth", "bad_weight"]),
        (HEAD + REGION + "[parameters.contact]\nbad_weight = 9.0\n", ["parameters.contact.bad_weight", "9.0", "at most 3"]),
        (HEAD + REGION + "[mechanisms]\nmediation = 1\n", ["mechanisms.mediation", "true or false"]),
        (HEAD + REGION + '[shocks.x]\nkind = "rhetorik"\nweek = 3\n', ["shocks.x.kind", "rhetoric"]),
        (HEAD + REGION + '[shocks.x]\nkind = "rhetoric"\nweek = 9999\n', ["week 9999", "outside the horizon"]),
        (HEAD + REGION + '[shocks.x]\nkind = "rhetoric"\ndate = 2020-01-01\n', ["outside the horizon"]),
        (HEAD + REGION + '[shocks.x]\nkind = "rhetoric"\n', ["shocks.x", "either week or date", "neither"]),
        (HEAD + REGION + '[shocks.x]\nkind = "rhetoric"\nweek = 1\nsides = ["C"]\n', ["shocks.x.sides", "'C'", "known: A, B"]),
        (HEAD + REGION + '[programmes.p]\nfamily = "organizing"\n', ["programmes.p.family", "region.institutions.movement"]),
        (HEAD + REGION + '[programmes.p]\nfamily = "vocational"\nstart_week = 5000\n', ["programmes.p.start_week", "5000", "after the end"]),
        (HEAD + REGION + '[programmes.p]\nfamily = "vocational"\nlead_side = "Z"\n', ["programmes.p.lead_side", "'Z'"]),
        (HEAD + REGION + "[edits.e]\nweek = 3\nprogrammes.q.joint_work = 1.0\n", ["edits.e.programmes", "'q'", "no such programme"]),
        (HEAD + HUGE, ["workers", "GB"]),
        ("a = [", ["not valid TOML"]),
        (b"\xff\xfe\x00", ["not UTF-8"]),
        (HEAD.replace("scenario/1", "scenario/2") + REGION, ["bridgework", "scenario/1"]),
        (HEAD + 'extend = "nowhere-at-all"\n' + REGION, ["nowhere-at-all", "quiet-border"]),
        (HEAD + 'extend = "s.toml"\n' + REGION, ["circle"]),
    ],
)  # fmt: skip
def test_a_broken_scenario_is_refused_with_file_key_value_and_remedy(tmp_path, text, parts):
    message = refused(written(tmp_path, text))
    for part in parts:
        assert part in message, message


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    assert "no such file" in refused(tmp_path / "none.toml")
    (tmp_path / "folder.toml").mkdir()
    assert "folder" in refused(tmp_path / "folder.toml")
    with pytest.raises(InputError, match='did you mean "quiet-border"'):
        load_scenario("quite-border")


def test_a_scenario_extends_another_key_by_key(tmp_path):
    written(tmp_path, HEAD + "years = 7.0\n" + REGION + '[shocks.vote]\nkind = "election"\nweek = 5\n', "base.toml")
    child = written(
        tmp_path, 'extend = "base.toml"\ntitle = "child"\n[shocks.vote]\nsize = 1.0\n[region]\ntension = 0.4\n', "child.toml"
    )
    scenario = load_scenario(child)
    assert (scenario.title, scenario.years, scenario.region.tension) == ("child", 7.0, 0.4)
    assert scenario.shocks["vote"].size == 1.0
    assert scenario.shocks["vote"].week == 5


def test_a_date_falls_into_its_week(cases):
    import datetime as dt

    shock = {"kind": "election", "date": dt.date(2026, 2, 1)}
    loaded = make_scenario(cases.table(start=dt.date(2026, 1, 5), shocks={"vote": shock}), "t")
    assert loaded.shocks["vote"].in_week(loaded.start) == 3


def test_listed_communities_and_crossings_are_taken_as_given(cases):
    from sim.world.build import build_world

    places = {
        "Oak": {"side": "A", "x_km": 0.0, "y_km": 1.0, "population": 3000, "trust": 0.7, "crossings": ["Elm"]},
        "Ash": {"side": "A", "x_km": 9.0, "y_km": 1.0, "population": 1000},
        "Elm": {"side": "B", "x_km": 5.0, "y_km": -1.0, "population": 2000},
        "Fir": {"side": "C", "x_km": 5.0, "y_km": -9.0, "population": 2000, "crossings": ["Ash"]},
    }
    table = cases.table(title="listed")
    table["region"] = {
        "sides": ["A", "B", "C"],
        "communities": places,
        "institutions": {"enterprise": {"per_community": 1, "staff": 4}},
    }
    world = build_world(make_scenario(table, "t"), 1)
    names = world.community_names
    pairs = {tuple(sorted((names[a], names[b]))) for a, b in zip(world.crossings.a, world.crossings.b, strict=True)}
    assert pairs == {("Elm", "Oak"), ("Ash", "Fir")}
    assert world.communities.trust_rest[names.index("Oak")].tolist() == pytest.approx([0.7, 0.7])
    assert world.residents == 8000


def test_an_experiment_is_checked_arm_by_arm(tmp_path):
    written(tmp_path, HEAD + REGION)
    head = 'bridgework = "experiment/1"\ntitle = "e"\nscenario = "s.toml"\nreference = "none"\n'
    good = written(tmp_path, head + '[arms.none]\n[arms.more.programmes.p]\nfamily = "vocational"\n', "e.toml")
    assert list(load_experiment(good).scenarios) == ["none", "more"]
    assert load_experiment(good).scenarios["more"].programmes["p"].cohort_size == 24
    for text, part in (
        (head + "[arms.more]\n", "reference: no such arm"),
        (
            head + '[arms.none]\n[arms.more.programmes.p]\nfamily = "vocational"\ncohort_sise = 3\n',
            "arms.more: programmes.p.cohort_sise",
        ),
        (head + "[arms.none]\n[arms.more]\nyears = 3.0\n", "different horizons"),
        (head.replace("s.toml", "t.toml") + "[arms.none]\n", "t.toml"),
        (head + "seeds = 0\n[arms.none]\n", "seeds"),
    ):
        with pytest.raises(InputError) as error:
            load_experiment(written(tmp_path, text, "bad.toml"))
        assert part in str(error.value), str(error.value)


def test_everything_built_in_is_sound():
    for name in library.names("scenarios"):
        load_scenario(name)
    for name in library.names("experiments"):
        load_experiment(name)
    assert library.names("scenarios")
    assert library.names("experiments")


def test_schemas_are_json_schema_with_descriptions_and_ranges():
    schema = json.loads(json.dumps(Scenario.model_json_schema()))
    contact = schema["$defs"]["ContactParametersOverrides"]["properties"]["bad_weight"]
    assert "relative to a good one" in contact["description"]
    assert ExperimentFile.model_json_schema()["properties"]["arms"]


def test_a_scenario_survives_the_way_to_json_and_back(cases):
    for scenario in (cases.busy(), load_scenario("quiet-border")):
        again = Scenario.model_validate_json(scenario.model_dump_json(exclude_none=True))
        assert again == scenario
        assert again.effective_parameters == scenario.effective_parameters


def test_the_memory_foreseen_is_that_of_the_columns(cases):
    from sim.scenario.limits import memory_needed
    from sim.world.build import build_world

    big = cases.scenario(
        region={"layout": {"population": 9000}, "institutions": {"enterprise": {"per_community": 2, "staff": 2000}}}
    )
    world = build_world(big, 1)
    leavers = world.workers.person.size * 8
    assert memory_needed(big) == pytest.approx(world.nbytes() + leavers, rel=0.1)


def test_sides_named_anew_leave_behind_what_was_said_of_the_old_ones(tmp_path):
    (tmp_path / "child.toml").write_text(
        'bridgework = "scenario/1"\nextend = "quiet-border"\n[region]\nsides = ["A", "B"]\n[region.climate_of.B]\ntrust = 0.3\n',
        "utf-8",
    )
    region = load_scenario(tmp_path / "child.toml").region
    assert list(region.climate_of) == ["B"]
    assert region.layout.communities_per_side == 20


@pytest.mark.parametrize(
    ("base", "key", "named"),
    [
        ("yeers = 3", "yeers", "base.toml: yeers: unknown key (a file on which"),
        ("[parameters.contact]\nbad_weight = 99", "bad_weight", "base.toml: parameters.contact.bad_weight: out of range"),
        ('[shocks."a.b"]\nkind = "rhetoric"\nweek = 9999\nsize = 1', "a.b", "base.toml: shocks.a.b.week: outside the horizon"),
        ("[region.layout]\npopulation = 60", "population", "base.toml: region.layout.population: "),
    ],
)
def test_a_fault_is_told_of_the_file_in_which_it_stands(tmp_path, base, key, named):
    (tmp_path / "base.toml").write_text(f'bridgework = "scenario/1"\nextend = "quiet-border"\ntitle = "b"\n{base}\n', "utf-8")
    (tmp_path / "child.toml").write_text('bridgework = "scenario/1"\nextend = "base.toml"\ntitle = "c"\n', "utf-8")
    head = 'bridgework = "experiment/1"\ntitle = "t"\nscenario = "child.toml"\nreference = "a"\n[arms.a]\n'
    (tmp_path / "ask.toml").write_text(head, "utf-8")
    for load, name in ((load_scenario, "child.toml"), (load_experiment, "ask.toml")):
        with pytest.raises(InputError) as error:
            load(tmp_path / name)
        assert named in str(error.value)
        assert key in str(error.value)


def test_a_fault_in_an_arm_is_told_of_that_arm_and_a_wrong_kind_of_file_of_that_file(tmp_path):
    head = 'bridgework = "experiment/1"\ntitle = "t"\nscenario = "quiet-border"\nreference = "a"\n'
    (tmp_path / "ask.toml").write_text(head + "[arms.a.programmes.p]\nweeks = 3\n", "utf-8")
    with pytest.raises(InputError, match=r"ask.toml: arms.a: programmes.p.family: missing"):
        load_experiment(tmp_path / "ask.toml")
    (tmp_path / "again.toml").write_text(head.replace("quiet-border", "ask.toml") + "[arms.a]\n", "utf-8")
    with pytest.raises(InputError, match=r"ask.toml: bridgework: this file is an experiment"):
        load_experiment(tmp_path / "again.toml")


def test_a_lever_of_a_family_among_those_of_all_is_told_where_it_belongs(cases):
    with pytest.raises(InputError) as error:
        cases.scenario(programmes={"p": {"family": "policing", "oversight": 0.5}})
    assert "a lever of the family policing: [programmes.p.policing] oversight = 0.5" in str(error.value)


def test_the_schema_for_editors_takes_what_is_taken():
    schema = file_schema(Scenario)
    assert "extend" in schema["properties"]
    assert schema["required"] == ["bridgework"]
    assert schema["$defs"]["Programme"]["properties"]["family"]["enum"] == [
        "vocational",
        "social_work",
        "public_service",
        "policing",
        "organizing",
    ]
    assert "trust in the other sides; 0.4" in schema["$defs"]["Climate"]["properties"]["trust"]["description"]
