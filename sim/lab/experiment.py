"""Experiments: one scenario, several arms, the same seeds in each; and, for a sweep, what varies and at which points."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim.errors import InputError, Misfit, checked_count
from sim.lab.design import DesignTable, ensemble_of, sized, table_hash
from sim.lab.factors import DECLARED, Factor, constants_of, factors_of, leaves, own_of, reached
from sim.scenario.faults import Layer, validated
from sim.scenario.reading import anchor, find, laid_together, make_scenario, read_toml, scenario_layers
from sim.scenario.schema import Scenario
from sim.scenario.tables import Name, Strict, check_line, check_text


class Arm(Strict):
    """What one arm changes in the scenario: any of its tables, laid over it key by key."""

    label: Annotated[str, Field(max_length=80), AfterValidator(check_line)] = Field(
        default="", description="how tables and figures call it"
    )
    years: float | None = None
    burn_in_weeks: int | None = None
    rules: list[str] | None = None
    region: dict[str, Any] = Field(default_factory=dict)
    parameters: dict[str, Any] = Field(default_factory=dict)
    mechanisms: dict[str, Any] = Field(default_factory=dict)
    programmes: dict[str, Any] = Field(default_factory=dict)
    budget: dict[str, Any] = Field(default_factory=dict)
    shocks: dict[str, Any] = Field(default_factory=dict)
    edits: dict[str, Any] = Field(default_factory=dict)

    def changes(self) -> dict[str, Any]:
        """Return the tables to lay over the scenario."""
        table = self.model_dump(exclude={"label"}, exclude_none=True)
        return {key: value for key, value in table.items() if value != {}}


class Until(Strict):
    """Live further worlds until an interval is narrow enough; looks are taken at the file's seeds, and at twice as many each time."""

    outcome: Annotated[str, Field(description="outcome whose paired difference is to be known")]
    half_width: Annotated[float, Field(gt=0, description="half the width that its interval may have, in the outcome's own unit")]
    most: Annotated[int, Field(ge=2, le=1_000_000, description="seeds after which no more are lived")]


class ExperimentFile(Strict):
    """What an experiment file may say."""

    bridgework: Literal["experiment/1"] = Field(description='format of this file: "experiment/1"')
    title: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(check_line)]
    question: Annotated[str, Field(max_length=1000), AfterValidator(check_text)] = ""
    scenario: str = Field(description="built-in name, or path relative to this file")
    seeds: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=40, description="replicates: each seed is lived once in every arm"
    )
    first_seed: Annotated[int, Field(ge=0, le=2**64 - 1_000_001)] = 1
    reference: str = Field(description="the arm that the others are compared with")
    series_every: Annotated[int, Field(ge=0, le=520)] = Field(
        default=1, description="keep every n-th week of the series; 0 keeps none"
    )
    incidents: bool = Field(default=False, description="keep every incident with its causes")
    until: Until | None = Field(default=None, description="live further worlds until differences are known well enough")
    design: DesignTable | None = Field(default=None, description="points at which arms are lived; for bridgework sweep")
    uncertainties: dict[str, Any] = Field(
        default_factory=dict, description="parameters that vary: room.name, a whole room, or all"
    )
    levers: dict[str, Any] = Field(default_factory=dict, description="levers that vary: programme.name, or budget.name")
    constants: dict[str, Any] = Field(default_factory=dict, description="parameters and levers that all arms have at one value")
    arms: Annotated[dict[Name, Arm], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.reference not in self.arms:
            raise Misfit("no such arm", key="reference", value=self.reference, right=f"one of the arms: {', '.join(self.arms)}")
        labels = [arm.label or name for name, arm in self.arms.items()]
        twice = {label for label in labels if labels.count(label) > 1}
        if twice:
            raise Misfit("two arms have the same label", key="arms", value=min(twice), right="a label of its own for each arm")
        if self.design is None and (self.uncertainties or self.levers):
            key = "uncertainties" if self.uncertainties else "levers"
            right = 'a table [design], such as kind = "latin_hypercube", points = 200'
            raise Misfit("varied, but there is no design", key=key, value=getattr(self, key), right=right)
        if self.design is not None and self.design.kind == "ensemble" and (self.uncertainties or self.levers):
            key = "uncertainties" if self.uncertainties else "levers"
            right = "nothing; an ensemble varies the parameters that it was calibrated over, and nothing else"
            raise Misfit("an ensemble says itself what varies", key=key, value=getattr(self, key), right=right)
        if self.until is not None and self.until.most <= self.seeds:
            raise Misfit("no look beyond the first", key="until.most", value=self.until.most, right=f"above seeds = {self.seeds}")
        if self.until is not None and (self.seeds < 2 or len(self.arms) < 2):
            said, right = (self.seeds, "2 or more") if self.seeds < 2 else (len(self.arms), "two arms or more")
            raise Misfit("too few for an interval", key="seeds" if self.seeds < 2 else "arms", value=said, right=right)
        return self


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment with all its scenarios resolved.

    Attributes
    ----------
    name : str
        Stem of its file.
    file : ExperimentFile
        What the file says.
    scenarios : dict of str to Scenario
        Arm name to scenario, the reference arm first, then in the file's order.
    factors : tuple of Factor
        What its design varies.
    where : str
        Its file.
    own : dict of str to tuple of str
        Arm name to what is varied but it sets itself, where there is any: those factors do not reach it.
    """

    name: str
    file: ExperimentFile
    scenarios: dict[str, Scenario]
    factors: tuple[Factor, ...] = ()
    where: str = ""
    own: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that registered rules that scenarios name have a place in the week, and outcomes names of their own."""
        for scenario in self.scenarios.values():
            if scenario.named:
                from sim import outcomes  # noqa: F401  (their names are checked as they are put together)
                from sim.week.schedule import steps  # heavy

                steps(scenario.named)

    @property
    def labels(self) -> dict[str, str]:
        """Arm name to how it is called."""
        return {name: self.file.arms[name].label or name for name in self.scenarios}

    def design_asked(self) -> dict[str, Any] | None:
        """Return what a manifest says of its design."""
        design = self.file.design
        if design is None:
            return None
        asked = design.model_dump(exclude_none=True, exclude={"common_seeds", "file"})
        table = {"table": found} if (found := table_hash(design, self.where)) else {}
        varied = {
            "factors": [factor.described() for factor in self.factors],
            "own": {arm: list(names) for arm, names in self.own.items()},
        }
        return asked | table | varied | {"shared": design.shared}


def load_experiment(name: str | Path, seeds: int | None = None, design: DesignTable | None = None) -> Experiment:
    """Read and check an experiment and the scenarios of all its arms.

    Parameters
    ----------
    name : str or pathlib.Path
        A path ending in ``.toml``, or the name of a built-in experiment.
    seeds : int, optional
        Number of replicates instead of the file's.
    design : DesignTable, optional
        Of an experiment that has none: where its arms are lived.

    Raises
    ------
    InputError
        If anything is wrong with it.
    """
    path = find("experiments", name)
    file = validated(ExperimentFile, read_toml(path), str(path))
    if seeds is not None:
        file = file.model_copy(update={"seeds": checked_count(seeds, "seeds", 1, 1_000_000)})
    if design is not None:
        if file.design is not None:
            right = f"bridgework sweep {name}, or this experiment without its design"
            raise InputError("this experiment has a design", where=f"{path}: design", value=file.design.kind, right=right)
        file = file.model_copy(update={"design": design})
    base = scenario_layers(file.scenario, path, "scenario")
    ordered = [file.reference, *(arm for arm in file.arms if arm != file.reference)]
    scenarios = {}
    for arm in ordered:
        changes = file.arms[arm].changes()
        anchor(changes, path)
        layers = [Layer(f"{path}: arms.{arm}", changes), *base]
        scenarios[arm] = make_scenario(laid_together(layers), layers)
    if len({scenario.weeks for scenario in scenarios.values()}) > 1:
        years = {arm: scenario.years for arm, scenario in scenarios.items()}
        raise InputError("arms have different horizons", where=f"{path}: arms", value=years, right="the same years in every arm")
    where = str(path)
    own = {arm: own_of(file.arms[arm].changes()) for arm in ordered}
    for arm, table in constants_of(file.constants, scenarios, own, where).items():
        if table:
            layers = [
                Layer(f"{path}: constants", table),
                Layer(f"{path}: arms.{arm}", scenarios[arm].model_dump(mode="python", exclude_none=True)),
            ]
            scenarios[arm] = make_scenario(laid_together(layers), layers)
    uncertainties = file.uncertainties
    if file.design is not None and file.design.kind == "ensemble":
        uncertainties = _varied_by_ensemble(file, scenarios, own, where)
    factors = factors_of(uncertainties, file.levers, file.constants, scenarios, where)
    if file.design is not None:
        sized(file.design, factors, where)
    own = {arm: tuple(name for name in own[arm] if name in {factor.name for factor in factors}) for arm in ordered}
    for factor in factors:
        if not any(reached(factor, scenario, own[arm]) for arm, scenario in scenarios.items()):
            right, key = "an arm that does not set it itself", "levers" if factor.kind == "lever" else "uncertainties"
            raise InputError("reaches no arm", where=f"{path}: {key}.{factor.name}", value=factor.words, right=right)
    if file.until is not None:
        from sim.outcomes import BY_NAME, check_outcome

        name = check_outcome(file.until.outcome, f"{path}: until.outcome")
        if not BY_NAME[name].interval:
            right = "an outcome whose tail is not too heavy for an interval, such as force_rate"
            raise InputError("no interval can be told for it", where=f"{path}: until.outcome", value=name, right=right)
    return Experiment(path.stem, file, scenarios, tuple(factors), where, {arm: names for arm, names in own.items() if names})


def _varied_by_ensemble(
    file: ExperimentFile, scenarios: dict[str, Scenario], own: dict[str, tuple[str, ...]], where: str
) -> dict[str, Any]:
    """Return the parameters that an ensemble varies: all that it knows, but for those that the scenario or a constant sets."""
    assert file.design is not None
    held = {name for name, _ in leaves(file.constants)}
    for arm, scenario in scenarios.items():
        given: dict[str, Any] = scenario.parameters.model_dump(exclude_none=True) if scenario.parameters is not None else {}
        held |= {name for name, _ in leaves(given)} - set(own[arm])
    return {name: DECLARED for name in ensemble_of(file.design, where).names if name not in held}


def only(experiment: Experiment, arms: list[str]) -> Experiment:
    """Return an experiment with some of its arms, and the reference arm.

    Raises
    ------
    InputError
        If there is no such arm.
    """
    for arm in arms:
        if arm not in experiment.scenarios:
            raise InputError("no such arm", where="--arm", value=arm, right=f"one of: {', '.join(experiment.scenarios)}")
    kept = {arm: s for arm, s in experiment.scenarios.items() if arm in arms or arm == experiment.file.reference}
    return replace(experiment, scenarios=kept)


def single(scenario: Scenario, name: str, seed: int) -> Experiment:
    """Return the experiment that lives through one scenario once."""
    arm = Arm(label="this world")
    file = ExperimentFile(
        bridgework="experiment/1",
        title=scenario.title,
        scenario=name,
        seeds=1,
        first_seed=seed,
        reference="run",
        incidents=True,
        arms={"run": arm},
    )
    return Experiment(name, file, {"run": scenario})
