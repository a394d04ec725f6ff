"""The best form of each complexity among what a search has found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from hecsr.errors import SearchError, UnitError
from hecsr.formula.expression import (
    Expression,
    Power,
    complexity,
    constants,
    variables,
    walk,
)
from hecsr.formula.nonlinear import Form
from hecsr.formula.physics import check_units
from hecsr.search.symbolic.loss import (
    bayes_criterion,
    roughly_fitted,
    rounding,
    training_loss,
)
from hecsr.search.symbolic.poles import Box, box_of, defined_within
from hecsr.search.symbolic.snapping import snapped
from hecsr.units import NUMBER

if TYPE_CHECKING:
    from hecsr.formula.formula import Target
    from hecsr.search.samples import Samples
    from hecsr.units import Unit

_EQUAL: Final = 1e-6
"""A loss must fall by more than this share to be worth more complexity."""
_HOPELESS: Final = 6.0
"""By so much Schwarz's criterion may be above that of a simpler formula."""
_ROUGH: Final = 1.1
"""A rough fit is within this factor of the loss of the fit proper."""
_HIGHEST: Final = 6
"""Higher powers are refused."""
_ROWS_PER_CONSTANT: Final = 3
_EVENTS_PER_CONSTANT: Final = 5
"""Rows of the rarer class (Vittinghoff, McCulloch, 10.1093/aje/kwk052)."""


@dataclass(frozen=True)
class FrontRule:
    """What is asked of the formulas of a front.

    Attributes
    ----------
    poles
        Whether a formula that is defined on the samples may be undefined between
        them, within the widened ranges of the descriptors.
    snap
        Whether constants near simple numbers are put at them.
    most
        Most formulas of a front; those that lower the loss least go first.
    per_complexity
        Candidates of each complexity that are fitted, best first; for classes one.
    """

    poles: bool = False
    snap: bool = True
    most: int = 15
    per_complexity: int = 2

    def __post_init__(self) -> None:
        for name in ("most", "per_complexity"):
            if getattr(self, name) < 1:
                given = getattr(self, name)
                raise SearchError(f"{name} is {given}; at least 1 is needed")


@dataclass(frozen=True)
class _Point:
    form: Form
    complexity: int
    loss: float
    criterion: float


def best_by_complexity(
    candidates: Iterable[Form],
    samples: Samples,
    target: Target,
    rule: FrontRule | None = None,
    weigh: Callable[[Expression], int] = complexity,
) -> dict[int, Form]:
    """Return the forms that no simpler one fits as well, by their complexity.

    Candidates that are undefined on a sample, whose units do not close, that may
    meet a pole, or that have more than a constant for three samples, or for five of
    the rarer class, are left out. The others are fitted, and compared by the squared
    error; for classes by the likelihood at Firth's estimate, since Firth's penalty
    depends on how a formula is written. One whose constants cost far more than they
    explain, by Schwarz's criterion, has no prospect in cross-validation and is left
    out too.

    Parameters
    ----------
    candidates
        Forms from the search, for classes what stands inside the link.
    weigh
        Gives the complexity of an expression.
    """
    ground = _Ground.of(samples, target, rule or FrontRule(), weigh)
    points: list[_Point] = []
    best = least = math.inf
    for point in _leading(_distinct(candidates, ground), ground):
        if point.loss > _ROUGH * best or point.criterion > least + _HOPELESS:
            continue
        fitted = ground.fitted(point.form)
        if fitted is not None and fitted.criterion <= least + _HOPELESS:
            points.append(fitted)
            best, least = min(best, fitted.loss), min(least, fitted.criterion)
    front = _pareto(points)
    if ground.rule.snap:
        also = [ground.snapped(p) for p in front]
        front = _pareto([*(p for p in also if p), *front])
    return {p.complexity: p.form for p in _thinned(front, ground.rule.most)}


@dataclass(frozen=True)
class _Ground:
    """The samples, and what forms are held against."""

    samples: Samples
    target: Target
    rule: FrontRule
    units: Mapping[str, Unit]
    result: Unit
    box: Box | None
    weigh: Callable[[Expression], int]

    @classmethod
    def of(
        cls,
        samples: Samples,
        target: Target,
        rule: FrontRule,
        weigh: Callable[[Expression], int],
    ) -> _Ground:
        units = {d.name: d.unit for d in samples.descriptors}
        result = NUMBER if samples.task == "classification" else target.unit
        box = None if rule.poles else box_of(samples)
        return cls(samples, target, rule, units, result, box, weigh)

    def lawful(self, form: Form) -> bool:
        """Say whether a form may be used at its start values."""
        found = form.expression
        if not variables(found) or not complexity(found):
            return False
        if len(constants(found)) > self.most_constants:
            return False
        # squares of squares are cheap to write, and mean nothing
        if any(
            isinstance(n, Power) and abs(n.exponent) > _HIGHEST for n in walk(found)
        ):
            return False
        if self.box is not None and not defined_within(found, form.start, self.box):
            return False
        return self._units_of(found) is not None

    @property
    def most_constants(self) -> int:
        """How many constants the samples can bear."""
        y = self.samples.y
        if self.samples.task == "regression":
            return len(y) // _ROWS_PER_CONSTANT
        second = int(np.count_nonzero(y))
        rarer = min(second, len(y) - second)
        return max(2, rarer // _EVENTS_PER_CONSTANT)

    def rated(self, form: Form) -> _Point:
        """Rate a candidate before its fit."""
        return self._valued(roughly_fitted(form, self.samples))

    def fitted(self, form: Form) -> _Point | None:
        try:
            formula = self.samples.refit(form, self.target)
        except SearchError:
            return None
        return self._point(Form(form.expression, formula.constants))

    def snapped(self, point: _Point) -> _Point | None:
        form = snapped(point.form, self.samples, self.target, pure=self._pure)
        return self._point(form)

    def _point(self, form: Form) -> _Point | None:
        point = self._valued(form)
        return point if math.isfinite(point.loss) and self.lawful(form) else None

    def _valued(self, form: Form) -> _Point:
        found = form.expression
        loss = training_loss(found, form.start, self.samples)
        if self.samples.task == "regression":
            # rounding must not make a longer formula better
            loss = max(loss, rounding(self.samples))
        criterion = bayes_criterion(loss, len(constants(found)), self.samples)
        return _Point(form, self.weigh(found), loss, criterion)

    def _pure(self, expression: Expression) -> frozenset[str]:
        units = self._units_of(expression) or {}
        return frozenset(n for n, unit in units.items() if unit.like(NUMBER))

    def _units_of(self, expression: Expression) -> Mapping[str, Unit] | None:
        """Return the units that constants need, None if there are none."""
        used = [self.units[name] for name in variables(expression)]
        if all(unit.like(NUMBER) for unit in (*used, self.result)):
            return dict.fromkeys(constants(expression), NUMBER)
        try:
            return check_units(expression, self.units, self.result).constants
        except UnitError:
            return None


def _distinct(candidates: Iterable[Form], ground: _Ground) -> list[_Point]:
    """Rate lawful candidates; of those written alike the better start stays."""
    kept: dict[Expression, _Point] = {}
    for form in candidates:
        known = kept.get(form.expression)
        if known is None and not ground.lawful(form):
            continue
        point = ground.rated(form)
        if math.isfinite(point.loss) and (known is None or point.loss < known.loss):
            kept[form.expression] = point
    return list(kept.values())


def _leading(points: list[_Point], ground: _Ground) -> list[_Point]:
    """Return the best few of each complexity, from simple to complex."""
    found: list[_Point] = []
    for c in sorted({p.complexity for p in points}):
        alike = sorted((p for p in points if p.complexity == c), key=lambda p: p.loss)
        # a fit to classes takes a hundred times as long
        classes = ground.samples.task == "classification"
        found += alike[: 1 if classes else ground.rule.per_complexity]
    return found


def _pareto(points: Iterable[_Point]) -> list[_Point]:
    """Keep what has a lower loss than all that is simpler; among equals the first."""
    front: list[_Point] = []
    for point in sorted(points, key=lambda p: (p.complexity, p.loss)):
        if not front or point.loss < front[-1].loss * (1 - _EQUAL):
            front.append(point)
    return front


def _thinned(front: list[_Point], most: int) -> list[_Point]:
    """Leave out points that gain least on the one before; the first stays."""
    front = list(front)
    while len(front) > most:
        gains = [a.loss / b.loss if b.loss else math.inf for a, b in pairwise(front)]
        del front[1 + gains.index(min(gains))]
    return front
