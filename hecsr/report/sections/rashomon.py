"""The formulas that cannot be told from the best one, and their average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hecsr.report import in_line
from hecsr.report.model import (
    Block,
    Column,
    Figure,
    Heading,
    Inline,
    Link,
    Math,
    Paragraph,
    Ref,
    Table,
    rich,
)
from hecsr.report.numbers import count, decimals_for, fixed, significant
from hecsr.report.view import in_unit
from hecsr.sentences import all_of
from hecsr.validation.model_averaging import PRIOR

if TYPE_CHECKING:
    from hecsr.report.view import View
    from hecsr.validation.rashomon import RashomonSet

_TOP = 8
_NAMED = 4
_APART = 3
_LEADS = 0.5
_AT = 0.9
_SELECTION = Link("Bhattacharjee 2026", "https://arxiv.org/abs/2606.04042")


def blocks(view: View) -> list[Block]:
    """Return the section; nothing where it was not computed."""
    if not view.result.rashomon:
        return []
    found: list[Block] = [Heading(1, "Formulas that cannot be told from the best one")]
    for one in view.result.rashomon:
        if len(view.result.rashomon) > 1:
            found.append(Heading(2, one.label))
        found += _of_engine(view, one)
    return found


def verdict_of_coverage(one: RashomonSet, kind: str = "average") -> str:
    """Say whether intervals hold what they promise on held-out rows.

    An interval is called too narrow, or too wide, where its level lies outside of the
    binomial interval of the rows found inside.
    """
    own = one.coverage[one.coverage["kind"] == kind].to_dict("records")
    known = [c for c in own if c["n"]]
    said = [
        f"{_percent(c['observed'])} lie inside the {_percent(c['level'])} interval"
        for c in known
    ]
    if not said:
        return "No held-out row carries an interval."
    narrow = [_percent(c["level"]) for c in known if c["high"] < c["level"]]
    wide = [_percent(c["level"]) for c in known if c["low"] > c["level"]]
    judged = ""
    if narrow:
        judged += f" They are too narrow at {all_of(narrow)}: they promise too much."
    if wide:
        judged += f" They are wider than needed at {all_of(wide)}."
    if not judged:
        judged = " They are not shown to hold more or less than they promise."
    return f"Of the held-out rows {all_of(said)}.{judged}"


def _of_engine(view: View, one: RashomonSet) -> list[Block]:
    figure = _figure(one)
    table = _table(view, one)
    return [
        Paragraph(rich(_what(one))),
        Paragraph(rich(*_size(view, one))),
        Paragraph(rich(*_descriptors(view, one))),
        table,
        Paragraph(rich(*_averaged(one), Ref(figure.label), " shows it. ")),
        figure,
        Paragraph(rich(_held_out(view, one))),
    ]


def _what(one: RashomonSet) -> str:
    tested = sum(int(n) for n in one.sizes["listed"])
    fitted = sum(int(n) for n in one.sizes["fitted"])
    error = "Brier score" if one.task == "classification" else "squared error"
    groups = ", added up by groups," if one.n_groups else ""
    return (
        f"The search of {one.label} fits {count(fitted)} formulas to all "
        f"{count(one.n_rows)} rows, every one that can be made of the features that "
        f"screening kept; the best {count(one.listed)} of each number of terms "
        f"({count(tested)}) are tested here. A formula is told from the best if its "
        f"{error} with rows left out one by one is larger, compared row by row{groups} "
        f"by more than {fixed(one.critical, 2)} standard errors: the largest "
        f"difference that chance brings about between equally good formulas, with a "
        f"probability of {_percent(one.level)}. The terms were screened with all rows, "
        "so that these errors are too small, for all formulas; held-out errors follow "
        "below."
    )


def _size(view: View, one: RashomonSet) -> list[str | Inline]:
    classes = one.task == "classification"
    unit = "" if classes else in_unit(view.target_unit)
    digits = decimals_for(one.best_error)
    rmse = "a root of the Brier score" if classes else "a root mean square error"
    full = f" (the list of {_terms(one.full)} was full)" if one.full else ""
    number = f"{'At least ' if one.full else ''}{count(one.size)}"
    said: list[str | Inline] = [
        f"{number} different formulas, the best one among them, form the set{full}. "
    ]
    if one.same:
        said.append(
            f"{count(one.same)} more are the same as one of them but for constants. "
        )
    said += [
        f"The best one has {rmse} of {fixed(one.best_error, digits)}{unit}; ",
        "the simplest of the set is ",
        *in_line.terms(view, one.simplest),
        f", with {fixed(one.simplest_error, digits)}{unit}. ",
        _leading(view, one),
    ]
    return said


def _leading(view: View, one: RashomonSet) -> str:
    """Say whether the formula that the report prints belongs to the set."""
    leading = {int(r["terms"]): bool(r["leading"]) for r in _records(one.sizes)}
    for formula in view.result.best_formulas:
        if formula.engine == one.engine and formula.limit in leading:
            inside = leading[formula.limit]
            return f"The formula of {formula.size} that {one.label} chose " + (
                "is one of them." if inside else "is shown to err more than the best."
            )
    return ""


def _descriptors(view: View, one: RashomonSet) -> list[str | Inline]:
    frame = one.descriptors[one.descriptors["share"] > 0]
    every = [str(n) for n in frame["name"][frame["share"] >= 1]]
    said: list[str | Inline] = [
        f"{count(len(frame))} descriptors stand in formulas of the set. "
    ]
    if every:
        said += ["All of them contain ", *_symbols(view, every), ". "]
    else:
        said.append("None stands in all of them: no single one is indispensable. ")
    rows = _records(frame)[:_NAMED]
    said.append("By weight lead ")
    for i, row in enumerate(rows):
        said += [
            ", " if i else "",
            view.symbol(row["name"]),
            (
                f" ({fixed(row['probability'], 2)}; in {_percent(row['share'])} of the "
                "formulas)"
            ),
        ]
    said.append(". ")
    if len(one.folds):
        same = int(one.folds["same_best"].sum())
        said.append(
            f"When all is done anew without a fold, the best formula has the same "
            f"terms in {count(same)} of {count(len(one.folds))} folds."
        )
    return said


def _averaged(one: RashomonSet) -> list[str | Inline]:
    heavy = one.members["weight"].to_numpy()
    top = float(heavy[0]) if len(heavy) else float("nan")
    rows = f"of {count(one.n_rows)} rows"
    if one.effective_rows < one.n_rows - 1:
        rows += (
            f", which are worth {count(one.effective_rows)} independent ones, as "
            "errors within a group are alike"
        )
    alone = "; no single one speaks for the set" if top < _LEADS else ""
    weighed = (
        "The average over the set weighs each formula by its prior probability times "
    )
    said = (
        f", {rows}. Prior: {PRIOR}. The heaviest formula has a weight of "
        f"{fixed(top, 2)}{alone}. The probability that a descriptor belongs to the "
        "law, given that the law is in the set, is the weight of the formulas with "
        "it. So are the supports of Bayesian support selection weighed ("
    )
    beside = (
        "), which too takes the screening as given; it reports a near-nominal "
        "coverage on magnetic moments of Heusler alloys. Here the average is over the "
        "tuples alone that are not told from the best. "
    )
    bic = Math(r"\exp(-\mathrm{BIC} / 2)", 'exp(-"BIC" \\/ 2)')
    return [weighed, bic, said, _SELECTION, beside]


def _held_out(view: View, one: RashomonSet) -> str:
    if not len(one.held):
        return "Nothing was held out."
    score = {(r["kind"], r["metric"]): r["value"] for r in _records(one.scores)}
    if one.task == "classification":
        parts = [
            f"a {name} of {fixed(score['average', key], 3)} (best formula alone: "
            f"{fixed(score['best', key], 3)})"
            for key, name in (("brier", "Brier score"), ("log_loss", "log loss"))
        ]
        return f"On held-out rows the average has {all_of(parts)}. " + _apart(view, one)
    unit = in_unit(view.target_unit)
    digits = decimals_for(score["average", "mae"])
    words = (
        f"On held-out rows the mean absolute error of the average is "
        f"{fixed(score['average', 'mae'], digits)}{unit}, that of the best formula "
        f"alone {fixed(score['best', 'mae'], digits)}{unit}. {_apart(view, one)} "
        f"{verdict_of_coverage(one)}"
    )
    widths = {
        r["kind"]: r["width"]
        for r in _records(one.coverage)
        if r["level"] == _AT and r["n"]
    }
    if {"average", "conformal"} <= widths.keys():
        words += (
            f" At 90 % they are {fixed(widths['average'], digits)}{unit} wide on "
            f"average; conformal intervals about the same predictions, from held-out "
            f"errors of the other folds, {fixed(widths['conformal'], digits)}{unit}. "
            "The averaged ones take the features that screening kept as given: what "
            "was chosen before is not in their width."
        )
    return words


def _apart(view: View, one: RashomonSet) -> str:
    """Say how far the predictions of the set lie apart, and where most."""
    held = one.held.assign(apart=one.held["high"] - one.held["low"])
    by = held.groupby("sample")["apart"].mean().sort_values(ascending=False)
    if not len(by):
        return ""
    unit = in_unit(view.target_unit)
    names = view.result.predictions.drop_duplicates("sample").set_index("sample")
    known = [s for s in by.index[:_APART] if s in names.index]
    most = all_of([str(names.loc[s, "composition"]) for s in known])
    middle = float(by.median())
    where = f", most for {most}" if known else ""
    return (
        "On half of the rows the predictions of the set lie more than "
        f"{significant(middle, 2)}{unit} apart{where}."
    )


def _table(view: View, one: RashomonSet) -> Table:
    classes = one.task == "classification"
    unit = "" if classes else in_unit(view.target_unit).strip()
    digits = decimals_for(one.best_error)
    rows = tuple(
        (
            in_line.terms(view, row["text"]),
            rich(count(row["complexity"])),
            rich(fixed(row["error"], digits)),
            rich(fixed(row["statistic"], 1)),
            rich(fixed(row["weight"], 3)),
        )
        for row in _records(one.members)[:_TOP]
    )
    columns = (
        Column(rich("Terms"), stretch=1),
        Column(rich("Operators"), align="right"),
        Column(rich("Error"), rich(unit) if unit else (), align="right"),
        Column(rich("Worse by"), rich("s.e."), align="right"),
        Column(rich("Weight"), align="right"),
    )
    what = "root of the Brier score" if classes else "root mean square"
    caption = rich(
        f"The heaviest of {count(one.size)} formulas not told from the best: their "
        f"terms, parted by semicolons, coefficients left out. Error: {what} with rows "
        "left out one by one. Worse by: how much its squared error exceeds that of the "
        "best, in standard errors of the difference. Weight: in the average over the "
        "set; all together have 1."
    )
    return Table(
        columns, rows, caption, f"tab:rashomon-{one.engine}", small=True, roomy=True
    )


def _figure(one: RashomonSet) -> Figure:
    if one.task == "classification":
        right = (
            "Right: observed share of class 1 against the averaged probability of "
            "held-out rows, in five parts of as many rows"
        )
    else:
        right = (
            "Right: share of held-out rows inside the intervals against their level, "
            "of the average, of the best formula alone, and conformal"
        )
    groups = (
        " Rows of a group are alike: the bars are too short." if one.n_groups else ""
    )
    return Figure(
        stem=f"inclusion-{one.engine}",
        drawing="inclusion",
        subject=one.engine,
        caption=rich(
            f"{one.label}: left, share of the formulas of the set that contain a "
            "descriptor, and their weight in the average (on all rows, and its mean "
            f"over the folds). {right}; bars are binomial 95 % intervals of the rows "
            f"of one repeat.{groups}"
        ),
        alt="Dots of inclusion probability and share by descriptor, and observed "
        "against promised frequency on held-out rows.",
    )


def _symbols(view: View, names: list[str]) -> list[str | Inline]:
    said: list[str | Inline] = []
    for i, name in enumerate(names):
        said += [", " if i else "", view.symbol(name)]
    return said


def _records(frame: Any) -> list[Any]:
    return list(frame.to_dict("records"))


def _terms(sizes: tuple[int, ...]) -> str:
    words = [f"{n} term{'' if n == 1 else 's'}" for n in sizes]
    return all_of(words)


def _percent(share: float) -> str:
    return f"{fixed(100 * share, 0)} %"
