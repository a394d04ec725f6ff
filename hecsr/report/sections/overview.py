"""All competitors under all schemes in one table, and what each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hecsr.report.model import (
    Bold,
    Column,
    Group,
    Inline,
    Italic,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import count, ends, fixed
from hecsr.report.units import unit_text
from hecsr.report.view import DAGGER, KINDS, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.result import Competitor, Scheme

    # competitors with their printed names, by the words that stand above them
    Lines = dict[str, list[tuple[str, Competitor]]]


NOTE: Final = (
    "rule found on these labels, so that its error is that of a choice already made"
)
"""What a dagger says."""
_ACROSS: Final = 6
_SHORT: Final = 16
_COMPETITORS: Final = "tab:competitors"


def overview(view: View) -> list[Table]:
    """Return the primary metric of every competitor under every scheme."""
    lines: Lines = {}
    for kind, title in KINDS.items():
        own = [c for c in view.result.competitors if c.kind == kind != "front"]
        if own:
            lines[title] = [(view.marked(c), c) for c in own]
    dagger = f" {DAGGER}: {NOTE}." if view.found_here else ""
    wording = Wording("every competitor", more=dagger)
    return by_scheme(view, lines, "tab:overview", wording)


@dataclass(frozen=True, slots=True)
class Wording:
    """Whose scores a table has, what heads their names, and what ends its caption.

    Without `leaders` the best of a scheme is not set in bold.
    """

    whose: str
    first: str = "Model"
    more: str = ""
    leaders: bool = True


def by_scheme(view: View, lines: Lines, label: str, wording: Wording) -> list[Table]:
    """Return tables of the primary metric, at most six schemes in each."""
    schemes = view.result.schemes
    tables = []
    for i in range(0, len(schemes), _ACROSS):
        some = schemes[i : i + _ACROSS]
        name = label if not i else f"{label}-{i // _ACROSS + 1}"
        tables.append(_table(view, lines, some, name, wording))
    return tables


def _table(
    view: View,
    lines: Lines,
    schemes: Sequence[Scheme],
    label: str,
    wording: Wording,
) -> Table:
    kinds = {c.kind for own in lines.values() for _, c in own}
    ranked = {s.name: view.comparable(*kinds, scheme=s.name) for s in schemes}
    best = {
        scheme: found[0].name if found and wording.leaders else ""
        for scheme, found in ranked.items()
    }
    rows: list[tuple[Rich, ...] | Group] = []
    for title, own in lines.items():
        rows.append(Group(title))
        for printed, competitor in own:
            cells = [_cell(view, s, competitor, best[s.name]) for s in schemes]
            rows.append((rich(printed), *cells))
    heads = short_heads(view.result.schemes)
    columns = (
        Column(rich(wording.first), stretch=1.7),
        *(Column(rich(heads[s.name]), align="right", stretch=1) for s in schemes),
    )
    legend = "; ".join(
        f"{_named(heads[s.name], s.label)} ({count(_rows(view, s))} predictions)"
        for s in schemes
    )
    unit = unit_text(view.unit_of(view.primary))
    caption = rich(
        f"Held-out {view.primary.label}{f' ({unit})' if unit else ''} of "
        f"{wording.whose} under every scheme: mean over the folds; ",
        "the best of each scheme in bold, " if wording.leaders else "",
        "in italics what is scored on a part of the rows alone. ",
        _brackets(view, schemes),
        f"{legend}.",
        wording.more,
    )
    return Table(columns, tuple(rows), caption, label, small=True)


def _named(head: str, label: str) -> str:
    return label if head == label else f"{head}: {label}"


def _rows(view: View, scheme: Scheme) -> int:
    """Return the held-out predictions of one repeat."""
    return max(view.rows_of(c.name, scheme.name)[1] for c in view.result.competitors)


def _brackets(view: View, schemes: Sequence[Scheme]) -> str:
    """Say what stands in brackets behind the means."""
    names = {s.name for s in schemes}
    drawn = any(
        scheme in names and key == view.primary.key for scheme, _, key in view.bounds
    )
    said = []
    if drawn and any(not parts_of(view, s) for s in schemes):
        said.append(
            "the 95 % bootstrap interval of the score of all held-out rows together"
        )
    if any(parts_of(view, s) for s in schemes):
        said.append(
            "where one part after another is left out, the lowest and the highest part"
        )
    return f"In brackets: {'; '.join(said)}. " if said else ""


def _cell(view: View, scheme: Scheme, competitor: Competitor, best: str) -> Rich:
    one = view.primary
    score = view.score(competitor.name, one.key, scheme.name)
    if not score.folds:
        return rich("–")
    shown = fixed(score.mean, view.decimals(one))
    scored, of = view.rows_of(competitor.name, scheme.name)
    node: Inline | str = shown
    if competitor.name == best:
        node = Bold(shown)
    elif scored < of:
        node = Italic(shown)
    low_high = _bounds(view, scheme, competitor)
    return rich(node, f" ({low_high})" if low_high else "")


def _bounds(view: View, scheme: Scheme, competitor: Competitor) -> str:
    one = view.primary
    decimals = max(view.decimals(one) - 1, 0)
    if parts_of(view, scheme):
        frame = view.result.scores
        own = frame[
            (frame["scheme"] == scheme.name)
            & (frame["competitor"] == competitor.name)
            & (frame["metric"] == one.key)
            & (frame["fold"] >= 0)
        ]
        known = own["value"].dropna()
        if not len(known):
            return ""
        return ends(float(known.min()), float(known.max()), decimals)
    found = view.bounds.get((scheme.name, competitor.name, one.key))
    return "" if found is None else ends(found.low, found.high, decimals)


def parts_of(view: View, scheme: Scheme) -> tuple[str, ...]:
    """Return what was left out, one name a fold; empty for an ordinary k-fold."""
    scores = view.result.scores
    if "fold_label" not in scores:
        return ()
    own = scores[(scores["scheme"] == scheme.name) & (scores["fold"] >= 0)]
    names = [str(v) for v in own["fold_label"].dropna() if str(v)]
    # a single part stands in the table, and folds that are only numbered mean nothing
    if len(set(names)) < 2 or all(name.isdigit() for name in names):
        return ()
    return tuple(dict.fromkeys(names))


def short_heads(schemes: Sequence[Scheme]) -> dict[str, str]:
    """Return a few letters for the head of each scheme's column, all different."""
    found = {s.name: _short(s.label) for s in schemes}
    if len(set(found.values())) < len(found):
        return {s.name: f"scheme {i}" for i, s in enumerate(schemes, start=1)}
    return found


def _short(label: str) -> str:
    left_out = re.fullmatch(r"Leave one (.+) out", label)
    if left_out is not None:
        return f"{left_out[1]} out"
    beyond = re.fullmatch(r"Extrapolation to (.+)", label)
    if beyond is not None:
        return f"to {beyond[1]}"
    folds = re.search(r"\d+-fold", label)
    if folds is not None:
        return folds[0]
    return label if len(label) <= _SHORT else label.rsplit(maxsplit=1)[-1]


def competitors_table(view: View) -> Table:
    """Return what each competitor is, what of it is fitted, and over what it is tuned.

    Points of the fronts are the same searches with a limit, and have no line.
    """
    rows: list[tuple[Rich, ...] | Group] = []
    for kind, title in KINDS.items():
        own = [c for c in view.result.competitors if c.kind == kind != "front"]
        if own:
            rows.append(Group(title))
        rows += [(rich(view.marked(c)), rich(c.description or "–")) for c in own]
    columns = (
        Column(rich("Model"), stretch=0.42),
        Column(rich("What it is, and what of it is fitted or tuned"), stretch=1),
    )
    caption = rich(
        "All competitors. Rules are written in the columns that they read, with "
        "thresholds t.",
        f" {DAGGER}: {NOTE}." if view.found_here else "",
    )
    return Table(columns, tuple(rows), caption, _COMPETITORS, small=True)
