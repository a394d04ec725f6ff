"""scikit-learn's own checks of every engine, each exception with its reason."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from hecsr.search.lasso import LassoFormula, LassoFormulaClassifier
from hecsr.search.lasso_basis import LassoBasis
from hecsr.search.sisso.estimator import SissoClassifier, SissoRegressor
from hecsr.search.sisso.space import Budget, SearchSpace

SMALL = {
    "space": SearchSpace(operators=("+", "-", "*"), rungs=1, max_complexity=1),
    "budget": Budget(sis=5),
    "max_terms": 2,
}
PLAIN = {"basis": LassoBasis(products=False, ratios=False), "max_terms": 2}


def reasons(estimator):
    # the least-squares LASSO chooses alike on the check's data, whatever the folds
    if not estimator.inner_folds or isinstance(estimator, LassoFormula):
        return {}
    return {
        "check_sample_weight_equivalence_on_dense_data": (
            "the inner folds part repeated rows, which one weighted row cannot be"
        ),
    }


@parametrize_with_checks(
    [
        SissoRegressor(**SMALL, inner_folds=2),
        SissoClassifier(**SMALL, inner_folds=2),
        SissoRegressor(**SMALL, inner_folds=2, fit_intercept=False),
        SissoRegressor(**SMALL, inner_folds=0),
        SissoRegressor(**SMALL, inner_folds=0, fit_intercept=False),
        SissoRegressor(**SMALL, inner_folds=0, method="omp", n_jobs=2),
        SissoClassifier(**SMALL, inner_folds=0),
        LassoFormula(**PLAIN, inner_folds=2),
        LassoFormulaClassifier(**PLAIN, inner_folds=2),
        LassoFormula(**PLAIN, inner_folds=0),
        LassoFormulaClassifier(**PLAIN, inner_folds=0),
    ],
    expected_failed_checks=reasons,
)
def test_sklearn_contract(estimator, check):
    check(estimator)
