"""Which differences between competitors are shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.figures.ranks import listed, runs
from hecsr.report.model import (
    Block,
    Bold,
    Column,
    Figure,
    Group,
    Heading,
    Italic,
    Link,
    List,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, count, fixed
from hecsr.report.units import unit_head
from hecsr.report.view import KINDS, View
from hecsr.sentences import all_of
from hecsr.validation.significance import LEVEL, NOT_SHOWN, Word

if TYPE_CHECKING:
    import pandas as pd

    from hecsr.result import Scheme
    from hecsr.validation.significance import Significance

    Line = dict[str, Any]
    Told = list[tuple[Scheme, list[Line]]]

_TEST: Final = Link("Nadeau and Bengio 2003", "https://doi.org/10.1023/A:1024068626366")
# More names than these are counted, not listed: they stand in the table.
_FEW: Final = 6


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where it was not computed."""
    found = view.result.significance
    if found is None or not found.reference or found.rivals.empty:
        return []
    schemes = {s.name: s for s in view.result.schemes}
    own = {str(n): part for n, part in found.rivals.groupby("scheme", sort=False)}
    # of a score that is no mean over rows there is no bootstrap, and so no p
    told: Told = [
        (schemes[n], _lines(part)) for n, part in own.items() if part["p"].notna().any()
    ]
    if not told:
        return []
    shown: list[Block] = [
        Heading(2, "Which differences are shown"),
        Paragraph(_method(view, found, told)),
        List(tuple(_words(view, found, s, lines) for s, lines in told)),
    ]
    main = [lines for scheme, lines in told if scheme.name == found.main]
    rest = [(s, lines) for s, lines in told if s.name != found.main]
    if main:
        shown.append(_of_main(view, found, main[0]))
    if main and rest:
        shown.append(_of_others(view, found, rest))
    return shown + _figure(view, found)


def _method(view: View, found: Significance, told: Told) -> Rich:
    best = view.label(found.reference)
    text = rich(
        f"{best}, the best formula procedure under {_quoted(view.main)}, is set "
        "against every rival, row by row on the same held-out rows. Where folds are "
        "dealt at random, the test is the corrected resampled t-test (",
        _TEST,
        "): the training sets of the folds overlap, so their differences scatter less "
        "than those of independent data would, and the standard error is widened for "
        "it. The p-values of one scheme are adjusted by Holm for the number of rivals; "
        f"a difference is shown where the adjusted p is below {LEVEL:g}. ",
        Italic("No significant difference"),
        " means that these data do not tell the two apart; it does not mean that they "
        "are equal.",
    )
    if all(line["test"] == "t" for _, lines in told for line in lines):
        return text
    return rich(
        text,
        " No t-test is made where single rows are left out, or kinds of rows, such as "
        "all with an element or from a source: such folds are no sample of one "
        "difference, some being harder than others. "
        "There the difference is that of all held-out rows together, and p that of its "
        "bootstrap over rows. This takes the fitted models as they are and so calls "
        "more differences shown: they are differences of these models on these rows.",
    )


def _lines(frame: pd.DataFrame) -> list[Line]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _quoted(scheme: Scheme) -> str:
    return scheme.label[:1].lower() + scheme.label[1:]


def _words(view: View, found: Significance, scheme: Scheme, lines: list[Line]) -> Rich:
    best = view.label(found.reference)
    lines = [line for line in lines if math.isfinite(line["p"])]
    # the words are those of the rivals
    sides: dict[Word, list[str]] = {"worse": [], "better": [], NOT_SHOWN: []}
    for line in lines:
        sides[line["word"]].append(view.label(line["first"]))
    said = [
        f"{opening} than {_named(names)}"
        for opening, names in (("better", sides["worse"]), ("worse", sides["better"]))
        if names
    ]
    rest = sides[NOT_SHOWN]
    if not said:
        text = f"no significant difference between {best} and any of them"
    else:
        text = f"{best} is {' and '.join(said)}"
        text += f"; no significant difference from {_named(rest)}" if rest else ""
    drawn = " (bootstrap)" if lines[0]["test"] == "bootstrap" else ""
    return rich(Bold(scheme.label), f", {len(lines)} rivals{drawn}: {text}.")


def _named(names: list[str]) -> str:
    if len(names) > _FEW:
        return f"{len(names)} of them"
    return all_of(names)


def _of_main(view: View, found: Significance, lines: list[Line]) -> Table:
    rows: list[tuple[Rich, ...] | Group] = []
    for kind, title in KINDS.items():
        own = [x for x in lines if view.competitors[x["first"]].kind == kind]
        if own:
            rows.append(Group(title))
        rows += [_row(view, line) for line in own]
    one = view.primary
    more = "more is better" if one.more_is_better else "less is better"
    caption = rich(
        f"{view.main.label}: {one.label} ({more}) of each rival less that of "
        f"{view.label(found.reference)}. Difference: mean over the folds ± corrected "
        "standard error. p: of the test, and adjusted by Holm over all rivals of the "
        "scheme. Interval: bootstrap over the groups of all held-out rows, with the "
        "fitted models as they are; without the scatter of other training sets it may "
        "leave out zero where the test shows no difference. n: rows that both predict."
    )
    return _table(view, rows, caption, "tab:significance")


def _of_others(view: View, found: Significance, told: Told) -> Table:
    """Return the other formulas and the best of each kind under the other schemes."""
    rows: list[tuple[Rich, ...] | Group] = []
    for scheme, lines in told:
        rows.append(Group(scheme.label))
        by_name = {line["first"]: line for line in lines}
        names = [c.name for c in view.ranked("formula", scheme=scheme.name)]
        for kind in ("black box", "rule", "baseline"):
            names += [c.name for c in view.comparable(kind, scheme=scheme.name)[:1]]
        rows += [_row(view, by_name[n]) for n in names if n in by_name]
    caption = rich(
        f"Further schemes: {view.primary.label} of the other formulas, and of the best "
        "black box, rule and baseline of each, less that of "
        f"{view.label(found.reference)}; columns as in ",
        Ref("tab:significance"),
        ". p is adjusted over all rivals of the scheme. Without ±: the difference of "
        "all held-out rows together, and p by bootstrap.",
    )
    return _table(view, rows, caption, "tab:significance-others")


def _row(view: View, line: Line) -> tuple[Rich, ...]:
    decimals = view.decimals(view.primary)
    gap, error = line["difference"], ""
    if line["test"] == "bootstrap":
        # what the interval and p belong to; the mean over kinds weighs rows otherwise
        gap = line["pooled"]
    elif math.isfinite(line["se"]):
        error = f" ± {fixed(line['se'], decimals)}"
    ends = f"{_signed(line['low'], decimals)} to {_signed(line['high'], decimals)}"
    return (
        rich(view.label(line["first"])),
        rich(f"{_signed(gap, decimals)}{error}"),
        rich(_p(line["p"])),
        rich(_p(line["p_holm"])),
        rich(ends if math.isfinite(line["low"]) else NONE),
        rich(line["word"] if math.isfinite(line["p"]) else NONE),
        rich(count(line["rows"])),
    )


def _table(
    view: View, rows: list[tuple[Rich, ...] | Group], caption: Rich, label: str
) -> Table:
    unit = unit_head(view.unit_of(view.primary))
    columns = (
        Column(rich("Rival"), stretch=1),
        Column(rich("Difference"), unit, "right"),
        Column(rich("p"), align="right"),
        Column(rich("p, Holm"), align="right"),
        Column(rich("95 % interval"), unit, "right"),
        Column(rich("The rival is")),
        Column(rich("n"), align="right"),
    )
    return Table(columns, tuple(rows), caption, label, small=True)


def _signed(value: float, decimals: int) -> str:
    text = fixed(value, decimals)
    # what is printed as nothing has no sign
    return f"+{text}" if value > 0 and text.strip("0.") else text


def _p(p: float) -> str:
    if not math.isfinite(p):
        return NONE
    if p < 0.001:
        return "< 0.001"
    return fixed(p, 3 if p < 0.0995 else 2)


def _figure(view: View, found: Significance) -> list[Block]:
    names = listed(view, found)
    if not names:
        return []
    main, one = view.main, view.primary
    all_ranked = found.ranks[found.ranks["scheme"] == found.main]
    folds = int(all_ranked["folds"].iloc[0])
    kept = [view.competitors[n].kind for n in names]
    rules = [n for n in all_ranked["competitor"] if view.competitors[n].kind == "rule"]
    of_rules = (
        f" Of the {len(rules)} rules scored on every row the {kept.count('rule')} best "
        "are shown."
        if len(rules) > kept.count("rule")
        else ""
    )
    bars = (
        "Bars on the right join neighbours in rank of which no two are shown to differ "
        "by the corrected resampled t-test of their differences, p adjusted by Holm "
        "over all pairs of the scheme. They are not Nemenyi's critical difference "
        "(Demšar, J. Mach. Learn. Res. 7, 1 (2006)), which supposes independent data "
        "sets: folds share training rows. All pairs are more than the rivals "
        "of one formula, so that a bar may join what the table tells apart."
        if runs(names, found)
        else "All neighbours in rank are shown to differ."
    )
    figure = Figure(
        stem="ranks",
        drawing="ranks",
        caption=rich(
            f"{main.label}: mean rank by {one.label} over {folds} folds (symbol; 1 is "
            f"best) among the {len(all_ranked)} competitors scored on every row, and "
            f"the middle half of the ranks in single folds (grey line).{of_rules} "
            f"{bars}"
        ),
        alt=f"Mean ranks by held-out {one.label}, best on top, with bars that join "
        "competitors not shown to differ.",
    )
    lead = rich(
        Ref(figure.label),
        " ranks the competitors among each other; every pair of every scheme stands in "
        "validation/significance.csv.",
    )
    return [Paragraph(lead), figure]
