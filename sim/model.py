"""The Mesa face of the simulation: a ``mesa.Model`` whose step is a week. What a Mesa user may rely on is in ``docs/mesa.md``."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import mesa
import numpy as np
from mesa.agent import AgentSet
from numpy.typing import NDArray

from sim.agents import VIEWS, RowView
from sim.errors import InputError, Words
from sim.scenario.reading import load_scenario, make_scenario
from sim.scenario.schema import Scenario
from sim.series import INDEX, series_index
from sim.week.schedule import live_week
from sim.world.build import build_world, checked_seed
from sim.world.world import World

if TYPE_CHECKING:
    import pandas as pd


class WeeklyData(mesa.DataCollector):
    """Collects every series of every week lived; reporters of one's own go into a ``mesa.DataCollector`` of one's own."""

    def __init__(self) -> None:
        super().__init__()
        self.model_vars: dict[str, list[float]] = {name: [] for name in INDEX}

    def note(self, tally: NDArray[np.float64]) -> None:
        """Keep the values of one week."""
        for values, value in zip(self.model_vars.values(), tally.tolist(), strict=True):
            values.append(value)

    def collect(self, model: mesa.Model) -> NoReturn:  # noqa: ARG002
        """Refuse: the model collects by itself, once a week."""
        raise TypeError("the model collects its series by itself; make a mesa.DataCollector of your own for other reporters")

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """Return one row a week lived, one column a series."""
        import pandas as pd

        return pd.DataFrame(self.model_vars)


class BorderModel(mesa.Model):
    """A border region that lives week by week.

    Parameters
    ----------
    scenario : str, pathlib.Path or Scenario
        Built-in name, path of a ``.toml`` file, or a scenario.
    rng : int, optional
        Seed, 0 to 2⁶⁴−1; None takes a fresh one, which is then in ``seed_of_world``. All randomness of the
        simulation is keyed by it; ``model.rng`` and ``model.random`` are yours to use and change nothing.
    skip_burn_in : bool
        Live through the burn-in at once, so that the first step is week 0.
    seed : None
        Mesa's other name for a seed; refused, so that nobody gives two.

    Attributes
    ----------
    world : World
        The state, in columns.
    running : bool
        False once the horizon has been lived through.
    steps : int
        Weeks lived since the model was made, the burn-in not counted if it was skipped.
    datacollector : WeeklyData
        Every series, week by week: ``model.datacollector.get_model_vars_dataframe()``. Put your own in its place if you like.
    edited_by_hand : bool
        Whether a state was written through a view, so that the run cannot be replayed from its scenario.

    Examples
    --------
    >>> model = BorderModel("quiet-border", rng=7)
    >>> model.step()
    >>> model.week
    1
    """

    def __init__(
        self,
        scenario: str | Path | Scenario = "quiet-border",
        *,
        rng: int | None = None,
        skip_burn_in: bool = True,
        seed: None = None,
    ) -> None:
        if seed is not None:
            raise InputError("seeds are given as rng", where="BorderModel: seed", value=seed, right=f"rng={seed!r}")
        world_seed = checked_seed(secrets.randbits(63) if rng is None else rng)
        super().__init__(rng=world_seed)
        self.scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.seed_of_world = world_seed
        self.world: World = build_world(self.scenario, self.seed_of_world)
        self.edited_by_hand = False
        # Mesa wraps `step` in a method that it stores in the model itself, which then only the garbage collector can free
        for name in ("step", "_user_step"):
            self.__dict__.pop(name, None)
        self._weekly = WeeklyData()
        self.datacollector: mesa.DataCollector = self._weekly
        self._views: dict[type[RowView], AgentSet] | None = None
        while skip_burn_in and self.world.week < 0:
            live_week(self.world)

    def step(self) -> None:
        """Live one week; does nothing once the horizon is over."""
        if not self.world.finished:
            live_week(self.world)
            self.steps += 1
            self._weekly.note(self.world.tally)
        self.running = not self.world.finished

    @property
    def week(self) -> int:
        """The week that the next step will live; negative in the burn-in."""
        return self.world.week

    def series(self, name: str) -> float:
        """Value of a series in the week lived last, such as ``"community_trust"``; see `sim.series.SERIES`."""
        return float(self.world.tally[series_index(name, "series")])

    def change(self, name: str, **tables: Any) -> None:
        """Make a change now or in a later week, as a dated edit of the scenario, so that the run can be replayed from it.

        Parameters
        ----------
        name : str
            Name of the edit or shock.
        **tables
            Either ``shock={...}``, or any of ``parameters``, ``mechanisms``, ``programmes`` as in ``[edits.NAME]``. A ``week`` (or ``date``) in
            them, or in the shock, puts it off.

        Raises
        ------
        InputError
            If the change is not sound, empty, or in the past, or the burn-in is not over.
        """
        if self.week < 0:
            raise InputError(
                "changes begin with week 0", where=f"change {name!r}", value=self.week, right="step through the burn-in first"
            )
        table = self.scenario.model_dump(exclude_none=True)
        kind, body = ("shocks", tables["shock"]) if "shock" in tables else ("edits", tables)
        if name in table[kind]:
            raise InputError("this name is used already", where=f"change {name!r}", value=name, right="another name")
        dated = bool(body.keys() & {"week", "date"})
        if not body.keys() - {"week", "date"}:
            right = "shock={...}, or any of parameters, mechanisms, programmes"
            raise InputError("nothing to change", where=f"change {name!r}", value=Words("no table"), right=right)
        table[kind][name] = body if dated else body | {"week": self.week}
        changed = make_scenario(table, f"change {name!r}")
        week = (changed.shocks if "shock" in tables else changed.edits)[name].in_week(changed.start)
        if week < self.week:
            raise InputError("in the past", where=f"change {name!r}: week", value=week, right=f"week {self.week} or later")
        self.scenario = self.world.scenario = changed

    def _made(self) -> dict[type[RowView], AgentSet]:
        """Make all views, once."""
        if self._views is None:
            self._views, number = {}, 1
            everything: list[RowView] = []
            for view in VIEWS:
                count = len(getattr(self.world, view.table)[0])
                made = [view(self, row, number + row) for row in range(count)]
                number += count
                everything += made
                self._views[view] = AgentSet(made, random=self.random)
            self._everyone = AgentSet(everything, random=self.random)
            for agents in (self._everyone, *self._views.values()):
                agents.views = everything  # an AgentSet alone would let go of them
        return self._views

    @property
    def agents(self) -> AgentSet:
        """All communities, institutions and workers, as views."""
        self._made()
        return self._everyone

    @property
    def agents_by_type(self) -> dict[type[RowView], AgentSet]:
        """Views by class."""
        return self._made()

    @property
    def agent_types(self) -> list[type]:
        """Classes of views."""
        return list(VIEWS)

    def register_agent(self, agent: Any) -> NoReturn:  # noqa: ARG002
        """Refuse: agents are views of the world's rows."""
        raise TypeError("agents are views of the world's rows and cannot be added; a scenario says who lives in a region")

    def remove_all_agents(self) -> NoReturn:
        """Refuse: agents are views of the world's rows."""
        raise TypeError("agents are views of the world's rows and cannot be removed; persons leave by turnover")

    def __getstate__(self) -> dict[str, Any]:
        """Leave the views out of copies and pickles; they are made anew on demand."""
        state = dict(vars(self))
        state.pop("_everyone", None)
        return state | {"_views": None}

    def __copy__(self) -> NoReturn:
        """Refuse: a shallow copy would live in the same world."""
        raise TypeError("a shallow copy would share its world with the original; use copy.deepcopy")

    def deregister_agent(self, agent: Any) -> NoReturn:  # noqa: ARG002
        """Refuse: agents are views of the world's rows."""
        raise TypeError("agents are views of the world's rows and cannot be removed; persons leave by turnover")
