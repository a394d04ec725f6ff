"""Small estimators that obey the engines' contract, and one that watches its rows."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from hecsr.descriptors.descriptor import plain
from hecsr.formula.domain import Domain
from hecsr.formula.expression import Binary, Call, Constant, Number, Variable
from hecsr.formula.fit import logistic_fit
from hecsr.formula.formula import Coefficient, Formula, Target


@dataclass(frozen=True)
class Point:
    limit: int
    formula: Formula
    error: float | None = None
    error_se: float | None = None


def formula_of(expression, names, values, X=None, task="regression"):
    ranges = {} if X is None else {n: (X[n].min(), X[n].max()) for n in names}
    return Formula(
        expression,
        tuple(plain(n) for n in names),
        tuple(Coefficient(f"c{i}", float(v)) for i, v in enumerate(values)),
        Target("y"),
        task=task,
        domain=Domain(ranges),
    )


def straight(name):
    """c0 + c1 * name."""
    return Binary("+", Constant("c0"), Binary("*", Constant("c1"), Variable(name)))


class BestColumn(RegressorMixin, BaseEstimator):
    """The mean, and the straight line in the descriptor that correlates most."""

    def __init__(self, max_terms=1, inner_folds=3):
        self.max_terms = max_terms
        self.inner_folds = inner_folds

    def fit(self, X, y, groups=None):
        values = X.to_numpy()
        r = [abs(np.corrcoef(v, y)[0, 1]) for v in values.T]
        name = X.columns[int(np.argmax(r))]
        slope, level = np.polyfit(X[name], y, 1)
        mean = formula_of(Constant("c0"), (), (np.mean(y),))
        line = formula_of(straight(name), (name,), (level, slope), X)
        self.front_ = (Point(0, mean), Point(1, line))
        self.formula_ = line
        return self

    def predict(self, X):
        return self.formula_.evaluate(X)

    def predict_front(self, X):
        return np.column_stack([p.formula.evaluate(X) for p in self.front_])


class OneOver(RegressorMixin, BaseEstimator):
    """c0 + 1 / a, undefined where a is zero."""

    def fit(self, X, y):
        expression = Binary(
            "+", Constant("c0"), Binary("/", Number(1.0), Variable("a"))
        )
        self.formula_ = formula_of(expression, ("a",), (0.0,), X)
        return self

    def predict(self, X):
        return self.formula_.evaluate(X)


class LogisticColumn(ClassifierMixin, BaseEstimator):
    """1 / (1 + exp(-(c0 + c1 a))) with given coefficients."""

    def __init__(self, column="a", slope=2.0):
        self.column = column
        self.slope = slope

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        self.formula_ = formula_of(
            Call("logistic", straight(self.column)),
            (self.column,),
            (0.0, self.slope),
            X,
            "classification",
        )
        return self

    def predict_proba(self, X):
        p = self.formula_.evaluate(X)
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return (self.predict_proba(X)[:, 1] >= 0.5).astype(int)


class NoTerms(ClassifierMixin, BaseEstimator):
    """The probability that a class formula without terms gives every sample."""

    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        self.p_ = logistic_fit(np.empty((len(y), 0)), np.asarray(y, float)).fitted[0]
        return self

    def predict_proba(self, X):
        return np.tile([1 - self.p_, self.p_], (len(X), 1))


class Spy(RegressorMixin, BaseEstimator):
    """Remembers the rows it was fitted to and those it was asked about."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y, groups=None):
        self.fitted_ = X.copy()
        self.targets_ = np.array(y)
        self.groups_ = None if groups is None else np.array(groups)
        return self

    def predict(self, X):
        both = self.fitted_.index.intersection(X.index)
        if len(both):
            raise AssertionError(f"rows {list(both)} were trained on")
        return np.full(len(X), self.targets_.mean())
