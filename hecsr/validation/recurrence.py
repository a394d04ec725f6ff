"""How often the same descriptor, family, term and formula is chosen again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hecsr.validation.set_stability import set_stability

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from hecsr.validation.forms import Forms
    from hecsr.validation.problem import Problem

BOOTSTRAPS: Final = "bootstraps"
"""What the frames say under `over` beside the names of the schemes."""
RELATED: Final = 0.9
"""Descriptors whose |r| on all rows is larger can stand in for one another."""
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class Choice:
    """What an engine chose on one resample: a scheme's fold, or a bootstrap.

    `removed` are the descriptors that the redundancy filter took out there, each with
    the correlated one that speaks for it, or '' for a constant.
    """

    engine: str
    over: str
    limit: int | None
    variables: tuple[str, ...]
    form: int
    removed: Mapping[str, str]
    score: float = float("nan")


def recurrence(
    engines: Sequence[str],
    choices: Sequence[Choice],
    forms: Forms,
    printed: Mapping[str, int],
    problem: Problem,
) -> dict[str, pd.DataFrame]:
    """Return the frames of :class:`hecsr.validation.stability.Stability` by name.

    Parameters
    ----------
    printed
        The form of each engine's printed formula.
    """
    import pandas as pd

    relatives = related(problem.frame)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _COLUMNS}
    overs = dict.fromkeys(c.over for c in choices)
    for engine in engines:
        for over in overs:
            own = [c for c in choices if c.engine == engine and c.over == over]
            if not own:
                continue
            about = _Counted(own, forms, printed.get(engine), problem, relatives)
            start = {"engine": engine, "over": over, "n": len(own)}
            for name, found in about.frames().items():
                rows[name] += [start | row for row in found]
    return {
        name: pd.DataFrame(rows[name], columns=list(columns))
        for name, columns in _COLUMNS.items()
    }


def related(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return for each column those with a larger |r| than :data:`RELATED`."""
    values = frame.to_numpy(dtype=np.float64)
    top = np.abs(values).max(axis=0)
    centred = values / np.where(top == 0, 1.0, top)
    centred = centred - centred.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    unit = centred / np.where(length == 0, 1.0, length)
    r = np.abs(unit.T @ unit)
    np.fill_diagonal(r, 0.0)
    names = [str(name) for name in frame.columns]
    return {
        name: tuple(names[j] for j in np.flatnonzero(r[i] > RELATED))
        for i, name in enumerate(names)
    }


_COLUMNS: Final = {
    "descriptors": (
        "engine", "over", "name", "family", "printed", "share", "share_or_relative",
        "relatives", "kept", "n",
    ),
    "families": ("engine", "over", "family", "printed", "share", "n"),
    "terms": ("engine", "over", "term", "variables", "printed", "share", "n"),
    "formulas": (
        "engine", "over", "form", "formula", "variables", "terms", "printed", "count",
        "share", "score", "low", "high", "n",
    ),
    "sizes": ("engine", "over", "limit", "share", "n"),
    "sets": ("engine", "over", "what", "value", "low", "high", "n"),
}  # fmt: skip


class _Counted:
    """The choices of one engine over the resamples of one kind, counted."""

    def __init__(
        self,
        own: Sequence[Choice],
        forms: Forms,
        printed: int | None,
        problem: Problem,
        relatives: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.own, self.forms, self.printed = own, forms, printed
        self.problem, self.relatives = problem, relatives
        form = None if printed is None else forms.forms[printed]
        self.printed_terms = set(form.terms) if form else set()
        self.printed_variables = set(form.variables) if form else set()

    def frames(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "descriptors": self.descriptors(),
            "families": self.families(),
            "terms": self.terms(),
            "formulas": self.formulas(),
            "sizes": self.sizes(),
            "sets": self.sets(),
        }

    def share(self, hits: Sequence[bool]) -> float:
        return float(np.mean(hits))

    def descriptors(self) -> list[dict[str, Any]]:
        chosen = Counter(name for c in self.own for name in c.variables)
        family = {d.name: d.family or d.name for d in self.problem.descriptors}
        names = self.printed_variables | set(chosen)
        order = [str(n) for n in self.problem.frame.columns if str(n) in names]
        rows = []
        for name in order:
            stand_ins = {c.removed.get(name, "") for c in self.own}
            like = {*self.relatives[name], *stand_ins}
            # those never chosen mislead nobody
            like = {r for r in like if chosen[r]}
            either = {name, *self.relatives[name]}
            rows.append(
                {
                    "name": name,
                    "family": family.get(name, name),
                    "printed": name in self.printed_variables,
                    "share": chosen[name] / len(self.own),
                    "share_or_relative": self.share(
                        [
                            bool({*either, c.removed.get(name)} & set(c.variables))
                            for c in self.own
                        ]
                    ),
                    "relatives": tuple(sorted(like, key=lambda r: (-chosen[r], r))),
                    "kept": self.share([name not in c.removed for c in self.own]),
                }
            )
        return sorted(rows, key=lambda row: (-row["share"], not row["printed"]))

    def families(self) -> list[dict[str, Any]]:
        rows = []
        for family, members in self.problem.families.items():
            hits = [bool(set(members) & set(c.variables)) for c in self.own]
            printed = bool(set(members) & self.printed_variables)
            if any(hits) or printed:
                row = {"family": family, "printed": printed, "share": self.share(hits)}
                rows.append(row)
        return sorted(rows, key=lambda row: -row["share"])

    def terms(self) -> list[dict[str, Any]]:
        of_form = self.forms.forms
        chosen = Counter(t for c in self.own for t in of_form[c.form].terms)
        numbers = sorted(self.printed_terms | set(chosen))
        rows = [
            {
                "term": self.forms.terms[number].text,
                "variables": self.forms.terms[number].variables,
                "printed": number in self.printed_terms,
                "share": chosen[number] / len(self.own),
            }
            for number in numbers
        ]
        return sorted(rows, key=lambda row: (-row["share"], not row["printed"]))

    def formulas(self) -> list[dict[str, Any]]:
        chosen = Counter(c.form for c in self.own)
        if self.printed is not None:
            chosen.setdefault(self.printed, 0)
        rows = []
        for number, times in chosen.items():
            found = [c.score for c in self.own if c.form == number]
            scored = np.array([s for s in found if np.isfinite(s)])
            low, score, high = (float("nan"),) * 3
            if scored.size:
                score = float(np.median(scored))
                low, high = quantiles(scored)
            form = self.forms.forms[number]
            rows.append(
                {
                    "form": number,
                    "formula": form.text,
                    "variables": form.variables,
                    "terms": len(form.terms),
                    "printed": number == self.printed,
                    "count": times,
                    "share": times / len(self.own),
                    "score": score,
                    "low": low,
                    "high": high,
                }
            )
        return sorted(
            rows, key=lambda row: (-row["count"], not row["printed"], row["form"])
        )

    def sizes(self) -> list[dict[str, Any]]:
        counts = Counter(c.limit for c in self.own if c.limit is not None)
        return [
            {"limit": limit, "share": counts[limit] / len(self.own)}
            for limit in sorted(counts)
        ]

    def sets(self) -> list[dict[str, Any]]:
        families = self.problem.families
        columns = [str(n) for n in self.problem.frame.columns]
        members: dict[str, list[Collection[str]]] = {
            "descriptors": [{name} for name in columns],
            "families": [set(names) for names in families.values()],
        }
        rows = []
        for what, groups in members.items():
            if len(self.own) < 2:
                continue
            held = [[bool(set(c.variables) & set(g)) for g in groups] for c in self.own]
            found = set_stability(held)
            low, high = float("nan"), float("nan")
            # folds share their rows, for which the interval is too narrow
            if self.own[0].over == BOOTSTRAPS:
                low, high = found.interval(LEVEL)
            rows.append({"what": what, "value": found.value, "low": low, "high": high})
        return rows


def quantiles(values: Any) -> tuple[float, float]:
    """Return the bounds of the middle 95 %; NaN are left out."""
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(values, [tail, 1 - tail])
    return float(low), float(high)
