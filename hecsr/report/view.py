"""The study's frames as the sections and figures ask for them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from hecsr.descriptors.descriptor import Descriptor, plain
from hecsr.report.metrics import Metric, metric
from hecsr.report.model import Code, Inline, Math
from hecsr.report.numbers import decimals_for, fixed, spread
from hecsr.report.units import unit_text
from hecsr.units import NUMBER, Unit

if TYPE_CHECKING:
    from hecsr.result import Competitor, FormulaResult, LimitBy, Scheme, StudyResult

KINDS: Final = {
    "formula": "Formulas (whole procedure)",
    "front": "Formula search limited in size",
    "black box": "Black boxes",
    "rule": "Trivial rules",
    "baseline": "Baselines",
}


DAGGER: Final = "†"
"""Marks rules whose form was found on the labels that they are scored on."""
FOUND_HERE: Final = "found on these labels"
"""What the descriptions of such rules say."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A score of all held-out rows together, with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Score:
    """A metric over the held-out folds, and of all held-out rows together."""

    mean: float = math.nan
    sd: float = math.nan
    pooled: float = math.nan
    folds: int = 0
    n: int = 0


def symbol_of(descriptor: Descriptor) -> Inline:
    """Return the symbol of a descriptor; its name where it has none."""
    if descriptor.latex and descriptor.typst:
        bare = plain(descriptor.name)
        if descriptor.latex != bare.latex:
            return Math(descriptor.latex, descriptor.typst)
    return Code(descriptor.name)


@dataclass(frozen=True)
class View:
    """Look-ups and aggregates of a `StudyResult`; nothing is modelled anew."""

    result: StudyResult

    @property
    def classification(self) -> bool:
        """Whether the target is a class."""
        return self.result.data.task == "classification"

    @property
    def main(self) -> Scheme:
        """The scheme that the comparison rests on."""
        return self.result.schemes[0]

    @property
    def primary(self) -> Metric:
        """The metric that models are ranked by."""
        return metric(self.result.primary_metric)

    @cached_property
    def scores(self) -> dict[tuple[str, str, str], Score]:
        """Aggregates by scheme, competitor and metric."""
        table = self.result.scores
        found: dict[tuple[str, str, str], Score] = {}
        for key, rows in table.groupby(["scheme", "competitor", "metric"], sort=False):
            single = rows.loc[rows["fold"] >= 0]
            values = single["value"].dropna()
            pooled = rows.loc[rows["fold"] < 0]
            counted = pooled["n"] if len(pooled) else single["n"]
            n = counted.groupby(
                (pooled if len(pooled) else single)["repeat"], sort=False
            ).sum()
            found[str(key[0]), str(key[1]), str(key[2])] = Score(
                mean=float(values.mean()),
                sd=float(values.std(ddof=1)),
                pooled=float(pooled["value"].mean()) if len(pooled) else math.nan,
                folds=len(values),
                n=int(n.max()) if len(n) else 0,
            )
        return found

    def score(self, name: str, key: str = "", scheme: str = "") -> Score:
        """Return a competitor's score; an empty one where it was not computed."""
        which = (scheme or self.main.name, name, key or self.primary.key)
        return self.scores.get(which, Score())

    def metrics(self, scheme: str = "") -> list[Metric]:
        """Return the metrics of a scheme, the primary one first."""
        rows = self.result.scores
        keys = rows.loc[rows["scheme"] == (scheme or self.main.name), "metric"]
        found = [metric(str(key)) for key in dict.fromkeys(keys)]
        return sorted(found, key=lambda m: m.key != self.primary.key)

    @cached_property
    def competitors(self) -> dict[str, Competitor]:
        """Competitors by name."""
        return {c.name: c for c in self.result.competitors}

    def ranked(
        self, *kinds: str, scheme: str = "", key: str = ""
    ) -> tuple[Competitor, ...]:
        """Return the competitors of some kinds that have a score, best first."""
        sign = -1.0 if (metric(key) if key else self.primary).more_is_better else 1.0
        scored = [
            (sign * self.score(c.name, key, scheme).mean, i, c)
            for i, c in enumerate(self.result.competitors)
            if (not kinds or c.kind in kinds)
        ]
        kept = [s for s in scored if math.isfinite(s[0])]
        return tuple(c for _, _, c in sorted(kept, key=lambda s: s[:2]))

    def rows_of(self, name: str, scheme: str = "") -> tuple[int, int]:
        """Return on how many held-out rows a competitor is scored, and of how many.

        A rule may say nothing of some rows; its score is then not that of the others.
        """
        of = scheme or self.main.name
        counts: dict[str, int] = {}
        for (which, competitor, _), score in self.scores.items():
            if which == of:
                counts[competitor] = max(counts.get(competitor, 0), score.n)
        return counts.get(name, 0), max(counts.values(), default=0)

    def comparable(
        self, *kinds: str, scheme: str = "", key: str = ""
    ) -> list[Competitor]:
        """Return the competitors scored on every held-out row, best first."""
        found = self.ranked(*kinds, scheme=scheme, key=key)
        rows = {c.name: self.rows_of(c.name, scheme) for c in found}
        return [c for c in found if rows[c.name][0] == rows[c.name][1]]

    def best(self, kind: str) -> Competitor | None:
        """Return the best of a kind in the main comparison, scored on every row."""
        return next(iter(self.comparable(kind)), None)

    def place(self, name: str) -> int:
        """Return the position among its kind, by which a competitor is coloured."""
        kind = self.competitors[name].kind if name in self.competitors else "formula"
        same = [c.name for c in self.result.competitors if c.kind == kind]
        return same.index(name) if name in same else 0

    def label_with_rows(self, name: str) -> str:
        """Return the printed name, with the rows where these are not all."""
        scored, of = self.rows_of(name)
        return self.label(name) + (f" ({scored} of {of} rows)" if scored < of else "")

    @cached_property
    def bounds(self) -> dict[tuple[str, str, str], Bounds]:
        """Bootstrap intervals by scheme, competitor and metric."""
        frame = self.result.intervals
        if frame is None:
            return {}
        return {
            (str(row["scheme"]), str(row["competitor"]), str(row["metric"])): Bounds(
                float(row["value"]), float(row["low"]), float(row["high"]),
                int(row["n"]),
            )
            for row in frame.to_dict("records")
        }  # fmt: skip

    @property
    def found_here(self) -> tuple[Competitor, ...]:
        """The rules that were found on the labels on which they are scored."""
        return tuple(c for c in self.result.competitors if FOUND_HERE in c.description)

    def marked(self, competitor: Competitor) -> str:
        """Return the printed name, with a dagger where the rule was found here."""
        return competitor.label + (DAGGER if competitor in self.found_here else "")

    def beside(self, scheme: str) -> tuple[Competitor, ...]:
        """Return all formulas, and a scheme's own best of every other kind."""
        kinds = ("black box", "rule", "baseline")
        best = [self.comparable(kind, scheme=scheme)[:1] for kind in kinds]
        return (*self.ranked("formula"), *(c for some in best for c in some))

    @cached_property
    def shown(self) -> tuple[Competitor, ...]:
        """The few that figures set side by side: formulas, black box, baseline."""
        chosen = self.ranked("formula")[:2]
        others = (self.best("black box"), self.best("baseline"))
        return (*chosen, *(c for c in others if c is not None))

    @cached_property
    def chosen(self) -> tuple[FormulaResult, ...]:
        """The engines' chosen formulas, the better procedure first."""
        order = [c.engine for c in self.ranked("formula")]
        last = len(order)
        return tuple(
            sorted(
                self.result.best_formulas,
                key=lambda f: order.index(f.engine) if f.engine in order else last,
            )
        )

    @property
    def limits(self) -> tuple[LimitBy, ...]:
        """What the engines of the fronts are limited by, terms first."""
        kinds: tuple[LimitBy, ...] = ("terms", "complexity")
        found = {c.limit_by for c in self.result.competitors if c.kind == "front"}
        return tuple(by for by in kinds if by in found)

    def procedure(self, engine: str) -> Competitor | None:
        """Return the competitor that is the whole procedure of an engine."""
        for c in self.result.competitors:
            if c.kind == "formula" and c.engine == engine:
                return c
        return None

    def label(self, name: str) -> str:
        """Return the printed name of a competitor."""
        return self.competitors[name].label if name in self.competitors else name

    @cached_property
    def _descriptors(self) -> dict[str, Descriptor]:
        own = {d.name: d for f in self.result.formulas for d in f.formula.variables}
        return own | {d.name: d for d in self.result.descriptors.computed}

    def descriptor(self, name: str) -> Descriptor:
        """Return what is known of a descriptor."""
        return self._descriptors.get(name) or plain(name)

    def symbol(self, name: str) -> Inline:
        """Return the symbol of a descriptor; its name where it has none."""
        return symbol_of(self.descriptor(name))

    @property
    def grouped(self) -> bool:
        """Whether some rows are held out together, as one group."""
        return self.result.data.n_groups < self.result.data.rows_used

    @property
    def target_unit(self) -> Unit:
        """Unit of the target; of a probability it is 1."""
        return NUMBER if self.classification else self.result.data.target.unit

    def unit_of(self, one: Metric) -> Unit:
        """Return the unit of a metric."""
        return self.target_unit if one.scaled else NUMBER

    def decimals(self, one: Metric) -> int:
        """Return the decimals that a metric is shown with throughout."""
        if not one.scaled:
            return 3
        means = sorted(
            s.mean
            for (scheme, _, key), s in self.scores.items()
            if scheme == self.main.name and key == one.key and math.isfinite(s.mean)
        )
        return decimals_for(means[len(means) // 2]) if means else 2

    def written(self, score: Score, one: Metric) -> str:
        """Write the mean and spread of a score."""
        return spread(score.mean, score.sd, self.decimals(one))

    def written_pooled(self, score: Score, one: Metric) -> str:
        """Write the score of all held-out rows together."""
        return fixed(score.pooled, self.decimals(one))


def in_unit(unit: Unit) -> str:
    """Return a unit to stand behind a number, or nothing."""
    return "" if unit.text == "1" else f"\u00a0{unit_text(unit)}"
