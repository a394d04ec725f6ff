"""Whether equations that were read say what PySR meant by them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import FormulaError
from hecsr.formula.expression import evaluate
from hecsr.search.pysr.reading import Equation, read_equation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hecsr.formula.expression import Array, Expression
    from hecsr.search.samples import Samples

CLOSE: Final = 1e-6
"""Rounding alone differs less, relative to the size of the values."""


@dataclass
class Readings:
    """Equations that were read and agree with PySR, and what became of the others.

    Attributes
    ----------
    unlawful
        Number of those whose loss carries the penalty for units.
    refused
        For each that could not be read, or means something else: a sentence.
    """

    expressions: list[Expression] = field(default_factory=list)
    unlawful: int = 0
    refused: list[str] = field(default_factory=list)


def read_all(
    equations: Iterable[Equation],
    samples: Samples,
    penalty: float | None,
    close: float = CLOSE,
) -> Readings:
    """Read equations, and compare each with PySR's own predictions and loss.

    Parameters
    ----------
    samples
        What PySR learnt from, its columns in the order of ``x0``, ``x1``, ...
    penalty
        What PySR adds to the loss where units do not close; None without units.
    close
        Relative difference that is rounding.
    """
    found = Readings()
    names = [d.name for d in samples.descriptors]
    for equation in equations:
        try:
            expression = read_equation(equation.text, names)
        except FormulaError as error:
            reason = str(error).splitlines()[0]
            found.refused.append(f"'{equation.text}' could not be read: {reason}")
            continue
        value = evaluate(expression, samples.columns)
        value = np.broadcast_to(value, samples.y.shape)
        told = equation.predictions
        if penalty is not None and has_loss(
            value, samples, equation.loss - penalty, close
        ):
            found.unlawful += 1
        elif told is not None and not _same(value, told, close):
            found.refused.append(f"'{equation.text}' predicts other values for PySR")
        elif not has_loss(value, samples, equation.loss, close):
            found.refused.append(f"'{equation.text}' has another loss for PySR")
        else:
            found.expressions.append(expression)
    return found


def loss_of(value: Array, samples: Samples) -> float:
    """Return what PySR minimises: the mean squared error or logarithmic loss."""
    with np.errstate(all="ignore"):
        if samples.task == "regression":
            return float(samples.share @ (value - samples.y) ** 2)
        return float(samples.share @ (np.logaddexp(0, value) - samples.y * value))


def has_loss(value: Array, samples: Samples, loss: float, close: float) -> bool:
    """Say whether values have this loss, but for rounding."""
    own = loss_of(value, samples)
    # rounding of values is seen in the loss of a formula that fits exactly
    size = loss_of(np.zeros_like(value), samples)
    return bool(abs(own - loss) <= close * max(abs(own), abs(loss)) + close**2 * size)


def _same(value: Array, predictions: Array, close: float) -> bool:
    size = np.abs(predictions).max(initial=0.0)
    return bool(np.all(np.abs(value - predictions) <= close * size))
