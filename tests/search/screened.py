"""Screened lists, and the plain scores of every feature that they are held against."""

from dataclasses import dataclass

import numpy as np
from enumeration import enumerate_space
from scipy.optimize import linear_sum_assignment

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.expression import Binary, Call, evaluate
from hecsr.search.sisso.building.features import Recipes
from hecsr.search.sisso.building.generate import stored_features
from hecsr.search.sisso.building.units import UnitTable
from hecsr.search.sisso.building.weighting import Weighting
from hecsr.search.sisso.screening.goals import Aim, Goal
from hecsr.search.sisso.screening.ranking import Evaluator
from hecsr.search.sisso.screening.screening import Screening
from hecsr.units import parse_unit

EQUAL = 1 - 1e-10
SAME_CLASS = 1 - 1e-9
TIE = 1e-9


def make_data(kind="plain", n=40, columns="abc", seed=3):
    """Return values, descriptors and a target that mixes a few features and noise."""
    place = ["abcd".index(name) for name in columns]
    rng = np.random.default_rng(seed)
    a = rng.uniform(1, 3, n)
    b = rng.uniform(0.5, 2, n)
    c = rng.uniform(-1, 1, n)
    d = rng.uniform(0, 0.3, n)
    values = np.column_stack([a, b, c, d])
    y = a * b - 2 * d + 0.3 * np.log(a / b) + 0.1 * rng.normal(size=n)
    if kind == "plain":
        return values[:, place], tuple(Descriptor(name) for name in columns), y
    lawful = {"lower": 0.0, "reaches_zero": False}
    described = (
        Descriptor("a", unit=parse_unit("pm"), scale=2.0, **lawful),
        Descriptor("b", unit=parse_unit("pm"), **lawful),
        Descriptor("c", unit=parse_unit("kJ/mol")),
        Descriptor("d", lower=0.0),
    )
    return values[:, place], tuple(described[j] for j in place), y


def residual_of(y, rows, weighting):
    """Return what least squares on standardised rows leave of a target."""
    root = np.sqrt(weighting.share)
    if weighting.centred:
        y = y - np.average(y, weights=weighting.share)
    fitted = np.linalg.lstsq(rows.T, root * y, rcond=None)[0]
    return y - fitted @ rows / root


def even(n):
    """Return equal weights."""
    return Weighting(np.full(n, 1 / n))


@dataclass(frozen=True)
class Listed:
    """One list: its recipes, and the features with their scores and rows."""

    recipes: Recipes
    expressions: list
    scores: np.ndarray
    rows: np.ndarray
    nodes: np.ndarray

    def __eq__(self, other):
        """Whether two lists are the same to the last bit."""
        return (
            self.expressions == other.expressions
            and np.array_equal(self.scores, other.scores)
            and np.array_equal(self.rows, other.rows)
            and all(
                np.array_equal(
                    getattr(self.recipes, name), getattr(other.recipes, name)
                )
                for name in ("operator", "left", "right")
            )
        )

    __hash__ = None


class Screened:
    """A screening of one table."""

    def __init__(self, values, descriptors, space, weighting=None, **options):
        self.descriptors = descriptors
        self.weighting = weighting or even(len(values))
        units = UnitTable()
        self.features = stored_features(
            values, descriptors, self.weighting, space, units
        )
        self.evaluator = Evaluator(self.features, self.weighting, space)
        self.screening = Screening(self.evaluator, space, units, **options)

    def best(self, goals, wanted, pool=None, **options):
        """Return one list per goal."""
        if pool is None:
            pool = np.empty((0, len(self.weighting.share)))
        found = self.screening.best(goals, wanted, pool, **options)
        return [self.listed(r, goal) for r, goal in zip(found, goals, strict=True)]

    def one(self, target, wanted, pool=None, **options):
        """Return the list for one residual."""
        return self.best([Goal(target)], wanted, pool, **options)[0]

    def listed(self, recipes, goal):
        """Write out recipes."""
        columns = (recipes.operator, recipes.left, recipes.right)
        return Listed(
            recipes,
            [
                self.features.expression(int(o), int(i), int(j), self.descriptors)
                for o, i, j in zip(*columns, strict=True)
            ],
            self.evaluator.scores(recipes, Aim.of(goal, self.weighting)),
            self.evaluator.standardised(recipes),
            self.evaluator.nodes(recipes),
        )


class Plain:
    """Every feature of a space, and its scores by numpy alone."""

    def __init__(self, values, descriptors, space, weighting=None, features=None):
        self.weighting = weighting or even(len(values))
        self.space = space
        names = [d.name for d in descriptors]
        self.columns = dict(zip(names, values.T, strict=True))
        if features is None:
            features = enumerate_space(self.columns, descriptors, space)
        rows = [self.row(f.expression, f.value) for f in features]
        kept = [k for k, row in enumerate(rows) if row is not None]
        self.features = [features[k] for k in kept]
        self.rows = np.array([rows[k] for k in kept])
        self.nodes = np.array([f.nodes for f in self.features])

    def row(self, expression, value):
        """Return a feature of unit norm within each task, or None if it is constant."""
        w, tasks = self.weighting.share, self.weighting.tasks
        # a power of two changes no digit
        scale = -np.frexp(np.abs(value).max())[1]
        x = np.ldexp(value, scale)
        # rounding of a sum is that of what is added
        reference = 0.0
        if isinstance(expression, Call) and expression.function == "abs":
            expression = expression.operand
        if isinstance(expression, Binary) and expression.operator in {"+", "-"}:
            for part in expression.children:
                added = np.ldexp(evaluate(part, self.columns), scale)
                reference += np.sqrt(w @ added**2)
        least = max(self.space.constant_below, 1e-13)
        row, _ = standard_parts(x, self.weighting)
        spread = standard_parts(x, Weighting(w, True, self.weighting.edges))[1]
        for task, s in zip(tasks, spread, strict=True):
            root = np.sqrt(w[task].sum())
            if s <= least * max(np.sqrt(w[task] @ x[task] ** 2), reference * root):
                row[task] = 0.0
        size = max(np.sqrt(w @ x**2), reference)
        constant = np.sqrt(np.square(spread).sum()) <= least * size
        return None if constant or not row.any() else row

    def scores(self, goal, rows=None):
        """Return the score of every feature (or of rows); -1 where it does not count.

        With a basis it is the correlation of the residual with what least squares
        leave of the feature.
        """
        w = self.weighting
        target = standard_parts(goal.residual, w)[0]
        rows = self.rows if rows is None else rows
        good = np.ones(len(rows), bool)
        if goal.basis is not None and len(goal.basis):
            fitted = np.linalg.lstsq(goal.basis.T, rows.T, rcond=None)[0]
            rows = rows - fitted.T @ goal.basis
            left = np.square(rows).sum(axis=1)
            good = left > 1e-10
            rows = rows / np.sqrt(np.where(good, left, 1))[:, None]
        parts = [rows[:, task] @ target[task] for task in w.tasks]
        found = np.sqrt(np.mean(np.square(parts), axis=0))
        return np.where(good, found, -1.0)

    def contain(self, names):
        """Return which features contain some descriptors."""
        return np.array([f.contains(names) == set(names) for f in self.features])

    def classes(self, score, wanted, pool=(), pool_score=()):
        """Return the best feature of each class, best first, with what ties at the end.

        Two features are one class if they correlate beyond a limit; by SISSO's rule
        only if their scores are as good as equal.
        """
        window, limit = np.inf, EQUAL
        if self.space.rules.same_key is not None:
            window, limit = 1e-8, 0.99
        unit = self.rows / np.linalg.norm(self.rows, axis=1, keepdims=True)
        owners = [(row, s) for row, s in zip(pool, pool_score, strict=True)]
        found = []
        for k in np.argsort(-score, kind="stable"):
            if score[k] < 0 or (
                len(found) >= wanted and score[k] < score[found[wanted - 1]] - TIE
            ):
                break
            near = [row for row, s in owners if abs(s - score[k]) <= window]
            if near and np.abs(np.array(near) @ unit[k]).max() > limit:
                continue
            found.append(int(k))
            owners.append((unit[k], score[k]))
        return found


def standard_parts(values, weighting):
    """Centre and scale within each task; also return the norms before."""
    row, sizes = np.zeros(len(values)), []
    for task in weighting.tasks:
        w, x = weighting.share[task], values[task]
        if weighting.centred:
            for _ in range(2):
                x = x - w @ x / w.sum()
        size = np.sqrt(w @ x**2)
        sizes.append(size)
        row[task] = np.sqrt(w) * x / size if size > 0 else 0.0
    return row, np.array(sizes)


def assert_same_list(listed, plain, goal, wanted, pool=(), *, atol=TIE):
    """Check a list against plain scores, by classes of equal features."""
    score = plain.scores(goal)
    if goal.containing:
        names = [
            n for k, n in enumerate(plain.space.required) if goal.containing >> k & 1
        ]
        score[~plain.contain(names)] = -1.0
    pool_score = plain.scores(goal, np.array(pool)) if len(pool) else []
    pool = [row / np.linalg.norm(row) for row in pool]
    classes = plain.classes(score, wanted, pool, pool_score)
    best = classes[:wanted]
    assert len(listed.expressions) == len(best)
    if not best:
        return
    # scored as plain arithmetic does
    own = np.array(
        [plain.row(e, evaluate(e, plain.columns)) for e in listed.expressions]
    )
    own_score = plain.scores(goal, own)
    np.testing.assert_allclose(listed.scores, own_score, rtol=0, atol=atol)
    # each is of one class, and each class is there, but for ties at the end
    unit = plain.rows / np.linalg.norm(plain.rows, axis=1, keepdims=True)
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    alike = np.abs(own @ unit[classes].T)
    if plain.space.rules.same_key is None:
        near = alike > SAME_CLASS
    else:
        near = (alike > 0.99) & (np.abs(own_score[:, None] - score[classes]) <= 1e-8)
    place, match = linear_sum_assignment(np.where(near, 1 - alike, 9))
    assert near[place, match].all()
    last = score[best[-1]]
    missed = np.setdiff1d(np.arange(len(best)), match)
    assert np.all(score[best][missed] <= last + atol)
    # best first, by the best of each class
    order = score[classes][match]
    assert np.all(np.diff(order) <= atol)
    # and of each class the simplest form that ties with the list
    members = np.abs(unit @ unit[classes].T)
    if plain.space.rules.same_key is None:
        members = members > EQUAL
    else:
        members = members > 0.99
        members &= np.abs(score[:, None] - score[classes]) <= 1e-8
    members &= (score >= last - TIE)[:, None]
    sure = members & (members.sum(axis=1) == 1)[:, None]
    for nodes, k in zip(listed.nodes, match, strict=True):
        assert plain.nodes[members[:, k]].min() <= nodes
        assert nodes <= plain.nodes[sure[:, k]].min()


def assert_same_classes(one, other):
    """Check that two lists hold the same classes with the same scores.

    What ties with the last of them may differ.
    """
    np.testing.assert_allclose(one.scores, other.scores, rtol=0, atol=TIE)
    sure = one.scores > one.scores.min() + TIE
    near = np.abs(one.rows @ other.rows.T) > SAME_CLASS
    assert np.all(near[sure].sum(axis=1) == 1)
    assert one.nodes[sure].tolist() == [other.nodes[r][0] for r in near[sure]]
