"""What a scenario may say of its region."""

from __future__ import annotations

import difflib
from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.errors import Misfit, Words
from sim.families import FAMILIES
from sim.scenario.tables import Name, Share, Strict, made_table

CLIMATE: dict[str, tuple[float, str]] = {
    "trust": (0.40, "residents' trust in the other sides"),
    "warmth": (0.45, "workers' warmth towards the other sides"),
    "legitimacy": (0.50, "residents' confidence in their own institutions"),
    "grievance": (0.35, "residents' grievance"),
    "livelihoods": (0.50, "residents' livelihoods"),
    "services": (0.50, "quality of local services"),
    "vulnerability": (0.30, "share of residents who are badly placed in a crisis"),
    "fairness_gap": (0.30, "how much worse vulnerable residents are served"),
    "capability": (0.45, "how well institutions do their work"),
    "openness": (0.40, "employers' openness to staff from across the border"),
    "buy_in": (0.45, "leaders' mean buy-in to co-operation"),
    "accountability": (0.30, "how far police services and municipalities answer for what they do"),
    "rapport": (0.20, "how far residents talk to the police"),
}
"""Resting levels of a region: default and meaning."""
DEFAULT_CLIMATE = {name: level for name, (level, _) in CLIMATE.items()}
_Levels = made_table(
    "Levels",
    {
        name: (Share | None, Field(default=None, description=f"{meaning}; {level:g} if not given"))
        for name, (level, meaning) in CLIMATE.items()
    },
)


class Climate(_Levels):  # type: ignore[misc, valid-type]
    """Resting levels of a community's state, each 0 to 1."""


class Layout(Strict):
    """Communities placed along the border at even distances, with a little disorder."""

    communities_per_side: Annotated[int, Field(ge=1, le=100_000)] = Field(default=10, description="communities on each side")
    border_km: Annotated[float, Field(gt=0, le=10_000)] = Field(default=200.0, description="length of the border")
    depth_km: Annotated[float, Field(gt=0, le=1_000)] = Field(default=15.0, description="mean distance from the border line")
    population: Annotated[int, Field(ge=50, le=50_000_000)] = Field(default=4_000, description="median residents of a community")
    population_spread: Annotated[float, Field(ge=0, le=2)] = Field(
        default=0.4, description="how unlike communities are in residents (standard deviation, log units)"
    )


class Community(Climate):
    """One community, listed by name."""

    side: str
    x_km: Annotated[float, Field(ge=-20_000, le=20_000)]
    y_km: Annotated[float, Field(ge=-20_000, le=20_000)]
    population: Annotated[int, Field(ge=50, le=50_000_000)]
    crossings: list[str] = Field(default_factory=list, description="communities of other sides it has a crossing with")
    traffic: dict[str, Share] = Field(
        default_factory=dict,
        description="daily traffic at these crossings, 0-1, by the community across; region.traffic if not given",
    )


class Institutions(Strict):
    """How many institutions of one kind a community has, and their staff."""

    per_community: Annotated[int, Field(ge=0, le=1_000)] = Field(description="institutions of this kind in each community")
    staff: Annotated[int, Field(ge=1, le=100_000)] = Field(description="workers of each")


class Region(Strict):
    """The border region: sides, communities, crossings, institutions and climate."""

    sides: Annotated[list[Name], Field(min_length=2, max_length=12)] = Field(description="names of the sides, two or more")
    layout: Layout | None = Field(default=None, description="communities spread along the border")
    communities: dict[Name, Community] = Field(default_factory=dict, description="or listed one by one")
    institutions: dict[str, Institutions] = Field(default_factory=dict, description="by kind")
    table: str | None = Field(
        default=None,
        description="or read from this CSV file: name, side, population, longitude and latitude or x_km and y_km, any level",
    )
    crossings_table: str | None = Field(
        default=None, description="crossings between the places of that table: a CSV file with one, other"
    )
    neighbours: Annotated[int, Field(ge=1, le=12)] = Field(
        default=2, description="nearest communities of other sides with which each has a crossing"
    )
    within_km: Annotated[float, Field(gt=0, le=5_000)] | None = Field(
        default=None,
        description="instead: a crossing wherever two communities of different sides lie this near, and none elsewhere",
    )
    tension: Annotated[float, Field(ge=0.05, le=0.8)] = Field(default=0.3, description="resting tension at crossings")
    armed_actors: Annotated[float, Field(ge=0, le=100)] = Field(
        default=1.0, description="presence of armed actors, relative to an ordinary tense border; multiplies incidents.armed_rate"
    )
    traffic: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.6, description="daily traffic at an ordinary crossing; 1 is as busy as can be"
    )
    resources: Annotated[float, Field(ge=0.05, le=0.9)] = Field(
        default=0.3, description="strain on what both sides of an ordinary crossing use (water, housing), without joint works"
    )
    exposure_spread: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.5, description="how unlike crossings are in daily traffic (log units)"
    )
    state_spread: Annotated[float, Field(ge=0, le=0.12)] = Field(
        default=0.05, description="how unlike communities are in their resting levels (standard deviation)"
    )
    ties_per_worker: Annotated[int, Field(ge=1, le=64)] = Field(default=10, description="cross-border ties a worker can keep")
    climate: Climate = Field(default_factory=Climate, description="resting levels on all sides")
    climate_of: dict[str, Climate] = Field(default_factory=dict, description="what differs on a side")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.sides)) < len(self.sides):
            raise Misfit("two sides have the same name", key="sides", value=self.sides, right="a name of its own for each side")
        if (self.layout is None) == (not self.communities):
            said = "neither" if self.layout is None else "both"
            raise Misfit(
                "give either a layout or a list of communities",
                value=Words(said),
                right='[region.layout], or [region.communities.NAME] for each, or table = "places.csv"',
            )
        if self.table or self.crossings_table:
            key = "table" if self.table else "crossings_table"
            right = "a table of places beside it; both are read where a scenario is loaded from a file"
            raise Misfit("a table that was not read", key=key, value=self.table or self.crossings_table, right=right)
        sides = f"one of the sides {', '.join(self.sides)}"
        for side in self.climate_of:
            if side not in self.sides:
                raise Misfit("no such side", key=f"climate_of.{side}", value=side, right=sides)
        for name, community in self.communities.items():
            if community.side not in self.sides:
                raise Misfit("no such side", key=f"communities.{name}.side", value=community.side, right=sides)
            for other in community.crossings:
                if other not in self.communities or self.communities[other].side == community.side:
                    key = f"communities.{name}.crossings"
                    raise Misfit(
                        "a crossing to no community of another side",
                        key=key,
                        value=other,
                        right="the name of a community of another side",
                    )
            for other in community.traffic:
                if other not in community.crossings:
                    raise Misfit(
                        "traffic at a crossing that is not listed", key=f"communities.{name}.traffic", value=other,
                        right=f"one of its crossings: {', '.join(community.crossings[:12]) or 'none are listed'}",
                    )  # fmt: skip
        if self.communities:
            empty = [side for side in self.sides if side not in {c.side for c in self.communities.values()}]
            if empty:
                raise Misfit(
                    "a side without a community", key="sides", value=empty[0], right="at least one community on each side"
                )
        self._institutions_known()
        self._room_for_staff()
        return self

    def _room_for_staff(self) -> None:
        staff = self.staff_per_community()
        places = {f"communities.{name}": c.population for name, c in self.communities.items()}
        if self.layout is not None:
            places = {"layout": self.layout.population}
        for name, population in places.items():
            if staff > population:
                raise Misfit(
                    f"{staff:,} workers of all institutions but only {population:,} residents",
                    key=f"{name}.population",
                    value=population,
                    right=f"at least {staff} residents, or fewer staff",
                )

    def _institutions_known(self) -> None:
        known = [k.name for f in FAMILIES for k in f.institutions]
        for kind in self.institutions:
            key = f"institutions.{kind}"
            near = difflib.get_close_matches(kind, known, 1)
            hint = f'did you mean "{near[0]}"? ' if near else ""
            if kind not in known:
                right = f"{hint}known: {', '.join(known)}; others with --import FILE"
                raise Misfit("no such kind of institution", key=key, value=kind, right=right)
        if not any(i.per_community for i in self.institutions.values()):
            raise Misfit(
                "no institutions",
                key="institutions",
                value=Words("none"),
                right="at least one, such as [region.institutions.enterprise]",
            )

    def climate_on(self, side: str) -> dict[str, float]:
        """Return the resting levels on one side, defaults filled in."""
        levels = dict(DEFAULT_CLIMATE)
        for layer in (self.climate, self.climate_of.get(side)):
            if layer is not None:
                levels.update(layer.model_dump(exclude_none=True))
        return levels

    def staff_per_community(self) -> int:
        """Workers of all institutions of one community."""
        return sum(i.per_community * i.staff for i in self.institutions.values())

    def community_names(self) -> list[str]:
        """Return the names of all communities, side by side."""
        if self.layout is None:
            return sorted(self.communities, key=lambda name: (self.sides.index(self.communities[name].side), name))
        n = self.layout.communities_per_side
        return [f"{side} {i + 1:0{len(str(n))}d}" for side in self.sides for i in range(n)]

    def side_of(self, name: str) -> str:
        """Return the side of a community, given by name."""
        if self.layout is None:
            return self.communities[name].side
        return name.rpartition(" ")[0]

    def size(self) -> tuple[int, int, int]:
        """Return the numbers of communities, institutions and workers."""
        n = len(self.communities) or (self.layout.communities_per_side * len(self.sides) if self.layout else 0)
        institutions = n * sum(i.per_community for i in self.institutions.values())
        workers = n * sum(i.per_community * i.staff for i in self.institutions.values())
        return n, institutions, workers
