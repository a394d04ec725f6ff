"""The front: how the held-out error falls as longer formulas are allowed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from hecsr.formula.expression import complexity
from hecsr.report.equation import term
from hecsr.report.model import (
    Block,
    Bold,
    Column,
    Figure,
    Group,
    Heading,
    Inline,
    List,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, count, decimals_for, ends, fixed, spread
from hecsr.report.sections.overview import Wording, by_scheme
from hecsr.report.units import unit_head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hecsr.report.metrics import Metric
    from hecsr.report.view import View
    from hecsr.result import Competitor, FormulaResult

# From so many schemes on the points are shown under all of them.
_SEVERAL: Final = 2
_WORDS: Final = {"terms": "terms", "complexity": "operators"}


def blocks(view: View) -> list[Block]:
    """Return the section on the front; empty where no front was computed."""
    points = [c for c in view.result.competitors if c.kind == "front"]
    if not points:
        return []
    label = view.primary.label
    also = "".join(f" and {m.label}" for m in view.metrics()[1:2])
    limits = " or ".join(_WORDS[by] for by in view.limits)
    figure = Figure(
        stem="front",
        drawing="front",
        caption=rich(
            f"Held-out {label}{also} against the number of {limits} allowed, one point "
            "for each engine and limit; bars are one standard deviation over the "
            "folds. Filled points mark the limit of the formula chosen on all rows. "
            "Lines: the best black box (dashed) and the baseline (dotted).",
            _choosing(view),
        ),
        alt=f"Held-out {label} of each engine against the number of {limits}, with the "
        "best black box and the baseline as horizontal lines.",
    )
    return [
        Heading(1, "Complexity against error"),
        Paragraph(
            rich(
                "A point of the front (",
                Ref(figure.label),
                ", ",
                Ref("tab:front"),
                f") is the whole search limited to that number of {limits} and "
                "repeated in every fold; it is not the error of the formula beside it, "
                "which was found on all rows. The inner criterion was seen by the "
                "choice and is not an estimate for new rows. All formulas of the front "
                "are in ",
                Ref("tab:front-formulas"),
                ".",
            )
        ),
        figure,
        _table(view),
        *_under_all(view),
    ]


def _choosing(view: View) -> str:
    known = [f for f in view.result.formulas if f.inner_se is not None]
    if not known:
        return ""
    return (
        " Last panel: the engine's own criterion on the rows of its inner "
        "cross-validation; the band is one standard error above its least, and the "
        "simplest formula in or below it is chosen."
    )


def _of(view: View, engine: str, limit: int | None) -> FormulaResult | None:
    for one in view.result.formulas:
        if one.engine == engine and one.limit == limit:
            return one
    return None


def _engines(view: View) -> dict[str, str]:
    """Return the engines that have front points, with their printed names."""
    found = {}
    for point in view.result.competitors:
        if point.kind == "front":
            procedure = view.procedure(point.engine)
            label = procedure.label if procedure else point.engine
            found[point.engine] = f"{label}, by number of {_WORDS[point.limit_by]}"
    return found


def _under_all(view: View) -> list[Block]:
    """Show the points of the front under every scheme, and where no term was kept."""
    if len(view.result.schemes) < _SEVERAL:
        return _constant(view)
    lines: dict[str, list[tuple[str, Competitor]]] = {}
    for engine, label in _engines(view).items():
        own = [
            (count(c.limit or 0), c)
            for c in view.result.competitors
            if c.kind == "front" and c.engine == engine
        ]
        procedure = view.procedure(engine)
        if procedure is not None:
            own.append(("as chosen in each fold", procedure))
        lines[label] = own
    wording = Wording("the points of the front", first="Limit", leaders=False)
    tables = by_scheme(view, lines, "tab:front-schemes", wording)
    said = rich(
        Ref(tables[0].label),
        " has the points under every scheme. A size that does better here was seen to "
        "do so on the rows held out: to choose it now would be a choice on test rows, "
        "and its score no longer that of new rows.",
    )
    return [Paragraph(said), *tables, *_constant(view)]


def _constant(view: View) -> list[Block]:
    """Name the folds in which an engine kept no term, scheme by scheme."""
    items = []
    for scheme in view.result.schemes:
        said = [
            f"{label} kept no term in {count(len(folds))} of {count(of)} folds"
            + (f": {', '.join(folds)}" if all(folds) else "")
            for label, folds, of in _without_terms(view, scheme.name)
            if folds
        ]
        if said:
            items.append(rich(f"{scheme.label}: {'; '.join(said)}."))
    if not items:
        return []
    lead = rich(
        "Where the inner folds favour no term, the formula of a fold is a constant, "
        "and is scored as one:"
    )
    return [Paragraph(lead), List(tuple(items))]


def _without_terms(view: View, scheme: str) -> Iterator[tuple[str, list[str], int]]:
    """Yield each engine, what its folds without a term left out, and all its folds."""
    choices, scores = view.result.choices, view.result.scores
    if choices is None:
        return
    named = {}
    if "fold_label" in scores:
        own = scores[scores["scheme"] == scheme]
        keys = zip(own["repeat"], own["fold"], own["fold_label"], strict=True)
        named = {(r, f): str(label) for r, f, label in keys if isinstance(label, str)}
    chosen = choices[choices["scheme"] == scheme]
    for name, own in chosen.groupby("competitor", sort=False):
        empty = [
            row
            for row in own.to_dict("records")
            if isinstance(row["variables"], tuple) and not row["variables"]
        ]
        folds = [named.get((row["repeat"], row["fold"]), "") for row in empty]
        # numbered folds have no name
        folds = ["" if fold.isdigit() else fold for fold in folds]
        yield view.label(str(name)), folds, len(own)


def _table(view: View) -> Table:
    metrics = view.metrics()[:4]
    drawn = {key for scheme, _, key in view.bounds if scheme == view.main.name}
    rows: list[tuple[Rich, ...] | Group] = []
    for engine, label in _engines(view).items():
        rows.append(Group(label))
        for point in view.result.competitors:
            if point.kind != "front" or point.engine != engine:
                continue
            found = _of(view, engine, point.limit)
            limit = count(point.limit or 0)
            chosen = found is not None and found.chosen
            first: Inline | str = Bold(f"{limit} (chosen)") if chosen else limit
            cells = [rich(first)]
            for one in metrics:
                cells.append(rich(view.written(view.score(point.name, one.key), one)))
                if one.key in drawn:
                    cells.append(rich(_ends(view, point.name, one)))
            cells.append(rich(_inner(found)))
            share = None if found is None else found.chosen_in_folds
            cells.append(rich(fixed(None if share is None else 100 * share, 0)))
            rows.append(tuple(cells))
    heads = []
    for one in metrics:
        heads.append(Column(rich(one.head), unit_head(view.unit_of(one)), "right"))
        if one.key in drawn:
            heads.append(Column(rich("95 %"), align="right"))
    columns = (
        Column(rich("Limit"), stretch=1),
        *heads,
        Column(rich("Inner criterion ± s.e."), align="right"),
        Column(rich("Chosen"), rich("% of folds"), "right"),
    )
    caption = rich(
        f"The front: mean ± standard deviation over the folds ({view.main.label}); "
        "the engine's own criterion in its inner cross-validation (squared error; of "
        "classes the Brier score), used for choosing; and how often the procedure "
        "chose that limit.",
        " 95 %: bootstrap interval of all held-out rows together."
        if drawn & {m.key for m in metrics}
        else "",
    )
    return Table(columns, tuple(rows), caption, "tab:front", small=bool(drawn))


def _ends(view: View, name: str, one: Metric) -> str:
    found = view.bounds.get((view.main.name, name, one.key))
    if found is None:
        return NONE
    return ends(found.low, found.high, max(view.decimals(one) - 1, 0))


def _inner(found: FormulaResult | None) -> str:
    if found is None or found.inner_error is None:
        return "–"
    se = math.nan if found.inner_se is None else found.inner_se
    return spread(found.inner_error, se, decimals_for(found.inner_error))


def formulas_table(view: View) -> Table:
    """Return every formula of the front, as found on all rows."""
    rows: list[tuple[Rich, ...] | Group] = []
    for engine, label in _engines(view).items():
        own = [f for f in view.result.formulas if f.engine == engine]
        if own:
            rows.append(Group(label))
        for one in sorted(own, key=lambda f: f.limit):
            formula = one.formula
            # the logistic link is the same for all: its argument is shown
            shown = term(formula, formula.linear_predictor, 3)
            mark = " *" if one.chosen else ""
            rows.append(
                (
                    rich(f"{count(one.limit)}{mark}"),
                    rich(count(complexity(formula.linear_predictor))),
                    (shown,),
                )
            )
    columns = (
        Column(rich("Limit")),
        Column(rich("Operators"), align="right"),
        Column(rich("Formula on all rows"), stretch=1),
    )
    linked = "; of classifiers the argument of the logistic link is shown"
    linked = linked if view.classification else ""
    caption = rich(
        "The formulas of the front, found and fitted on all rows, coefficients to "
        f"three digits{linked}; an asterisk marks the chosen one. Full precision is in "
        "formulas.json."
    )
    return Table(
        columns, tuple(rows), caption, "tab:front-formulas", roomy=True, appendix=True
    )
