"""Where the formulas may be used, and how far off they are outside."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from hecsr.report.applicability import hardest, shown
from hecsr.report.metrics import metric
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Group,
    Heading,
    Math,
    Paragraph,
    Ref,
    Rich,
    Table,
    rich,
)
from hecsr.report.numbers import NONE, count, decimals_for, fixed
from hecsr.report.units import unit_head
from hecsr.sentences import all_of
from hecsr.units import NUMBER
from hecsr.validation.applicability import MOST_HULL, WARNING

if TYPE_CHECKING:
    from hecsr.report.view import View
    from hecsr.validation.applicability import Applicability

_WARNED: Final = Math(f"{WARNING:g} p / n", f"{WARNING:g} p / n")
_SIDES: Final = {
    "ranges": "the ranges",
    "hull": "the convex hull",
    "leverage": "the warning leverage",
    "distance": "the usual distance",
}
_WORDS: Final = {
    "larger": "larger outside",
    "smaller": "smaller outside",
    "not shown": "not shown to differ",
    "too few": "too few rows to say",
}


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where it was not computed."""
    found = view.result.applicability
    if found is None:
        return []
    best = shown(view)
    made: list[Block] = [
        Heading(1, "Applicability domain"),
        Paragraph(_meaning(view, found)),
        *(Paragraph(rich(text)) for text in _said(view, found)),
        _table(view, found),
    ]
    drawn = [c for c in best if c.kind == "formula"]
    if drawn and found.places["residual"].notna().any():
        made.append(_williams(view, drawn[0].name, drawn[0].label))
    if best:
        made.append(_distance(view))
    return made


def _meaning(view: View, found: Applicability) -> Rich:
    kind = "deviance" if view.classification else "standardised"
    number = sum(
        len(_of(found, scheme.name, c.name))
        for scheme in view.result.schemes
        for c in shown(view)
    )
    return rich(
        "Every held-out row is placed relative to the training rows of its fold: in "
        "the descriptors of that fold's own formula, inside or outside their ranges "
        "and their convex hull, and by its leverage ",
        Math("h", "h"),
        " against the warning value ",
        _WARNED,
        " of p coefficients and n training rows; of a black box, in "
        "the ranges of all descriptors that it saw. The distance is the mean one to "
        f"the {found.neighbours} nearest training rows in standardised descriptors, "
        "divided by the value that 95 % of the training rows keep within among "
        "themselves, rows of the same group left out; a row is beyond the usual "
        "distance if this exceeds 1. Intervals are 95 % bootstrap intervals over "
        f"groups. Each of the {count(number)} comparisons of inside with outside "
        "stands by itself: the intervals are not adjusted for their number, and one in "
        "twenty may leave out 1 by chance. "
        f"The {kind} residuals of ",
        Ref("fig:williams"),
        " are those of held-out rows."
        if found.places["residual"].notna().any()
        else " are not known.",
        _hulls(view, found),
    )


def _hulls(view: View, found: Applicability) -> str:
    """Say of which formulas no hull was asked for, scheme by scheme."""
    if not found.skipped:
        return ""
    each = "; ".join(
        f"{scheme.label}: "
        + all_of([f"{view.label(name)} in {count(n)}" for name, n in own])
        + f" of {count(scheme.n_splits * scheme.n_repeats)} folds"
        for scheme in view.result.schemes
        if (own := [(c, n) for s, c, n in found.skipped if s == scheme.name])
    )
    return (
        f" The hull is not asked for where the formula holds more than {MOST_HULL} "
        f"descriptors, for few rows are inside of any ({each})."
    )


def _said(view: View, found: Applicability) -> list[str]:
    """Return sentences on the best formula, and how the best black box compares."""
    best = shown(view)
    error = metric(found.metric).label if view.classification else "error"
    said = []
    for scheme in view.result.schemes:
        parts = []
        for competitor in best:
            rows = _of(found, scheme.name, competitor.name)
            if rows:
                rho = _rho(found, scheme.name, competitor.name)
                said_of = _contrasts(competitor.label, rows, error)
                parts.append(f"{said_of} {rho}")
        if parts:
            said.append(f"{scheme.label}. {' '.join(parts)}")
    return said


def _contrasts(label: str, rows: list[dict[str, Any]], error: str) -> str:
    larger = [r for r in rows if r["shown"] == "larger"]
    if larger:
        most = max(larger, key=lambda r: float(r["ratio_low"]))
        text = (
            f"{label}: outside {_SIDES[most['by']]} the {error} is {_times(most)} "
            "as large as inside"
        )
        others = [_SIDES[r["by"]] for r in larger if r is not most]
        text += f"; it is larger outside {all_of(others)} too." if others else "."
    elif any(r["shown"] == "not shown" for r in rows):
        text = (
            f"{label}: the domain does not tell good from bad predictions here; in no "
            f"sense is the {error} shown to be larger outside."
        )
    else:
        text = f"{label}: nothing is said of the {error} outside."
    few = [_SIDES[r["by"]] for r in rows if r["shown"] == "too few"]
    smaller = [_SIDES[r["by"]] for r in rows if r["shown"] == "smaller"]
    if smaller:
        text += f" Outside {all_of(smaller)} it is even smaller."
    if few:
        text += f" Too few rows lie on one side of {all_of(few)} to compare."
    return text


def _rho(found: Applicability, scheme: str, competitor: str) -> str:
    ranks = found.ranks
    own = ranks[(ranks["scheme"] == scheme) & (ranks["competitor"] == competitor)]
    if own.empty or not math.isfinite(float(own["rho"].iloc[0])):
        return ""
    rho, low, high = (float(own[c].iloc[0]) for c in ("rho", "low", "high"))
    bounds = f"{fixed(rho, 2)} ({fixed(low, 2)} to {fixed(high, 2)})"
    error = "squared error of the probability" if found.metric == "brier" else "error"
    if low > 0:
        return f"The {error} rises with the distance (rank correlation {bounds})."
    if high < 0:
        return f"The {error} falls with the distance (rank correlation {bounds})."
    return (
        f"The {error} is not shown to change with the distance (rank correlation "
        f"{bounds})."
    )


def _times(row: dict[str, Any]) -> str:
    # the lower end is above 1, and is to be seen to be
    low = fixed(row["ratio_low"], 1 if row["ratio_low"] >= 1.05 else 2)
    high = fixed(row["ratio_high"], 1)
    return f"{fixed(row['ratio'], 1)} times ({low} to {high})"


def _of(found: Applicability, scheme: str, competitor: str) -> list[dict[str, Any]]:
    rows = found.summary
    own = rows[(rows["scheme"] == scheme) & (rows["competitor"] == competitor)]
    return [{str(k): v for k, v in r.items()} for r in own.to_dict("records")]


def _table(view: View, found: Applicability) -> Table:
    one = metric(found.metric)
    typical = found.summary["inside"].median()
    decimals = view.decimals(one) if one.scaled else max(decimals_for(typical, 2), 3)
    rows: list[tuple[Rich, ...] | Group] = []
    for scheme in view.result.schemes:
        lines = [
            (c.label, r) for c in shown(view) for r in _of(found, scheme.name, c.name)
        ]
        if lines:
            rows.append(Group(scheme.label))
        for label, r in lines:
            sides = [
                f"{fixed(r[s], decimals)} ({fixed(r[f'{s}_low'], decimals)} to "
                f"{fixed(r[f'{s}_high'], decimals)})"
                if r[f"n_{s}"]
                else NONE
                for s in ("inside", "outside")
            ]
            rows.append(
                (
                    rich(label),
                    rich(_SIDES[r["by"]].removeprefix("the ")),
                    rich(sides[0]),
                    rich(count(r["n_inside"])),
                    rich(sides[1]),
                    rich(count(r["n_outside"])),
                    rich(fixed(r["ratio"], 2)),
                    rich(_WORDS[r["shown"]]),
                )
            )
    unit = unit_head(view.unit_of(one) if one.scaled else NUMBER)
    return Table(
        columns=(
            Column(rich("model"), stretch=1.0),
            Column(rich("inside of")),
            Column(rich(f"{one.head} inside"), unit, "right"),
            Column(rich("n"), align="right"),
            Column(rich(f"{one.head} outside"), unit, "right"),
            Column(rich("n"), align="right"),
            Column(rich("ratio"), align="right"),
            Column(rich("error"), stretch=0.8),
        ),
        rows=tuple(rows),
        caption=rich(
            f"Held-out {one.meaning} inside and outside the domain, with 95 % "
            "bootstrap intervals over groups; n counts predictions, the repeats of a "
            "row each. The error is called larger or smaller where the interval of "
            "the ratio leaves out 1 and at least five samples lie on either side."
        ),
        label="tab:applicability",
        small=True,
    )


def _williams(view: View, name: str, label: str) -> Figure:
    kind = "deviance" if view.classification else "standardised"
    schemes = " and ".join(s.label.lower() for s in (view.main, *hardest(view)))
    how = (
        rich(
            "the deviance residual is ",
            Math(r"\pm\sqrt{-2 \ln q}", "plus.minus sqrt(-2 ln q)"),
            " with q the probability that was given to the observed class",
        )
        if view.classification
        else rich(
            "the residual is observed minus predicted, divided by ",
            Math(r"s \sqrt{1 + h}", "s sqrt(1 + h)"),
            " with s the residual standard deviation of the fold's training rows",
        )
    )
    return Figure(
        stem="williams",
        drawing="williams",
        caption=rich(
            f"Williams plot of {label}: {kind} residuals of held-out rows against "
            "their leverage in units of the warning value ",
            _WARNED,
            f" of their fold, under {schemes} (first repeat); ",
            how,
            ". Circles lie inside the ranges of "
            "the training rows, triangles outside. Dashed: warning value and ±3. The "
            "worst residuals are named by their elements.",
        ),
        alt=f"Held-out {kind} residuals of {label} against relative leverage, with "
        "warning lines.",
        subject=name,
    )


def _distance(view: View) -> Figure:
    schemes = " and ".join(s.label.lower() for s in (view.main, *hardest(view)))
    labels = " and ".join(c.label for c in shown(view))
    each = (
        "squared errors of the probability"
        if view.classification
        else "absolute errors"
    )
    line = "means" if view.classification else "medians"
    return Figure(
        stem="distance",
        drawing="distance",
        caption=rich(
            f"Held-out {each} of {labels} against the relative distance from the "
            f"training rows, under {schemes} (first repeat). Lines: {line} of eight "
            "bins that hold equally many rows. Right of the dotted line a row is "
            "farther from the training rows than 95 % of these are from each other."
        ),
        alt=f"Held-out errors of {labels} against the distance from the training rows.",
    )
