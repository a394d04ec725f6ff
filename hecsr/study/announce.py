"""What a run is going to do, told beforehand, so that the time left counts it all.

Counts are those of the stages themselves; seconds are not known yet, and so a part is
said to take so many times as long as a fit of the comparison. Where that is wrong the
first finished part of the kind puts it right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hecsr.baselines import BLACK_BOXES
from hecsr.importance.agreement import compared_box
from hecsr.importance.drop import BATCH
from hecsr.study.doubt import expect_doubts
from hecsr.study.full import FOREST, SPACE_SCRAMBLES, learners, listing_engine
from hecsr.validation.compare import filtered_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from hecsr.config import Analysis
    from hecsr.study.doubt import Doubts
    from hecsr.study.engines import Engine
    from hecsr.validation.compare import Comparison, Entrant
    from hecsr.validation.folds import Split, Splits
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import Problem

_COMPARISON: Final = "comparison"
# Predictions with a model that is at hand, in fits: seen over all competitors of
# carbide_efa. From one to another they differ much.
_SHUFFLED: Final = 0.1
_SHAP: Final = 0.3


@dataclass(frozen=True, eq=False)
class Announcer:
    """Tells a runner of the parts of every stage.

    Attributes
    ----------
    schemes
        The main one first.
    doubts
        The doubtful labels; None where the analysis has no section on them.
    full
        Whether the long validation is asked for.
    """

    runner: Runner
    analysis: Analysis
    engines: Sequence[Engine]
    entrants: Sequence[Entrant]
    problem: Problem
    schemes: Sequence[Splits]
    doubts: Doubts | None = None
    full: bool = False

    def announce(self) -> None:
        """Announce every stage."""
        fits = sum(len(scheme) for scheme in self.schemes)
        for entrant in self.entrants:
            self.runner.expect(_COMPARISON, entrant.competitor.name, fits)
        self._explanation()
        if self.doubts is not None:
            expect_doubts(self.runner, self.doubts, len(self._first))
        if self.full:
            self._chance()
            self._stability()
            self._standing()
            # who is the best black box is not known yet: one of them stands for it
            others = [n for n in self._of_kind("black box") if n != FOREST]
            self._learning({FOREST, *others[:1], *self._engines})

    def announce_learning(self, comparison: Comparison, metric: str) -> None:
        """Announce the learning curves anew, once the best black box is known."""
        if self.full:
            chosen = learners(self.engines, self.entrants, comparison, metric)
            self._learning({entrant.competitor.name for entrant in chosen})

    @property
    def _engines(self) -> dict[str, Engine]:
        return {engine.name: engine for engine in self.engines}

    @property
    def _first(self) -> list[Split]:
        """The folds of the first repeat of the main scheme."""
        main = self.schemes[0]
        least = min(split.repeat for split in main)
        return [split for split in main if split.repeat == least]

    def _of_kind(self, *kinds: str) -> list[str]:
        named = (entrant.competitor for entrant in self.entrants)
        return [c.name for c in named if c.kind in kinds]

    def _like(
        self, stage: str, name: str, n: int, times: float = 1.0, kind: str = ""
    ) -> None:
        """Announce parts that take `times` as long as fits of a competitor."""
        like = (_COMPARISON, name)
        self.runner.expect(stage, kind or name, n, like=like, times=times)

    def _explanation(self) -> None:
        asked, engines = self.analysis.explain, self._engines
        boxes = {BLACK_BOXES[key].name for key in asked.black_boxes}
        columns = [
            len(filtered_columns(self.problem.filter_on(split.train)))
            for split in self._first
        ]
        families = [len(self.problem.families)] * len(self._first)
        for entrant in self.entrants:
            name = entrant.competitor.name
            if not (entrant.competitor.kind == "formula" or name in boxes):
                continue
            self._like("permutation importance", name, len(self.schemes[0]), _SHUFFLED)
            quick = name not in engines or engines[name].refits
            if asked.drop and (quick or self.full):
                for stage, left_out in (
                    ("drop a descriptor", columns),
                    ("drop a family", families),
                ):
                    n = sum(math.ceil(k / BATCH) for k in left_out)
                    times = self._refits(entrant, sum(left_out) / n)
                    self._like(stage, name, n, times)
            if asked.shap:
                self._like("SHAP", name, len(self._first), _SHAP)
        box = compared_box(self.entrants)
        if box is not None:
            self._like("partial dependence", box.competitor.name, 1)

    def _refits(self, entrant: Entrant, batch: float) -> float:
        """Return how many fits of the comparison a batch of refits takes."""
        engine = self._engines.get(entrant.competitor.name)
        if engine is not None and not engine.refits:
            # the fit with all descriptors, and those without one that it uses, few
            return 2 * engine.repeated_share
        # what the fold chose is kept: nothing is tuned again
        return batch * _last(entrant.estimator)

    def _chance(self) -> None:
        scrambles = self.analysis.validation.full.scrambles
        if not scrambles:
            return
        n = (scrambles + 1) * len(self._first)
        for engine in self.engines:
            self._like("scrambled targets", engine.name, n, engine.repeated_share)
        listing = listing_engine(self.engines)
        if listing is not None:
            from hecsr.validation.feature_space import searched_spaces

            _, spaces, _ = searched_spaces(listing, self.problem)
            share = _last(listing.estimator)
            for s in range(len(spaces)):
                self._like(
                    "feature space",
                    listing.name,
                    SPACE_SCRAMBLES + 1,
                    share,
                    f"space {s + 1}",
                )

    def _stability(self) -> None:
        bootstraps = self.analysis.validation.full.bootstraps
        if not bootstraps:
            return
        for engine in self.engines:
            share = engine.repeated_share
            self._like("bootstraps", engine.name, bootstraps, share)
            # all bootstraps at once; nothing is searched
            self._like("coefficients on bootstraps", engine.name, 1)

    def _standing(self) -> None:
        from hecsr.search.sisso.listing import has_list

        for engine in self.engines:
            if has_list(engine.estimator):
                self._like(
                    "Rashomon set",
                    engine.name,
                    len(self._first) + 1,
                    kind=f"{engine.name}, formulas not told from the best",
                )

    def _learning(self, names: Collection[str]) -> None:
        """Announce the curves of these, and take back those of the others."""
        asked, engines = self.analysis.validation.full, self._engines
        for name in self._of_kind("formula", "black box"):
            whole = engines[name].repeated_share if name in engines else 1.0
            for share in sorted(set(asked.learning_sizes)):
                # all rows are one part, whatever the repeats
                repeats = 1 if share == 1 else asked.learning_repeats
                n = len(self._first) * repeats if name in names else 0
                kind = f"{name}, {share:g}"
                self._like("learning curves", name, n, whole * share, kind)


def _last(estimator: Any) -> float:
    """Return which share of a competitor's fit its last one is, all choices made."""
    if not hasattr(estimator, "grid"):
        return 1 / (int(getattr(estimator, "inner_folds", 0)) + 1)
    if not estimator.grid:
        return 1.0
    tried = math.prod(len(values) for values in estimator.grid.values())
    # the last fit has more of the same: trees, networks
    before = estimator.estimator.get_params()
    more = math.prod(
        value / before[name] for name, value in (estimator.final or {}).items()
    )
    return float(more / (tried * estimator.n_splits + more))
