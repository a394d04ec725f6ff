"""The paragraph says which model to trust, where and how far, as the figures do."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from compared import comparison_of, dealt, held, line_up

from hecsr.result import Scheme
from hecsr.study.trust import trust
from hecsr.validation.power_law import Outlook
from hecsr.validation.recurrence import BOOTSTRAPS
from hecsr.validation.significance import significance

MAIN = Scheme("main", "Random 5-fold", "", 5)
HARD = Scheme("hard", "Leave one element out", "", 5)


def compared(hard=None, **noise):
    random = np.random.default_rng(1)
    y = random.normal(size=80)
    frames = []
    for scheme, scale in (("main", 1.0), *((("hard", hard),) if hard else ())):
        said = {k: y + scale * s * random.normal(size=80) for k, s in noise.items()}
        if scheme == "main":
            said["m"] = np.zeros(80)
        folds = dealt(80, 5, 4 if scheme == "main" else 1)
        frames += [held(n, y, p, folds, scheme) for n, p in said.items()]
    names = [*noise, "m"]
    return comparison_of(pd.concat(frames), line_up(*names), named=("hard",))


def place(shown="not shown", ratio=1.0):
    lines = [
        {
            "scheme": "main", "competitor": "f", "by": by, "shown": shown,
            "ratio": ratio, "ratio_low": ratio - 0.2, "ratio_high": ratio + 0.2,
        }
        for by in ("ranges", "hull", "distance")
    ]  # fmt: skip
    return SimpleNamespace(summary=pd.DataFrame(lines))


def long(p=1 / 51, count=80, verdict="helps", size=12):
    tests = pd.DataFrame([{"engine": "f", "scrambles": 50, "p": p}])
    formulas = pd.DataFrame(
        [
            {"engine": "f", "over": BOOTSTRAPS, "printed": True, "count": count},
            {"engine": "f", "over": BOOTSTRAPS, "printed": False, "count": 20},
            {"engine": "f", "over": "main", "printed": True, "count": 5},
        ]
    )
    outlook = Outlook(1.0, 1.0, 0.5, 64, 2.0, 1.8, 0.9, 0.7, 0.95, verdict)
    return SimpleNamespace(
        chance=SimpleNamespace(tests=tests),
        stability=SimpleNamespace(formulas=formulas, bootstraps=100),
        rashomon=(SimpleNamespace(engine="f", size=size, full=(2,)),),
        learning=SimpleNamespace(outlooks={"f": outlook}),
    )


def said(comparison, domain=None, more=None, schemes=(MAIN,)):
    found = significance(comparison, "mae", draws=200)
    return trust(comparison, found, (), schemes, domain or place(), more, "GPa")


def test_a_formula_level_with_the_black_box_is_trusted():
    text = said(compared(f=0.3, b=0.3))
    assert "not shown to differ from the best black box, B" in text or (
        "not shown to differ from the best black box, b" in text
    )
    assert "trust the formula" in text


def test_a_better_black_box_is_named_for_the_numbers():
    text = said(compared(f=0.6, b=0.1))
    assert "predicts better: take it for numbers" in text


def test_a_formula_no_better_than_the_mean_is_not_trusted():
    text = said(compared(f=4.0, b=0.1))
    assert "trust no formula of these descriptors" in text


@pytest.mark.parametrize(
    ("rule", "words"),
    [(0.01, "simpler: prefer it"), (0.29, "it will do"), (3.0, "It is better than")],
)
def test_a_rule_is_preferred_where_it_is_as_good(rule, words):
    assert words in said(compared(f=0.3, r=rule))


def test_a_short_run_says_nothing_of_chance_or_bootstraps():
    text = said(compared(f=0.3, b=0.3))
    assert "Chance" not in text
    assert "bootstraps" not in text


@pytest.mark.parametrize(
    ("p", "words"),
    [(1 / 51, "Chance does not explain it"), (0.4, "do not use it")],
)
def test_chance_is_told_by_its_p_value(p, words):
    assert words in said(compared(f=0.3), more=long(p=p))


@pytest.mark.parametrize(
    ("count", "words"),
    [(80, "its form may be read"), (12, "one of many, not as a law")],
)
def test_a_form_that_seldom_comes_back_is_one_of_many(count, words):
    text = said(compared(f=0.3), more=long(count=count))
    assert f"came back in {count} of 100 bootstraps, and at least 12 formulas" in text
    assert words in text


def test_the_domain_is_told_with_its_ratio_or_as_of_no_use():
    larger = said(compared(f=0.3), place("larger", 1.6))
    assert "its error is 1.6 times as large (1.4 to 1.8)" in larger
    assert "does not tell good predictions from bad" in said(compared(f=0.3))
    assert "domain" not in said(compared(f=0.3), place("too few"))


def test_a_harder_scheme_is_told_of_where_the_formula_does_worse():
    worse = said(compared(hard=5.0, f=0.3, b=0.3), schemes=(MAIN, HARD))
    assert "Under 'leave one element out' the formula has MAE" in worse
    same = said(compared(hard=1.0, f=0.3, b=0.3), schemes=(MAIN, HARD))
    assert "leave one element out" not in same


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("helps", "lower its error by 5% to 30%"),
        ("little", "better descriptors would help more"),
        ("cannot tell", "cannot be told from the learning curve"),
    ],
)
def test_more_rows_are_asked_for_where_they_would_help(verdict, words):
    assert words in said(compared(f=0.3), more=long(verdict=verdict))
