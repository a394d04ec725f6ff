"""Which literature of the methods a study rests on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hecsr.report.entries import METHODS, Entry, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecsr.report.view import View

ENGINES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sisso": "ouyang2018sisso",
        "lasso": "tibshirani1996lasso",
        "operon": "burlacu2020operon",
        "pysr": "cranmer2023pysr",
    }
)
"""The key of what each engine's method was published in."""
_BLACK_BOXES: Final[Mapping[str, tuple[str, ...]]] = {
    "rf": ("breiman2001forests",),
    "mlp": ("rumelhart1986propagation", "liu1989lbfgs"),
    "svm": ("cortes1995svm",),
    "knn": ("cover1967neighbour",),
    "boosting": ("friedman2001boosting", "friedman2002stochastic"),
    "tree": ("breiman1984cart",),
    "gp": ("rasmussen2006gp",),
    "naive_bayes": ("hand2001bayes",),
}
# What a kind of model is for numbers, or for classes, only.
_BY_TASK: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("svm", "regression"): ("drucker1997svr",),
    ("svm", "classification"): ("platt1999probabilities",),
    ("linear", "regression"): ("hoerl1970ridge",),
    ("linear", "classification"): ("cox1958logistic", "lecessie1992ridge"),
}
_RULES: Final = {"one rule": "holte1993rules", "shallow tree": "breiman1984cart"}


def tool(version: str) -> Entry:
    """Return the entry of this package, in the words of ``CITATION.cff``."""
    return entry(
        "hecsr",
        "misc",
        author="{the hecsr developers}",
        title="hecsr: interpretable symbolic regression for high-entropy ceramics",
        howpublished=f"Software, version {version}" if version else "Software",
        year="2026",
    )


def used(view: View) -> tuple[Entry, ...]:
    """Return what the study's methods were published in, each once."""
    return tuple(METHODS[key] for key in dict.fromkeys(_keys(view)))


def _keys(view: View) -> Iterator[str]:
    result = view.result
    for one in result.competitors:
        if one.kind == "formula" and one.engine in ENGINES:
            yield ENGINES[one.engine]
    boxes = [c.name for c in result.competitors if c.kind == "black box"]
    if boxes:
        yield "pedregosa2011sklearn"
    for name in boxes:
        yield from _BLACK_BOXES.get(name, ())
        yield from _BY_TASK.get((name, result.data.task), ())
    yield from (_RULES[c.name] for c in result.competitors if c.name in _RULES)
    if len(result.importance) and result.importance["method"].eq("permutation").any():
        yield "breiman2001forests"
    if result.shap:
        yield "lundberg2017shap"
    if result.agreement is not None:
        yield from ("friedman2001boosting", "apley2020ale")
    if result.intervals is not None:
        yield "davison1997bootstrap"
    if result.significance is not None:
        yield from ("nadeau2003inference", "holm1979multiple")
    if any(f.formula.interval is not None for f in view.chosen):
        yield "lei2018conformal"
    if result.chance is not None:
        yield "rucker2007scrambling"
    if result.rashomon:
        yield from ("breiman2001cultures", "hoeting1999averaging")
        yield "bhattacharjee2026support"
    if result.applicability is not None:
        yield "gramatica2007validation"
