"""Weights, costs, the criterion and words: from the TOML to report and prediction."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from hecsr.cli import app
from hecsr.config import load_analysis, parse_analysis
from hecsr.config_engines import Engines
from hecsr.descriptors import describe
from hecsr.errors import ConfigError
from hecsr.formula.file import save_formulas
from hecsr.report.sections.predictions import decision
from hecsr.report.view import View
from hecsr.search.pysr.options import PySRBudget, PySRSpace
from hecsr.study import engines as of_study
from hecsr.study.engines import engines
from hecsr.study.rows import read_rows
from hecsr.study.run import run_study
from hecsr.study.samples import make_samples

METALS = ["Ti", "Zr", "Hf", "V", "Nb", "Ta", "Cr", "Mo", "W"]
TOML = """
name = "phases"
title = "t"
question = "q"
task = "classification"
black_boxes = []
rules = ["vec"]

[data]
file = "mine.csv"
target = "phase"
positive = "single"

[descriptors]
use = ["vec", "delta", "chi_mean"]

[validation]
folds = 3
costs = [3, 1]

[engines.sisso]
operators = ["*", "/"]
rungs = 1
screened = 5
terms = 1
inner_folds = 0
criterion = "overlap"
class_weight = "balanced"

[engines.lasso]
terms = 1
inner_folds = 0
class_weight = { 0 = 2.5 }

[explain]
black_boxes = []
drop = false
shap = false
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("classes")
    rng = np.random.default_rng(0)
    names = [
        f"({','.join(sorted(rng.choice(METALS, rng.integers(3, 6), replace=False)))})C"
        for _ in range(40)
    ]
    vec = describe(names, ["vec"]).values[:, 0]
    single = vec + rng.normal(0, 0.2, 40) < 8.9
    frame = pd.DataFrame({"composition": names})
    frame["phase"] = np.where(single, "single", "multi")
    frame.to_csv(folder / "mine.csv", index=False)
    path = folder / "phases.toml"
    path.write_text(TOML, "utf-8")
    analysis = load_analysis(path)
    return run_study(analysis, base=folder, output=folder / "out", n_jobs=1)


def test_costs_are_the_threshold_of_every_fold_and_of_the_formula(finished):
    held = finished.predictions
    rule = held["competitor"] == "vec"
    assert set(held["threshold"][~rule]) == {0.75}
    assert set(held["threshold"][rule]) == {0.5}  # a class needs none
    assert {f.formula.threshold for f in finished.formulas} == {0.75}
    assert {m.threshold for m in finished.class_maps} == {0.75}


def test_weights_and_criterion_are_part_of_what_is_compared(finished):
    said = {c.name: c.description for c in finished.competitors}
    assert "ranked by the overlap of the classes' domains" in said["sisso"]
    assert said["sisso"].endswith("; class weights balanced")
    assert said["lasso"].endswith("; class weights 2.5 of class 0 and 1 of class 1")


def test_the_report_says_from_where_class_1_is_called(finished):
    said = decision(View(finished))
    assert said == (
        "a probability of at least 0.750, where it costs less (calling a 0 a 1 costs "
        "3, calling a 1 a 0 1)"
    )
    assert finished.data.target.label == "phase = single"


def test_the_command_line_predicts_the_class(finished, tmp_path):
    path = save_formulas(tmp_path / "f.json", [f.formula for f in finished.formulas])
    words = ["predict", str(path), "(Ti,Zr,Hf)C", "(Mo,W,Cr)C"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "class 1 is called from 0.75 on" in done.stderr
    header, *rows = done.stdout.strip().splitlines()
    assert header == "given,composition,value,lower,upper,class,domain,note"
    assert len(rows) == 2


def made(tmp_path, monkeypatch, **asked):
    """Return the engines of a small analysis, PySR among them wherever this runs."""
    monkeypatch.setattr(of_study, "_pysr_missing", lambda: None)
    content = {
        "name": "a",
        "title": "t",
        "question": "q",
        "task": "classification",
        "data": {"file": "mine.csv", "target": "y"},
        "descriptors": {"use": ["vec"]},
        "engines": asked,
    }
    (tmp_path / "mine.csv").write_text("composition,y\nTiC,0\nZrC,1\n", "utf-8")
    analysis = parse_analysis(content, "x.toml")
    samples = make_samples(analysis, read_rows(analysis, tmp_path, tmp_path))
    return engines(analysis, samples)[0]


def test_what_is_not_asked_for_leaves_the_engines_as_they_are(tmp_path, monkeypatch):
    sisso, lasso, pysr = made(tmp_path, monkeypatch, sisso={}, lasso={}, pysr={})
    assert sisso.estimator.criterion == "likelihood"
    for engine in (sisso, lasso, pysr):
        assert engine.estimator.class_weight is None
        assert "weights" not in engine.description
        assert engine.description.endswith("in each training fold")
    # nor are they among the settings that a report tells
    told = Engines(sisso={}, lasso={}, pysr={}).model_dump(exclude_none=True)
    keys = {key for engine in told.values() for key in engine}
    assert not keys & {"criterion", "class_weight", "constraints", "units", "cycles"}
    assert pysr.estimator.space == PySRSpace()
    assert pysr.estimator.budget == PySRBudget()


def test_the_options_of_pysr_reach_both_its_budgets(tmp_path, monkeypatch):
    options = {
        "class_weight": {"0": 3, "1": 1},
        "constraints": {"exp": 5, "/": [-1, 3]},
        "nested_constraints": {"exp": {"exp": 0, "log": 1}},
        "batching": True,
        "batch_size": 20,
        "dimensionless_constants": True,
        "depth": 4,
    }
    (pysr,) = made(tmp_path, monkeypatch, pysr=options)
    for model in (pysr.estimator, pysr.light):
        assert model.class_weight == {0: 3, 1: 1}
        assert model.space.constraints == {"exp": 5, "/": (-1, 3)}
        assert model.space.nested_constraints == {"exp": {"exp": 0, "log": 1}}
        assert model.space.dimensionless_constants_only
        assert model.space.max_depth == 4
        assert model.budget.batching
        assert model.budget.batch_size == 20
    assert pysr.light.budget.iterations == 5
    assert pysr.description.endswith(
        "; depth 4; dimensionless constants on; constraints 'exp' 5, '/' (-1, 3); "
        "nested constraints 'exp' ('exp' 0, 'log' 1); batching on; batch size 20; "
        "class weights 3 of class 0 and 1 of class 1"
    )


def test_options_that_pysr_refuses_name_its_section(tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"'engines.pysr': .*give two sizes"):
        made(tmp_path, monkeypatch, pysr={"constraints": {"+": 3}})
    with pytest.raises(ConfigError, match=r"'engines.pysr': unknown operator 'expp'"):
        made(tmp_path, monkeypatch, pysr={"nested_constraints": {"expp": {"exp": 0}}})
