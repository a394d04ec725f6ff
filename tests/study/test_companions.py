"""Columns that only rules see: looked up, or predicted without what they are for."""

from pathlib import Path

import numpy as np
import pytest

from hecsr import tables
from hecsr.composition import Composition
from hecsr.config import parse_analysis
from hecsr.errors import ConfigError, SearchError
from hecsr.study.companions import predict_column, with_companions
from hecsr.study.rows import read_rows
from hecsr.study.samples import make_samples

MEASURED = {"table": "efa", "column": "efa", "select": {"dataset": "divilov2024"}}
PREDICTED = MEASURED | {"name": "efa_predicted", "predicted_by": "lasso"}


def analysis(*companions, engines=None):
    return parse_analysis(
        {
            "name": "a",
            "title": "t",
            "question": "q",
            "task": "classification",
            "data": {
                "table": "formability",
                "target": "single_phase",
                "select": {"quality": ["A", "B"]},
                "families": ["carbide"],
                "companions": list(companions),
            },
            "descriptors": {"use": ["delta", "vec", "fractions"]},
            "engines": engines or {"lasso": {"terms": 2, "inner_folds": 2}},
        },
        "x.toml",
    )


def samples_of(asked):
    return make_samples(asked, read_rows(asked, Path(), Path()))


@pytest.fixture(scope="module")
def carbides():
    return samples_of(analysis())


@pytest.fixture(scope="module")
def both(carbides):
    return with_companions(analysis(MEASURED, PREDICTED), carbides)


def chemistry(composition):
    return frozenset(composition.fractions)


def test_a_column_is_looked_up_by_composition_and_unknown_elsewhere(both):
    known = both.companions["efa"]
    assert known.notna().sum() == 45
    five = [c.n_metals == 5 for c in both.compositions]
    assert (known.notna() == five).all()


def test_a_predicted_column_is_there_for_every_composition(both):
    values = both.companions["efa_predicted"]
    assert values.notna().all()
    known = both.companions["efa"]
    assert np.corrcoef(values[known.notna()], known.dropna())[0, 1] > 0.5


def test_no_composition_of_the_analysis_was_fitted_to(carbides):
    asked = analysis(PREDICTED)
    (companion,) = asked.data.companions
    found = predict_column(asked, companion, carbides.compositions)
    here = {chemistry(c) for c in carbides.compositions}
    assert not here & {chemistry(c) for c in found.compositions}
    assert len(found.compositions) == 421 - 45
    assert found.left_out == 45
    assert 0 < found.error < found.error_of_mean


def test_values_of_the_compositions_compared_do_not_enter(carbides, both, monkeypatch):
    here = {chemistry(c) for c in carbides.compositions}
    frame = tables.load("efa")
    own = [chemistry(Composition.parse(t)) in here for t in frame["composition"]]
    frame.loc[own, "efa"] = 1e6
    load = tables.load
    monkeypatch.setattr(
        tables, "load", lambda name: frame.copy() if name == "efa" else load(name)
    )
    again = with_companions(analysis(PREDICTED), carbides)
    np.testing.assert_array_equal(
        again.companions["efa_predicted"], both.companions["efa_predicted"]
    )


def test_the_notes_name_the_formula_its_error_and_how_far_it_is_stretched(both):
    formula, error, reach = both.summary.notes
    assert "efa = " in formula
    assert "376 rows" in formula
    assert "45 rows of that table" in formula
    assert "in its inner folds" in error
    assert "on the 45 compositions" in error
    assert "Of the 100 compositions compared here 45 are of the kind" in reach
    assert "carbide of 5 metals, equimolar" in reach
    assert "55 are not" in reach


def test_compositions_outside_what_was_fitted_to_are_counted_and_kept():
    asked = analysis(PREDICTED)
    (companion,) = asked.data.companions
    given = [Composition.parse(t) for t in ("(Ti,Zr,Hf,Nb,Ta)C", "(Ti,Zr)B2", "LaC")]
    found = predict_column(asked, companion, given)
    assert found.places[1] == "outside"
    assert np.isfinite(found.values[1])
    assert found.places[2] != "inside"


def test_a_table_without_another_composition_predicts_nothing():
    asked = analysis(PREDICTED)
    (companion,) = asked.data.companions
    given = [Composition.parse(t) for t in tables.load("efa")["composition"]]
    with pytest.raises(SearchError, match="every row of 'efa'"):
        predict_column(asked, companion, given)


@pytest.mark.parametrize(
    ("companions", "message"),
    [
        ([MEASURED, MEASURED], "two columns named efa"),
        ([PREDICTED | {"predicted_by": "sisso"}], r"add \[engines\.sisso\]"),
        ([MEASURED | {"column": "eaf"}], "no column 'eaf'; did you mean 'efa'"),
    ],
)
def test_what_cannot_be_had_is_refused(carbides, companions, message):
    with pytest.raises(ConfigError, match=message):
        with_companions(analysis(*companions), carbides)


@pytest.mark.parametrize("name", [None, "efa"])
def test_what_is_predicted_needs_a_name_of_its_own(name):
    with pytest.raises(ConfigError, match="name = 'efa_predicted'"):
        analysis({k: v for k, v in (PREDICTED | {"name": name}).items() if v})


def test_without_companions_the_samples_stay_as_they_are(carbides):
    same = with_companions(analysis(), carbides)
    assert len(same.companions.columns) == 0
    assert len(same.companions) == len(carbides.y)
    assert same.summary.notes == carbides.summary.notes
