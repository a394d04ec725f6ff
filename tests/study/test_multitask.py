"""Terms shared with companions: found, honest about held-out rows, and reported."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hecsr.config import parse_analysis
from hecsr.descriptors import describe
from hecsr.errors import ConfigError
from hecsr.search.sisso.multitask import SissoMultiTask
from hecsr.search.sisso.multitask_classes import SissoMultiTaskClassifier
from hecsr.search.sisso.space import SearchSpace
from hecsr.study.lending import (
    ClassesWithCompanions,
    Lent,
    NumbersWithCompanions,
)
from hecsr.study.multitask import share_terms
from hecsr.study.rows import read_rows
from hecsr.study.run import run_analysis
from hecsr.study.samples import make_samples
from hecsr.study.tasks import find_tasks
from hecsr.validation.parts import Runner
from hecsr.validation.problem import make_problem
from hecsr.validation.store import Store

METALS = ["Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W"]
SPACE = SearchSpace(operators=("*", "/"), rungs=1, max_complexity=1)
SEARCH = {"space": SPACE, "max_terms": 1, "inner_folds": 2}
EFA = {"table": "efa", "target": "efa", "select": {"dataset": "divilov2024"}}


def table(seed=0, n=40, m=16):
    """Carbides and nitrides: those with few valence electrons are of class 1."""
    rng = np.random.default_rng(seed)
    texts = [
        f"({','.join(sorted(rng.choice(METALS, rng.integers(3, 6), replace=False)))})"
        + ("C" if i < n else "N")
        for i in range(n + m)
    ]
    vec = describe(texts, ["vec"]).values[:, 0]
    noise = rng.normal(0, 0.1, n + m)
    family = np.array(["carbide"] * n + ["nitride"] * m)
    middle = np.where(family == "carbide", np.median(vec[:n]), np.median(vec[n:]))
    return pd.DataFrame({"composition": texts, "single": (vec + noise < middle) * 1})


def content(multitask, **changes):
    return {
        "name": "shared",
        "title": "t",
        "question": "q",
        "task": "classification",
        "black_boxes": ["linear"],
        "data": {"file": "mine.csv", "target": "single", "families": ["carbide"]},
        "descriptors": {"use": ["vec", "delta", "chi_mean", "mass_mean"]},
        "validation": {"folds": 2},
        "engines": {
            "sisso": {
                "operators": ["*", "/"],
                "rungs": 1,
                "complexity": 1,
                "screened": 10,
                "terms": 1,
                "inner_folds": 2,
            }
        },
        "explain": {
            "black_boxes": [],
            "permutation_repeats": 1,
            "drop": False,
            "shap": False,
        },
        "multitask": multitask,
    } | changes


def asked(multitask, **changes):
    return parse_analysis(content(multitask, **changes), "x.toml")


@pytest.fixture
def folder(tmp_path):
    table().to_csv(tmp_path / "mine.csv", index=False)
    return tmp_path


def found_in(analysis, folder):
    samples = make_samples(analysis, read_rows(analysis, folder, folder / "out"))
    return samples, find_tasks(analysis, samples, folder, folder / "out")


def shared(analysis, folder, **runner):
    samples, tasks = found_in(analysis, folder)
    problem = make_problem(
        samples.table, samples.y, task=analysis.task, groups=samples.groups
    )
    options = {"n_jobs": 1} | runner
    return share_terms(
        analysis, tasks, samples, problem, "balanced_accuracy", Runner(**options)
    )


def made_up(n=24, m=60, seed=3):
    """Few rows of classes, and many numbers of the same law."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.uniform(1, 2, (n + m, 4)), columns=list("abcd"))
    law = (x["a"] / x["b"]).to_numpy()
    own, more = x.iloc[:n], x.iloc[n:].reset_index(drop=True)
    classes = (law[:n] + rng.normal(0, 0.1, n) > np.median(law[:n])).astype(int)
    metals = tuple(f"m{i}" for i in range(n))
    lent = Lent(
        frame=more,
        y=5 - 40 * law[n:],
        tasks=np.array(["efa"] * m, dtype=object),
        # the first rows have the metals of the first rows of one's own
        metals=tuple(f"m{i}" if i < 10 else f"n{i}" for i in range(m)),
        weights=np.full(m, n / m),
        numbers=("efa",),
    )
    return own, classes, metals, lent


def test_a_shared_term_is_recovered_with_coefficients_of_each_task():
    own, classes, metals, lent = made_up()
    search = SissoMultiTaskClassifier(**SEARCH)
    model = ClassesWithCompanions(search=search, lent=lent, own="c", metals=metals)
    model.fit(own, classes)
    assert set(model.formula_.names) == {"a", "b"}
    numbers = model.search_.formulas_["efa"]
    assert set(numbers.names) == {"a", "b"}
    assert numbers.coefficients[1].standard_error is not None
    assert np.allclose(numbers.evaluate(lent.frame), lent.y)
    assert model.left_out_ == 0
    assert model.predict_proba(own).shape == (24, 2)


def test_numbers_count_in_the_deviation_of_their_own_task():
    own, _, metals, lent = made_up()
    y = 2 + 0.01 * (own["a"] / own["b"]).to_numpy()
    model = NumbersWithCompanions(
        search=SissoMultiTask(**SEARCH), lent=lent, own="c", metals=metals
    ).fit(own, y)
    assert set(model.formula_.names) == {"a", "b"}
    # another unit of the companion changes nothing
    other = replace(lent, y=1000 * lent.y)
    again = NumbersWithCompanions(
        search=SissoMultiTask(**SEARCH), lent=other, own="c", metals=metals
    ).fit(own, y)
    assert np.allclose(model.predict(own), again.predict(own))
    free = np.ones(len(lent.y), dtype=bool)
    assert np.allclose(
        again._weights(y, free)[24:] * np.var(other.y), np.var(y) * lent.weights
    )


def test_companions_with_the_metals_of_a_held_out_row_are_not_trained_on():
    own, classes, metals, lent = made_up()
    train = own.iloc[6:]
    poisoned = lent.y.copy()
    poisoned[:6] = 1e6
    models = [
        ClassesWithCompanions(
            search=SissoMultiTaskClassifier(**SEARCH), lent=one, own="c", metals=metals
        ).fit(train, classes[6:])
        for one in (lent, replace(lent, y=poisoned))
    ]
    assert [m.left_out_ for m in models] == [6, 6]
    assert models[0].search_.formulas_ == models[1].search_.formulas_
    # on all rows they are trained on
    whole = ClassesWithCompanions(
        search=SissoMultiTaskClassifier(**SEARCH),
        lent=replace(lent, y=poisoned),
        own="c",
        metals=metals,
    ).fit(own, classes)
    assert not np.allclose(whole.search_.formulas_["efa"].evaluate(lent.frame), lent.y)


def test_inner_folds_never_part_rows_with_the_same_metals(monkeypatch):
    own, classes, metals, lent = made_up()
    seen = {}
    plain = SissoMultiTaskClassifier.fit

    def fit(self, X, y, tasks, groups=None, sample_weight=None):
        seen["groups"] = groups
        return plain(self, X, y, tasks, groups=groups, sample_weight=sample_weight)

    monkeypatch.setattr(SissoMultiTaskClassifier, "fit", fit)
    model = ClassesWithCompanions(
        search=SissoMultiTaskClassifier(**SEARCH), lent=lent, own="c", metals=metals
    )
    model.fit(own, classes, groups=np.arange(24) // 2)
    groups = seen["groups"]
    assert (groups[0:24:2] == groups[1:24:2]).all()
    assert (groups[24:34] == groups[:10]).all()
    assert not set(groups[34:]) & set(groups[:34])


def test_the_rows_given_are_searched_for_however_few_of_a_class_they_hold():
    own, classes, metals, lent = made_up()
    search = SissoMultiTaskClassifier(**SEARCH, min_per_class=20)
    model = ClassesWithCompanions(search=search, lent=lent, own="c", metals=metals)
    model.fit(own, classes)
    assert model.search_.min_per_class == min(np.bincount(classes))
    assert "c" in model.search_.scored_tasks_
    assert search.min_per_class == 20


def test_families_and_properties_share_the_terms_in_the_folds_of_the_analysis(folder):
    analysis = asked({"families": ["nitride"], "companions": [EFA]})
    found = shared(analysis, folder)
    assert [(t.label, t.role) for t in found.tasks] == [
        ("carbide", "own"),
        ("nitride", "searched"),
        ("efa", "searched"),
    ]
    assert [t.rows for t in found.tasks] == [40, 16, 421]
    assert found.tasks[2].weight == pytest.approx(40 / 421)
    assert found.tasks[1].weight == 1
    terms = found.coefficients.groupby("task")["term"].agg(lambda t: set(t) - {""})
    assert terms["carbide"] == terms["nitride"] == terms["efa"]
    units = found.coefficients.set_index(["task", "coefficient"])["unit"]
    assert units["carbide", "c0"] == "1"
    assert units["efa", "c0"] != "1"
    assert (found.coefficients["standard_error"] > 0).all()
    line = found.significance.between("companions", "alone")
    assert line["rows"] == 40
    # each row is held out once by both
    counts = found.predictions.groupby(["competitor", "sample"]).size()
    assert (counts == 1).all()
    assert len(counts) == 80


def test_a_family_of_few_or_one_class_lends_or_says_nothing(tmp_path):
    frame = table()
    nitride = frame["composition"].str.endswith("N")
    frame.loc[nitride & (frame["single"] == 0).cumsum().gt(19), "single"] = 1
    few = frame[nitride]["single"].eq(0).sum()
    frame.to_csv(tmp_path / "mine.csv", index=False)
    analysis = asked({"families": ["nitride"], "min_per_class": max(5, few + 1)})
    assert shared(analysis, tmp_path).tasks[1].role in ("lends", "silent")
    frame.loc[nitride, "single"] = 1
    frame.to_csv(tmp_path / "mine.csv", index=False)
    silent = shared(asked({"families": ["nitride"]}), tmp_path).tasks[1]
    assert silent.role == "silent"
    assert not silent.formula.variables


def test_rows_without_data_are_set_aside_and_counted():
    analysis = parse_analysis(
        content(
            {"families": ["oxide"], "min_per_class": 10},
            data={
                "table": "formability",
                "target": "single_phase",
                "select": {"quality": ["A", "B"]},
                "families": ["carbide"],
            },
            descriptors={"use": ["bulk_modulus_mean", "vec"]},
        ),
        "x.toml",
    )
    _, tasks = found_in(analysis, Path())
    (oxide,) = tasks.others
    (aside,) = oxide.set_aside
    assert "bulk_modulus" in aside.detail
    assert aside.rows + len(oxide.y) == 96
    assert np.isfinite(oxide.frame.to_numpy()).all()


def test_a_column_that_a_companion_lacks_is_left_out_of_both_searches(folder):
    frame = table()
    frame["load"] = np.linspace(1, 9, len(frame))
    frame.to_csv(folder / "mine.csv", index=False)
    data = content({})["data"] | {"columns": [{"name": "load", "unit": "kgf"}]}
    hardness = {
        "table": "hardness",
        "target": "hardness",
        "select": {"method": "vickers"},
        "present": ["load"],
        "families": ["carbide", "diboride"],
    }
    _, without = found_in(asked({"companions": [hardness]}, data=data), folder)
    assert without.left_out == ("load",)
    having = hardness | {"columns": ["load"]}
    analysis = asked({"families": ["nitride"], "companions": [having]}, data=data)
    samples, tasks = found_in(analysis, folder)
    assert tasks.left_out == ()
    nitride, hard = (t.frame["load"] for t in tasks.others)
    # kgf in one's own table, N in the shipped one, N in both searches
    assert nitride.max() == pytest.approx(9 * 9.80665)
    assert hard.min() < 1 < samples.table.frame["load"].min()


@pytest.mark.parametrize(
    ("multitask", "changes", "message"),
    [
        ({"families": ["carbide"]}, {}, "which the analysis itself is about"),
        ({"families": ["boride"]}, {}, "'boride': no row of mine.csv is left"),
        (
            {"families": ["nitride"], "leave_one_out": ["element"]},
            {},
            "'element', which is none of 'validation.leave_one_out'",
        ),
        ({"families": ["nitride"]}, {"engines": {"lasso": {}}}, r"add \[engines.sisso"),
        ({"companions": [EFA | {"table": "efo"}]}, {}, "no shipped table 'efo'"),
        ({"companions": [EFA | {"target": "eva"}]}, {}, "'eva'.*'efa'"),
        (
            {"companions": [EFA | {"columns": ["load"]}]},
            {},
            "no column of the analysis",
        ),
        ({"companions": [EFA | {"name": "carbide"}]}, {}, "another 'name'"),
        (
            {"companions": [EFA | {"select": {"efa": 99.0}}]},
            {},
            "leave it out, or lower 'multitask.terms'",
        ),
        (
            {"families": ["nitride"]},
            {"data": {"file": "mine.csv", "target": "single"}},
            "name there the families",
        ),
    ],
)
def test_what_cannot_be_shared_is_refused_with_advice(
    folder, multitask, changes, message
):
    with pytest.raises(ConfigError, match=message):
        found_in(asked(multitask, **changes), folder)


def test_a_stopped_run_goes_on_from_its_parts(folder):
    analysis = asked({"families": ["nitride"]})
    unbroken = shared(analysis, folder)

    def stop(stage, done, total, left=None):
        if done == 3:
            raise KeyboardInterrupt

    store = Store(folder / "parts", "c")
    with pytest.raises(KeyboardInterrupt):
        shared(analysis, folder, store=store, show=stop)
    told = []
    resumed = shared(
        analysis, folder, store=store, show=lambda *given: told.append(given)
    )
    assert told[0][:3] == ("with companions", 3, 4)
    for name in ("scores", "predictions", "coefficients", "left_out"):
        one, two = getattr(unbroken, name), getattr(resumed, name)
        pd.testing.assert_frame_equal(one, two, check_exact=True)


def toml(multitask):
    """Write the settings as TOML, whose values are here those of JSON."""
    given = content({})
    tables = {key: value for key, value in given.items() if isinstance(value, dict)}
    tables["engines.sisso"] = tables.pop("engines")["sisso"]
    del tables["multitask"]
    lines = [f"{k} = {json.dumps(v)}" for k, v in given.items() if k not in tables]
    lines = [line for line in lines if not line.startswith(("engines", "multitask"))]
    for key, value in tables.items():
        lines += [f"[{key}]", *(f"{k} = {json.dumps(v)}" for k, v in value.items())]
    return "\n".join([*lines, "[multitask]", multitask])


def test_a_run_writes_the_section_and_its_tables(folder):
    path = folder / "shared.toml"
    path.write_text(toml('families = ["nitride"]\nweights = { nitride = 0.5 }'))
    result, written = run_analysis(path, output=folder / "out", n_jobs=1)
    text = (written / "report.md").read_text("utf-8")
    assert "With companions" in text
    assert "Alone, it is the SISSO of the comparison." in text
    for name in ("", "_coefficients", "_left_out", "_predictions", "_scores"):
        assert (written / "validation" / f"multitask{name}.csv").is_file()
    found = result.multitask
    assert found.tasks[1].weight == 0.5
    # alone is what the comparison has, to the last digit
    own = result.predictions
    compared = own[(own["competitor"] == "sisso")]["predicted"].to_numpy()
    again = found.predictions
    alone = again[again["competitor"] == "alone"]["predicted"].to_numpy()
    assert np.array_equal(compared, alone)
    assert "with companions" in result.durations


def test_without_the_section_nothing_is_shared(folder):
    analysis = asked({"families": ["nitride"]}).model_copy(update={"multitask": None})
    assert found_in(analysis, folder)[1] is None
    assert shared(analysis, folder) is None
