"""What the validation found, as the tables that are written beside the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hecsr.result import StudyResult


def validation_frames(result: StudyResult) -> Mapping[str, pd.DataFrame]:
    """Return the tables by the names of their files; only those that were made."""
    return {
        **_differences(result),
        **_domain(result),
        **_agreement(result),
        **_chance(result),
        **_stability(result),
        **_rashomon(result),
        **_learning(result),
        **_multitask(result),
    }


def _differences(result: StudyResult) -> dict[str, pd.DataFrame]:
    import pandas as pd

    found = result.significance
    if found is None:
        return {}
    both = [found.rivals.assign(family="rivals"), found.pairs.assign(family="pairs")]
    return {
        "significance": pd.concat(both, ignore_index=True),
        "ranks": found.ranks,
    }


def _domain(result: StudyResult) -> dict[str, pd.DataFrame]:
    found = result.applicability
    if found is None:
        return {}
    return {
        "applicability": found.places,
        "applicability_summary": found.summary,
        "applicability_ranks": found.ranks,
    }


def _agreement(result: StudyResult) -> dict[str, pd.DataFrame]:
    found = result.agreement
    if found is None:
        return {}
    return {
        "agreement": found.ranks,
        "contributions": found.terms_frame(),
        "dependence": found.dependence,
        "local_effects": found.effects,
        "correlated": found.correlated,
    }


def _chance(result: StudyResult) -> dict[str, pd.DataFrame]:
    found = result.chance
    if found is None:
        return {}
    tables = {
        "chance": found.scores,
        "chance_fits": found.fits,
        "chance_tests": found.tests,
    }
    if found.space is not None:
        tables["feature_space"] = found.space.growth
        tables["feature_space_fits"] = found.space.fits
    return tables


def _stability(result: StudyResult) -> dict[str, pd.DataFrame]:
    found = result.stability
    if found is None:
        return {}
    draws = found.draws.drop(columns="constants", errors="ignore")
    return {
        "stability_draws": _plain(draws),
        "stability_descriptors": _plain(found.descriptors),
        "stability_families": _plain(found.families),
        "stability_terms": _plain(found.terms),
        "stability_formulas": _plain(found.formulas),
        "stability_coefficients": _plain(found.coefficients),
    }


def _rashomon(result: StudyResult) -> dict[str, pd.DataFrame]:
    found: dict[str, pd.DataFrame] = {}
    for one in result.rashomon:
        # one list of formulas is the rule; a second would bear its engine's name
        tail = "" if one is result.rashomon[0] else f"_{one.engine}"
        tables = {
            "rashomon": one.members,
            "rashomon_sizes": one.sizes,
            "rashomon_folds": one.folds,
            "inclusion": one.descriptors,
            "inclusion_terms": one.features,
            "averaging": one.held,
            "averaging_scores": one.scores,
            "coverage": one.coverage,
            "calibration": one.calibration,
        }
        found |= {f"{k}{tail}": _plain(v) for k, v in tables.items()}
    return found


def _learning(result: StudyResult) -> dict[str, pd.DataFrame]:
    found = result.learning
    if found is None:
        return {}
    # seconds differ from run to run; those of the stages stand in run.json
    curves = found.curves.drop(columns="seconds", errors="ignore")
    return {"learning_curves": curves, "overfitting": found.fronts}


def _multitask(result: StudyResult) -> dict[str, pd.DataFrame]:
    found = result.multitask
    if found is None:
        return {}
    return {
        "multitask": found.significance.pairs,
        "multitask_coefficients": found.coefficients,
        "multitask_left_out": found.left_out,
        "multitask_predictions": found.predictions,
        "multitask_scores": found.scores,
    }


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Write lists of names as text, as a cell of a CSV holds it."""
    kept = frame.copy()
    for name in kept.columns:
        column = kept[name]
        if column.map(lambda cell: isinstance(cell, tuple | list | frozenset)).any():
            kept[name] = [
                ", ".join(map(str, cell))
                if isinstance(cell, tuple | list | frozenset)
                else cell
                for cell in column
            ]
    return kept
