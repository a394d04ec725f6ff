"""Formulas by Operon: workers, reading of trees, and the engines' contract."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import EngineMissing, SearchError, SearchWarning
from hecsr.formula.expression import evaluate, variables
from hecsr.search.operon import available as availability
from hecsr.search.operon import restarts
from hecsr.search.operon.estimator import OperonFormula, OperonFormulaClassifier
from hecsr.search.operon.reading import read_tree
from hecsr.search.operon.restarts import run_restarts
from hecsr.search.operon.space import SYMBOLS, OperonBudget, OperonSpace
from hecsr.search.running import Running

here = pytest.mark.skipif(
    availability.available() is not None, reason="pyoperon is not installed"
)
TINY = OperonBudget(restarts=1, population=40, generations=4)
LEAST = OperonBudget(restarts=1, population=20, generations=2)
SMALL = OperonBudget(restarts=2, population=200, generations=25)
SETTINGS = {
    "symbols": [SYMBOLS[sign] for sign in ("+", "-", "*", "/", "^2", "sqrt")],
    "max_length": 12,
    "max_depth": 6,
    "population": 60,
    "generations": 5,
    "local_steps": 3,
    "per_length": 4,
}


def table(n=80, p=4, noise=0.02, seed=0):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.uniform(1, 3, (n, p)), columns=[f"d {i}" for i in range(p)])
    y = 2 * X["d 0"] ** 2 / X["d 1"] + 0.5 * X["d 2"]
    return X, y + noise * y.std() * rng.standard_normal(n)


def run(data, seeds=(1, 2), **options):
    options = {"threads": 1, "running": Running(), **options}
    return run_restarts(np.asarray(data), SETTINGS, seeds, **options)


@here
@pytest.mark.parametrize("symbols", [list(SYMBOLS), ["+", "*", "/", "-"]])
def test_a_read_tree_has_the_values_that_operon_gives_it(symbols):
    X, y = table()
    data = np.column_stack([X, y])
    told = {**SETTINGS, "symbols": [SYMBOLS[s] for s in symbols], "values": True}
    found = run_restarts(data, told, [5], threads=1, running=Running())
    trees = found.finished[0]["trees"]
    assert len(trees) > 10
    columns = {name: X[name].to_numpy() for name in X}
    for tree in trees:
        expression, values = read_tree(tree["nodes"], list(X), [1.0] * 4)
        ours = np.broadcast_to(evaluate(expression, columns, values), len(y))
        theirs = np.array(tree["values"])
        np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=1e-3 * ours.std())


def test_operands_are_read_from_the_nearest():
    tree = [
        ["Variable", 0, 2.0, 1],
        ["Variable", 0, 3.0, 0],
        ["Square", 1, 1.0, -1],
        ["Div", 2, 1.0, -1],
        ["Sub", 1, 1.0, -1],
    ]
    expression, values = read_tree(tree, ["a", "b"], [1.0, 4.0])
    columns = {"a": np.array([2.0]), "b": np.array([4.0])}
    assert evaluate(expression, columns, values) == pytest.approx(-36 / 2)


@pytest.mark.parametrize(
    "tree",
    [
        [["Add", 2, 1.0, -1]],
        [["Constant", 0, 1.0, -1], ["Constant", 0, 1.0, -1]],
        [["Constant", 0, 1.0, -1], ["Logabs", 1, 1.0, -1]],
    ],
)
def test_a_tree_that_was_never_asked_for_is_refused(tree):
    with pytest.raises(SearchError):
        read_tree(tree, [], [])


@here
def test_a_planted_law_is_found_among_irrelevant_descriptors():
    X, y = table(120, 6)
    model = OperonFormula(budget=SMALL, inner_folds=2).fit(X, y)
    assert set(model.formula_.names) == {"d 0", "d 1", "d 2"}
    assert model.score(X, y) > 0.99
    assert model.size_["restarts_lost"] == 0
    limits = [p.limit for p in model.front_]
    assert limits == sorted(limits)
    assert [p.formula.complexity for p in model.front_[1:]] == limits[1:]
    assert np.isfinite(model.predict_front(X)).all()


@here
def test_the_outcome_depends_on_the_seed_and_not_on_the_jobs():
    X, y = table(40, noise=0.2)
    options = {
        "budget": OperonBudget(restarts=3, population=30, generations=2),
        "space": OperonSpace(max_length=8, snap=False),
    }
    one = OperonFormula(**options, inner_folds=2).fit(X, y)
    two = OperonFormula(**options, inner_folds=2, n_jobs=2).fit(X, y)
    assert one.front_ == two.front_
    other = OperonFormula(**options, inner_folds=0, random_state=1).fit(X, y)
    assert [p.formula for p in other.front_] != [p.formula for p in one.front_]


@here
def test_noise_alone_is_answered_by_the_mean():
    rng = np.random.default_rng(1)
    X = rng.uniform(1, 2, (60, 5))
    model = OperonFormula(budget=TINY, inner_folds=5).fit(X, rng.standard_normal(60))
    assert not model.formula_.names


@here
def test_a_law_of_classes_is_found_inside_the_link():
    rng = np.random.default_rng(2)
    X = rng.uniform(1, 3, (200, 4))
    eta = 12 * (X[:, 0] * X[:, 1] - 4)
    y = np.where(rng.random(200) < 1 / (1 + np.exp(-eta)), "yes", "no")
    model = OperonFormulaClassifier(budget=SMALL, inner_folds=2).fit(X, y)
    assert set(model.formula_.names) == {"x0", "x1"}
    assert model.score(X, y) > 0.9
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


@here
def test_a_descriptor_that_spans_decades_enters_by_its_logarithm():
    rng = np.random.default_rng(3)
    X = pd.DataFrame({"load": 10 ** rng.uniform(-2, 2, 60), "b": rng.uniform(1, 2, 60)})
    y = 3 * np.log(X["load"]) + X["b"]
    load = Descriptor("load", scale=2.0, logarithmic=True)
    model = OperonFormula(
        budget=TINY, inner_folds=0, descriptors=[load, Descriptor("b")]
    ).fit(X, y)
    assert "load" in variables(model.formula_.expression)
    assert "log(load / 2)" in model.formula_.to_text()
    assert model.front_[-1].limit == model.formula_.complexity
    assert model.score(X, y) > 0.99


@here
def test_weights_count_in_the_fits():
    X, y = table(50, noise=0.5)
    weights = np.where(np.arange(50) < 25, 1.0, 20.0)
    model = OperonFormula(budget=TINY, inner_folds=0)
    plain = model.fit(X, y).formula_.to_text()
    weighted = model.fit(X, y, sample_weight=weights).formula_.to_text()
    assert plain != weighted


@here
def test_poles_may_be_allowed_and_else_are_not_there():
    rng = np.random.default_rng(4)
    x = np.concatenate([rng.uniform(-2, -0.5, 30), rng.uniform(0.5, 2, 30)])
    X, y = x[:, None], 1 / x
    options = {"budget": TINY, "inner_folds": 0}
    without = OperonFormula(**options).fit(X, y)
    assert without.score(X, y) < 0.999
    space = OperonSpace(poles=True)
    assert OperonFormula(space=space, **options).fit(X, y).score(X, y) > 0.999


STUB = """
import json, os, sys
asked = sys.stdin.buffer
told = json.loads(asked.readline())
rows, columns = told["shape"]
asked.read(8 * rows * columns)
for line in asked:
    seed = json.loads(line)
    if seed in {bad}:
        print("terminate called: seed", seed, file=sys.stderr, flush=True)
        os.abort()
    print(json.dumps({{"trees": [], "seed": seed, "pid": os.getpid()}}), flush=True)
"""


def stubbed(monkeypatch, tmp_path, code):
    worker = tmp_path / "worker.py"
    worker.write_text(code)
    monkeypatch.setattr(restarts, "_WORKER", worker)


def test_a_worker_that_aborts_costs_one_restart(monkeypatch, tmp_path):
    stubbed(monkeypatch, tmp_path, STUB.format(bad="{2}"))
    found = run(np.ones((3, 2)), seeds=(1, 2, 3, 4))
    assert [a and a["seed"] for a in found.answers] == [1, None, 3, 4]
    # a worker serves until it dies
    assert len({a["pid"] for a in found.finished}) == 2


def test_it_is_said_that_all_restarts_died_and_of_what(monkeypatch, tmp_path):
    stubbed(monkeypatch, tmp_path, STUB.format(bad="{1, 2}"))
    with pytest.raises(SearchError, match=r"all 2 restarts.*terminate called"):
        run(np.ones((3, 2)), seeds=(1, 2), threads=2)


def test_a_restart_that_takes_too_long_is_lost(monkeypatch, tmp_path):
    stubbed(monkeypatch, tmp_path, "import time; time.sleep(60)")
    with pytest.raises(SearchError, match="all 1 restarts"):
        run(np.ones((3, 2)), seeds=(1,), max_seconds=0.2)


def test_an_interrupt_keeps_the_restarts_that_are_finished(monkeypatch, tmp_path):
    code = STUB.format(bad="{}").replace(
        "if seed in {}:",
        "if seed == 2:\n        import time; time.sleep(60)\n    if 0:",
    )
    stubbed(monkeypatch, tmp_path, code)
    running = Running(lambda _: interrupt())

    def interrupt():
        raise KeyboardInterrupt

    found = run(np.ones((3, 2)), seeds=(1, 2), running=running)
    assert found.interrupted
    assert [a and a["seed"] for a in found.answers] == [1, None]
    # nothing is finished yet
    running.stop.asked = True
    with pytest.raises(KeyboardInterrupt):
        run(np.ones((3, 2)), seeds=(2,), running=running)


@here
def test_an_interrupted_fit_warns_and_keeps_its_formulas():
    X, y = table(60)

    def interrupt(progress):
        raise KeyboardInterrupt

    model = OperonFormula(budget=OperonBudget(restarts=4, population=50), inner_folds=2)
    with pytest.warns(SearchWarning, match="interrupted"):
        model.fit(X, y, callback=interrupt)
    assert model.interrupted_
    assert len(model.front_) > 1


def test_what_a_callback_raises_ends_the_fit(monkeypatch, tmp_path):
    stubbed(monkeypatch, tmp_path, STUB.format(bad="{}"))

    def fail(progress):
        raise OSError(progress.text)

    with pytest.raises(OSError, match="1 of 1 restarts"):
        run(np.ones((3, 2)), seeds=(1,), running=Running(fail))


def test_a_library_that_does_not_load_is_a_missing_engine(monkeypatch, tmp_path):
    code = """
import json
print(json.dumps({"missing": "libfoo.so not found"}))
"""
    stubbed(monkeypatch, tmp_path, code)
    with pytest.raises(EngineMissing, match=r"libfoo.so not found; pip install"):
        run(np.ones((3, 2)))


@pytest.mark.parametrize(
    ("system", "machine", "text"),
    [
        ("linux", "x86_64", "pip install pyoperon"),
        ("win32", "AMD64", "has wheels for Linux"),
        ("linux", "aarch64", "on aarch64"),
    ],
)
def test_without_operon_a_line_says_why(monkeypatch, system, machine, text):
    monkeypatch.setattr(availability, "find_spec", lambda _: None)
    monkeypatch.setattr(availability.sys, "platform", system)
    monkeypatch.setattr(availability.platform, "machine", lambda: machine)
    reason = availability.available()
    assert text in reason
    assert "\n" not in reason
    with pytest.raises(EngineMissing, match="Operon"):
        OperonFormula().fit(np.ones((5, 2)), np.arange(5.0))


def test_neither_the_package_nor_a_fit_loads_operon_here():
    code = (
        "import sys, hecsr.search.operon.estimator as e, numpy as np\n"
        "from hecsr.search.operon.space import OperonBudget\n"
        "X = np.random.default_rng(0).uniform(1, 2, (20, 2))\n"
        "b = OperonBudget(restarts=1, population=20, generations=1)\n"
        "if e.check_available.__globals__['available']() is None:\n"
        "    e.OperonFormula(budget=b, inner_folds=0).fit(X, X[:, 0] * X[:, 1])\n"
        "print('pyoperon' in sys.modules)\n"
    )
    # a script without a main guard, as people write them
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@here
def test_a_worker_keeps_what_libraries_print_from_its_answers():
    code = restarts._WORKER.read_text().replace(
        "import pyoperon  # noqa", "print('hello'); import pyoperon  # noqa"
    )
    told = {**SETTINGS, "path": sys.path, "shape": [20, 3]}
    data = np.random.default_rng(0).uniform(1, 2, (20, 3))
    asked = json.dumps(told).encode() + b"\n" + data.tobytes() + b"7\n"
    done = subprocess.run(
        [sys.executable, "-c", code], input=asked, capture_output=True, check=True
    )
    assert json.loads(done.stdout)["trees"]
    assert b"hello" in done.stderr


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (lambda: OperonSpace(operators=("+", "logabs")), "unknown operator 'logabs'"),
        (lambda: OperonSpace(operators=()), "empty"),
        (lambda: OperonSpace(max_length=2), "at least 3"),
        (lambda: OperonBudget(restarts=0), "restarts is 0"),
        (lambda: OperonBudget(max_seconds=0), "positive"),
    ],
)
def test_impossible_options_are_refused(wrong, text):
    with pytest.raises(SearchError, match=text):
        wrong()


@here
def test_too_few_rows_and_folds_are_refused():
    with pytest.raises(SearchError, match="n_samples = 3 is too few"):
        OperonFormula().fit(np.eye(3), np.arange(3.0))
    with pytest.raises(SearchError, match="inner_folds is 1"):
        OperonFormula(inner_folds=1).fit(np.eye(5), np.arange(5.0))
    with pytest.raises(SearchError, match="one value"):
        OperonFormula().fit(np.eye(5), np.ones(5))


REASONS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "Operon has no weights: its search counts a row once, however heavy"
    ),
}


@here
@parametrize_with_checks(
    [
        OperonFormula(budget=TINY, inner_folds=0),
        OperonFormulaClassifier(budget=LEAST, inner_folds=0),
    ],
    expected_failed_checks=lambda e: REASONS if isinstance(e, OperonFormula) else {},
)
def test_sklearn_contract(estimator, check):
    check(estimator)
