"""The section [multitask] of an analysis: what is searched along with its target."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from hecsr.config_engines import STRICT, Positive

Scalar = str | int | float | bool
Values = dict[str, Scalar | list[Scalar]]
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    """A table of the TOML file, as :class:`hecsr.config.Section`."""

    model_config = STRICT


class CompanionTask(_Strict):
    """A number of a shipped table that shares its terms with the target.

    `select`, `exclude`, `present`, `families`, `ratio_within` and the target's unit
    and label are as in [data]. `columns` names the columns of [data] that this table
    has too; a column that a companion lacks is no descriptor of the shared search.
    `name` is what the task is called, by default the target.
    """

    table: str
    target: str
    name: str | None = None
    target_unit: str | None = None
    target_label: str | None = None
    select: Values = {}
    exclude: Values = {}
    present: list[str] = []
    families: list[str] = []
    ratio_within: Annotated[float, Field(gt=0)] | None = None
    columns: list[str] = []

    @property
    def called(self) -> str:
        """The label of the task."""
        return self.name or self.target


class MultiTask(_Strict):
    """Families and properties that share their terms with the target.

    `families` are further families of the analysis' own table, with the same
    selections: they are trained on, never held out. `weights` gives what a row of a
    task counts beside one of the analysis; by default 1, or less for a task with more
    rows than the analysis, so that as a whole it counts as much. A family with fewer
    than `min_per_class` rows of a class lends only: no term is screened for it. Where
    the analysis itself has fewer in a fold, its number takes the place of this one.

    The search is that of [engines.sisso]; `terms`, `rungs`, `complexity` and
    `screened` take the place of its own. `leave_one_out` are those of
    [validation] that are repeated beside the folds of the main scheme.
    """

    families: list[str] = []
    companions: list[CompanionTask] = []
    weights: dict[str, Weight] = {}
    min_per_class: Positive = 5
    terms: Annotated[int, Field(ge=1, le=4)] | None = None
    rungs: Annotated[int, Field(ge=0, le=3)] | None = None
    complexity: Annotated[int, Field(ge=0)] | None = None
    screened: Positive | None = None
    leave_one_out: list[str] = []

    @property
    def labels(self) -> list[str]:
        """The labels of the tasks beside the analysis' own."""
        return [*self.families, *(c.called for c in self.companions)]

    @model_validator(mode="after")
    def _told_apart(self) -> MultiTask:
        names = self.labels
        if not names:
            raise ValueError("name at least one of 'families' or 'companions'")
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(
                f"two tasks are called {', '.join(twice)}; give a companion another "
                "'name'"
            )
        unknown = [n for n in self.weights if n not in names]
        if unknown:
            raise ValueError(
                f"'weights' names {', '.join(unknown)}, but the tasks are "
                f"{', '.join(names)}"
            )
        return self
