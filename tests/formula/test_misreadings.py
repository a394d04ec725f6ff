import time

import pytest

from hecsr.errors import FormulaError
from hecsr.formula.expression import Variable, complexity, variables
from hecsr.formula.grammar import MAX_DEPTH, MAX_LENGTH, parse


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("x ** 2", "written with \\^"),
        ("x²", "written with \\^"),
        ("2^-x", "brackets: 2\\^\\(-x\\)"),
        ("√(x)", "sqrt"),
        ("x y", "written with \\*"),
        ("2 x", "written with \\*"),
        ("2(x + 1)", "written with \\*"),
        ("(x > 1)(y < 2)", "written with \\*"),
        ("2,5 * x", "point"),
        ("log(x, 10)", "one value"),
        ("x – 1", "dash"),
        ("x ÷ 2", "/"),
        ("x & y", "both"),
        ("(x > 1) and (y > 2)", "both"),
        ("(x > 1) or (y > 2)", "either"),
        ("!(x > 1)", "contrary"),
        ("1 < x < 2", "asks for both"),
        ("y = x", "right-hand side"),
        ("x == 1", "right-hand side"),
        ("x != 1", "compare"),
        ("x => 1", ">="),
        ("x %", "`x %`"),
        ("'x 1'", "backticks"),
        ("x.a", "backticks: `x.1`"),
        ("[x]", "round brackets"),
        ("x^2^3", "comes first"),
        ("exp x", "needs brackets"),
        ("arctan(x)", "'atan'"),
        ("sigmoid(x)", "'logistic'"),
        ("pow(x, 2)", "written with \\^"),
        ("x(y + 1)", "x \\* \\(\\.\\.\\.\\)"),
        ("`x", "second backtick"),
        ("``", "empty"),
        ("", "empty"),
        ("x\u200b", "ZERO WIDTH SPACE"),
    ],
)
def test_a_usual_slip_is_named(typed, hint):
    with pytest.raises(FormulaError, match=hint):
        parse(typed)


@pytest.mark.parametrize(
    "hostile",
    [
        "__import__('os').system('x')",
        "eval(x)",
        "exec(`x`)",
        "x.__class__",
        "x.__class__.__mro__[1].__subclasses__()",
        "().__class__",
        "lambda: x",
        "lambda x: x",
        "[x]",
        "[x for x in y]",
        "{x: y}",
        "x if y else z",
        "open(`f`)",
        "getattr(x, y)",
        "Symbol(`x`)",
        "Integral(x, x)",
        "Function(x)",
        "N(x)",
        "S(1)",
        "Q(x)",
        "beta(x)",
        "x; y",
        "x := 2",
        "x == y",
        "f'{x}'",
        "f`x`",
        "`x`y",
        "`x``y`",
        "`x`.`y`",
        "`a\\q`",
        "`a\\",
        "`\\u{110000}`",
        "`\\u{}`",
        "`a\u202eb`",
        "`a\x00b`",
        "`\ud800`",
        "x ** 2",
        "1e999",
        "-1e999",
        "1e-999",
        "9" * 400,
        "x^(1/0)",
        "x^99999",
        "x^(99999)",
        "x^(1e999)",
        "x^" + "9" * 400,
        "2^2^2^2",
        "x^",
        "x^-",
        "x^()",
        "x^(1/",
        "0x10",
        "1_000",
        "1j",
        "1..2",
        "٣",
        "１",
        "exp",
        "exp()",
        "exp(x, y)",
        "exp(exp)",
        "(x",
        "x)",
        "()",
        "x y",
        "`x",
        "``",
        "",
        " \n ",
        "+",
        "<",
        "x <",
        "x < y < z",
        "x <= > y",
        "(" * 500 + "x" + ")" * 500,
        "-" * 500 + "x",
        "x" + "^(x" * 500 + ")" * 500,
        "exp(" * 500 + "x" + ")" * 500,
        "+".join(["x"] * 400),
        "/".join(["x"] * 600),
        "x" * (MAX_LENGTH + 1),
        "\x00",
        "x\x00",
        "x\x1c",
        "x\x0b+ y",
        "x\u3000+ y",
        "𝑥",
        "x\u0301",
        "ﬁ",
        "%s",
        "{0.__class__}",
        "${x}",
        "<script>",
        "\\input{x}",
        "=1+1",
        "@SUM(1)",
        None,
        b"x",
        7,
    ],
)
def test_hostile_or_broken_text_is_refused(hostile):
    with pytest.raises(FormulaError):
        parse(hostile)


def test_words_of_other_languages_are_but_variables():
    tree = parse("lambda * __class__ + nan - inf / eval + E * I + `os.system('x')`")
    expected = ("lambda", "__class__", "nan", "inf", "eval", "E", "I", "os.system('x')")
    assert variables(tree) == expected
    assert complexity(tree) == 7


@pytest.mark.parametrize(
    "long",
    [
        "(" * 99_999,
        "-" * 99_999,
        "`" * 99_999,
        "`" + "a" * 99_990,
        "`" + "\\\\" * 49_000,
        "`" + "\\u{1}" * 19_000,
        "1" * 99_999,
        "0." + "0" * 99_000 + "1",
        "1." * 49_000,
        "x^(" + "1" * 99_000,
        "x^(" + " " * 99_000,
        "x^" + " " * 99_000 + "(",
        "x^" * 49_000,
        " " * 99_999,
        "x " * 49_000,
        "x+" * 49_000,
        "x<" * 49_000,
        "exp(" * 24_000,
    ],
)
def test_a_long_text_is_refused_at_once(long):
    start = time.perf_counter()
    with pytest.raises(FormulaError) as caught:
        parse(long)
    assert time.perf_counter() - start < 1.0
    assert len(str(caught.value)) < 500


def test_a_full_stack_is_an_error_of_the_formula():
    nested = "(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH
    assert parse(nested) == Variable("x")

    def deep(levels):
        return parse(nested) if levels == 0 else deep(levels - 1)

    refused = 0
    for levels in range(0, 1000, 50):
        try:
            assert deep(levels) == Variable("x")
        except FormulaError as error:
            refused += "from here" in str(error)
        except RecursionError:
            break
    assert refused
