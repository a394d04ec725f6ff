"""Whether formula and black boxes rest on the same descriptors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.equation import term
from hecsr.report.figures.agreement import MOST
from hecsr.report.importances import METHODS, OF_GROUPS
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Group,
    Heading,
    Inline,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, count, fixed
from hecsr.report.sections import relatives

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.formula.formula import Formula
    from hecsr.importance.agreement import Agreement
    from hecsr.importance.term_agreement import TermAgreement
    from hecsr.report.view import View
    from hecsr.result import FormulaResult

_METHODS: Final = {
    "permutation": METHODS["permutation"],
    "permutation-group": "Groups",
    "drop": METHODS["drop"],
    "drop-family": OF_GROUPS["drop-family"],
    "shap": METHODS["shap"],
}
# From these rank correlations on we use these words.
_STRONG, _MODERATE, _WEAK = 0.7, 0.4, 0.2
# Figures are drawn of this many printed formulas.
_FORMULAS: Final = 2


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where it was not computed."""
    found = view.result.agreement
    if found is None or not (len(found.ranks) or len(found.dependence)):
        return []
    return [
        Heading(1, "Agreement of formulas and black boxes"),
        Paragraph(
            rich(
                "Two models with the same error may rest on different descriptors. "
                "Where formula and black boxes, which share no form, agree on what "
                "matters, the data speak; where they do not, the formula's choice is "
                "one of several."
            )
        ),
        *_ranks(view, found),
        *_terms(view, found),
        *_dependence(view, found),
    ]


def _ranks(view: View, found: Agreement) -> list[Block]:
    if not len(found.ranks):
        return []
    ranks = found.ranks
    methods = [m for m in _METHODS if (ranks["method"] == m).any()]
    table: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for row in ranks.to_dict("records"):
        pair = (str(row["first"]), str(row["second"]))
        table.setdefault(pair, {})[str(row["method"])] = {
            str(k): v for k, v in row.items()
        }
    mixed = [p for p in table if len({_is_formula(view, c) for c in p}) == 2]
    others = {
        "Among the formulas": [
            p for p in table if all(_is_formula(view, c) for c in p)
        ],
        "Among the black boxes": [
            p for p in table if not any(_is_formula(view, c) for c in p)
        ],
    }
    rows: list[tuple[Rich, ...] | Group] = []
    if mixed:
        rows.append(Group("Formula and black box"))
        rows += [_pair(view, pair, table[pair], methods) for pair in mixed]
    for words, pairs in others.items():
        if pairs:
            rows.append(Group(words))
            rows.append(_mean([table[p] for p in pairs], methods))
    head = next(m for m in methods)
    columns = (
        Column(rich("Models"), stretch=1),
        *(Column(rich(_METHODS[m]), align="center") for m in methods),
        Column(rich(f"Top {found.top}"), align="right"),
    )
    caption = rich(
        "Spearman's rank correlation of the importances, in brackets the middle 95 % "
        "over folds drawn anew (training rows of folds overlap: it tells how folds "
        "differ, no more). Groups: correlated descriptors shuffled together; family: "
        f"left out as a whole. Top {found.top}: how many of the leading descriptors, "
        f"by {_METHODS[head].lower()}, both share, of how many that both have. "
        "A formula gives zero to most descriptors, which bounds its correlation with "
        "a model that uses all. Kendall's τ is in validation/agreement.csv."
    )
    label = "tab:agreement"
    words = _in_words(view, table, mixed, head)
    graded = (
        f" has all pairs. Called strong from {_STRONG:g} on, moderate from "
        f"{_MODERATE:g}, weak from {_WEAK:g}; by {_METHODS[head].lower()}."
    )
    return [
        Heading(2, "The same descriptors"),
        Paragraph(rich(words, Ref(label), graded)),
        Table(columns, tuple(rows), caption, label, small=True),
    ]


def _is_formula(view: View, name: str) -> bool:
    return name in view.competitors and view.competitors[name].kind == "formula"


def _pair(
    view: View,
    pair: tuple[str, str],
    by_method: dict[str, dict[str, Any]],
    methods: list[str],
) -> tuple[Rich, ...]:
    cells = [rich(f"{view.label(pair[0])}, {view.label(pair[1])}")]
    for method in methods:
        row = by_method.get(method)
        cells.append(rich(NONE if row is None else _bounded(row)))
    row = by_method.get(methods[0])
    top = NONE if row is None else f"{count(row['shared'])} of {count(row['of'])}"
    return (*cells, rich(top))


def _bounded(row: dict[str, Any]) -> str:
    text = fixed(row["spearman"], 2)
    if not math.isfinite(row["spearman_low"]):
        return text
    return f"{text} [{fixed(row['spearman_low'], 2)}, {fixed(row['spearman_high'], 2)}]"


def _mean(
    pairs: list[dict[str, dict[str, Any]]], methods: list[str]
) -> tuple[Rich, ...]:
    many = f"mean of {count(len(pairs))} pairs" if len(pairs) > 1 else "one pair"
    cells = [rich(many)]
    for method in methods:
        values = [p[method]["spearman"] for p in pairs if method in p]
        known = [v for v in values if math.isfinite(v)]
        cells.append(rich(fixed(sum(known) / len(known) if known else math.nan, 2)))
    return (*cells, rich(NONE))


def _in_words(
    view: View,
    table: dict[tuple[str, str], dict[str, dict[str, Any]]],
    mixed: list[tuple[str, str]],
    method: str,
) -> str:
    """Say of each formula which of the black boxes it is most and least like."""
    sentences = []
    formulas = dict.fromkeys(c for p in mixed for c in p if _is_formula(view, c))
    for name in formulas:
        near = [
            (table[p][method]["spearman"], p[0] if p[1] == name else p[1])
            for p in mixed
            if name in p and method in table[p]
        ]
        near = sorted((v for v in near if math.isfinite(v[0])), key=lambda v: -v[0])
        if not near:
            continue
        high, low = near[0], near[-1]
        text = f"{view.label(name)}: {_word(high[0])} agreement with "
        text += f"{view.label(high[1]).lower()} (ρ = {fixed(high[0], 2)})"
        if len(near) > 1:
            text += f", {_word(low[0])} with {view.label(low[1]).lower()} "
            text += f"({fixed(low[0], 2)})"
        sentences.append(text + ". ")
    return "".join(sentences)


def _word(rho: float) -> str:
    """Grade a rank correlation; the report says from where on."""
    for least, word in ((_STRONG, "strong"), (_MODERATE, "moderate"), (_WEAK, "weak")):
        if rho >= least:
            return word
    return "no" if rho > -_WEAK else "opposite"


def _figured(view: View, engines: set[str]) -> list[FormulaResult]:
    """Return the formulas that figures are drawn of, the better procedures first."""
    return [f for f in view.chosen if f.engine in engines][:_FORMULAS]


def _terms(view: View, found: Agreement) -> list[Block]:
    terms = [t for t in found.terms if len(t.rows)]
    if not terms:
        return []
    box = view.label(found.box).lower()
    scale = (
        "its scale is the logarithm of the odds, that of SHAP the probability"
        if view.classification
        else "on the dashed line both are equal"
    )
    blocks: list[Block] = [
        Heading(2, "The same contributions"),
        Paragraph(
            rich(
                "What a term of the printed formula adds to a sample is set against "
                f"what the {box} makes of the same descriptors: the sum of their SHAP "
                "values, each from the fold that held the sample out."
            )
        ),
    ]
    blocks += [
        Figure(
            stem=f"agreement-{f.engine}",
            drawing="agreement",
            subject=f.engine,
            caption=rich(
                f"{f.label}: contribution of each term, relative to its mean, and sum "
                f"of the SHAP values of its descriptors in the {box}, one dot a "
                f"held-out sample and repeat{_thinned(terms, f.engine)}; {scale}."
            ),
            alt=f"{f.label}: scatter of the term contributions of the formula against "
            "SHAP values, one panel a term.",
            width=_width(sum(t.engine == f.engine for t in terms)),
        )
        for f in _figured(view, {t.engine for t in terms})
    ]
    rows = tuple(_term(view, t) for t in found.terms)
    columns = (
        Column(rich("Formula")),
        Column(rich("Term"), stretch=1),
        Column(rich("r"), align="right"),
        Column(rich("ρ"), align="right"),
        Column(rich("Dots"), align="right"),
        Column(rich("In other terms too")),
        Column(rich("Correlated, outside the term"), rich("r"), stretch=0.8),
    )
    caption = rich(
        f"Correlation (Pearson r, Spearman ρ) of term contribution and SHAP of the "
        f"{box}. SHAP values of descriptors that stand in several terms count for "
        "each of them; folds whose filter removed a descriptor of the term are left "
        "out. Correlated: descriptors that are not of the term and have |r| above "
        f"{found.threshold:g} with one that is, the strongest first; the {box} may "
        "rest on them in its place, and what it then owes to the term is missing in "
        "the sum."
    )
    label = "tab:term-agreement"
    return [*blocks, Table(columns, rows, caption, label, small=True, roomy=True)]


def _thinned(terms: list[TermAgreement], engine: str) -> str:
    if not any(len(t.rows) > MOST for t in terms if t.engine == engine):
        return ""
    return f", at most {MOST} a panel, evenly spaced by contribution"


def _width(panels: int) -> Any:
    return 85 if panels == 1 else 175


def _term(view: View, one: TermAgreement) -> tuple[Rich, ...]:
    result = _printed(view, one.engine)
    shown: list[str | Inline] = []
    for i, name in enumerate(one.shared):
        shown += [", " if i else "", view.symbol(name)]
    procedure = view.procedure(one.engine)
    return (
        rich(one.engine if procedure is None else procedure.label),
        (term(result, one.expression),),
        rich(fixed(one.pearson, 2)),
        rich(fixed(one.spearman, 2)),
        rich(count(len(one.rows))),
        rich(*shown) if shown else rich(NONE),
        relatives.outside(view, one.names),
    )


def _printed(view: View, engine: str) -> Formula:
    return next(
        f.formula for f in view.result.formulas if f.engine == engine and f.chosen
    )


def _dependence(view: View, found: Agreement) -> list[Block]:
    own = found.dependence
    if not len(own):
        return []
    has_box = bool(own["box"].notna().any())
    box = view.label(found.box).lower()
    text = (
        "The mean prediction over all samples, one descriptor set to each value in "
        "turn: the printed formula and "
        + (f"the {box}, both fitted to all rows. " if has_box else "its own band. ")
        + "Where they part inside the dense part of the marks, the data do not settle "
        "the form; where marks are sparse, both extrapolate. "
    )
    figured = _figured(view, {str(e) for e in own["engine"]})
    shown = own[own["engine"].isin([f.engine for f in figured])]
    blocks: list[Block] = [
        Heading(2, "The same curves"),
        Paragraph(rich(text, *_correlated(view, found, shown))),
    ]
    for f in figured:
        names = own.loc[own["engine"] == f.engine, "name"].nunique()
        blocks.append(
            Figure(
                stem=f"dependence-{f.engine}",
                drawing="dependence",
                subject=f.engine,
                caption=_curves_caption(view, found, f, own, box, has_box=has_box),
                alt=f"{f.label}: curves of the mean prediction against each "
                "descriptor of the formula, for formula and black box, with the "
                "samples marked below.",
                width=_width(names),
            )
        )
    return blocks


def _curves_caption(
    view: View,
    found: Agreement,
    f: FormulaResult,
    own: pd.DataFrame,
    box: str,
    *,
    has_box: bool,
) -> Rich:
    names = [str(n) for n in own.loc[own["engine"] == f.engine, "name"].unique()]
    what = "probability" if view.classification else "prediction"
    of_box = (
        f"{box} (dashed; shaded: the middle 80 % of the single samples' curves, moved "
        "to the same mean), "
        if has_box
        else ""
    )
    local = (
        " Dash-dotted, where a descriptor is correlated with another: accumulated "
        f"local effect in the {box}."
        if has_box and any(found.relatives(n) for n in names)
        else ""
    )
    return rich(
        f"{f.label}: mean {what} along each of its descriptors: {of_box}formula "
        f"averaged over the same samples (solid), and with all other descriptors at "
        f"their medians (dotted). Marks below: the samples.{local}"
    )


def _correlated(view: View, found: Agreement, own: pd.DataFrame) -> list[str | Inline]:
    """Warn of descriptors whose curve makes up samples that no data resemble."""
    shown: list[str | Inline] = []
    said: set[frozenset[str]] = set()
    for name in dict.fromkeys(str(n) for n in own["name"]):
        for other, r in found.relatives(name)[:1]:
            if {name, other} in said:
                continue
            said.add(frozenset({name, other}))
            shown += ["; " if shown else "", view.symbol(name), " with "]
            shown += [view.symbol(other), f" (r = {fixed(r, 2)})"]
    if not shown:
        return []
    end = (
        ": their curves make up samples that no data resemble, and the accumulated "
        "local effect, which does not, is the one to read."
    )
    return ["Correlated are ", *shown, end]
