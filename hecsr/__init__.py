"""Interpretable symbolic regression for high-entropy ceramics.

The verbs of the command line, from Python:

>>> from hecsr import Composition, describe
>>> describe("(Hf,Nb,Ta,Ti,Zr)C", ["vec"]).frame.iloc[0, 0]
np.float64(8.4)
"""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.metadata import version as _version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hecsr.baselines.published import PublishedFormula as PublishedFormula
    from hecsr.baselines.published import (
        PublishedFormulaClassifier as PublishedFormulaClassifier,
    )
    from hecsr.composition import Composition as Composition
    from hecsr.descriptors import describe as describe
    from hecsr.formula.file import load_formula as load_formula
    from hecsr.formula.file import load_formulas as load_formulas
    from hecsr.formula.file import save_formulas as save_formulas
    from hecsr.formula.formula import Formula as Formula
    from hecsr.formula.grammar import parse as parse
    from hecsr.formula.predict import predict as predict
    from hecsr.formula.published.literature import literature as literature
    from hecsr.scoring.score import score as score
    from hecsr.search.lasso import LassoFormula as LassoFormula
    from hecsr.search.lasso import LassoFormulaClassifier as LassoFormulaClassifier
    from hecsr.search.operon.estimator import OperonFormula as OperonFormula
    from hecsr.search.operon.estimator import (
        OperonFormulaClassifier as OperonFormulaClassifier,
    )
    from hecsr.search.operon.space import OperonBudget as OperonBudget
    from hecsr.search.operon.space import OperonSpace as OperonSpace
    from hecsr.search.pysr.estimator import PySRFormula as PySRFormula
    from hecsr.search.pysr.estimator import (
        PySRFormulaClassifier as PySRFormulaClassifier,
    )
    from hecsr.search.pysr.options import PySRBudget as PySRBudget
    from hecsr.search.pysr.options import PySRSpace as PySRSpace
    from hecsr.search.sisso.estimator import SissoClassifier as SissoClassifier
    from hecsr.search.sisso.estimator import SissoRegressor as SissoRegressor
    from hecsr.search.sisso.multitask import SissoMultiTask as SissoMultiTask
    from hecsr.search.sisso.multitask_classes import (
        SissoMultiTaskClassifier as SissoMultiTaskClassifier,
    )
    from hecsr.search.sisso.space import Budget as Budget
    from hecsr.search.sisso.space import SearchSpace as SearchSpace
    from hecsr.study import run_analysis as run_analysis

# Imported on first use, so that `import hecsr` and the command line start at once.
_HOMES = {
    "Composition": "hecsr.composition",
    "describe": "hecsr.descriptors",
    "Formula": "hecsr.formula.formula",
    "load_formula": "hecsr.formula.file",
    "load_formulas": "hecsr.formula.file",
    "save_formulas": "hecsr.formula.file",
    "predict": "hecsr.formula.predict",
    "parse": "hecsr.formula.grammar",
    "literature": "hecsr.formula.published.literature",
    "score": "hecsr.scoring.score",
    "PublishedFormula": "hecsr.baselines.published",
    "PublishedFormulaClassifier": "hecsr.baselines.published",
    "LassoFormula": "hecsr.search.lasso",
    "LassoFormulaClassifier": "hecsr.search.lasso",
    "OperonFormula": "hecsr.search.operon.estimator",
    "OperonFormulaClassifier": "hecsr.search.operon.estimator",
    "OperonBudget": "hecsr.search.operon.space",
    "OperonSpace": "hecsr.search.operon.space",
    "PySRFormula": "hecsr.search.pysr.estimator",
    "PySRFormulaClassifier": "hecsr.search.pysr.estimator",
    "PySRBudget": "hecsr.search.pysr.options",
    "PySRSpace": "hecsr.search.pysr.options",
    "SissoClassifier": "hecsr.search.sisso.estimator",
    "SissoRegressor": "hecsr.search.sisso.estimator",
    "SissoMultiTask": "hecsr.search.sisso.multitask",
    "SissoMultiTaskClassifier": "hecsr.search.sisso.multitask_classes",
    "Budget": "hecsr.search.sisso.space",
    "SearchSpace": "hecsr.search.sisso.space",
    "run_analysis": "hecsr.study",
}
__version__ = _version("hecsr")
__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604

logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'hecsr' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
