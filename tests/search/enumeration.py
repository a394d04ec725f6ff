"""Plain enumeration of a search space, feature by feature: slow and readable."""

import numpy as np

from hecsr.errors import UnitError
from hecsr.formula.expression import (
    Binary,
    Number,
    Variable,
    complexity,
    evaluate,
    variables,
)
from hecsr.formula.physics import unit_of
from hecsr.search.sisso.building import operators as op
from hecsr.search.sisso.building.domain import descriptor_ranges, image
from hecsr.search.sisso.building.rules import SISSO35

# What SISSO 3.5 does not put around what.
SISSO_NESTED = {
    "exp": {"exp", "exp-", "log"},
    "exp-": {"exp", "exp-", "log"},
    "log": {"exp", "exp-", "log"},
    "^2": {"sqrt"},
    "sqrt": {"^2"},
    "^3": {"cbrt"},
    "cbrt": {"^3"},
}


class Feature:
    def __init__(self, expression, value, rung, low, high, nodes, parts=(), last=""):
        self.expression = expression
        self.value = value
        self.rung = rung
        self.low = low
        self.high = high
        self.nodes = nodes
        self.parts = parts  # the operands
        self.last = last  # the sign of the last operator
        self.twin = False

    @property
    def argument(self):
        """Whether it is a descriptor over its reference value."""
        return self.rung == 0 and not isinstance(self.expression, Variable)

    def contains(self, names):
        """Which of some descriptors it contains."""
        return set(variables(self.expression)) & set(names)


def enumerate_space(columns, descriptors, space):
    """Every feature that may be listed, duplicates included in the last rung."""
    stored = enumerate_stored(columns, descriptors, space)
    last = []
    if space.rungs:
        units = Units(descriptors)
        last = list(_rung(stored, columns, units, space, space.rungs))
    return [
        f
        for f in stored + last
        if not f.argument and keeps(f.value, 0.0, space, stored=False)
    ]


def enumerate_stored(columns, descriptors, space):
    """The features of all rungs but the last, in the order they are stored in."""
    values = np.column_stack([columns[d.name] for d in descriptors])
    units = Units(descriptors)
    low, high = descriptor_ranges(values, descriptors, space)
    used = [j for j, d in enumerate(descriptors) if d.name not in space.excluded]
    stored = []
    for j in used:
        leaf = Variable(descriptors[j].name)
        stored.append(Feature(leaf, values[:, j], 0, low[j], high[j], 0))
    for j in used:
        d = descriptors[j]
        if d.scale and not d.unit.dimension.dimensionless:
            ratio = Binary("/", Variable(d.name), Number(d.scale))
            ends = sorted((low[j] / d.scale, high[j] / d.scale))
            stored.append(Feature(ratio, values[:, j] / d.scale, 0, *ends, 1))
    stored = [f for f in stored if keeps(f.value, 0.0, space, stored=True)]
    for rung in range(1, space.rungs):
        made = list(_rung(stored, columns, units, space, rung))
        if space.rules is SISSO35:
            made = _distinct_as_sisso(made)
        else:
            made = _distinct(made, stored, space)
        stored = stored + made
        mark_twins(stored, space)
    return stored


class Units:
    """Units and reference values by name."""

    def __init__(self, descriptors):
        self.units = {d.name: d.unit for d in descriptors}
        self.scales = {d.name: d.scale for d in descriptors if d.scale}

    def of(self, expression):
        return unit_of(expression, self.units, self.scales)

    def allow(self, expression):
        try:
            self.of(expression)
        except UnitError:
            return False
        return True


def keeps(value, reference, space, *, stored):
    """Whether values vary, and are of the size that they may have."""
    if not np.all(np.isfinite(value)) or not np.any(value):
        return False
    if space.rules is SISSO35:
        top = np.abs(value).max()
        least, most = (1e-50, 1e50) if stored else (1e-3, 1e5)
        return least <= top <= most and np.abs(value - value[0]).max() > 1e-8
    value = value / np.abs(value).max()
    size = np.sqrt(np.mean(value**2))
    return value.std() > space.constant_below * max(size, reference)


def scores(features, target):
    """Absolute correlation of each feature with a target."""
    centred = target - target.mean()
    centred = centred / np.linalg.norm(centred)
    found = []
    for f in features:
        x = f.value / np.abs(f.value).max()
        x = x - x.mean()
        found.append(abs(x @ centred) / np.linalg.norm(x))
    return np.array(found)


def candidates(stored, space, units):
    """Every lawful recipe of the last rung as SISSO counts them, without values."""
    found = 0
    for sign in dict.fromkeys(space.at(space.rungs)):
        for f, g in _operands(sign, stored, space, space.rungs):
            found += _lawful(sign, f, g, space, space.rungs, units) is not None
    return found


def _operands(sign, stored, space, rung):
    """Yield the operands of one operator in the order they are taken in."""
    new = [f for f in stored if f.rung == rung - 1]
    if not op.OPERATORS[sign].binary:
        number = op.OPERATORS[sign].rule == "number"
        for f in new:
            if number or not f.argument:
                yield f, None
        return
    pairs = [
        (f, g)
        for i, f in enumerate(stored)
        for g in stored[i + 1 :]
        if rung - 1 in (f.rung, g.rung) and not f.argument and not g.argument
    ]
    yield from pairs
    # of the last rung a - b and b - a are one
    if sign == "/" or (sign == "-" and rung < space.rungs):
        yield from ((g, f) for f, g in pairs)


def _rung(stored, columns, units, space, rung):
    for sign in dict.fromkeys(space.at(rung)):
        operator = op.OPERATORS[sign]
        for f, g in _operands(sign, stored, space, rung):
            expression = _lawful(sign, f, g, space, rung, units)
            if expression is None:
                continue
            value = evaluate(expression, columns)
            reference = 0.0
            if operator.rule == "same" and operator.binary and np.any(value):
                top = np.abs(value).max()
                sizes = [np.sqrt(np.mean((x.value / top) ** 2)) for x in (f, g)]
                reference = sum(sizes)
            if not keeps(value, reference, space, stored=rung < space.rungs):
                continue
            if space.poles:
                low, high = value.min(), value.max()
            else:
                x, y = (np.array([[h.low], [h.high]]) for h in (f, g or f))
                (low,), (high,) = image(operator.code, tuple(x), tuple(y))
                if rung < space.rungs and not np.isfinite([low, high]).all():
                    continue
            nodes = _nodes(sign, f, g, space)
            yield Feature(expression, value, rung, low, high, nodes, (f, g), sign)


def _nodes(sign, f, g, space):
    own = op.OPERATORS[sign].nodes
    if space.rules is SISSO35:
        own = 1
    return f.nodes + (g.nodes if g else 0) + own


def _lawful(sign, f, g, space, rung, units):
    """The expression that an operator makes, or None if it may not."""
    expression = op.apply(
        op.OPERATORS[sign].code, f.expression, g.expression if g else None
    )
    if space.rules is not SISSO35:
        assert _nodes(sign, f, g, space) == complexity(expression)
    if _nodes(sign, f, g, space) > space.max_complexity or not units.allow(expression):
        return None
    if sign == "/" and not divides(g, space):
        return None
    if sign == "^-1" and not divides(f, space):
        return None
    if not _in_domain(sign, f, space):
        return None
    if space.rules is SISSO35:
        if f.last in SISSO_NESTED.get(sign, ()):
            return None
        if (
            sign == "/"
            and rung < space.rungs
            and _made_by_product(f, g, space.at(rung))
        ):
            return None
    return expression


def divides(f, space):
    """Whether a feature may stand below a fraction bar."""
    if space.poles:
        least = 1e-50 if space.rules is SISSO35 else 0.0
        return np.abs(f.value).min() > least
    low, high = sorted((abs(f.low), abs(f.high)))
    return f.low * f.high > 0 and low > 1e-12 * high


def _in_domain(sign, f, space):
    low, high = (f.value.min(), f.value.max()) if space.poles else (f.low, f.high)
    if sign == "log":
        return low > 0 and (space.poles or low > 1e-12 * abs(high))
    if sign == "sqrt":
        return low > 0 if space.rules is SISSO35 else low >= 0
    if sign == "cbrt" and space.rules is SISSO35:
        return low >= 0
    return True


def _made_by_product(f, g, signs):
    """Whether products give f / g as well: in SISSO's stored rungs it is left out."""
    if "*" not in signs:
        return False
    if "/" in (f.last, g.last):
        return True
    if f.last == "*" and g in f.parts:
        return True
    return g.last == "*" and f in g.parts and "^-1" in signs


def _simple_first(features):
    return sorted(range(len(features)), key=lambda k: (features[k].nodes, k))


def _rivals(features, space, sign):
    """For each feature the places of simpler ones that equal it, or are minus it."""
    order = _simple_first(features)
    place = np.argsort(order)
    top = np.array([np.abs(f.value).max() for f in features])
    found = []
    for k, f in enumerate(features):
        near = np.flatnonzero(
            (np.abs(top - top[k]) <= 1e-9 * top[k]) & (place < place[k])
        )
        found.append([m for m in near if _stands_for(features[m], f, space, sign)])
    return order, found


def _stands_for(g, f, space, sign):
    """Whether ± `g` equals `f`, is lawful wherever it is, and has what is required."""
    top = min(np.abs(f.value).max(), np.abs(g.value).max())
    if np.abs(f.value - sign * g.value).max() > 1e-12 * top:
        return False
    if not g.contains(space.required) >= f.contains(space.required):
        return False
    if space.poles:
        return True
    low, high = (g.low, g.high) if sign > 0 else (-g.high, -g.low)
    slack = 1e-9 * max(abs(low), abs(high))
    return low >= f.low - slack and high <= f.high + slack


def _distinct(made, stored, space):
    """Drop what equals a simpler feature that may go wherever it may."""
    every = stored + made
    order, rivals = _rivals(every, space, 1)
    dropped = set()
    for k in order:
        if k >= len(stored) and set(rivals[k]) - dropped:
            dropped.add(k)
    return [f for k, f in enumerate(every) if k >= len(stored) and k not in dropped]


def _distinct_as_sisso(made):
    """Drop what SISSO takes for the same as a simpler one of the rung."""
    values = np.array([f.value for f in made])
    tag = 1 + 0.001 * np.arange(1, values.shape[-1] + 1)
    key = np.sqrt(((values + tag) ** 2).sum(axis=1)) if made else values
    kept = []
    for k in _simple_first(made):
        near = [m for m in np.flatnonzero(np.abs(key - key[k]) <= 1e-8) if m in kept]
        corr = [np.corrcoef(values[k], values[m])[0, 1] for m in near]
        if not any(abs(c) > 0.99 for c in corr):
            kept.append(k)
    return [made[k] for k in sorted(kept)]


def mark_twins(stored, space):
    """Mark what is minus a simpler feature that may go wherever it may."""
    order, rivals = _rivals(stored, space, -1)
    for k in order:
        stored[k].twin = any(not stored[m].twin for m in rivals[k])
