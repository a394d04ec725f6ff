"""Plain enumeration of a search space, feature by feature: slow and readable."""

import numpy as np

from hecsr.errors import UnitError
from hecsr.formula.expression import Variable, complexity, evaluate
from hecsr.formula.physics import unit_of
from hecsr.search.sisso import operators as op
from hecsr.search.sisso.domain import descriptor_ranges, image, lawful


class Feature:
    def __init__(self, expression, value, rung, low, high):
        self.expression = expression
        self.value = value
        self.rung = rung
        self.low = low
        self.high = high
        self.nodes = complexity(expression)

    @property
    def interval(self):
        return np.array([self.low]), np.array([self.high])


def enumerate_space(columns, descriptors, space):
    """Every lawful feature of the space, duplicates included in the last rung."""
    values = np.column_stack([columns[d.name] for d in descriptors])
    units = {d.name: d.unit for d in descriptors}
    low, high = descriptor_ranges(values, descriptors, space)
    stored = [
        Feature(Variable(d.name), values[:, j], 0, low[j], high[j])
        for j, d in enumerate(descriptors)
    ]
    stored = [f for f in stored if varies(f.value, 0.0)]
    for rung in range(1, space.rungs + 1):
        made = list(_rung(stored, columns, units, space, rung))
        if rung < space.rungs:
            made = _distinct(made, stored)
        stored = stored + made
    return stored


def varies(value, reference):
    if not np.all(np.isfinite(value)) or not np.any(value):
        return False
    value = value / np.abs(value).max()
    size = np.sqrt(np.mean(value**2))
    return value.std() > 1e-10 * max(size, reference)


def scores(features, target):
    centred = target - target.mean()
    centred = centred / np.linalg.norm(centred)
    found = []
    for f in features:
        x = f.value / np.abs(f.value).max()
        x = x - x.mean()
        found.append(abs(x @ centred) / np.linalg.norm(x))
    return np.array(found)


def _rung(stored, columns, units, space, rung):
    for sign in space.at(rung):
        operator = op.OPERATORS[sign]
        for i, f in enumerate(stored):
            if not operator.binary:
                if f.rung == rung - 1:
                    yield from _make(operator, f, f, columns, units, space, rung)
                continue
            for g in stored[i + 1 :]:
                if rung - 1 not in (f.rung, g.rung):
                    continue
                yield from _make(operator, f, g, columns, units, space, rung)
                if sign in "-/":
                    yield from _make(operator, g, f, columns, units, space, rung)


def _make(operator, f, g, columns, units, space, rung):
    code = operator.code
    expression = op.apply(code, f.expression, g.expression if operator.binary else None)
    if complexity(expression) > space.max_complexity:
        return
    if not lawful(code, f.interval, g.interval)[0]:
        return
    try:
        unit_of(expression, units)
    except UnitError:
        return
    value = evaluate(expression, columns)
    top = np.abs(value).max()
    reference = 0.0
    if operator.rule == "same" and operator.binary and top > 0:
        sizes = [np.sqrt(np.mean((x.value / top) ** 2)) for x in (f, g)]
        reference = sum(sizes)
    if not varies(value, reference):
        return
    low, high = image(code, f.interval, g.interval)
    yield Feature(expression, value, rung, low[0], high[0])


def _distinct(made, stored):
    """Drop what equals a simpler feature that may go wherever it may."""
    kept = []
    for f in sorted(made, key=lambda f: f.nodes):
        for g in stored + kept:
            close = np.allclose(
                f.value, g.value, rtol=0, atol=1e-12 * np.abs(f.value).max()
            )
            slack = 1e-9 * max(abs(g.low), abs(g.high))
            if close and g.low >= f.low - slack and g.high <= f.high + slack:
                break
        else:
            kept.append(f)
    return kept
