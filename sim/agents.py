"""Mesa agents: views of a world's rows, made on demand.

A view holds no state. Reading an attribute reads the column; writing one writes the column, if it is a state that
lies between 0 and 1, and marks the model as edited by hand, since such a change is in no scenario file
(`sim.model.BorderModel.change` makes changes that are). Views are not registered with Mesa one by one: the model
makes them all on the first use of ``model.agents`` and keeps them; they do not keep the model. A million views take about 0.6 GB.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import mesa
import numpy as np

from sim.columns import columns
from sim.families import FAMILIES
from sim.world.build import INSTITUTION_KINDS
from sim.world.tables import Communities, Institutions, Workers

if TYPE_CHECKING:
    from sim.model import BorderModel


class RowView(mesa.Agent):
    """One row of a table, seen as a Mesa agent.

    Attributes
    ----------
    unique_id : int
        Unique in the model: communities first, then institutions, then workers, from 1.
    row : int
        Row in the table.
    """

    table: ClassVar[str]
    declared: ClassVar[dict[str, Any]]

    def __init__(self, model: BorderModel, row: int | None = None, unique_id: int | None = None) -> None:
        if row is None:
            raise TypeError("agents are views of the world's rows and cannot be added; a scenario says who lives in a region")
        # Mesa's own constructor would keep the model alive for ever and register each view
        self.__dict__.update(_model=weakref.ref(model), row=row, unique_id=unique_id, pos=None)

    @property
    def model(self) -> BorderModel:
        """Its model, which a view does not keep alive."""
        model = vars(self)["_model"]()
        if model is None:
            raise ReferenceError(
                f"the model of this {type(self).__name__} is gone: keep a reference to it as long as you use its agents"
            )
        return model

    def __getstate__(self) -> dict[str, Any]:
        """Copy and pickle with its model."""
        return {"model": self.model, "row": self.row, "unique_id": self.unique_id}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Come back as the view of the same row."""
        self.__dict__.update(_model=weakref.ref(state["model"]), row=state["row"], unique_id=state["unique_id"], pos=None)

    def _columns(self) -> Any:
        return getattr(self.model.world, self.table)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in type(self).declared:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}; it has: {', '.join(type(self).declared)}")
        value = getattr(self._columns(), name)[self.row]
        if not isinstance(value, np.ndarray):
            return value.item()
        value = value.copy()
        value.flags.writeable = False  # so that writing one element is refused instead of lost
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        column = type(self).declared.get(name)
        if column is None or column.unit != "0-1":
            states = [n for n, c in type(self).declared.items() if c.unit == "0-1"]
            raise AttributeError(f"{name!r} of a {type(self).__name__} cannot be set; what can: {', '.join(states)}")
        try:
            array = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            array = np.array(np.nan)
        if not (np.isfinite(array).all() and (array >= 0).all() and (array <= 1).all()):
            raise ValueError(f"{name} lies between 0 and 1, not {value!r}")
        getattr(self._columns(), name)[self.row] = value
        self.model.edited_by_hand = True

    def __dir__(self) -> list[str]:
        """List the columns too."""
        return [*super().__dir__(), *type(self).declared]

    def step(self) -> NoReturn:
        """Refuse: the model lives a week as a whole; its agents have no step of their own."""
        raise TypeError(f"a {type(self).__name__} has no step of its own: model.step() lives a week")

    def remove(self) -> NoReturn:
        """Refuse: posts, institutions and communities stay; the persons in posts come and go by the model's own rules."""
        raise TypeError(f"a {type(self).__name__} cannot be removed: it is a row of the world; persons leave by turnover")

    def __repr__(self) -> str:
        """Name the view and its row."""
        return f"<{type(self).__name__} {self.row}>"


class CommunityAgent(RowView):
    """A community; attributes are the columns of `sim.world.tables.Communities`."""

    table = "communities"
    declared = columns(Communities)

    @property
    def name(self) -> str:
        """Its name."""
        return self.model.world.community_names[self.row]


class InstitutionAgent(RowView):
    """An institution; attributes are the columns of `sim.world.tables.Institutions`."""

    table = "institutions"
    declared = columns(Institutions)

    @property
    def name(self) -> str:
        """Its name."""
        return self.model.world.institution_names[self.row]

    @property
    def kind_name(self) -> str:
        """Kind of institution, in words."""
        return INSTITUTION_KINDS[self.kind]

    @property
    def profession(self) -> str:
        """Profession of its workers."""
        return FAMILIES[self.family].name


class WorkerAgent(RowView):
    """A post and the worker who holds it now; attributes are the columns of `sim.world.tables.Workers`."""

    table = "workers"
    declared = columns(Workers)


VIEWS: tuple[type[RowView], ...] = (CommunityAgent, InstitutionAgent, WorkerAgent)
