"""Random formulas are run by the languages and compared with hecsr's own values."""

import csv
import ctypes
import os
import re
import runpy
import shutil
import subprocess
from fractions import Fraction

import numpy as np
import pytest

from hecsr.descriptors.descriptor import Descriptor
from hecsr.formula.domain import Domain
from hecsr.formula.expression import (
    COMPARISONS,
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
    raised,
    variables,
    walk,
)
from hecsr.formula.formula import Coefficient, Formula, Target
from hecsr.formula.grammar import parse
from hecsr.formula.printers.code import to_code
from hecsr.formula.printers.excel import to_excel
from hecsr.formula.printers.workbook import Computed, to_workbook, workbook
from hecsr.units import parse_unit

GPA = parse_unit("GPa")
HOSTILE = '*/ """ =1+1 #= %{ _x000A_ \\\n\u202e x'
NAMES = ("χ_P", "lambda", "Young's modulus / GPa", HOSTILE)
CONSTANTS = {"c0": 1 / 3, "c1": -2.5e-7, "c2": 0.585, "c3": 2.0, "c4": -1e9, "c5": -1.0}
EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5, 1e-9, 40.0, -750.0, 1e5, -1e12]
EXPONENTS = [
    Fraction(t) for t in "0 1 2 3 -1 -2 1/2 -1/2 1/3 -1/3 2/3 3/2 0.585".split()
]


def formula(tree, ranges=None, **changes):
    text = parse(tree, CONSTANTS) if isinstance(tree, str) else tree
    fitted = Domain(ranges or {})
    return Formula(
        text,
        tuple(Descriptor(n, unit=GPA) for n in variables(text)),
        tuple(Coefficient(n, v) for n, v in CONSTANTS.items()),
        Target("hardness", unit=GPA),
        domain=fitted,
    ).with_(**changes)


def random_tree(rng, depth):
    """Return a tree of any of the node types, no deeper than `depth`."""
    if depth == 0 or rng.random() < 0.1:
        kind = rng.random()
        if kind < 0.65:
            return Variable(str(rng.choice(NAMES)))
        if kind < 0.85:
            return Constant(str(rng.choice(list(CONSTANTS))))
        return Number(float(rng.choice([0.0, 1.0, -2.0, 0.1, 3e-5, -1e7])))
    inner = random_tree(rng, depth - 1)
    kind = rng.integers(12)
    if kind < 5:
        return Binary("+-*/^"[kind] if kind < 4 else "^", inner, _by(rng, depth))
    if kind == 5:
        return Comparison(
            str(rng.choice(list(COMPARISONS))), inner, random_tree(rng, depth - 1)
        )
    if kind == 6:
        return Negative(inner)
    if kind < 9:
        return Power(inner, EXPONENTS[rng.integers(len(EXPONENTS))])
    return Call(str(rng.choice(list(FUNCTIONS))), inner)


def _by(rng, depth):
    right = random_tree(rng, depth - 1)
    return Variable("lambda") if isinstance(right, Number) else right


EDGE_FORMULAS = """
    atan((-1 / lambda^2)^(-1/2)); atan((-lambda)^(-1)); (-lambda)^χ_P; cos(1 / lambda)
    (-1 / lambda^2)^χ_P; atan((-lambda)^χ_P); lambda^(lambda - lambda); log(lambda)^0
    1^log(lambda); 1 / lambda < 2; tanh(1 / lambda); lambda + 1 / (1 - 1); -lambda^2
    (lambda * 0 - 8)^(1/3); lambda^c3; lambda^c2; 1 / logistic(lambda); lambda - -2
    tanh((-1 / lambda^2)^c2); atan((-lambda)^c5); (lambda * 0 - 8)^(1 / (3 - 0 * χ_P))
    exp(-1 / lambda^2); 1 / (1 / lambda); logistic(log(lambda)); exp(log10(lambda^2))
    tanh((-lambda)^(-1/2)); (1 / lambda)^0; (lambda^(-2))^(-1/2); 1 / (χ_P + 1 / lambda)
    (log(lambda) < 1) * 2; atan(lambda / χ_P / 0.0); exp(-(1 / χ_P)^2) + 1
""".replace("\n", ";")


def random_formulas(n, seed):
    rng = np.random.default_rng(seed)
    edges = [formula(text) for text in EDGE_FORMULAS.split(";") if text.strip()]
    return edges + [formula(random_tree(rng, 1 + i % 5)) for i in range(n)]


@pytest.fixture(scope="module")
def formulas():
    return random_formulas(120, 7)


@pytest.fixture(scope="module")
def columns():
    rng = np.random.default_rng(8)
    return {name: rng.permutation(EDGES) for name in NAMES}


def trembling(found, columns):
    """Return the relative change of the values when every operation rounds worse.

    Infinite where whether the value is defined depends on it.
    """
    expected = found.evaluate(columns)
    worst = np.zeros(len(expected))
    for seed in range(3):
        rng = np.random.default_rng(seed)
        noise = dict(columns)

        def shaken(node, rng=rng, noise=noise):
            children = {c: shaken(c) for c in node.children}
            if not children:
                return node
            name = f"noise {len(noise)}"
            noise[name] = 1 + rng.choice([-1e-15, 1e-15], len(expected))
            return Binary("*", substituted_once(node, children), Variable(name))

        value = evaluate(shaken(found.expression), noise, found.constants)
        value = np.broadcast_to(value, expected.shape)
        both = np.isnan(value) & np.isnan(expected)
        with np.errstate(all="ignore"):
            change = np.abs(value - expected) / np.abs(expected)
        change[(value == expected) | both] = 0
        worst = np.maximum(worst, np.where(np.isnan(change), np.inf, change))
    return worst


def substituted_once(node, children):
    match node:
        case Negative(a):
            return Negative(children[a])
        case Call(name, a):
            return Call(name, children[a])
        case Power(a, by):
            return Power(children[a], by)
    return type(node)(node.operator, children[node.left], children[node.right])


def check(found, columns, computed, tolerance=1e-9, judged=True):
    """Compare where the value does not hang on the last digit of a part.

    Return the number of compared values.
    """
    expected = found.evaluate(columns)
    sure = (trembling(found, columns) < tolerance / 10) & judged
    text = found.to_text(None)
    assert np.isnan(computed[sure]).tolist() == np.isnan(expected[sure]).tolist(), text
    assert computed[sure] == pytest.approx(
        expected[sure], rel=tolerance, abs=0, nan_ok=True
    ), text
    return int(sure.sum())


def check_all(formulas, columns, values, tolerance):
    pairs = zip(formulas, values, strict=True)
    compared = sum(check(f, columns, v, tolerance) for f, v in pairs)
    assert compared > 0.7 * 12 * len(formulas)


def test_the_random_formulas_hold_every_kind_of_node(formulas, columns):
    nodes = [n for f in formulas for n in walk(f.expression)]
    assert {n.function for n in nodes if isinstance(n, Call)} == set(FUNCTIONS)
    assert {n.operator for n in nodes if isinstance(n, Binary)} == set("+-*/^")
    assert {n.operator for n in nodes if isinstance(n, Comparison)} == set(COMPARISONS)
    assert {n.exponent for n in nodes if isinstance(n, Power)} == set(EXPONENTS)
    values = np.concatenate([f.evaluate(columns) for f in formulas])
    assert 0.1 < np.isnan(values).mean() < 0.5


def test_numpy_source_computes_the_same_bits(tmp_path, formulas, columns):
    for i, found in enumerate(formulas):
        source = tmp_path / f"f{i}.py"
        source.write_text(to_code(found, "numpy"), "utf-8")
        function = runpy.run_path(str(source))["hardness"]
        value = function(*(columns[n] for n in found.names))
        expected = found.evaluate(columns)
        assert np.array_equal(np.broadcast_to(value, 12), expected, equal_nan=True)


HIDING = "tanh(x); 1 / x; x^0; exp(-x); 2^x; x^c2; atan(1 + x * 2); x < 3; 3 + x * 2"


@pytest.mark.parametrize("language", ["numpy", "c"])
def test_an_infinite_argument_is_undefined_everywhere(tmp_path, language):
    if language == "c" and COMPILER is None:
        pytest.skip("no C compiler")
    x = np.array([np.inf, -np.inf, np.nan, 2.0])
    for i, text in enumerate(HIDING.split(";")):
        found = formula(text)
        assert np.isnan(found.evaluate({"x": x})).tolist() == [True, True, True, False]
        code = to_code(found, language)
        if language == "numpy":
            (tmp_path / "f.py").write_text(code, "utf-8")
            value = runpy.run_path(str(tmp_path / "f.py"))["hardness"](x)
        else:
            library = tmp_path / f"f{i}.so"
            (tmp_path / "f.c").write_text(code, "utf-8")
            run(COMPILER, "-shared", "-fPIC", "f.c", "-lm", "-o", str(library),
                cwd=tmp_path)  # fmt: skip
            function = ctypes.CDLL(str(library)).hardness
            function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double]
            value = np.array([function(v) for v in x])
        assert np.isnan(value).tolist() == [True, True, True, False]


COMPILER = shutil.which("cc") or shutil.which("gcc")
OCTAVE = shutil.which("octave-cli") or shutil.which("octave")
JULIA = shutil.which("julia")
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def run(*command, cwd=None):
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},  # a decimal point everywhere
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def table(text):
    """Return the numbers of a printed table, one formula per line."""
    return [np.array([float(w) for w in line.split()]) for line in text.splitlines()]


def exactly(value):
    return repr(float(value))


@pytest.mark.skipif(COMPILER is None, reason="no C compiler")
def test_c_computes_the_same_without_a_warning(tmp_path, formulas, columns):
    text = "#include <stdio.h>\n"
    calls = ""
    for i, found in enumerate(formulas):
        text += to_code(found, "c", f"f{i}").replace("\ndouble f", "\nstatic double f")
        for row in range(12):
            given = ", ".join(exactly(columns[n][row]) for n in found.names)
            calls += f'    printf("%.17g ", f{i}({given}));\n'
        calls += '    printf("\\n");\n'
    source = tmp_path / "all.c"
    source.write_text(f"{text}int main(void)\n{{\n{calls}    return 0;\n}}\n", "utf-8")
    strict = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"]
    run(COMPILER, *strict, str(source), "-o", str(tmp_path / "all"), "-lm")
    values = table(run(str(tmp_path / "all")))
    check_all(formulas, columns, values, 1e-12)


@pytest.mark.skipif(OCTAVE is None, reason="no Octave")
def test_matlab_source_gives_real_arrays_of_the_same_values(
    tmp_path, formulas, columns
):
    driver = ""
    arrays = {n: f"[{' '.join(map(exactly, columns[n]))}]" for n in NAMES}
    for i, found in enumerate(formulas):
        (tmp_path / f"f{i}.m").write_text(to_code(found, "matlab", f"f{i}"), "utf-8")
        given = ", ".join(arrays[n] for n in found.names)
        driver += f"y = f{i}({given}) + zeros(1, 12);\nassert(isreal(y));\n"
        driver += 'printf("%.17g ", y); printf("\\n");\n'
    (tmp_path / "driver.m").write_text(driver, "utf-8")
    out = run(OCTAVE, "--norc", "--no-history", "driver.m", cwd=tmp_path)
    check_all(formulas, columns, table(out), 1e-11)


@pytest.mark.skipif(JULIA is None, reason="no Julia")
def test_julia_computes_the_same_and_never_stops(tmp_path, formulas, columns):
    text = ""
    for i, found in enumerate(formulas):
        text += to_code(found, "julia", f"f{i}")
        for row in range(12):
            given = ", ".join(exactly(columns[n][row]) for n in found.names)
            text += f'print(f{i}({given}), " ")\n'
        text += "println()\n"
    (tmp_path / "all.jl").write_text(text, "utf-8")
    out = run(JULIA, "--startup-file=no", str(tmp_path / "all.jl"))
    check_all(formulas, columns, table(out), 1e-12)


def compared(sign):
    def compare(a, b):
        return evaluate(Comparison(sign, X, Y), {"x": a, "y": b})

    return compare


X, Y = Variable("x"), Variable("y")
JULIA_GUARDS = {
    "power": raised,
    "nonzero": lambda x: np.where(np.equal(x, 0), np.nan, x),
    "one": lambda x: np.where(np.isnan(x), np.nan, 1.0),
    "root": lambda x, by: np.power(np.where(x >= 0, x, np.nan), by),
    "less": compared("<"),
    "less_equal": compared("<="),
    "greater": compared(">"),
    "greater_equal": compared(">="),
    **{f: FUNCTIONS[f] for f in "log log10 sqrt sin cos tan logistic".split()},
}
JULIA_BASE = {f: FUNCTIONS[f] for f in "exp abs cbrt atan tanh".split()}


def test_julias_expression_reads_as_the_formula(formulas, columns):
    """Read where Julia is not: its operators bind as Python's, with ^ for **."""
    for found in formulas:
        code = to_code(found, "julia")
        value = re.search(r"^    value = (.*)$", code, re.MULTILINE)[1]
        called = set(re.findall(r"([A-Za-z_]\w*)\(", value))
        own = {c for c in called if c.startswith("hardness_")}
        assert called - own <= set(JULIA_BASE)
        for name in own:
            assert len(re.findall(rf"^(?:function )?{name}\(", code, re.MULTILINE)) == 1
        assert code.count("function ") + code.count("\n    if ") == len(
            re.findall(r"^ *end$", code, re.MULTILINE)
        )
        given = re.search(r"^function hardness\((.*)\)$", code, re.MULTILINE)[1]
        given = zip(given.split(", "), map(columns.get, found.names), strict=False)
        guards = {f"hardness_{k}": f for k, f in JULIA_GUARDS.items()}
        numbers = re.sub(r"(?<![\w.])(\d[\d.]*(?:e[-+]?\d+)?)", r"float_(\1)", value)
        space = {**JULIA_BASE, **guards, **dict(given), "float_": np.float64}
        space["lambda_"] = columns["lambda"]
        python = re.sub(r"\blambda\b", "lambda_", numbers).replace("^", "**")
        with np.errstate(all="ignore"):
            got = eval(python, {"__builtins__": {}}, space)
        got = np.broadcast_to(np.where(np.isfinite(got), got, np.nan), 12)
        check(found, columns, got, 1e-12)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory, columns):
    """Return sheets that LibreOffice computed, all in one run."""
    if SOFFICE is None:
        pytest.skip("no LibreOffice (soffice)")
    folder = tmp_path_factory.mktemp("sheets")
    found = random_formulas(120, 9)
    rows = []
    for row in range(12):
        cells = dict(zip(NAMES, (f"{c}{row + 1}" for c in "ABCD"), strict=True))
        computed = [Computed(to_excel(f, placed(f, cells))) for f in found]
        rows.append([*(float(columns[n][row]) for n in NAMES), *computed])
    tree = Binary("*", parse("`lambda`^(1/3)"), Variable(HOSTILE))
    ready = formula(tree, {"lambda": (0.0, 8.0), HOSTILE: (1.0, 4.0)})
    data = {"lambda": [8.0, -8.0, np.nan, 9.0], HOSTILE: [3.0, 3.0, 3.0, 3.0]}
    books = {
        "random": workbook({"all": rows}),
        "data": to_workbook(ready, data),
        "middle": to_workbook(ready),
    }
    for name, content in books.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    run(
        SOFFICE,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
        # comma, quote, UTF-8, no formulas, every digit of a number
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false",
        "--outdir",
        str(folder),
        *(str(folder / f"{name}.xlsx") for name in books),
    )
    texts = {n: (folder / f"{n}.csv").read_text(encoding="utf-8") for n in books}
    return found, {n: list(csv.reader(t.splitlines())) for n, t in texts.items()}


def test_excels_cell_formula_in_libreoffice(sheets, columns):
    """A cell holds no infinity: where a part is infinite it may show an error."""
    found, shown = sheets
    compared = 0
    for i, f in enumerate(found):
        values = np.array([number(row[4 + i]) for row in shown["random"]])
        nodes = list(walk(f.expression))
        parts = [np.broadcast_to(evaluate(n, columns, f.constants), 12) for n in nodes]
        whole = np.isfinite(parts).all(axis=0) | np.isnan(f.evaluate(columns))
        small = np.any([too_small(n, f, columns) for n in nodes], axis=0)
        compared += check(f, columns, values, judged=whole & ~small)
        check(f, columns, values, judged=~np.isnan(values) & ~small)
    assert compared > 0.6 * 12 * len(found)


def test_a_workbook_computes_its_rows_and_says_where_it_was_fitted(sheets):
    head, *rows = sheets[1]["data"]
    assert head[0] == "lambda / GPa"
    assert "=1+1" in head[1]
    assert "_x000A_" in head[1]
    assert [row[3] for row in rows] == ["yes", "no", "#N/A", "no"]
    assert float(rows[0][2]) == pytest.approx(6)
    assert np.isnan([number(row[2]) for row in rows[1:3]]).all()
    (row,) = sheets[1]["middle"][1:]
    assert row[:2] == ["4", "2.5"]
    assert float(row[2]) == pytest.approx(2.5 * 4 ** (1 / 3))


def placed(found, cells):
    return {n: cells[n] for n in found.names}


def too_small(node, found, columns):
    """Where a cell has 0 for a number, or LibreOffice an error for a power of 0."""
    value = np.abs(evaluate(node, columns, found.constants))
    powered = isinstance(node, Power) or getattr(node, "operator", "") == "^"
    base = evaluate(node.children[0], columns, found.constants) if powered else 0.0
    return np.broadcast_to((value < 1e-290) & ((value != 0) | (base != 0)), 12)


def number(text):
    try:
        return float(text)
    except ValueError:
        return np.nan
