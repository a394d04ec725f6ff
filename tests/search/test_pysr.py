"""PySR as an estimator: what it is asked, and, where Julia is, what it finds."""

import ast
import json
import os
import signal
import threading
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysr_tables import SINGLE, TABLES, recorded
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.errors import EngineMissing, FormulaError, SearchError, SearchWarning
from hecsr.formula.expression import evaluate, variables
from hecsr.formula.formula import Coefficient, Formula, Target
from hecsr.formula.grammar import parse
from hecsr.search.pysr.base import _PySRRunning
from hecsr.search.pysr.checking import Readings, read_all
from hecsr.search.pysr.child import work
from hecsr.search.pysr.estimator import PySRFormula, PySRFormulaClassifier
from hecsr.search.pysr.guesses import written
from hecsr.search.pysr.julia import available
from hecsr.search.pysr.options import BINARY, NAMES, PySRBudget, PySRSpace
from hecsr.search.pysr.reading import UNARY, read_equation
from hecsr.search.samples import Samples
from hecsr.search.symbolic.forms import as_form
from hecsr.units import parse_unit

WHY = available()
julia = pytest.mark.skipif(WHY is not None, reason=WHY or "")
TINY = PySRBudget(iterations=3, populations=3, population_size=16, cycles=30)
SMALL = PySRBudget(iterations=15, populations=8)

M = Descriptor("m", unit=parse_unit("kg"), lower=0.0, reaches_zero=False)
V = Descriptor("v", unit=parse_unit("m/s"), lower=0.0, reaches_zero=False)
R = Descriptor("r", unit=parse_unit("m"), lower=0.0, reaches_zero=False)
Q = Descriptor("q")
FORCE = Target("force", unit=parse_unit("N"))


def orbit(n=60, noise=0.0, seed=0):
    """The force on a mass on a circle, with an idle column."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "m": rng.uniform(1, 5, n),
            "v": rng.uniform(1, 4, n),
            "r": rng.uniform(0.5, 3, n),
            "q": rng.uniform(0, 1, n),
        }
    )
    y = frame["m"] * frame["v"] ** 2 / frame["r"]
    return frame, (y * (1 + noise * rng.standard_normal(n))).to_numpy()


def samples_of(frame, y, descriptors=(M, V, R, Q), task="regression", weights=None):
    return Samples(frame.to_numpy(), tuple(descriptors), y, weights, task)


def job_of(model, samples, guesses=()):
    space = model.space or PySRSpace()
    penalty = model._penalty(samples, space)
    budget = model.budget or PySRBudget()
    return model._job(samples, space, budget, list(guesses), penalty, 7)


# what needs no fit


NEED_NO_FIT = {
    "check_do_not_raise_errors_in_init_or_set_param",
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_estimator_tags_renamed",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
}


def reasons(estimator):
    if not estimator.inner_folds:
        return {}
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "the inner folds part repeated rows, which one weighted row cannot be"
        ),
    }


@parametrize_with_checks(
    [
        PySRFormula(budget=TINY, inner_folds=0),
        PySRFormulaClassifier(budget=TINY, inner_folds=0),
    ],
    expected_failed_checks=reasons,
)
def test_sklearn_contract(estimator, check):
    if WHY is not None and check.func.__name__ not in NEED_NO_FIT:
        pytest.skip(WHY)
    check(estimator)


@pytest.mark.skipif(WHY is None, reason="Julia is there")
@pytest.mark.parametrize("make", [PySRFormula, PySRFormulaClassifier])
def test_without_julia_fit_says_so_in_one_line_and_how_to_get_it(make):
    x = np.arange(20.0)[:, None]
    with pytest.raises(EngineMissing) as caught:
        make().fit(x, np.arange(20) % 2)
    text = str(caught.value)
    assert text == WHY
    assert "\n" not in text
    assert "install" in text


@pytest.mark.parametrize(
    ("make", "options", "said"),
    [
        (PySRFormula, {"inner_folds": 1}, "inner_folds is 1"),
        (PySRFormula, {"n_jobs": 0}, "n_jobs is 0"),
        (PySRFormulaClassifier, {"loss": "margins"}, "did you mean 'margin'"),
    ],
)
def test_wrong_options_are_told_before_anything_starts(make, options, said):
    with pytest.raises(SearchError, match=said):
        make(**options).fit(np.arange(20.0)[:, None], np.arange(20) % 2)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: PySRSpace(operators=()), "no operators"),
        (lambda: PySRSpace(operators=("+", "gamma")), "unknown operator 'gamma'"),
        (lambda: PySRSpace(operators=("+", "+")), "repeat"),
        (lambda: PySRSpace(max_complexity=6), "at least 7"),
        (lambda: PySRSpace(max_depth=0), "max_depth is 0"),
        (lambda: PySRSpace(constraints={"sin": 3}), "unknown operator 'sin'"),
        (lambda: PySRSpace(constraints={"/": 3}), "two sizes"),
        (lambda: PySRSpace(constraints={"exp": (3, 3)}), "one size"),
        (lambda: PySRSpace(nested_constraints={"exp": {"cos": 0}}), "operator 'cos'"),
        (lambda: PySRSpace(complexity_of_constants=0), "constants is 0"),
        (lambda: PySRSpace(complexity_of_operators={"+": "2"}), "of '\\+' is '2'"),
        (lambda: PySRSpace(complexity_of_variables={"q": -1}), "of 'q' is -1"),
        (lambda: PySRSpace(nested_constraints={"+": {"-": "0"}}), "has '0'"),
        (lambda: PySRBudget(iterations=0), "iterations is 0"),
        (lambda: PySRBudget(population_size=10), "at least 15"),
        (lambda: PySRBudget(max_seconds=0), "max_seconds is 0"),
        (lambda: PySRBudget(parsimony=-1.0), "parsimony is -1"),
    ],
)
def test_a_space_or_budget_that_cannot_be_is_refused(make, said):
    with pytest.raises(SearchError, match=said):
        make()


def test_too_few_rows_are_told():
    with pytest.raises(SearchError, match="n_samples = 3"):
        PySRFormula().fit(np.arange(3.0)[:, None], [1.0, 2.0, 4.0])


def test_parameters_survive_a_clone():
    model = PySRFormula(space=PySRSpace(units=False), guesses=(parse("x0"),))
    assert clone(model).get_params() == model.get_params()


def constructor_of_pysr(method):
    """Parameters of a method of PySRRegressor, read from its source: no import."""
    source = Path(find_spec("pysr").submodule_search_locations[0]) / "sr.py"
    tree = ast.parse(source.read_text(encoding="utf-8"))
    [made] = [n for n in tree.body if getattr(n, "name", None) == "PySRRegressor"]
    [found] = [n for n in made.body if getattr(n, "name", None) == method]
    return {a.arg for a in [*found.args.args, *found.args.kwonlyargs]}


@pytest.mark.skipif(find_spec("pysr") is None, reason="pysr is not installed")
def test_the_installed_pysr_knows_every_option_it_is_given():
    frame, y = orbit()
    model = PySRFormula(space=PySRSpace(complexity_of_variables={"m": 2}), target=FORCE)
    job = job_of(model, samples_of(frame, y), ["x0"])
    assert job.options.keys() <= constructor_of_pysr("__init__")
    assert {"tempdir", "temp_equation_file"} <= constructor_of_pysr("__init__")
    assert job.fit.keys() | {"weights"} <= constructor_of_pysr("fit")


def test_a_search_is_deterministic_serial_silent_and_in_double_precision():
    frame, y = orbit()
    job = job_of(PySRFormula(), samples_of(frame, y))
    for name, value in {
        "deterministic": True,
        "parallelism": "serial",
        "random_state": 7,
        "precision": 64,
        "verbosity": 0,
        "progress": False,
        "input_stream": "devnull",
    }.items():
        assert job.options[name] == value
    assert job.fit["variable_names"] == ["x0", "x1", "x2", "x3"]
    json.dumps([job.options, job.fit])


def test_what_is_not_asked_for_is_left_to_pysr():
    frame, y = orbit()
    job = job_of(PySRFormula(), samples_of(frame, y))
    assert None not in job.options.values()
    for name in ("timeout_in_seconds", "batch_size", "constraints", "guesses"):
        assert name not in job.options
    timed = PySRFormula(budget=PySRBudget(max_seconds=3, early_stop=1e-6))
    asked = job_of(timed, samples_of(frame, y)).options
    assert asked["timeout_in_seconds"] == 3
    assert asked["early_stop_condition"] == 1e-6


def test_units_go_to_pysr_with_a_penalty_in_variances_of_the_target():
    frame, y = orbit()
    job = job_of(PySRFormula(target=FORCE), samples_of(frame, y))
    assert job.fit["X_units"] == ["kg", "m*s^-1", "m", "1"]
    assert job.fit["y_units"] == "kg*m*s^-2"
    assert job.options["dimensional_constraint_penalty"] == pytest.approx(1e3 * y.var())


def test_without_units_none_are_given():
    frame, y = orbit()
    numbers = samples_of(frame, y, [plain(n) for n in frame])
    free = PySRFormula(space=PySRSpace(units=False), target=FORCE)
    for job in (
        job_of(PySRFormula(), numbers),
        job_of(free, samples_of(frame, y)),
    ):
        assert "X_units" not in job.fit
        assert "dimensional_constraint_penalty" not in job.options


def test_the_space_is_told_in_pysrs_words():
    space = PySRSpace(
        operators=("+", "^", "exp", "^-1", "^2"),
        constraints={"exp": 5, "^2": 4},
        nested_constraints={"exp": {"exp": 0, "^-1": 1}},
        complexity_of_operators={"exp": 3, "^2": 2},
        complexity_of_variables={"q": 4},
        dimensionless_constants_only=True,
    )
    frame, y = orbit()
    job = job_of(PySRFormula(space=space), samples_of(frame, y))
    assert job.options["binary_operators"] == ["+", "^"]
    assert job.options["unary_operators"] == ["exp", "inv", "square"]
    sizes = {"exp": 5, "square": 4, "^": (-1, 1)}
    assert job.options["constraints"] == sizes
    assert job.options["nested_constraints"] == {"exp": {"exp": 0, "inv": 1}}
    assert job.options["complexity_of_operators"] == {"exp": 3, "square": 2}
    assert job.options["dimensionless_constants_only"] is True
    assert job.fit["complexity_of_variables"] == [1, 1, 1, 4]
    assert "complexity_of_variables" not in job.options
    wrong = PySRFormula(space=PySRSpace(complexity_of_variables={"qq": 2}))
    with pytest.raises(SearchError, match="did you mean 'q'"):
        job_of(wrong, samples_of(frame, y))


def test_classes_are_searched_with_either_form_of_the_logistic_loss():
    frame, y = orbit()
    labels = (y > np.median(y)).astype(float)
    even = samples_of(frame, labels, task="classification")
    uneven = samples_of(frame, labels, task="classification", weights=1 + labels)
    logistic, margin = PySRFormulaClassifier(), PySRFormulaClassifier(loss="margin")
    assert "(p, t) =" in job_of(logistic, even).options["elementwise_loss"]
    assert "(p, t, w) = w *" in job_of(logistic, uneven).options["elementwise_loss"]
    assert set(job_of(logistic, even).y) == {0, 1}
    assert job_of(margin, even).options["elementwise_loss"] == "LogitMarginLoss()"
    assert set(job_of(margin, even).y) == {-1, 1}
    assert job_of(logistic, even).fit["y_units"] == "1"
    assert job_of(logistic, even).options["dimensional_constraint_penalty"] == 1000


def test_the_child_leaves_out_what_an_older_pysr_does_not_know(tmp_path):
    given_options = {}

    class Older:
        """Knows few options and refuses all data."""

        def __init__(self, *, niterations, constraints):
            given_options.update(niterations=niterations, constraints=constraints)

        def fit(self, x, y, *, weights, variable_names):
            warnings.warn("a word of warning", UserWarning, stacklevel=1)
            warnings.warn("of no use here", DeprecationWarning, stacklevel=1)
            raise ValueError(f"{x.shape} {y.shape} {weights[0]} {variable_names}\nmore")

    for name, values in {
        "X": np.ones((4, 2)),
        "y": np.ones(4),
        "weights": [3.0] * 4,
    }.items():
        np.save(tmp_path / f"{name}.npy", values)
    options = {"niterations": 3, "constraints": {"^": [-1, 1]}, "guesses": ["x0"]}
    asked = {"options": options, "fit": {"variable_names": ["x0", "x1"]}}
    (tmp_path / "job.json").write_text(json.dumps(asked))
    answer = work(tmp_path, Older)
    assert answer["unsupported"] == ["guesses"]
    assert given_options == {"niterations": 3, "constraints": {"^": (-1, 1)}}
    assert answer["error"] == "ValueError: (4, 2) (4,) 3.0 ['x0', 'x1']"
    assert answer["warnings"] == ["UserWarning: a word of warning"]


@pytest.mark.parametrize(
    ("table", "data", "task", "weight", "factor", "penalty"),
    TABLES,
    ids=[t[0] for t in TABLES],
)
def test_recorded_equations_become_forms_that_predict_the_same(
    table, data, task, weight, factor, penalty
):
    equations, samples = recorded(table, data, task, weight, factor)
    found = read_all(equations, samples, penalty, SINGLE).expressions
    make = PySRFormula if task == "regression" else PySRFormulaClassifier
    forms, beyond = make()._forms(
        read_all(equations, samples, penalty, SINGLE), samples, PySRSpace()
    )
    assert beyond == 0
    assert len(forms) == len(found)
    for form, expression in zip(forms, found, strict=True):
        np.testing.assert_allclose(
            np.broadcast_to(
                evaluate(form.expression, samples.columns, form.start), len(samples.y)
            ),
            np.broadcast_to(evaluate(expression, samples.columns), len(samples.y)),
            rtol=1e-9,
            atol=1e-9,
        )


def test_constants_with_units_are_refused_where_only_pure_ones_are_allowed():
    frame, y = orbit()
    samples = samples_of(frame, y)
    model = PySRFormula(target=FORCE)
    x = "x0 * square(x1) / x2"
    texts = [x, f"2.5 * ({x})", "7.5 * x1", f"({x}) + 0.5", f"sin(x3 * 2.0) * ({x})"]
    names = [d.name for d in samples.descriptors]

    read = Readings([read_equation(t, names) for t in texts])
    pure = PySRSpace(dimensionless_constants_only=True)
    forms, beyond = model._forms(read, samples, pure)
    assert (len(forms), beyond) == (3, 2)
    assert model._forms(read, samples, PySRSpace())[1] == 0


def test_a_pure_number_may_turn_one_unit_into_another():
    length = Descriptor("a", unit=parse_unit("pm"))
    model = PySRFormula(target=Target("b", unit=parse_unit("Å")))
    samples = Samples(np.ones((4, 1)), (length,), np.ones(4), None, "regression")

    read = Readings([parse("0.01 * a")])
    pure = PySRSpace(dimensionless_constants_only=True)
    assert model._forms(read, samples, pure)[1] == 0


# guesses


@pytest.mark.parametrize(
    ("text", "operators", "expected"),
    [
        ("m * v^2 / r", "* / square", "((x0 * square(x1)) / x2)"),
        ("m * v^2 / r", "* /", "((x0 * (x1 * x1)) / x2)"),
        ("v^(-1)", "inv", "inv(x1)"),
        ("v^(-2)", "/ *", "(1.0 / (x1 * x1))"),
        ("v^(1/2)", "sqrt", "sqrt(x1)"),
        ("v^(3/2)", "sqrt *", "((sqrt(x1) * sqrt(x1)) * sqrt(x1))"),
        ("v^0.3", "^", "(x1 ^ 0.3)"),
        ("-v", "neg", "neg(x1)"),
        ("-v", "*", "((-1.0) * x1)"),
        ("-v", "-", "(0.0 - x1)"),
        ("exp(-2.5 * q)", "exp *", "exp(((-2.5) * x3))"),
    ],
)
def test_guesses_are_written_in_the_operators_of_the_search(text, operators, expected):
    frame, y = orbit()
    found = written(parse(text), samples_of(frame, y), operators.split())
    assert found == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sin(v)", "'sin' is not in the search space"),
        ("v^0.3", r"'\^' is not in the search space"),
        ("nowhere + v", "no column stands for 'nowhere'"),
        ("(v > 2) * m", "comparisons"),
    ],
)
def test_guesses_that_cannot_be_written_say_why(text, said):
    frame, y = orbit()
    with pytest.raises(FormulaError, match=said):
        written(parse(text), samples_of(frame, y), ["+", "*", "/"])


def test_a_fitted_formula_is_written_with_its_coefficients():
    frame, y = orbit()
    formula = Formula(
        parse("logistic(c0 + c1 * m)", ["c0", "c1"]),
        (M,),
        (Coefficient("c0", -1.5), Coefficient("c1", 1e-12)),
        Target("y"),
        "classification",
    )
    found = written(formula, samples_of(frame, y), ["+", "*"])
    assert found == "((-1.5) + (1e-12 * x0))"


def test_a_logarithmic_column_is_one_variable():
    load = Descriptor("x1", unit=parse_unit("N"), scale=9.8, logarithmic=True)
    samples = Samples(np.ones((3, 2)), (load, Q), np.ones(3), None, "regression")
    assert written(parse("2 * log(x1 / 9.8)"), samples, ["*"]) == "(2.0 * x0)"
    # the quantity itself is no column, though another column is called like it
    with pytest.raises(FormulaError, match="no column stands for 'x1'"):
        written(parse("x1 + q"), samples, ["+"])


@st.composite
def expressions(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        leaf = st.sampled_from(["m", "v", "r", "q"])
        return draw(leaf | st.floats(0.01, 99).map(repr))
    a = draw(expressions(depth - 1))
    kind = draw(st.sampled_from([*"+-*/", "^2", "^(-1)", "^(1/2)", "^(-3/2)", "exp"]))
    if kind in "+-*/":
        return f"({a} {kind} {draw(expressions(depth - 1))})"
    return f"exp({a})" if kind == "exp" else f"({a}){kind}"


@settings(max_examples=60, deadline=None)
@given(expressions(), st.sampled_from(["+ - * / sqrt exp", "+ - * / square inv ^ exp"]))
def test_a_written_guess_says_what_the_formula_says(text, operators):
    frame, y = orbit(5)
    samples = samples_of(frame, y)
    expression = parse(text)
    back = read_equation(written(expression, samples, operators.split()), list(frame))
    values = [
        np.broadcast_to(evaluate(e, samples.columns), 5) for e in (expression, back)
    ]
    np.testing.assert_allclose(values[1], values[0], rtol=1e-9)


def test_guesses_left_out_are_named():
    frame, y = orbit()
    model = PySRFormula(guesses=(parse("sin(m)"), parse("m * v")))
    texts, unwritten = model._guesses(samples_of(frame, y), PySRSpace())
    assert texts == ["(x0 * x1)"]
    assert "sin(m)" in unwritten[0]
    assert "not in the search space" in unwritten[0]


# PySR for real


def simplest_exact(model, y, error=1e-9):
    """The first formula of the front that fits as well as numbers allow."""
    return next(p for p in model.front_ if residual(p.formula, y) < error)


def residual(formula, y):
    frame, _ = orbit(len(y))
    return float(np.mean((formula.evaluate(frame) - y) ** 2) / np.var(y))


@julia
def test_the_law_is_found_and_its_units_close():
    frame, y = orbit(noise=0.01)
    model = PySRFormula(
        budget=SMALL, inner_folds=3, descriptors=(M, V, R, Q), target=FORCE
    ).fit(frame, y)
    formula = model.formula_
    assert set(formula.names) == {"m", "v", "r"}
    _, clean = orbit()
    assert residual(formula, clean) < 1e-3
    assert [p.limit for p in model.front_] == sorted(p.limit for p in model.front_)
    assert model.size_["equations"] > 2
    assert model.size_["not_reproduced"] == 0
    assert model.pysr_version_
    np.testing.assert_allclose(model.predict(frame), formula.evaluate(frame))


@julia
def test_the_same_seed_gives_the_same_formulas_for_any_number_of_jobs():
    frame, y = orbit(40, noise=0.02)
    found = [
        PySRFormula(budget=TINY, inner_folds=2, n_jobs=n, random_state=3)
        .fit(frame, y)
        .front_
        for n in (1, 1, 2)
    ]
    assert found[0] == found[1] == found[2]


@julia
@pytest.mark.parametrize("loss", ["logistic", "margin"])
@pytest.mark.parametrize("weighted", [False, True])
def test_classes_are_told_apart(loss, weighted):
    frame, y = orbit()
    rng = np.random.default_rng(1)
    p = 1 / (1 + np.exp(-(frame["v"] - 2.5) * 4))
    labels = np.where(rng.random(len(y)) < p, "high", "low")
    model = PySRFormulaClassifier(loss=loss, budget=SMALL, inner_folds=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(frame, labels, sample_weight=1 + rng.random(len(y)) * weighted)
    assert "v" in model.formula_.names
    assert model.score(frame, labels) > 0.8
    assert model.size_["not_reproduced"] == 0
    proba = model.predict_proba(frame)
    np.testing.assert_allclose(proba.sum(axis=1), 1)


@julia
def test_a_guess_is_where_the_search_starts_from():
    frame, y = orbit()
    space = PySRSpace(operators=("+", "*", "/", "^2"))
    model = PySRFormula(
        space=space, budget=TINY, inner_folds=0, guesses=(parse("m * v^2 / r"),)
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(frame, y)
    said = [str(w.message) for w in caught if w.category is SearchWarning]
    if any("does not know guesses" in text for text in said):
        assert model.pysr_version_.startswith("1.")
        return
    assert set(variables(simplest_exact(model, y).formula.expression)) == {
        "m",
        "v",
        "r",
    }


@julia
def test_pure_constants_leave_the_law_alone():
    frame, y = orbit()
    model = PySRFormula(
        space=PySRSpace(dimensionless_constants_only=True),
        budget=SMALL,
        inner_folds=0,
        descriptors=(M, V, R, Q),
        target=FORCE,
    ).fit(frame, y)
    for point in model.front_[1:]:
        assert {"m", "v", "r"} <= set(point.formula.names)


@julia
def test_the_time_limit_ends_a_search():
    frame, y = orbit()
    budget = PySRBudget(iterations=10**6, max_seconds=5)
    start = time.monotonic()
    PySRFormula(budget=budget, inner_folds=0).fit(frame, y)
    assert time.monotonic() - start < 120


@julia
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_keeps_the_formulas_found_so_far():
    frame, y = orbit()

    def interrupt():
        while not any(Path(tempdir).glob("hecsr-pysr-*/job0/tables/**/*.csv.bak")):
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    import tempfile

    tempdir = tempfile.gettempdir()
    threading.Thread(target=interrupt, daemon=True).start()
    model = PySRFormula(budget=PySRBudget(iterations=10**6), inner_folds=2)
    with pytest.warns(SearchWarning, match="interrupted after the search"):
        model.fit(frame, y)
    assert model.interrupted_
    assert len(model.front_) > 1
    assert np.isfinite(model.predict(frame)).all()


def test_how_a_fit_runs_can_be_sent_to_another_process():
    import pickle

    running = _PySRRunning(seed=3)
    copy = pickle.loads(pickle.dumps(running.silent))
    assert copy.seed == 3
    assert copy.workers.settings == running.workers.settings


def test_every_operator_of_a_space_can_be_read_back():
    space = PySRSpace(operators=tuple(NAMES))
    assert set(space.names) == {*BINARY, *UNARY}
    for name in space.names:
        text = f"x0 {name} 2.0" if name in BINARY else f"{name}(x0)"
        expression = read_equation(text, ["q"])
        assert np.isfinite(evaluate(expression, {"q": np.array([0.5])})).all()
        assert as_form(expression).expression
