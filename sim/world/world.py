"""The state of one run: columns, the week, the purses and cohorts of programmes, and the draws."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.columns import copied, nbytes, row_type
from sim.series import INDEX, SERIES, series_index
from sim.state import HELD, addresses, note_address

if TYPE_CHECKING:
    from sim.draws import Draws
    from sim.parameters import Parameters
    from sim.scenario.schema import Scenario
    from sim.world.programmes import Gathering, RunningProgramme
    from sim.world.tables import (
        Campaigns,
        Cases,
        Communities,
        Crossings,
        Incidents,
        Institutions,
        LethalEvents,
        Movements,
        Pilots,
        Projects,
        Rumours,
        TieCalendar,
        Ties,
        Towns,
        Welfare,
        Workers,
    )
    from sim.world.topology import Topology

D = TypeVar("D")
TABLES = (
    "communities",
    "institutions",
    "workers",
    "ties",
    "calendar",
    "crossings",
    "incidents",
    "ended",
    "lethal",
    "projects",
    "towns",
    "pilots",
    "welfare",
    "cases",
    "movements",
    "campaigns",
    "rumours",
)


@dataclass(slots=True)
class Politics:
    """What politics does this week; set anew from the shocks each week.

    Attributes
    ----------
    rhetoric : array of float, shape (sides,)
        Level of hostile rhetoric, 0 to 1.
    livelihoods : array of float, shape (sides,)
        Shift of livelihoods' resting level.
    open : array of float, shape (sides, sides)
        How open the border between two sides is, 0 to 1.
    turnover : array of float, shape (sides,)
        Relative rise of leaving.
    replaced : array of float, shape (sides,)
        Weekly hazard at which public servants are replaced after an election.
    displaced : array of float, shape (sides,)
        Displaced households arriving this week, per 1,000 residents.
    disaster : array of float, shape (sides,)
        Size of a disaster under way.
    repression, disinformation : array of float, shape (sides,)
        How hard movements are repressed, and how much is done to spread rumours, 0 to 1.
    funding : float
        Share of programme budgets that is paid.
    quiet : bool
        Whether all this stands as it is without any shock, so that it need not be set again.
    """

    rhetoric: NDArray[np.float64]
    livelihoods: NDArray[np.float64]
    open: NDArray[np.float64]
    turnover: NDArray[np.float64]
    replaced: NDArray[np.float64]
    displaced: NDArray[np.float64]
    disaster: NDArray[np.float64]
    repression: NDArray[np.float64]
    disinformation: NDArray[np.float64]
    funding: float = 1.0
    quiet: bool = False

    @classmethod
    def calm(cls, sides: int) -> Politics:
        """Return the politics of a week without any shock."""
        nothing = np.zeros(sides)
        level = nothing.copy
        return cls(level(), level(), np.ones((sides, sides)), level(), level(), level(), level(), level(), level())


@dataclass(slots=True)
class ArmedActors:
    """Where the armed actors of a region stand.

    Attributes
    ----------
    at_arms : bool
        Whether they have not stood down.
    killed : float
        Deaths, each counting for less the longer ago it is: by half as much after 36 weeks.
    way : float
        How far they are on their way to the next turn; they turn where it reaches the length that was drawn for it.
    turns : int
        How often they have stood down or taken up arms.
    """

    at_arms: bool = True
    killed: float = 0.0
    way: float = 0.0
    turns: int = 0


@dataclass(slots=True)
class World:
    """Everything that changes in a run.

    A world lives one week at a time through `sim.week.schedule.live_week`. It can be copied in any week; the copy goes on exactly
    as the original would.
    """

    scenario: Scenario
    parameters: Parameters
    draws: Draws
    topology: Topology
    communities: Communities
    institutions: Institutions
    workers: Workers
    ties: Ties
    calendar: TieCalendar
    crossings: Crossings
    incidents: Incidents
    ended: Incidents
    lethal: LethalEvents
    projects: Projects
    towns: Towns
    pilots: Pilots
    welfare: Welfare
    cases: Cases
    movements: Movements
    campaigns: Campaigns
    rumours: Rumours
    politics: Politics
    programmes: list[RunningProgramme]
    community_names: list[str]
    institution_names: list[str]
    week: int
    live_incidents: int = 0
    lethal_events: int = 0
    live_projects: int = 0
    live_pilots: int = 0
    live_cases: int = 0
    live_campaigns: int = 0
    live_rumours: int = 0
    tally: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(SERIES)))
    gatherings: list[Gathering] = field(default_factory=list)
    ended_incidents: int = 0
    services: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Rows of the police services."""
    offices: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Rows of the welfare offices."""
    most_vulnerable: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    """The third of communities that are most vulnerable."""
    movement_rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Rows of the movements."""
    organizers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Posts of the organizers."""
    network: tuple[float, float] = (0.0, 0.0)
    """What was last measured of the network of ties: largest component and brokerage."""
    armed: ArmedActors = field(default_factory=ArmedActors)
    own: dict[str, Any] = field(default_factory=dict)
    """What rules of one's own keep from week to week, by name; copied with the world."""
    derived: dict[Any, Any] = field(default_factory=dict)
    _at: NDArray[np.int64] | None = field(default=None, init=False, repr=False)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; where a table is replaced, its columns have new addresses."""
        object.__setattr__(self, name, value)
        if name == "parameters":
            object.__setattr__(self, "_at", None)
        elif name in HELD and getattr(self, "_at", None) is not None:
            note_address(self._at, name, value)  # type: ignore[arg-type]

    def __getstate__(self) -> dict[str, Any]:
        """Return all that a copy needs; its columns lie elsewhere."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "_at"}

    def __setstate__(self, values: dict[str, Any]) -> None:
        """Take over what another world, here or in another process, was."""
        for name, value in {**values, "_at": None}.items():
            object.__setattr__(self, name, value)
        for name in TABLES:
            if row_type(type(values[name])) is not None:
                setattr(
                    self, name, copied(values[name])
                )  # what comes column by column from another process does not lie together

    @property
    def at(self) -> NDArray[np.int64]:
        """All tables and parameters, as compiled rules take them, see `sim.state`."""
        if self._at is None:
            self._at = addresses(self)
        return self._at

    def derive(self, make: Callable[[Parameters], D]) -> D:
        """Return what `make` computes from the parameters, computed once until they change."""
        if make not in self.derived:
            self.derived[make] = make(self.parameters)
        return self.derived[make]

    def settle(self, rule: Callable[[World], None]) -> None:
        """Let a rule set columns that follow from the region and the parameters alone, once until parameters change."""
        if rule not in self.derived:
            rule(self)
            self.derived[rule] = True

    @property
    def sides(self) -> int:
        """Number of sides."""
        return len(self.scenario.region.sides)

    @property
    def residents(self) -> float:
        """Population of the region."""
        return float(self.communities.population.sum(dtype=np.float64))

    @property
    def finished(self) -> bool:
        """Whether the horizon has been lived through."""
        return self.week >= self.scenario.weeks

    def count(self, name: str, amount: float = 1.0) -> None:
        """Add to a series of this week."""
        self.tally[INDEX[name] if name in INDEX else series_index(name, "world.count")] += amount

    def copy(self) -> World:
        """Copy the world with all its state; the copy draws the same numbers as the original would."""
        values = self.__getstate__()
        for name in TABLES:
            values[name] = copied(values[name])
        values["draws"] = self.draws.copy()
        values["tally"] = self.tally.copy()
        for name in ("politics", "programmes", "armed", "own"):
            values[name] = copy.deepcopy(values[name])
        values["gatherings"] = list(self.gatherings)
        values["derived"] = {}
        return World(**values)

    def nbytes(self) -> int:
        """Bytes taken by all columns."""
        return sum(nbytes(getattr(self, name)) for name in TABLES)
