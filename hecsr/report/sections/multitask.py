"""Terms shared with further families and properties, and whether these help."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.equation import in_symbols
from hecsr.report.model import (
    Block,
    Bold,
    Column,
    Group,
    Heading,
    Link,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, count, fixed, significant
from hecsr.report.sections.coefficients import coefficient_columns, coefficient_rows
from hecsr.report.units import unit_head
from hecsr.report.view import View, in_unit
from hecsr.sentences import all_of
from hecsr.validation.significance import LEVEL, NOT_SHOWN

if TYPE_CHECKING:
    from hecsr.result import MultiTaskResult, Scheme, SharedTask

_SHARED: Final = Link("Ouyang et al. 2019", "https://doi.org/10.1088/2515-7639/ab077b")
_SECTION: Final = "sec:multitask"
_TASKS: Final = "tab:multitask-tasks"
_COEFFICIENTS: Final = "tab:multitask-coefficients"
_SCORES: Final = "tab:multitask"
_ROLES: Final = {
    "own": "held out and scored",
    "searched": "searched for",
    "lends": "lends only",
    "silent": "one class: no say",
}


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where no terms were shared."""
    found = view.result.multitask
    if found is None:
        return []
    inner = _inner(view, found)
    return [
        Heading(1, "With companions", _SECTION),
        Paragraph(_method(found)),
        Paragraph(_verdict(inner, found)),
        _scores(inner, found),
        Paragraph(_roles(found)),
        _tasks(found),
        *_formulas(found),
    ]


def _method(found: MultiTaskResult) -> Rich:
    own, *others = found.tasks
    named = all_of([t.label for t in others])
    schemes = all_of([_quoted(s) for s in found.schemes])
    same = (
        " Alone, it is the SISSO of the comparison."
        if found.as_compared
        else " Alone, its settings and descriptors are the same as with companions; in "
        "the comparison SISSO has its own."
    )
    lacking = (
        f" {all_of(list(found.lacking))}, which some companion lacks, "
        f"{'is' if len(found.lacking) == 1 else 'are'} left out of both."
        if found.lacking
        else ""
    )
    return rich(
        f"One set of terms is searched for {own.label} together with {named}, with "
        "coefficients of its own for each (multi-task SISSO, ",
        _SHARED,
        f"). Only rows of {own.label} are held out, in the same folds as above "
        f"({schemes}); the companions are trained on, but for "
        f"{_fewest_to_most(found)} of their {count(sum(t.rows for t in others))} rows "
        "in each fold, which have the set of metals of a row held out. What a scheme "
        "leaves out is left out of the analysis' rows: companions may still hold it. "
        "Both searches see the descriptors that all tasks have and that the "
        f"redundancy filter keeps on the training rows of {own.label}.{same}{lacking}",
    )


def _fewest_to_most(found: MultiTaskResult) -> str:
    rows = found.left_out["rows"]
    low, high = int(rows.min()), int(rows.max())
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def _verdict(inner: View, found: MultiTaskResult) -> Rich:
    """Say plainly whether companions helped, scheme by scheme."""
    return rich(
        *(
            rich(" " if i else "", _said(inner, found, scheme))
            for i, scheme in enumerate(found.schemes)
        )
    )


def in_short(view: View) -> Rich:
    """Return one sentence for the first page; nothing where no terms were shared."""
    found = view.result.multitask
    if found is None:
        return ()
    inner = _inner(view, found)
    parts = []
    for scheme in found.schemes:
        scores = _both_scores(inner, found, scheme)
        parts.append(rich(f"{_quoted(scheme)}, {_word(found, scheme)}", scores))
    named = all_of([t.label for t in found.tasks[1:]])
    joined = rich(*(rich("; " if i else "", part) for i, part in enumerate(parts)))
    return rich(
        Bold("Companions. "),
        f"Terms shared with {named}: ",
        joined,
        ". See ",
        Ref(_SECTION),
        ".",
    )


def _inner(view: View, found: MultiTaskResult) -> View:
    """Return a view whose look-ups of scores are those of these two alone."""
    return View(
        replace(view.result, scores=found.scores, competitors=found.competitors)
    )


def _said(inner: View, found: MultiTaskResult, scheme: Scheme) -> Rich:
    return rich(
        Bold(f"{scheme.label}: companions {_word(found, scheme)}"),
        _both_scores(inner, found, scheme),
        ".",
    )


def _word(found: MultiTaskResult, scheme: Scheme) -> str:
    line = _line(found, scheme)
    if line is None or not math.isfinite(line["p"]):
        return "could not be tested for a difference"
    if line["word"] == NOT_SHOWN:
        return "are not shown to help or to harm"
    return "helped" if line["word"] == "better" else "did harm"


def _both_scores(inner: View, found: MultiTaskResult, scheme: Scheme) -> Rich:
    one = inner.primary
    scores = [
        inner.written(inner.score(c.name, scheme=scheme.name), one)
        for c in found.competitors
    ]
    return rich(
        f" ({one.label} {scores[0]} alone, {scores[1]} with them",
        in_unit(inner.unit_of(one)),
        ")",
    )


def _line(found: MultiTaskResult, scheme: Scheme) -> dict[str, Any] | None:
    own = found.significance.pairs
    if not (own["scheme"] == scheme.name).any():
        return None
    alone, companions = (c.name for c in found.competitors)
    return found.significance.between(companions, alone, scheme.name)


def _scores(inner: View, found: MultiTaskResult) -> Table:
    one = inner.primary
    decimals, unit = inner.decimals(one), unit_head(inner.unit_of(one))
    rows = []
    for scheme in found.schemes:
        alone, companions = (
            rich(inner.written(inner.score(c.name, scheme=scheme.name), one))
            for c in found.competitors
        )
        gap, p, ends, n = _difference(_line(found, scheme), decimals)
        rows.append(
            (rich(scheme.label), alone, companions, *map(rich, (gap, p, ends, n)))
        )
    columns = (
        Column(rich("Held out"), stretch=1),
        Column(rich("Alone"), unit, "right"),
        Column(rich("With companions"), unit, "right"),
        Column(rich("Difference"), unit, "right"),
        Column(rich("p"), align="right"),
        Column(rich("95 % interval"), unit, "right"),
        Column(rich("n"), align="right"),
    )
    more = "more is better" if one.more_is_better else "less is better"
    caption = rich(
        f"Held-out {one.label} ({more}) alone and with companions, mean ± standard "
        "deviation over the folds. Difference: with companions less alone, mean over "
        "the folds ± corrected standard error, with p of the corrected resampled "
        "t-test; where kinds of rows are left out, that of all held-out rows together "
        f"with p by bootstrap. A difference is shown where p is below {LEVEL:g}. "
        "Interval: bootstrap over the groups of all held-out rows. n: rows."
    )
    return Table(columns, tuple(rows), caption, _SCORES, small=True)


def _difference(
    line: dict[str, Any] | None, decimals: int
) -> tuple[str, str, str, str]:
    if line is None:
        return (NONE,) * 4
    gap, error = line["difference"], ""
    if line["test"] == "bootstrap":
        gap = line["pooled"]
    elif math.isfinite(line["se"]):
        error = f" ± {fixed(line['se'], decimals)}"
    low, high = (_signed(line[end], decimals) for end in ("low", "high"))
    p = line["p"]
    return (
        f"{_signed(gap, decimals)}{error}",
        "< 0.001" if p < 0.001 else fixed(p, 3),
        f"{low} to {high}" if math.isfinite(line["low"]) else NONE,
        count(line["rows"]),
    )


def _signed(value: float, decimals: int) -> str:
    text = fixed(value, decimals)
    # what is printed as nothing has no sign
    return f"+{text}" if value > 0 and text.strip("0.") else text


def _roles(found: MultiTaskResult) -> Rich:
    """Name the companions by what part they take, and what is not scored."""
    own, *others = found.tasks
    by = {role: [t.label for t in others if t.role == role] for role in _ROLES}
    said = [
        f"Not scored by themselves: {all_of([t.label for t in others])}. The scores "
        f"are those of rows of {own.label}."
    ]
    if by["searched"]:
        said.append(f"Terms are screened for {all_of(by['searched'])} too.")
    said += [
        f"Of {label} there are fewer than {found.min_per_class} groups of a class: it "
        "lends only, with a say in which of the screened terms are the best."
        for label in by["lends"]
    ]
    said += [
        f"Of {label} there is one class: it says nothing of the terms, and its formula "
        "is its share alone."
        for label in by["silent"]
    ]
    return rich(*(f"{' ' if i else ''}{text}" for i, text in enumerate(said)))


def _tasks(found: MultiTaskResult) -> Table:
    columns = (
        Column(rich("Task")),
        Column(rich("Table")),
        Column(rich("Explained"), stretch=1),
        Column(rich("Rows"), align="right"),
        Column(rich("Weight"), align="right"),
        Column(rich("Part")),
        Column(rich("Set aside"), stretch=1),
    )
    rows = tuple(
        (
            rich(t.label),
            rich(t.table),
            _explained(t),
            rich(count(t.rows)),
            rich(significant(t.weight, 2)),
            rich(_ROLES[t.role]),
            rich(_set_aside(t)),
        )
        for t in found.tasks
    )
    caption = rich(
        "Tasks that share their terms. Weight: of a row, beside one of the analysis. "
        "Set aside: companion rows that lack data or of which a descriptor is "
        "undefined; nothing is filled in."
    )
    return Table(columns, rows, caption, _TASKS, small=True)


def _explained(task: SharedTask) -> Rich:
    label = task.target.label or task.target.name
    if task.second is None:
        unit = in_unit(task.target.unit)
        return rich(label, f",{unit}" if unit else "")
    zero, one = count(task.rows - task.second), count(task.second)
    return rich(f"{label}: {one} of class 1, {zero} of class 0")


def _set_aside(task: SharedTask) -> str:
    said = [
        f"{count(s.rows)}: {s.reason}{f' ({s.detail})' if s.detail else ''}"
        for s in task.set_aside
    ]
    return "; ".join(said) or NONE


def _formulas(found: MultiTaskResult) -> list[Block]:
    own = found.tasks[0]
    formula = own.formula
    if not formula.variables:
        text = "On all rows no shared term was chosen: each task has its mean alone."
        return [Paragraph(rich(text))]
    links = " (the argument of its link)" if own.kind == "classification" else ""
    lead = rich(
        f"On all rows the shared terms are those of the formula of {own.label}{links}, "
        "here with its coefficients by name; ",
        Ref(_COEFFICIENTS),
        " gives them for each task. A task on whose rows a term does not vary has no "
        "coefficient for it.",
    )
    return [Paragraph(lead), in_symbols(formula), _coefficients(found)]


def _coefficients(found: MultiTaskResult) -> Table:
    rows: list[tuple[Rich, ...] | Group] = []
    for task in found.tasks:
        formula = task.formula
        rows.append(Group(f"{task.label}, {count(formula.n_samples)} rows"))
        rows += coefficient_rows(formula)
    caption = rich(
        "Coefficients of the shared terms for each task, fitted to all its rows. The "
        "standard errors take the form as given; they say nothing of how surely the "
        "search finds it."
    )
    return Table(coefficient_columns(), tuple(rows), caption, _COEFFICIENTS, roomy=True)


def _quoted(scheme: Scheme) -> str:
    return scheme.label[:1].lower() + scheme.label[1:]
