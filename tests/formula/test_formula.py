import numpy as np
import pandas as pd
import pytest
import sympy

from hecsr.descriptors.catalogue import catalogue
from hecsr.errors import FormulaError, MissingDataError, SearchError, UnitError
from hecsr.formula.defined import reasons
from hecsr.formula.expression import Call, Constant, Number, Variable, evaluate
from hecsr.formula.fit import (
    firth_logistic,
    fit_formula,
    least_squares,
    logistic_fit,
)
from hecsr.formula.formula import Target
from hecsr.formula.gradient import gradient
from hecsr.formula.grammar import parse
from hecsr.formula.physics import unit_of
from hecsr.units import NUMBER, parse_unit

KNOWN = {name: c.descriptor for name, c in catalogue().items()}


@pytest.fixture
def columns():
    rng = np.random.default_rng(0)
    return {
        "r_metallic_mean": rng.uniform(1.3, 1.6, 60),
        "melting_point_mean": rng.uniform(2000, 3500, 60),
        "vec": rng.uniform(8, 10, 60),
    }


@pytest.fixture
def hardness(columns):
    y = 3 + 0.01 * columns["melting_point_mean"] / columns["r_metallic_mean"]
    noise = np.random.default_rng(1).normal(0, 0.5, 60)
    return fit_formula(
        [parse("melting_point_mean / r_metallic_mean"), parse("vec^2")],
        columns,
        y + noise,
        task="regression",
        target=Target("hardness", "hardness", "H", "H", parse_unit("GPa")),
        descriptors=KNOWN,
    )


def test_coefficients_carry_their_units(hardness):
    units = [c.unit.text for c in hardness.coefficients]
    assert units == ["GPa", "GPa Å/K", "GPa"]


def test_coefficients_and_errors_are_those_of_ordinary_least_squares(hardness, columns):
    ratio = columns["melting_point_mean"] / columns["r_metallic_mean"]
    design = np.column_stack([np.ones(60), ratio, columns["vec"] ** 2])
    y = 3 + 0.01 * ratio + np.random.default_rng(1).normal(0, 0.5, 60)
    expected, squares, *_ = np.linalg.lstsq(design, y)
    covariance = squares[0] / 57 * np.linalg.inv(design.T @ design)
    found = [c.value for c in hardness.coefficients]
    errors = [c.standard_error for c in hardness.coefficients]
    assert found == pytest.approx(expected, rel=1e-9)
    assert errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-9)
    assert hardness.metrics["residual_sd"] == pytest.approx(np.sqrt(squares[0] / 57))


def test_weights_count_as_repeated_rows():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(20, 2)), rng.normal(size=20)
    weights = rng.integers(1, 4, 20)
    once = least_squares(x, y, weights.astype(float))
    again = least_squares(np.repeat(x, weights, 0), np.repeat(y, weights))
    assert once.coefficients == pytest.approx(again.coefficients)


def test_what_is_printed_is_what_is_computed(hardness, columns):
    text = parse(hardness.to_text(digits=None))
    assert np.array_equal(evaluate(text, columns), hardness.evaluate(columns))
    at = {sympy.Symbol(k, real=True): v[0] for k, v in columns.items()}
    assert float(hardness.to_sympy().subs(at)) == pytest.approx(
        hardness.evaluate(columns)[0]
    )


def test_latex_and_typst_use_the_descriptors_symbols(hardness):
    latex = hardness.to_latex(equation=True)
    assert latex.startswith("H = ")
    assert r"\frac{\overline{T_\mathrm{m}}}{\overline{r_\mathrm{m}}}" in latex
    assert 'overline(r_upright("m"))' in hardness.to_typst()
    assert hardness._repr_latex_().startswith("$")


def test_undefined_values_are_nan_not_clipped():
    columns = {"x": np.array([-1.0, 0.0, 2.0])}
    for text in ("log(x)", "1 / x", "x^(-2)", "sqrt(x)", "x^(1/2)"):
        value = evaluate(parse(text), columns)
        assert np.isfinite(value[2])
        assert np.isnan(value[0]) or text in ("1 / x", "x^(-2)")
        assert np.isnan(value[1]) or "sqrt" in text or "1/2" in text
    assert evaluate(parse("cbrt(x)"), columns)[0] == -1.0
    assert np.isnan(evaluate(parse("exp(1000 * x)"), columns)[2])


HIDDEN = {
    "logistic(1 / x)": "division by 0 in 1 / x",
    "atan(1 / x)": "division by 0 in 1 / x",
    "tanh(1 / x)": "division by 0 in 1 / x",
    "1 / (1 / x)": "division by 0 in 1 / x",
    "exp(-1 / x^2)": "division by 0 in -1 / x^2",
    "logistic(log(x))": "log of 0 (x)",
    "exp(log10(x))": "log10 of 0 (x)",
    "tanh(x^(-1))": "division by 0 in",
    "exp(-x^(-1/2))": "division by 0 in",
    "tanh(x^(-c))": "division by 0 in",
    "(1 / x)^0": "division by 0 in 1 / x",
    "(2 + log(x))^(x - x)": "log of 0 (x)",
    "1^log(x)": "log of 0 (x)",
    "2^(-1 / x)": "division by 0 in -1 / x",
    "(1 + 1 / x)^(-2)": "division by 0 in 1 / x",
    "tanh(cbrt(sqrt(abs(1 / x))))": "division by 0 in 1 / x",
    "y * (1 / (y / x) < 2)": "division by 0 in y / x",
}


@pytest.mark.parametrize("text", HIDDEN)
def test_a_pole_inside_a_bounded_function_is_undefined(text):
    """In values, derivatives and reasons; elsewhere nothing changes."""
    columns = {"x": np.array([0.0, -0.0, 0.5]), "y": np.array([1.0, 1, 1])}
    tree, c = parse(text, ["c"]), {"c": 1.5}
    value = evaluate(tree, columns, c)
    assert np.isnan(value[:2]).all()
    assert np.isfinite(value[2])
    again, slopes = gradient(tree, [Variable("x"), Constant("c")], columns, c)
    np.testing.assert_array_equal(again, value)
    assert np.isnan(slopes[:2]).all()
    assert np.isfinite(slopes[2]).all()
    why = reasons(tree, columns, c)
    assert why[0].startswith(HIDDEN[text])
    assert why[2] == ""


def test_overflow_inside_a_bounded_function_is_not_undefined():
    at = {"x": np.array([1000.0])}
    for text, value in (
        ("logistic(exp(x))", 1.0), ("1 / exp(x)", 0.0), ("exp(-exp(x))", 0.0),
        ("tanh(x^200)", 1.0), ("atan(-exp(x))", -np.pi / 2),
    ):  # fmt: skip
        assert evaluate(parse(text), at) == [value]
        assert gradient(parse(text), [Variable("x")], at)[0] == [value]
        assert reasons(parse(text), at) == [""]


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_an_infinite_input_has_no_value(bad):
    for text in ("tanh(x)", "1 / x", "exp(-x^2)", "x^0", "2^x", "logistic(-x)", "x"):
        tree, at = parse(text), {"x": np.array([bad, 1.0])}
        assert np.isnan(evaluate(tree, at)).tolist() == [True, False]
        assert np.isnan(gradient(tree, [], at)[0]).tolist() == [True, False]
        assert reasons(tree, at) == ["x is infinite", ""]
    assert np.isnan(evaluate(parse("tanh(c)", ["c"]), {}, {"c": bad}))
    # so large that its square is not finite, which is no reason to call it infinite
    assert evaluate(parse("1 / x"), {"x": np.array([1e200])}) == [1e-200]


def test_a_missing_column_is_named(hardness, columns):
    del columns["vec"]
    with pytest.raises(FormulaError, match="no column 'vec'"):
        hardness.evaluate(columns)


def test_a_formula_without_variables_has_a_value_for_every_row():
    mean = fit_formula(
        [], {}, np.array([1.0, 2.0, 6.0]), task="regression", target=Target("y"),
        descriptors={},
    )  # fmt: skip
    assert mean.evaluate(pd.DataFrame({"x": [0, 0]})).tolist() == pytest.approx(
        [3.0, 3.0]
    )
    assert mean.evaluate({"x": np.zeros(4)}).shape == (4,)
    assert mean.terms == ()


def test_terms_that_cannot_be_fitted_are_refused(columns):
    def fit(*terms):
        return fit_formula(
            [parse(t) for t in terms], columns, columns["vec"], task="regression",
            target=Target("y"), descriptors=KNOWN,
        )  # fmt: skip

    with pytest.raises(SearchError, match="undefined on a sample"):
        fit("log(0 - vec)")
    with pytest.raises(SearchError, match="linearly dependent"):
        fit("vec", "2 * vec")
    with pytest.raises(SearchError, match="constant"):
        fit("vec - vec")


def test_separable_classes_give_finite_coefficients():
    x = np.linspace(-1, 1, 20)[:, None]
    fit = firth_logistic(x, (x[:, 0] > 0).astype(float))
    assert np.isfinite(fit.coefficients).all()
    assert fit.fitted[0] < 0.1 < 0.9 < fit.fitted[-1]


def test_firth_solves_its_modified_score_equations():
    """Heinze and Schemper 2002: sum (y - p + h (1/2 - p)) x = 0."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(30, 2))
    y = (x[:, 0] + rng.normal(size=30) > 0.5).astype(float)
    fit = firth_logistic(x, y)
    design = np.column_stack([np.ones(30), x])
    p = fit.fitted
    root = design * np.sqrt(p * (1 - p))[:, None]
    hat = np.einsum("ij,jk,ik->i", root, np.linalg.inv(root.T @ root), root)
    score = design.T @ (y - p + hat * (0.5 - p))
    assert score == pytest.approx(np.zeros(3), abs=1e-6)


def test_unlike_units_are_not_added():
    units = {"a": parse_unit("pm"), "b": parse_unit("Å"), "T": parse_unit("K")}
    with pytest.raises(UnitError, match="a in pm and b in Å"):
        unit_of(parse("a + b"), units)
    with pytest.raises(UnitError, match="exp of T"):
        unit_of(parse("exp(T)"), units)
    assert unit_of(parse("sqrt(T)^2 / T"), units).like(NUMBER)
    assert unit_of(parse("log(T / 300)"), units, {"T": 300.0}).like(NUMBER)


def test_domain_says_inside_edge_or_outside(hardness, columns):
    frame = pd.DataFrame({k: np.repeat(v.mean(), 3) for k, v in columns.items()})
    low, high = hardness.ranges["vec"]
    frame["vec"] = [(low + high) / 2, high + 0.05 * (high - low), high + (high - low)]
    found = hardness.predict(frame)
    assert found["domain"].tolist() == ["inside", "edge", "outside"]
    assert list(found.columns) == ["value", "lower", "upper", "domain", "note"]


def test_tables_and_given_values_make_up_the_variables(hardness, columns):
    frame = pd.DataFrame(columns)
    whole = hardness.predict(frame)
    part = hardness.predict(frame.drop(columns="vec"), vec=columns["vec"].tolist())
    pd.testing.assert_frame_equal(whole, part)
    assert whole.attrs["level"] == 0.9
    assert "given this form" in whole.attrs["basis"]
    with pytest.raises(FormulaError, match="given twice"):
        hardness.predict(frame, vec=9.0)
    with pytest.raises(FormulaError, match="no column 'vec'"):
        hardness.predict(frame.drop(columns="vec"))
    with pytest.raises(FormulaError, match="no variable 'vecs' to set; did you mean"):
        hardness.predict(frame, vecs=9.0)


def test_a_formula_is_immutable_and_hashable(hardness):
    with pytest.raises(AttributeError):
        hardness.task = "classification"
    assert len({hardness, hardness.with_(metrics={"a": 1.0})}) == 2
    assert "hardness = " in repr(hardness)


def test_only_known_functions_exist():
    with pytest.raises(FormulaError, match="unknown function 'system'"):
        Call("system", Variable("x"))
    assert evaluate(Call("logistic", Number(-1000.0)), {}) == 0.0


def test_text_where_numbers_should_be_is_named(hardness, columns):
    bad = {**columns, "vec": ["9"] * 59 + ["a"]}
    for ask in (hardness.evaluate, hardness.predict, hardness, hardness.elasticities):
        with pytest.raises(FormulaError, match="'vec' is 'a' in row 59"):
            ask(pd.DataFrame(bad))
    with pytest.raises(FormulaError, match="'vec' is 'a', which is no number"):
        hardness.predict(pd.DataFrame(columns).drop(columns="vec"), vec="a")
    with pytest.raises(FormulaError, match="in one list"):
        hardness.evaluate({**columns, "vec": [[1.0], [2.0, 3.0]]})
    gap = pd.Series([9.0] * 59 + [pd.NA], dtype=object)
    assert np.isnan(hardness.evaluate({**columns, "vec": gap})[-1])


def test_what_is_neither_compositions_nor_a_table_is_refused(hardness, columns):
    for given in (None, 3):
        with pytest.raises(FormulaError, match="neither a composition nor a table"):
            hardness.predict(given)
    whole = hardness.predict(pd.DataFrame(columns))
    pd.testing.assert_frame_equal(hardness.predict(columns), whole)
    assert hardness(columns).tolist() == whole["value"].tolist()
    with pytest.raises(FormulaError, match="do not make a table"):
        hardness.predict({"vec": [1.0], "melting_point_mean": [1.0, 2.0]})
    with pytest.raises(FormulaError, match="give lists"):
        hardness.evaluate(dict.fromkeys(columns, 9.0))


def test_a_composition_that_the_tables_lack_is_undefined_and_says_why(hardness):
    asked = ["(Ti,Zr)C", "(U,Th)C", "(Hf,Nb)C"]
    found = hardness.predict(asked)
    assert found["domain"][1] == "undefined"
    assert found["note"][1].startswith("undefined: the tables lack ")
    assert " of Th, U" in found["note"][1]
    assert found["value"].isna().tolist() == [False, True, False]
    alone = hardness.predict([asked[0], asked[2]])
    assert found["value"].dropna().tolist() == alone["value"].tolist()
    with pytest.raises(MissingDataError, match="predict gives NaN"):
        hardness(asked)


def test_a_derivative_is_by_a_variable(hardness):
    with pytest.raises(FormulaError, match="no variable 'vce'; did you mean 'vec'"):
        hardness.derivative("vce")


def test_nodes_show_themselves_as_text():
    expression = parse("c0 + c1 * vec^2", ["c0", "c1"])
    assert repr(expression) == "Binary(c0 + c1 * vec^2)"
    assert repr(parse("x")) == "Variable(name='x')"
    assert len(repr(parse(" + ".join(["x"] * 100)))) < 120
    assert repr(Call("log", Constant("0.5"))) == "Call(…)"
    assert expression == parse("c0 + c1 * vec^2", ["c0", "c1"])


def test_classes_keep_their_share_on_average():
    """The penalty moves slopes towards 0, not the mean probability towards a half."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(100, 2))
    y = (x[:, 0] + rng.normal(size=100) > -1).astype(float)
    weights = rng.uniform(0.5, 2.0, 100)
    penalised, found = firth_logistic(x, y), logistic_fit(x, y)
    assert found.fitted.mean() == pytest.approx(y.mean(), abs=1e-12)
    assert penalised.fitted.mean() != pytest.approx(y.mean(), abs=1e-4)
    np.testing.assert_array_equal(found.coefficients[1:], penalised.coefficients[1:])
    weighted = logistic_fit(x, y, weights)
    assert weights @ weighted.fitted == pytest.approx(weights @ y, abs=1e-10)


def test_a_class_formula_without_terms_is_the_share():
    y = np.repeat([1.0, 0.0], [73, 27])
    assert logistic_fit(np.empty((100, 0)), y).fitted == pytest.approx(0.73, abs=1e-12)


def test_one_class_keeps_a_finite_intercept():
    found = logistic_fit(np.empty((10, 0)), np.ones(10))
    assert np.isfinite(found.coefficients).all()
    assert 0.9 < found.fitted[0] < 1
