from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import sympy
import typst
from matplotlib.mathtext import MathTextParser

from hecsr.descriptors.descriptor import Descriptor
from hecsr.errors import FormulaError
from hecsr.formula.domain import Domain
from hecsr.formula.expression import (
    FUNCTIONS,
    Binary,
    Call,
    Comparison,
    Constant,
    Negative,
    Number,
    Power,
    Variable,
    evaluate,
    walk,
)
from hecsr.formula.formula import Coefficient, Formula, Target
from hecsr.formula.grammar import parse
from hecsr.formula.notation import Notation, render
from hecsr.formula.printers import latex, markdown
from hecsr.formula.printers import typst as typst_printer
from hecsr.formula.printers.html import to_html
from hecsr.formula.printers.latex import to_latex
from hecsr.formula.printers.markdown import to_markdown
from hecsr.formula.printers.sheets import (
    sheet_to_html,
    sheet_to_latex,
    sheet_to_markdown,
    sheet_to_text,
    sheet_to_typst,
    write_sheet,
)
from hecsr.formula.printers.sympy import to_sympy
from hecsr.formula.printers.text import to_text
from hecsr.formula.printers.typst import to_typst
from hecsr.formula.sheet import coefficients_sheet, variables_sheet
from hecsr.units import parse_unit

NAMES = ("x", "y", "z")
LATEX = {"x": "x", "y": r"\overline{r_\mathrm{m}}", "z": r"\mathrm{VEC}"}
TYPST = {"x": "x", "y": 'overline(r_upright("m"))', "z": 'upright("VEC")'}
CONSTANTS = {"c0": -1.5, "c1": 2.5e-7, "c2": 3.0}
ROWS = {
    name: np.random.default_rng(i).uniform(-2, 3, 12) for i, name in enumerate(NAMES)
}


def grown(rng, depth):
    """Return a random tree of every kind of node."""
    if depth == 0 or rng.random() < 0.1:
        number = Number(float(rng.choice([0.5, 1, 2, 3, -2, 10, 1e-7, -0.1, 2e20])))
        constant = Constant(str(rng.choice(list(CONSTANTS))))
        variable = Variable(str(rng.choice(NAMES)))
        return (number, constant, variable, variable)[rng.integers(4)]
    inner = grown(rng, depth - 1)
    match rng.integers(9):
        case 0 | 1 | 2 | 3:
            other = inner if rng.random() < 0.2 else grown(rng, depth - 1)
            return Binary("+-*/"[rng.integers(4)], inner, other)
        case 4:
            constant = Constant(str(rng.choice(list(CONSTANTS))))
            return Binary("^", inner, constant)
        case 5:
            other = grown(rng, depth - 1)
            return Comparison(str(rng.choice(["<", "<=", ">", ">="])), inner, other)
        case 6:
            above, below = int(rng.integers(-3, 4)), int(rng.integers(1, 4))
            return Power(inner, Fraction(above, below))
        case 7:
            return Negative(inner)
    return Call(str(rng.choice(sorted(FUNCTIONS))), inner)


TREES = [grown(np.random.default_rng(i), 4) for i in range(150)]


def steady(tree):
    """Return the values, NaN where rounding alone could change them."""
    value = np.broadcast_to(evaluate(tree, ROWS, CONSTANTS), (12,)).copy()
    for shift in (1e-10, -1e-10):
        moved = {name: column * (1 + shift) for name, column in ROWS.items()}
        other = evaluate(tree, moved, CONSTANTS)
        value[~(np.abs(other - value) <= 1e-6 * np.abs(value))] = np.nan
    for node in walk(tree):
        if isinstance(node, Comparison):
            a, b = (evaluate(child, ROWS, CONSTANTS) for child in node.children)
            value[np.broadcast_to(np.abs(a - b) <= 1e-9 * np.abs(a), (12,))] = np.nan
    return value


def agree(found, expected):
    found = np.broadcast_to(found, expected.shape)
    both = np.isfinite(found) & np.isfinite(expected) & (np.abs(expected) > 1e-12)
    assert found[both] == pytest.approx(expected[both], rel=1e-6)
    return int(both.sum())


def test_sympy_computes_what_is_computed_here():
    compared = 0
    symbols = [sympy.Symbol(name, real=True) for name in NAMES]
    for tree in TREES[:100]:
        expected = steady(tree)
        if np.isnan(expected).all():
            continue
        function = sympy.lambdify(symbols, to_sympy(tree, CONSTANTS), "numpy")
        with np.errstate(all="ignore"):
            found = np.asarray(function(*(ROWS[name] for name in NAMES)), complex)
        found = np.where(found.imag == 0, found.real, np.nan)
        compared += agree(found, expected)
    assert compared > 300


def test_sympy_gives_a_comparison_as_cases():
    symbol = sympy.Symbol("x", real=True)
    assert to_sympy(parse("x > 1")) == sympy.Piecewise((1, symbol > 1), (0, True))
    assert to_sympy(parse("2 * (1 < 3)")) == 2
    for sign, expected in {"<": 0, "<=": 1, ">": 0, ">=": 1}.items():
        nested = to_sympy(parse(f"(x > 1) {sign} 1"))
        assert nested.subs(symbol, 2) == expected
        assert nested.subs(symbol, 0) == (sign in ("<", "<="))
    assert to_sympy(parse("log(-2) < x")) is sympy.nan
    assert to_sympy(parse("log(-x^2 - 1) < 1")) is sympy.nan
    assert to_sympy(parse("x / 0")) is sympy.nan


@pytest.mark.parametrize(
    "huge",
    ["((2^999)^999)^999", "((2 * x)^999)^999", "exp(exp(exp(exp(9))))", "9^9^c"],
)
def test_sympy_never_works_out_huge_numbers(huge):
    tree = parse(huge.replace("9^9^c", "9^(9^(9^(9^9)))"))
    assert to_sympy(tree) is not None


@pytest.mark.parametrize("digits", [12, None])
def test_the_text_is_read_back_to_the_same_values(digits):
    compared = sum(
        agree(evaluate(parse(to_text(tree, CONSTANTS, digits)), ROWS), steady(tree))
        for tree in TREES
    )
    assert compared > 400


def test_fraction_bars_and_raised_exponents_leave_no_doubt():
    """With each bar and exponent in the brackets that they are to the eye."""
    notation = Notation(
        number=repr,
        product=" * ",
        product_of_numbers=" * ",
        quotient=lambda a, b: f"(({a}) / ({b}))",
        power=lambda base, exponent: f"{base}^({exponent})",
        functions={name: f"{name}({{}})".format for name in FUNCTIONS},
        bracket=lambda inner: f"({inner})",
        bar=True,
        iverson=lambda inner: f"({inner})",
    )
    symbols = {name: name for name in NAMES}
    for tree in TREES:
        written = render(tree, notation, symbols, CONSTANTS)
        agree(evaluate(parse(written), ROWS), steady(tree))


def test_latex_is_typeset_by_an_independent_reader():
    written = [to_latex(tree, LATEX, CONSTANTS) for tree in TREES]
    for one in written:
        assert one.count("{") == one.count("}")
        assert one.count(r"\left") == one.count(r"\right")
    parser = MathTextParser("path")
    for one in sorted(set(written), key=len)[40:90]:
        parser.parse(f"${one}$")


def test_typst_compiles_every_tree():
    lines = [f"$ {to_typst(tree, TYPST, CONSTANTS)} $" for tree in TREES]
    sheets = [
        sheet_to_typst(make(awkward()))
        for make in (variables_sheet, coefficients_sheet)
    ]
    document = compiled("\n\n".join([*lines, *sheets]))
    assert document.startswith(b"%PDF")


def compiled(source):
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return typst.compile(
        source.encode(), font_paths=[str(fonts)], ignore_system_fonts=True, format="pdf"
    )


@pytest.mark.parametrize(
    ("text", "in_latex", "in_typst"),
    [
        ("2 * 3 * x", r"2 \cdot 3 \, x", "2 dot.op 3 thin x"),
        ("x * 2^3", r"x \cdot {2}^{3}", "x dot.op 2^(3)"),
        ("x / 2", r"\frac{x}{2}", "frac(x, 2)"),
        ("-x^2", "-{x}^{2}", "-x^(2)"),
        ("(-2)^2 * x", r"{\left(-2\right)}^{2} \, x", "lr((-2))^(2) thin x"),
        ("(x / 2)^2", r"{\left(\frac{x}{2}\right)}^{2}", "lr((frac(x, 2)))^(2)"),
        ("x^0.585", "{x}^{0.585}", "x^(0.585)"),
        ("x^c2", "{x}^{3}", "x^(3)"),
        ("x - -3 * x", r"x + 3 \, x", "x + 3 thin x"),
        ("2 * (x <= 1)", r"2 \, \left[x \leq 1\right]", "2 thin lr([x lt.eq 1])"),
        ("log10(x)", r"\log_{10}\left(x\right)", "log_(10) lr((x))"),
        ("atan(x)", r"\arctan\left(x\right)", "arctan(x)"),
        ("1e-7 * x", r"1 \times 10^{-7} \, x", "1 times 10^(-7) thin x"),
    ],
)
def test_what_is_written_in_latex_and_typst(text, in_latex, in_typst):
    tree = parse(text, CONSTANTS)
    assert to_latex(tree, LATEX, CONSTANTS) == in_latex
    assert to_typst(tree, TYPST, CONSTANTS) == in_typst


def test_a_power_of_a_logistic_is_bracketed():
    written = to_latex(parse("logistic(x)^2"), LATEX, {})
    assert written.startswith(r"{\left(\frac{1}")


def test_markdown_keeps_its_mathematics():
    written = to_markdown(parse("2 * abs(x) * (x > 1)"), LATEX, {})
    assert written.startswith("$2 ")
    assert "|" not in written
    assert r"\," not in written


def test_html_escapes_names_and_raises_exponents():
    written = to_html(parse("`<b>&` ^2 * 1e-7 < c0", CONSTANTS), CONSTANTS)
    assert written == (
        "[<i>&lt;b&gt;&amp;</i><sup>2</sup> · 1 × 10<sup>−7</sup> &lt; −1.5]"
    )


def awkward():
    """Return a formula whose names and words try to break out of every language."""
    nasty = r'50% of \a_b & {c} $d$ #e ~f ^g <h> |i| "j" `k` *l* [m] @n // o'
    return Formula(
        expression=parse("c0 + c1 * `x 1` / δ", ["c0", "c1"]),
        variables=(
            Descriptor("x 1", nasty, "x_1", "x_1", parse_unit("kJ/mol")),
            Descriptor("δ", "1. δ ± 0.5 Å", r"\delta", "delta", parse_unit("Å")),
        ),
        coefficients=(
            Coefficient("c0", 116.52, 1.83, parse_unit("GPa")),
            Coefficient("c1", -1.234567e-8, 2.5e-10, parse_unit("GPa mol Å/kJ")),
        ),
        target=Target("hardness", nasty, "H", "H", parse_unit("GPa")),
        domain=Domain(ranges={"x 1": (-1.5e-7, 0.1234567), "δ": (12.3401, 12.3402)}),
        n_samples=60,
    )


def test_tables_of_variables_and_coefficients_hold_what_is_known():
    text = sheet_to_text(variables_sheet(awkward()))
    lines = text.splitlines()
    assert lines[2].split() == ["Symbol", "Description", "Unit", "Fitted", "range"]
    assert "`x 1`" in text
    assert "kJ\u00a0mol⁻¹" in text or "kJ mol⁻¹" in text
    assert "-1.50e-07 to 0.123" in text
    # digits are added until the ends differ
    assert "12.3401 to 12.3402" in text
    text = sheet_to_text(coefficients_sheet(awkward()))
    assert "given this form" in text
    assert "116.5 " in text
    assert "1.8 " in text
    assert "-1.235e-08" in text
    assert "2.5e-10" in text


def test_a_latex_table_has_rules_and_escapes_its_words():
    table = sheet_to_latex(variables_sheet(awkward()), "tab: a_b%")
    for rule in (r"\toprule", r"\midrule", r"\bottomrule", r"\caption{"):
        assert table.count(rule) == 1
    assert r"\label{tab:-a-b-}" in table
    assert r"50\% of \textbackslash{}a\_b \& \{c\} \$d\$ \#e" in table
    rows = [line for line in table.splitlines() if line.endswith(r"\\")]
    cells = {line.replace(r"\&", "").count("&") for line in rows}
    assert cells == {3}
    bare = table.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    assert table.replace(r"\$", "").count("$") % 2 == 0


def test_a_markdown_table_has_one_row_a_line():
    lines = sheet_to_markdown(variables_sheet(awkward())).splitlines()[2:]
    assert len(lines) == 4
    bare = [line.replace(r"\|", "") for line in lines]
    assert {line.count("|") for line in bare} == {5}


@pytest.mark.parametrize("form", ["latex", "typst", "markdown", "html", "text"])
def test_a_table_is_written_in_the_form_asked_for(form):
    table = write_sheet(variables_sheet(awkward()), form, "tab:x")
    assert "Fitted range" in table
    assert ("tab:x" in table) == (form in ("latex", "typst"))


def test_an_unknown_form_of_a_table_is_refused():
    with pytest.raises(FormulaError, match="did you mean 'latex'"):
        write_sheet(variables_sheet(awkward()), "LaTex")


def test_an_html_table_escapes_its_words():
    table = sheet_to_html(variables_sheet(awkward()))
    assert "&lt;h&gt;" in table
    assert "<h>" not in table


def test_without_digits_a_rounded_number_is_written_as_it_is():
    assert latex.latex_number(116.53, None) == "116.53"
    assert latex.latex_number(0.1 + 0.2, None) == "0.30000000000000004"
    assert typst_printer.typst_number(-2.5e-7, None) == "-2.5 times 10^(-7)"
    assert latex.latex_number(float("nan"), 4) == r"\mathrm{NaN}"


def test_words_are_escaped_for_latex_and_markdown():
    assert latex.escape('a -- "b"') == "a -{}- {''}b{''}"
    assert latex.escape("δ_r ≤ 5 %") == r"$\delta$\_r $\leq$ 5 \%"
    assert markdown.escape("a|b*c") == r"a\|b\*c"
