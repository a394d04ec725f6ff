"""A model's own choices, kept for refits without one of its descriptors."""

from __future__ import annotations

from typing import Any

from hecsr.validation.compare import chosen_limit


def frozen(model: Any) -> Any:
    """Return an unfitted estimator that refits like `model` at less cost.

    The refits of drop importance ask what a descriptor is worth to this model, not
    to another that inner folds would choose without it. So the choices that the
    fold made are kept and nothing is tuned again:

    - a model with a method ``frozen()`` says itself what it keeps (a tuned black
      box its best parameters);
    - a formula engine repeats its whole search, limited to the number of terms
      chosen in the fold, without inner folds (parameters ``max_terms`` and
      ``inner_folds``, where it has them);
    - anything else is refitted as it is.
    """
    from sklearn.base import clone

    if hasattr(model, "frozen"):
        return model.frozen()
    again = clone(model)
    parameters = again.get_params(deep=False)
    limit = chosen_limit(model)
    if limit and {"max_terms", "inner_folds"} <= parameters.keys():
        again.set_params(max_terms=limit, inner_folds=0)
    return again
