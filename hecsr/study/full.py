"""The long validation: chance, stability, formulas of equal standing, more data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from hecsr.search.sisso.listing import has_list
from hecsr.validation.ranks import ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hecsr.config import Analysis
    from hecsr.result import FormulaResult
    from hecsr.study.engines import Engine
    from hecsr.validation.chance import Chance
    from hecsr.validation.compare import Comparison, Entrant
    from hecsr.validation.folds import Splits
    from hecsr.validation.learning import LearningCurves
    from hecsr.validation.parts import Runner
    from hecsr.validation.problem import Problem
    from hecsr.validation.rashomon import RashomonSet
    from hecsr.validation.stability import Stability

# The sparse search alone lists every formula of a size, and has a countable space.
_LISTING: Final = "sisso"
FOREST: Final = "rf"
SPACE_SCRAMBLES: Final = 20
"""Permuted targets of the estimate of the feature space that the rows support."""


@dataclass(frozen=True, eq=False)
class LongValidation:
    """What the long validation adds to a comparison."""

    chance: Chance | None
    stability: Stability
    rashomon: tuple[RashomonSet, ...]
    learning: LearningCurves | None


def lengthened(analysis: Analysis) -> Analysis:
    """Return the analysis with the repeats and black boxes of its long validation."""
    asked = analysis.validation
    boxes = list(dict.fromkeys([*asked.full.black_boxes, *analysis.black_boxes]))
    return analysis.model_copy(
        update={
            "black_boxes": boxes,
            "explain": analysis.explain.model_copy(update={"black_boxes": boxes}),
            "validation": asked.model_copy(
                update={"repeats": max(asked.repeats, asked.full.repeats)}
            ),
        }
    )


def long_validation(
    analysis: Analysis,
    engines: Sequence[Engine],
    entrants: Sequence[Entrant],
    problem: Problem,
    main: Splits,
    comparison: Comparison,
    formulas: Sequence[FormulaResult],
    metric: str,
    runner: Runner,
) -> LongValidation:
    """Carry out the long validation; every resample repeats the whole search."""
    from hecsr.validation.learning import learning_curves
    from hecsr.validation.rashomon import rashomon
    from hecsr.validation.stability import stability

    asked = analysis.validation.full
    seed, decision = analysis.seed, analysis.validation.decided
    first = _first_repeat(main)
    chance = None
    if asked.scrambles:
        chance = _chance(analysis, engines, problem, first, formulas, metric, runner)
    return LongValidation(
        chance=chance,
        stability=stability(
            engines,
            problem,
            comparison,
            formulas,
            bootstraps=asked.bootstraps,
            seed=seed,
            decision=decision,
            runner=runner,
        ),
        rashomon=tuple(
            rashomon(engine, problem, seed=seed, runner=runner, splits=first)
            for engine in engines
            if has_list(engine.estimator)
        ),
        learning=learning_curves(
            learners(engines, entrants, comparison, metric),
            problem,
            first,
            sizes=asked.learning_sizes,
            repeats=asked.learning_repeats,
            decision=decision,
            seed=seed,
            runner=runner,
        )
        if asked.learning_sizes
        else None,
    )


def _first_repeat(main: Splits) -> Splits:
    """Return the splits of the first repeat alone."""
    least = min(split.repeat for split in main)
    return replace(main, splits=tuple(s for s in main if s.repeat == least))


def _chance(
    analysis: Analysis,
    engines: Sequence[Engine],
    problem: Problem,
    first: Splits,
    formulas: Sequence[FormulaResult],
    metric: str,
    runner: Runner,
) -> Chance:
    from hecsr.validation.chance import scrambled
    from hecsr.validation.feature_space import supported_space

    found = scrambled(
        engines,
        problem,
        first,
        metric=metric,
        scrambles=analysis.validation.full.scrambles,
        decision=analysis.validation.decided,
        seed=analysis.seed,
        runner=runner,
    )
    engine = listing_engine(engines)
    if engine is None:
        return found
    terms = [f.limit for f in formulas if f.chosen and f.engine == engine.name]
    space = supported_space(
        engine,
        problem,
        held_out=found.held_out(engine.name),
        terms=max(terms, default=0) or None,
        scrambles=SPACE_SCRAMBLES,
        seed=analysis.seed,
        runner=runner,
    )
    return replace(found, space=space)


def listing_engine(engines: Sequence[Engine]) -> Engine | None:
    """Return the engine whose feature space can be counted, if it takes part."""
    return next((e for e in engines if e.name == _LISTING), None)


def learners(
    engines: Sequence[Engine],
    entrants: Sequence[Entrant],
    comparison: Comparison,
    metric: str,
) -> list[Entrant]:
    """Return the engines with their light budgets, the forest and the best other."""
    of = {engine.name: engine for engine in engines}
    boxes = [c.name for c in ranked(comparison, metric, ("black box",))]
    others = [name for name in boxes if name != FOREST]
    chosen = {FOREST, *others[:1]}
    found = []
    for entrant in entrants:
        name = entrant.competitor.name
        if name in of:
            found.append(_lightened(entrant, of[name]))
        elif name in chosen:
            found.append(entrant)
    return found


def _lightened(entrant: Entrant, engine: Engine) -> Entrant:
    said = f"{entrant.competitor.description}; here with {engine.light_words}"
    competitor = replace(entrant.competitor, description=said)
    return replace(entrant, competitor=competitor, estimator=engine.repeated)
