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
from sim.errors import InputError
from sim.outcomes import INDEX
from sim.scenario.reading import load_scenario, make_scenario
from sim.scenario.schema import Scenario
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
        self, scenario: str | Path | Scenario = "quiet-border", *, rng: int | None = None, skip_burn_in: bool = True
    ) -> None:
        seed = checked_seed(secrets.randbits(63) if rng is None else rng)
        super().__init__(rng=seed)
        self.scenario = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.seed_of_world = seed
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
        """Value of a series in the week lived last, such as ``"community_trust"``; see `sim.outcomes.SERIES`."""
        if name not in INDEX:
            raise InputError("unknown series", where="series", value=name, right=f"one of: {', '.join(INDEX)}")
        return float(self.world.tally[INDEX[name]])

    def change(self, name: str, **tables: Any) -> None:
        """Make a change now, as a dated edit of the scenario, so that the run can be replayed from it.

        Parameters
        ----------
        name : str
            Name of the edit or shock.
        **tables
            Either ``shock={...}``, or any of ``parameters``, ``mechanisms``, ``programmes`` as in ``[edits.NAME]``.

        Raises
        ------
        InputError
            If the change is not sound, or the burn-in is not over.
        """
        if self.week < 0:
            raise InputError(
                "changes begin with week 0", where=f"change {name!r}", value=self.week, right="step through the burn-in first"
            )
        table = self.scenario.model_dump(exclude_none=True)
        kind, body = ("shocks", tables["shock"]) if "shock" in tables else ("edits", tables)
        if name in table[kind]:
            raise InputError("this name is used already", where=f"change {name!r}", value=name, right="another name")
        table[kind][name] = body | {"week": self.week}
        self.scenario = make_scenario(table, f"change {name!r}")
        self.world.scenario = self.scenario

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
            self._held: list[RowView] = everything
            self._everyone = AgentSet(everything, random=self.random)
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
        for name in ("_held", "_everyone"):
            state.pop(name, None)
        return state | {"_views": None}

    def deregister_agent(self, agent: Any) -> NoReturn:  # noqa: ARG002
        """Refuse: agents are views of the world's rows."""
        raise TypeError("agents are views of the world's rows and cannot be removed; persons leave by turnover")
