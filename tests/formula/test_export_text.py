"""What exported source and cell formulas say, and what is refused."""

import re
import runpy
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.domain import Domain
from hecsr.formula.expression import (
    Binary,
    Call,
    Comparison,
    Constant,
    Negative,
    Number,
    Power,
    Variable,
    variables,
)
from hecsr.formula.formula import Coefficient, Formula, Target
from hecsr.formula.grammar import parse
from hecsr.formula.printers.code import to_code
from hecsr.formula.printers.excel import column_letters, to_excel
from hecsr.formula.printers.identifiers import comment, identifiers
from hecsr.formula.printers.workbook import to_workbook
from hecsr.units import parse_unit

GPA = parse_unit("GPa")
LANGUAGES = ("numpy", "c", "julia", "matlab")


def formula(text, constants=None, ranges=None, target="hardness"):
    constants = constants or {}
    tree = parse(text, constants) if isinstance(text, str) else text
    return Formula(
        tree,
        tuple(Descriptor(n, label="a label", unit=GPA) for n in variables(tree)),
        tuple(Coefficient(n, v) for n, v in constants.items()),
        Target(target, unit=GPA),
        domain=Domain(ranges or {}),
    )


def value(code):
    """Return the right-hand side of the line that computes."""
    (line,) = re.findall(r"^ +(?:const double )?value = (.*)$", code, re.MULTILINE)
    line = line.removesuffix(";")
    return line.removeprefix("np.asarray(")[:-1] if "np.asarray" in line else line


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_source_begins_with_what_it_is(language):
    code = to_code(formula("c0 * `x %`", {"c0": 2 / 3}, {"x %": (1.5, 20)}), language)
    mark = {"numpy": "#", "c": "/*", "julia": "#", "matlab": "%"}[language]
    assert code.startswith(mark)
    head = code[: code.index("x_percent)")] if language != "c" else code
    assert "hardness, unit GPa" in head
    assert "hardness = 0.6667 * `x %`" in head
    about = "x_percent: column 'x %' (a label), unit GPa, fitted on 1.5 to 20"
    assert about in head
    assert "Undefined is NaN" in head
    assert "0.6666666666666666" in code


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(["x", "x_2", "x 2", "χ", "chi", "if", "if_", "N", "2θ"]),
        ),
        unique=True,
        max_size=8,
    )
)
def test_every_name_gets_an_identifier_of_its_own(names):
    found = identifiers(names, {"if", "for"})
    assert list(found) == names
    assert len(set(found.values())) == len(names)
    assert not {"if", "for"} & set(found.values())
    assert all(re.fullmatch(r"[A-Za-z]\w{0,50}", i, re.ASCII) for i in found.values())


def test_identifiers_are_close_to_the_names():
    names = ["VEC", "χ_P", "Δr / Å", "Young's modulus", "x %", "2θ", "lambda", "…"]
    written = [*identifiers(names, {"lambda"}).values()]
    assert written[:4] == ["VEC", "chi_P", "Deltar_A", "Youngs_modulus"]
    assert written[4:] == ["x_percent", "x_2theta", "lambda_", "x"]


@given(st.text(max_size=30))
def test_a_comment_stays_on_its_line_and_shows_all_it_holds(text):
    shown = comment(text)
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1
    assert "*/" not in shown
    assert "/*" not in shown


def test_the_order_of_operations_is_that_of_the_tree():
    x, y = Variable("x"), Variable("y")
    tree = Binary("+", x, Binary("-", y, Binary("*", x, Binary("/", y, x))))
    assert value(to_code(formula(tree), "c")) == "x + (y - x * (y / x))"
    assert value(to_code(formula(tree), "julia")) == "x + (y - x * (y / x))"
    assert value(to_code(formula(tree), "matlab")) == "x + (y - x .* (y ./ x))"
    assert to_excel(formula(tree)).endswith(",A2+(B2-A2*(B2/A2)))")


def test_nothing_is_simplified():
    for text, c in (
        ("x / x", "x / x"),
        ("sqrt(x)^2", "pow(sqrt(x), 2.0)"),
        ("sqrt(x^2)", "sqrt(pow(x, 2.0))"),
        ("exp(log(x))", "exp(log(hardness_nonzero(x)))"),
        ("x - x", "x - x"),
        ("0.1 + 0.2 + 0 * x", "0.1 + 0.2 + 0.0 * x"),
        ("-(-x)", "-(-x)"),
        ("-2^2 + x", "-pow(2.0, 2.0) + x"),
    ):
        assert value(to_code(formula(text), "c")) == c


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_function_may_be_named_but_not_anything(language):
    assert "modulus(" in to_code(formula("x"), language, "modulus")
    for name in ("2x", "a b", "x; y", "for", "", "é"):
        with pytest.raises(FormulaError, match="cannot name a function"):
            to_code(formula("x"), language, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_that_the_source_needs_are_not_taken_by_variables(language):
    tree = parse("`exp` + `np` + `value` + hardness + hardness_root^(1/3) + exp(N)")
    code = to_code(formula(tree), language)
    used = value(code)
    for name in ("hardness_", "value_", "hardness_root_"):
        assert re.search(rf"\b{name}\b(?!\()", used)
    called = "np.exp" if language == "numpy" else "exp"
    assert f"{called}(N)" in used
    assert not re.search(r"(?<![.\w])exp(?!\()\b", used) or language == "numpy"


def test_numpy_source_takes_numbers_lists_and_integers(tmp_path):
    source = tmp_path / "hardness.py"
    source.write_text(to_code(formula("x^(-2) + sqrt(y)"), "numpy"), "utf-8")
    function = runpy.run_path(str(source))["hardness"]
    assert function(2, 4) == 2.25
    assert isinstance(function(2, 4), float)
    assert function([2, 0], [4, 4])[0] == 2.25
    assert np.isnan(function([2, 0], [4, 4])[1])


def test_an_unknown_language_is_refused():
    with pytest.raises(FormulaError, match="did you mean 'julia'"):
        to_code(formula("x"), "Julia")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_that_no_language_has_is_refused(language):
    for found in (formula("c0 * x", {"c0": np.inf}), formula(Number(np.nan))):
        with pytest.raises(FormulaError, match="cannot be written"):
            to_code(found, language)
        with pytest.raises(FormulaError, match="Excel cannot hold"):
            to_excel(found)


def test_excels_traps_are_avoided():
    x, y = Variable("x"), Variable("y")
    for tree, text in (
        (Negative(Power(x, Fraction(2))), "-POWER(A2,2)"),
        (Power(Negative(x), Fraction(2)), "POWER(-A2,2)"),
        (Power(x, Fraction(0)), "1"),
        (Power(x, Fraction(1, 2)), "SQRT(A2)"),
        (Power(x, Fraction(-1, 3)), "POWER(SQRT(A2),-0.6666666666666666)"),
        (Binary("-", x, Negative(y)), "A2-(-B2)"),
        (Binary("*", Number(1e-5), x), "1E-05*A2"),
        (Comparison("<=", x, Binary("+", x, y)), "IF(A2<=A2+B2,1,0)"),
        (Binary("^", x, Constant("c0")), "POWER(A2,3)"),
    ):
        cell = to_excel(formula(tree, {"c0": 3.0}))
        names = ",".join(f"{c}2" for c in "AB"[: len(variables(tree))])
        count = len(variables(tree))
        assert cell == f"=IF(COUNT({names})<{count},NA(),{text})"


def test_cells_are_chosen_or_by_columns():
    found = formula("vec / `x %`")
    cells = {"x %": "$C$4", "vec": "'My data'!B2"}
    assert "'My data'!B2/$C$4" in to_excel(found, cells)
    assert to_excel(formula("2 + 3")) == "=2+3"
    assert [column_letters(i) for i in (0, 25, 26, 701, 702)] == [
        "A", "Z", "AA", "ZZ", "AAA",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell", ["", "2B", "b2", "B0", "XFE1", "A1048577", "A1:A3", "A1+1", "a'!A1", "A1\n"]
)
def test_what_is_no_cell_is_refused(cell):
    with pytest.raises(FormulaError, match="is no cell"):
        to_excel(formula("x"), {"x": cell})


def test_each_variable_needs_its_cell():
    with pytest.raises(FormulaError, match="no cell for 'y'"):
        to_excel(formula("x + y"), {"x": "A1"})
    with pytest.raises(FormulaError, match="no variable 'z'"):
        to_excel(formula("x"), {"x": "A1", "z": "A2"})


def test_a_formula_that_excel_cannot_read_is_refused():
    deep = Variable("x")
    for _ in range(70):
        deep = Call("abs", deep)
    with pytest.raises(FormulaError, match="nested 71 deep"):
        to_excel(formula(deep))
    doubled = Variable("x")
    for _ in range(40):  # each repeats its operand: 2^40 copies
        doubled = Call("cbrt", doubled)
    with pytest.raises(FormulaError, match="simpler formula"):
        to_excel(formula(doubled))


def test_a_workbook_has_the_same_bytes_each_time():
    found = formula("x / y", ranges={"x": (1, 2), "y": (3, 4)})
    assert to_workbook(found) == to_workbook(found)
    with pytest.raises(FormulaError, match="no column 'y'"):
        to_workbook(found, {"x": np.ones(3)})
