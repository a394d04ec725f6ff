"""The engines that are compared, each with one setting for all laws."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.space import SearchSpace

if TYPE_CHECKING:
    from collections.abc import Callable

    from planted import Law

SPACE: Final = SearchSpace(operators=(*SearchSpace().operators, "exp"))
"""SISSO's default space, and exp, which laws of rates need."""


@dataclass(frozen=True)
class Contestant:
    """An engine, how it is made, and what it needs.

    Attributes
    ----------
    make
        Returns the estimator for a task, given what every estimator takes.
    missing
        Returns in a line why it cannot run here, or nothing.
    compiled
        Whether its first fit loads code that was compiled before.
    """

    name: str
    make: Callable[..., Any]
    missing: Callable[[], str]
    compiled: bool = False

    def fitted(self, law: Law, frame: Any, y: Any) -> Any:
        """Fit a new estimator to a table, as a user would; units are given."""
        estimator = self.make(
            law.task, descriptors=law.descriptors, target=law.target, random_state=0
        )
        return estimator.fit(frame, y)


def _lasso(task: str, **options: Any) -> Any:
    kind = LassoFormula if task == "regression" else LassoFormulaClassifier
    return kind(**options)


def _sisso(task: str, **options: Any) -> Any:
    kind = SissoRegressor if task == "regression" else SissoClassifier
    return kind(space=SPACE, **options)


def _refined(task: str, **options: Any) -> Any:
    return _sisso(task, beam=4, **options)


def _operon(task: str, **options: Any) -> Any:
    made = import_module("hecsr.search.operon.estimator")
    name = "OperonFormula" if task == "regression" else "OperonFormulaClassifier"
    return getattr(made, name)(**options)


def _pysr(task: str, **options: Any) -> Any:
    made = import_module("hecsr.search.pysr.estimator")
    name = "PySRFormula" if task == "regression" else "PySRFormulaClassifier"
    return getattr(made, name)(**options)


def _nothing() -> str:
    return ""


def _no_operon() -> str:
    return _said("hecsr.search.operon.available")


def _no_pysr() -> str:
    # asks for Julia without importing pysr, which would install one
    return _said("hecsr.search.pysr.julia")


def _said(module: str) -> str:
    """Return what an engine says of why it cannot run, or nothing."""
    if find_spec(module.rpartition(".")[0]) is None:
        return "this version has no such engine"
    reason: str | None = import_module(module).available()
    return reason or ""


CONTESTANTS: Final = (
    Contestant("LASSO", _lasso, _nothing, compiled=True),
    Contestant("SISSO", _sisso, _nothing, compiled=True),
    Contestant("SISSO, beam", _refined, _nothing, compiled=True),
    Contestant("Operon", _operon, _no_operon),
    Contestant("PySR", _pysr, _no_pysr),
)
"""In the order of the columns; the beam of the second SISSO holds 4 models."""
