"""Overlap of the classes, in the terms of a formula and along its argument."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hecsr.descriptors.descriptor import plain
from hecsr.formula.expression import Variable
from hecsr.formula.fit import fit_formula
from hecsr.formula.formula import Target
from hecsr.search.overlap import overlap
from hecsr.study.class_maps import class_maps
from hecsr.validation.problem import make_problem


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_three_terms_are_compared_together_and_along_the_argument(n):
    rng = np.random.default_rng(0)
    names = ["a", "b", "c", "d"]
    frame = pd.DataFrame(rng.normal(size=(80, 4)), columns=names)
    signal = frame.to_numpy().sum(axis=1) + rng.normal(0, 1, 80)
    y = (signal > 0).astype(float)
    columns = {name: frame[name].to_numpy() for name in names}
    formula = fit_formula(
        [Variable(name) for name in names[:n]], columns, y, task="classification",
        target=Target("p"), descriptors={name: plain(name) for name in names},
    )  # fmt: skip
    problem = make_problem(frame, y, task="classification")
    one = SimpleNamespace(chosen=True, formula=formula, engine="e")
    (found,) = class_maps([one], problem, "half")
    assert len(found.features) == (n if n < 3 else 1)
    assert len(found.terms) == (3 if n == 3 else 0)
    shared = overlap(found.values, y == 1)
    assert (found.overlap_samples, found.overlap_size) == (shared.samples, shared.size)
    if n == 3:
        together = overlap(frame[names[:3]].to_numpy(), y == 1)
        assert found.terms_samples == together.samples
        assert found.terms_size == together.size
        assert found.features == (formula.linear_predictor,)
