"""What a trial file may say: a field study laid down, to be lived by the simulation.

A trial names a region, the programmes under study, its arms, how they are assigned, what is measured when and among whom, and the band in
which the field's finding lies.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from sim.errors import Misfit, Words
from sim.evidence.quantities import ADOPTED_BY, EVENTS, INSTITUTIONS, PERSONAL, REGION, RESIDENTS, TIES, Quantity
from sim.families import FAMILIES
from sim.lab.experiment import Arm
from sim.outcomes import OUTCOMES
from sim.scenario.schema import Scenario
from sim.scenario.tables import Name, Strict, check_line, check_text
from sim.series import SERIES

Line = Annotated[str, Field(max_length=160), AfterValidator(check_line)]
PERSONS = ("participants", "neighbours", "workers")
AMONG: dict[str, str] = {
    "participants": "all who were enrolled, those who gave up or left included (intention to treat); in an arm without a programme "
    "those whom the same rule of recruitment would have chosen",
    "neighbours": "workers of the participants' communities whom no programme under study has taken in until then, nor would have where an arm "
    "has none",
    "workers": "all workers who were assigned to the arm, enrolled or not",
    "residents": "residents of the communities that were assigned to the arm, or in which its participants work",
    "institutions": "institutions that were assigned to the arm",
    "region": "the whole region: an outcome or a weekly series",
    "ties": "all live cross-border ties at the start",
    "ties made": "ties between members of one task group that are alive when their cohort ends",
    "lethal events": "events in which somebody died",
}
"""Among whom a measure is taken."""
CONTRASTS = ("d", "difference", "relative")
DERIVED = ("ratio", "product", "minus", "half-life")
STATISTICS: dict[str, str] = {
    "mean": "mean in the arm (a share, for what is 0 or 1)",
    "difference": "mean in the arm less the mean in the other",
    "relative": "the same, as a share of the mean in the other",
    "d": "standardised mean difference: the difference over the standard deviation within arms",
    "hazard": "events per person and year (institution and year), while it has not happened",
    "regression": "standardised coefficient of the first of `on`, all of `on` being in the regression, across those in their posts; "
    "with one alone it is the correlation",
    "ratio": "of two measures: the first over the second",
    "product": "of two measures: the first times the second",
    "minus": "of two measures: the first less the second",
    "half-life": "of two measures of one gain at two times: weeks in which half of it is lost",
}
"""What can be computed."""
TWINS = "twins"
Unit = Literal["region", "communities", "institutions", "workers"]


def known_quantities(among: str) -> dict[str, Quantity]:
    """List what can be measured among some group."""
    if among in PERSONS:
        return dict(PERSONAL)
    if among == "region":
        found = {s.name: Quantity(s.meaning, s.unit) for s in SERIES}
        return found | {o.name: Quantity(o.definition, o.unit) for o in OUTCOMES} | REGION
    groups: dict[str, Any] = {
        "residents": RESIDENTS,
        "institutions": INSTITUTIONS,
        "ties": TIES,
        "ties made": TIES,
        "lethal events": EVENTS,
    }
    return dict(groups[among])


class Measure(Strict):
    """One thing that is measured, and the band in which the field's finding lies."""

    label: Line = Field(default="", description="how tables and the picture call it")
    statistic: Literal[tuple(STATISTICS)] = Field(default="d", description="what is computed, see below")  # type: ignore[valid-type]
    among: Literal[tuple(AMONG)] | None = Field(default=None, description="among whom, see below")  # type: ignore[valid-type]
    of: str = Field(default="", description="what is measured, see below")
    arm: str | None = Field(default=None, description="arm; the other one than the reference, if there are two")
    against: str | None = Field(
        default=None,
        description='arm it is compared with, the reference if not given; or "twins": the same units without any arm\'s programme',
    )
    week: Annotated[int, Field(ge=0, le=2080)] = Field(
        default=52,
        description="when it is asked, in weeks: among participants and neighbours since their own enrolment, among ties made since their cohort "
        "ended, among all others since the trial's start",
    )
    since: Annotated[int, Field(ge=0, le=2079)] = Field(
        default=0, description="of region and lethal events: first week of the window that `week` ends"
    )
    profession: Literal[tuple(f.name for f in FAMILIES)] | None = Field(  # type: ignore[valid-type]
        default=None,
        description="of workers and institutions: those of one profession; of all programmes under study if not given",
    )
    linked: bool | None = Field(
        default=None,
        description="of a hazard of adoption: while a peer has adopted (true), or none has (false)",
    )
    strength: Annotated[list[float], Field(min_length=2, max_length=2)] = Field(
        default=[0.0, 1.0], description="of ties: how strong they are at first, from and to"
    )
    on: list[str] = Field(default_factory=list, description="of a regression: what it is on, the coefficient of interest first")
    measures: list[str] = Field(
        default_factory=list, description="of ratio, product, minus and half-life: the two measures, by name; they stand above it"
    )
    measured: Line = Field(default="", description="what the field study found, in its own words")
    sample: Annotated[int, Field(ge=4, le=1_000_000)] | None = Field(
        default=None, description="of this measure: persons in the field study, all arms together; the trial's if not given"
    )
    low: float | None = Field(default=None, description="lower end of the band; open if not given")
    high: float | None = Field(default=None, description="upper end of the band; open if not given")
    band_note: Line = Field(default="", description="where the band comes from, if not from the study")
    emergent: bool = Field(
        default=True,
        description="false if it is imposed: close to being a parameter, or bound to come out of how the simulation is made",
    )

    @property
    def derived(self) -> bool:
        """Whether it is computed from other measures."""
        return self.statistic in DERIVED

    @property
    def banded(self) -> bool:
        """Whether it has a band."""
        return self.low is not None or self.high is not None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise Misfit("an empty band", key="high", value=self.high, right=f"above low, {self.low:g}")
        if self.derived:
            if len(self.measures) != 2:
                right = 'two measures of this trial, such as ["late", "early"]'
                raise Misfit(f"a {self.statistic} is of two measures", key="measures", value=self.measures, right=right)
            if self.measures[0] == self.measures[1]:
                raise Misfit("twice the same", key="measures", value=self.measures, right="two measures that differ")
            for key in ("among", "of", "arm", "against", "on", "week", "since", "profession", "linked", "strength", "sample"):
                if key in self.model_fields_set:
                    right = f"nothing: a {self.statistic} takes all from its two measures"
                    raise Misfit("of no use here", key=key, value=getattr(self, key), right=right)
            return self
        if self.measures:
            raise Misfit("of no use here", key="measures", value=self.measures, right=f"statistic = one of {', '.join(DERIVED)}")
        if self.among is None:
            raise Misfit("missing", key="among", value=Words("nothing"), right=f"one of: {', '.join(AMONG)}")
        self._quantity_known("of", self.of, known_quantities(self.among), self.among)
        self._fits_the_statistic(known_quantities(self.among)[self.of])
        return self

    @staticmethod
    def _quantity_known(key: str, name: str, known: Iterable[str], among: str) -> None:
        known = list(known)
        if name not in known:
            elsewhere = [group for group in AMONG if group != among and group != "region" and name in known_quantities(group)]
            if elsewhere:
                right = f"among {among}: {', '.join(known)}"
                raise Misfit(f"measured among {', '.join(elsewhere)}, not among {among}", key=key, value=name, right=right)
            Scenario._known("quantity", key, [name], known)  # noqa: SLF001

    def _fits_the_statistic(self, quantity: Quantity) -> None:
        if self.statistic == "d" and not quantity.scale:
            right = "difference or relative; d is for what is rated on a scale"
            raise Misfit("a count has no standardised difference here", key="statistic", value="d", right=right)
        if self.statistic == "hazard" and not quantity.event:
            events = [name for name, q in known_quantities(str(self.among)).items() if q.event]
            right = f"what happens or not: {', '.join(events) or 'nothing of these'}"
            raise Misfit("no event, so it has no hazard", key="of", value=self.of, right=right)
        if (self.statistic == "regression") != bool(self.on):
            right = 'such as on = ["friends of colleagues", "friends"]' if not self.on else "nothing; it is for a regression"
            raise Misfit("missing" if not self.on else "of no use here", key="on", value=self.on, right=right)
        for k, name in enumerate(self.on):
            self._quantity_known(f"on.{k}", name, [q for q in PERSONAL if q != self.of], str(self.among))
            if name in self.on[:k]:
                raise Misfit("twice the same", key=f"on.{k}", value=name, right="each once")
        if self.on and self.among not in PERSONS:
            raise Misfit("a regression is across persons", key="among", value=self.among, right=f"one of: {', '.join(PERSONS)}")
        self._of_use(quantity)

    def _of_use(self, quantity: Quantity) -> None:
        """Refuse keys that would change nothing."""
        if self.against is not None and self.statistic not in CONTRASTS:
            raise Misfit("of no use here", key="against", value=self.against, right=f"statistic = one of {', '.join(CONTRASTS)}")
        windowed = self.among in {"region", "lethal events"}
        if self.since and (not windowed or self.since >= self.week):
            right = f"below week, {self.week}" if windowed else "nothing; it is for region and lethal events"
            raise Misfit("no window", key="since", value=self.since, right=right)
        if windowed and self.week == 0:
            raise Misfit("no window", key="week", value=0, right="1 or more")
        if self.profession is not None and self.among not in {"workers", "institutions"}:
            raise Misfit("of no use here", key="profession", value=self.profession, right='among = "workers" or "institutions"')
        if self.linked is not None and (self.of != ADOPTED_BY or self.statistic != "hazard"):
            raise Misfit("of no use here", key="linked", value=self.linked, right=f'statistic = "hazard", of = "{ADOPTED_BY}"')
        if self.statistic == "hazard" and self.week == 0:
            raise Misfit("no time for anything to happen", key="week", value=0, right="1 or more")
        if "strength" in self.model_fields_set and self.among not in {"ties", "ties made"}:
            raise Misfit("of no use here", key="strength", value=self.strength, right='among = "ties" or "ties made"')
        if self.sample is not None and not self._sampled(quantity):
            right = "nothing: a study's size is for persons, residents, ties and shares of the region"
            raise Misfit("of no use here", key="sample", value=self.sample, right=right)
        if not 0.0 <= self.strength[0] < self.strength[1] <= 1.0:
            raise Misfit("no range of strength", key="strength", value=self.strength, right="such as [0.0, 0.3]")

    def _sampled(self, quantity: Quantity) -> bool:
        """Whether a study of some size measures it with the error of its size."""
        return self.among in {*PERSONS, "residents", "ties", "ties made"} or (self.among == "region" and quantity.unit == "share")


class Assignment(Strict):
    """How arms are assigned."""

    unit: Unit = Field(
        default="region",
        description="what is assigned to the arms at random; region: every arm is given to the whole region, in a world of its own",
    )
    shares: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict,
        description="share of the units that each arm gets, such as {control = 0.75, exchange = 0.25}; equal if not given",
    )
    independent_seeds: bool = Field(
        default=False, description="of arms with worlds of their own: on seeds of their own too, so that they are not paired"
    )


class TrialFile(Strict):
    """What a trial file may say."""

    bridgework: Literal["trial/1"] = Field(description='format of this file: "trial/1"')
    title: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(check_line)] = Field(
        description="the study, in a line"
    )
    source: Line = Field(default="", description="where the study was published")
    evidence: Annotated[str, Field(max_length=12), AfterValidator(check_line)] = Field(
        default="", description="row of the evidence table"
    )
    use: Literal["cal", "prior", "check", "own"] = Field(
        default="own",
        description="cal: for calibration; prior: for setting parameters; check: scored once, after calibration; own: a trial of yours",
    )
    note: Annotated[str, Field(max_length=2000), AfterValidator(check_text)] = Field(
        default="", description="how the study is represented, and what is left out"
    )
    scenario: str = Field(description="built-in name of the region, or path relative to this file")
    seeds: Annotated[int, Field(ge=2, le=100_000)] = Field(default=40, description="worlds of each arm")
    first_seed: Annotated[int, Field(ge=0, le=2**62)] = Field(
        default=1, description="seed of the first world; the next ones follow"
    )
    sample: Annotated[int, Field(ge=4, le=1_000_000)] | None = Field(
        default=None, description="persons in the field study, all arms together"
    )
    enrol_weeks: Annotated[int, Field(ge=1, le=1040)] = Field(
        default=26, description="weeks from the start in which cohorts that begin are followed"
    )
    changes: Arm = Field(default_factory=Arm, description="what all arms change in the scenario, table by table")
    programmes: dict[Name, dict[str, Any]] = Field(
        default_factory=dict,
        description="the programmes under study; an arm has those that it names, with what it says laid over them",
    )
    assignment: Assignment = Field(default_factory=Assignment, description="how arms are assigned, see below")
    reference: str = Field(default="", description="the arm with which others are compared; the first if not given")
    arms: Annotated[dict[Name, Arm], Field(min_length=1, max_length=20)] = Field(
        description="what each arm has and changes, by its name"
    )
    measures: Annotated[dict[Name, Measure], Field(min_length=1, max_length=100)] = Field(
        description="what is measured, by the measure's name, see below"
    )

    @property
    def base_arm(self) -> str:
        """The arm with which others are compared."""
        return self.reference or next(iter(self.arms))

    def arms_of(self, measure: Measure) -> tuple[str, str | None]:
        """Return the arm of a measure, and that with which it is compared, if it is."""
        others = [arm for arm in self.arms if arm != self.base_arm]
        arm = measure.arm or (others[0] if len(others) == 1 else self.base_arm)
        return arm, (measure.against or self.base_arm) if measure.statistic in CONTRASTS else None

    def size_of(self, measure: Measure, arm: str) -> int:
        """Return how many the field study measured in an arm; 0 if that is not told."""
        share = self.assignment.shares.get(arm, 1.0 / len(self.arms))
        whole = measure.sample or self.sample
        return max(round(whole * share), 2) if whole else 0

    def template_arm(self) -> str | None:
        """Return the first arm with a programme: arms without any are followed as if they had its rule of recruitment."""
        return next((arm for arm, said in self.arms.items() if said.programmes), None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.reference and self.reference not in self.arms:
            raise Misfit("no such arm", key="reference", value=self.reference, right=f"one of: {', '.join(self.arms)}")
        if TWINS in self.arms:
            raise Misfit(
                "this name is taken: twins are the same units without any programme",
                key="arms",
                value=TWINS,
                right="another name",
            )
        split = self.assignment.unit != "region"
        for name, arm in self.arms.items():
            for key in ("years", "burn_in_weeks", "rules", *(("region", "edits") if split else ())):
                if getattr(arm, key):
                    right = (
                        "under [changes], for all arms" if key != "edits" else 'under [changes]; or assignment.unit = "region"'
                    )
                    raise Misfit("cannot differ between arms", key=f"arms.{name}.{key}", value=getattr(arm, key), right=right)
        self._shares_fit()
        if self.changes.programmes:
            right = "under [programmes], and named by the arms that have them"
            raise Misfit(
                "programmes under study are no change", key="changes.programmes", value=self.changes.programmes, right=right
            )
        named = {name for arm in self.arms.values() for name in arm.programmes}
        for name in self.programmes:
            if name not in named:
                near = difflib.get_close_matches(name, named, 1)
                right = (f'did you mean "{near[0]}", which arms name? or ' if near else "") + f"[arms.NAME.programmes.{name}]"
                raise Misfit("no arm has this programme", key="programmes", value=name, right=right + " in one of them")
        for name, measure in self.measures.items():
            self._measure_fits(f"measures.{name}", measure)
        return self

    def _shares_fit(self) -> None:
        shares, key = self.assignment.shares, "assignment.shares"
        if not shares:
            return
        if self.assignment.unit == "region":
            raise Misfit("of no use here", key=key, value=shares, right="an assignment of communities, institutions or workers")
        for name in shares:
            Scenario._known("arm", key, [name], self.arms)  # noqa: SLF001
        if set(shares) != set(self.arms) or abs(sum(shares.values()) - 1.0) > 1e-6:
            right = f"a share for each of {', '.join(self.arms)}, adding up to 1"
            raise Misfit(
                "they do not share out the whole",
                key=key,
                value=Words(", ".join(f"{n} = {v:g}" for n, v in shares.items())),
                right=right,
            )

    def bounds(self) -> list[float]:
        """Return where the share of each arm ends, counted from 0 to 1 in the order of the arms."""
        shares = self.assignment.shares or dict.fromkeys(self.arms, 1.0 / len(self.arms))
        ends, total = [], 0.0
        for arm in self.arms:
            total += shares[arm]
            ends.append(total)
        return [*ends[:-1], 1.0]

    def _measure_fits(self, key: str, measure: Measure) -> None:
        if measure.derived:
            above = list(self.measures)[: list(self.measures.values()).index(measure)]
            for k, of in enumerate(measure.measures):
                if of in self.measures and of not in above:
                    right = f"[{key}] below [measures.{of}]" if self.measures[of] is not measure else "other measures than itself"
                    raise Misfit("stands below what is made of it", key=f"{key}.measures.{k}", value=of, right=right)
                Scenario._known("measure", f"{key}.measures.{k}", [of], above)  # noqa: SLF001
            if measure.statistic == "half-life":
                first, second = (self.measures[of] for of in measure.measures)
                if first.week >= second.week or first.among not in PERSONS or second.among not in PERSONS:
                    right = "two measures among persons, the earlier first"
                    raise Misfit("no two times of one gain", key=f"{key}.measures", value=measure.measures, right=right)
            return
        for side in ("arm", "against"):
            said = getattr(measure, side)
            if said is not None and not (side == "against" and said == TWINS):
                Scenario._known("arm", f"{key}.{side}", [said], self.arms)  # noqa: SLF001
        if measure.arm is None and len(self.arms) > 2:
            raise Misfit(
                "missing, and there are more than two arms",
                key=f"{key}.arm",
                value=Words("nothing"),
                right=f"one of: {', '.join(self.arms)}",
            )
        arm, against = self.arms_of(measure)
        if arm == against:
            right = 'another arm, or "twins"'
            raise Misfit("compared with itself", key=f"{key}.against", value=arm, right=right)
        self._group_fits(key, measure, arm, against)

    def _group_fits(self, key: str, measure: Measure, arm: str, against: str | None) -> None:
        unit, among, apart = self.assignment.unit, measure.among, self.assignment.independent_seeds
        if among in {"participants", "neighbours", "ties made"}:
            if self.template_arm() is None:
                raise Misfit("no arm enrols anybody", key=f"{key}.among", value=among, right="an arm with a programme")
            sampled = [a for a in (arm, against) if a and a != TWINS and not self.arms[a].programmes]
            if sampled and (among == "ties made" or apart):
                right = "an arm with a programme" + ("; or arms on the same seeds" if apart else "")
                raise Misfit(f"the arm {sampled[0]} has none", key=f"{key}.among", value=among, right=right)
        if unit == "workers" and among == "neighbours" and against not in {None, TWINS}:
            right = 'against = "twins", or assignment by communities'
            raise Misfit("both arms have the same neighbours", key=f"{key}.against", value=against, right=right)
        if unit in {"workers", "institutions"} and among == "residents" and against != TWINS:
            right = 'against = "twins", or assignment by communities'
            raise Misfit("arms share their residents", key=f"{key}.against", value=against or Words("nothing"), right=right)
        if unit == "workers" and among == "institutions":
            right = "assignment by institutions or communities"
            raise Misfit("arms share their institutions", key=f"{key}.among", value=among, right=right)
        if unit != "region" and among in {"region", "ties", "lethal events"} and against not in {None, TWINS}:
            right = 'assignment.unit = "region", or against = "twins"'
            raise Misfit("arms share one region", key=f"{key}.among", value=among, right=right)

    def weeks_needed(self) -> int:
        """Weeks that have to be lived from the trial's start to its last measure, a cohort's length apart."""
        primary = [m for m in self.measures.values() if not m.derived]
        followed = [m.week for m in primary if m.among in {"participants", "neighbours", "ties made"}]
        return max([1] + [m.week for m in primary] + [self.enrol_weeks + week for week in followed])
