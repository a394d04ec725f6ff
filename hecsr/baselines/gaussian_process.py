"""Gaussian processes on standardised descriptors, for values and for two classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from hecsr.baselines.kernels import Covariance, Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# L-BFGS steps; the inner folds judge what comes out.
_STEPS: Final = 80
_NEWTON_STEPS: Final = 50


class _GaussianProcess(BaseEstimator):  # type: ignore[misc]
    """What both tasks share: scaling, and the search for the hyperparameters.

    Parameters
    ----------
    kernel
        'rbf' (smooth) or 'matern32' (rougher).
    ard
        Whether each descriptor has a length scale of its own (automatic relevance
        determination); they are drawn to a common one by a normal prior on their
        logarithms, without which tens of them fit a few hundred rows by chance.
    held
        Hyperparameters to keep, as `hyperparameters_` of a fitted process; None to
        find those of the largest marginal likelihood. A descriptor that they do not
        name has the geometric mean of the length scales.
    """

    def __init__(
        self,
        kernel: Kernel = "matern32",
        *,
        ard: bool = False,
        held: Mapping[str, Any] | None = None,
    ) -> None:
        self.kernel = kernel
        self.ard = ard
        self.held = held

    def held_parameters(self) -> dict[str, Any]:
        """Return the parameters with which a refit keeps what was found here."""
        check_is_fitted(self, "hyperparameters_")
        return {"held": self.hyperparameters_}

    def _prepare(self, X: Any) -> Array:
        self._names = _names(X)
        values = np.asarray(X, dtype=np.float64)
        self._centre = values.mean(axis=0)
        spread = values.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        self.n_features_in_ = values.shape[1]
        return self._scaled(values)

    def _scaled(self, X: Any) -> Array:
        scaled: Array = (np.asarray(X, dtype=np.float64) - self._centre) / self._spread
        return scaled

    def _choose(
        self,
        scaled: Array,
        evidence: Callable[[Covariance], tuple[float, Array]],
        *,
        noise: bool,
    ) -> Covariance:
        """Return the covariance of the largest evidence, or the one that is held."""
        start = Covariance.start(self.kernel, scaled, ard=self.ard, noise=noise)
        if self.held is not None:
            return start.holding(self.held, self._names)
        if self.ard:
            # from the best common length scale, or many starts would be needed
            common = Covariance.start(self.kernel, scaled, ard=False, noise=noise)
            start = start.like(_largest(common, evidence))
        return _largest(start, evidence)

    def _keep(self, covariance: Covariance) -> None:
        self._covariance = covariance
        self.hyperparameters_ = covariance.named(self._names)


class GaussianProcess(RegressorMixin, _GaussianProcess):  # type: ignore[misc]
    """Gaussian process regression with noise; the target is standardised inside.

    The marginal likelihood and its gradient are equations 5.8 and 5.9 of Rasmussen
    and Williams, Gaussian Processes for Machine Learning, MIT Press 2006.

    Attributes
    ----------
    hyperparameters_ : dict
        'signal' and 'noise': variances in units of the target's; 'scales': length
        scales by descriptor, in its standard deviations.
    evidence_ : float
        Logarithm of the marginal likelihood of the standardised target.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Find the hyperparameters and condition on the rows."""
        scaled = self._prepare(X)
        target = np.asarray(y, dtype=np.float64)
        self._level = float(target.mean())
        self._unit = float(target.std()) or 1.0
        z = (target - self._level) / self._unit

        def evidence(covariance: Covariance) -> tuple[float, Array]:
            value, weights, inverse = _regression_evidence(covariance, z)
            pull = np.outer(weights, weights) - inverse
            return value, covariance.gradient(0.5 * pull)

        chosen = self._choose(scaled, evidence, noise=True)
        self.evidence_, self._weights, _ = _regression_evidence(chosen, z)
        self._keep(chosen)
        return self

    def predict(self, X: Any) -> Array:
        """Predict the mean."""
        check_is_fitted(self, "hyperparameters_")
        shared = self._covariance.between(self._scaled(X))
        found: Array = self._level + self._unit * (shared @ self._weights)
        return found


class GaussianProcessClasses(ClassifierMixin, _GaussianProcess):  # type: ignore[misc]
    """Gaussian process classification into two classes, by Laplace's approximation.

    Algorithms 3.1, 3.2 and 5.1 of Rasmussen and Williams, Gaussian Processes for
    Machine Learning, MIT Press 2006, with the logistic likelihood. The latent
    function's mean is that of the classes' shares; the mean of the logistic over the
    latent distribution is MacKay's approximation, Neural Comput. 4, 720 (1992),
    equation 10.

    Attributes
    ----------
    hyperparameters_ : dict
        'signal': variance of the latent function; 'scales': length scales by
        descriptor, in its standard deviations.
    evidence_ : float
        Approximate logarithm of the marginal likelihood.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Find the hyperparameters and the mode of the latent function."""
        scaled = self._prepare(X)
        target = np.asarray(y)
        self.classes_ = np.unique(target)
        signs = np.where(target == self.classes_[-1], 1.0, -1.0)
        # one more row of each class, so that a class without rows is thinkable
        share = (np.sum(signs > 0) + 1) / (len(signs) + 2)
        self._level = float(logit(share))

        def evidence(covariance: Covariance) -> tuple[float, Array]:
            mode = _Mode(covariance.matrix(), signs, self._level)
            return mode.evidence, covariance.gradient(mode.pull())

        chosen = self._choose(scaled, evidence, noise=False)
        self._mode = _Mode(chosen.matrix(), signs, self._level)
        self.evidence_ = self._mode.evidence
        self._keep(chosen)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Probabilities of the classes."""
        check_is_fitted(self, "hyperparameters_")
        scaled = self._scaled(X)
        shared = self._covariance.between(scaled)
        latent = self._level + shared @ self._mode.slope
        roots = self._mode.roots[:, None]
        drawn = solve_triangular(self._mode.lower, roots * shared.T, lower=True)
        variance = self._covariance.variance - (drawn**2).sum(axis=0)
        p = expit(latent / np.sqrt(1 + np.pi / 8 * np.maximum(variance, 0.0)))
        return np.column_stack([1 - p, p])

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the likelier class."""
        place = (self.predict_proba(X)[:, 1] >= 0.5).astype(np.intp)
        found: NDArray[Any] = self.classes_[place]
        return found


def _largest(
    start: Covariance, evidence: Callable[[Covariance], tuple[float, Array]]
) -> Covariance:
    """Return the covariance of the largest evidence times prior, from `start` on."""

    def cost(theta: Array) -> tuple[float, Array]:
        covariance = start.at(theta)
        try:
            value, gradient = evidence(covariance)
        except np.linalg.LinAlgError:
            return np.inf, np.zeros_like(theta)
        prior, pull = covariance.prior()
        return -value - prior, -gradient - pull

    found = minimize(
        cost,
        start.theta,
        jac=True,
        method="L-BFGS-B",
        bounds=start.bounds(),
        options={"maxiter": _STEPS},
    )
    return start.at(found.x)


def _regression_evidence(
    covariance: Covariance, z: Array
) -> tuple[float, Array, Array]:
    """Return the log marginal likelihood, K^-1 z, and K^-1."""
    lower = cholesky(covariance.matrix(), lower=True)
    weights = cho_solve((lower, True), z)
    inverse = cho_solve((lower, True), np.eye(len(z)))
    value = -0.5 * z @ weights - np.log(np.diag(lower)).sum()
    return float(value - 0.5 * len(z) * np.log(2 * np.pi)), weights, inverse


class _Mode:
    """The most probable latent function, and Laplace's approximation around it.

    `slope` is the gradient of the log-likelihood there, `lower` the Cholesky factor
    of B = I + W^1/2 K W^1/2 and `roots` the diagonal of W^1/2.
    """

    def __init__(self, matrix: Array, signs: Array, level: float) -> None:
        self.matrix = matrix
        identity = np.eye(len(signs))
        latent = np.zeros(len(signs))
        best = -np.inf
        for _ in range(_NEWTON_STEPS):
            p = expit(level + latent)
            self.roots = np.sqrt(p * (1 - p))
            scaled = self.roots[:, None] * matrix
            self.lower = cholesky(identity + scaled * self.roots, lower=True)
            self.slope = (signs + 1) / 2 - p
            b = self.roots**2 * latent + self.slope
            inner = cho_solve((self.lower, True), scaled @ b)
            a = b - self.roots * inner
            value = -0.5 * a @ latent + log_expit(signs * (level + latent)).sum()
            if value - best < 1e-10:
                break
            best = value
            latent = matrix @ a
        self.p = p
        self.evidence = float(value - np.log(np.diag(self.lower)).sum())

    def pull(self) -> Array:
        """Return M such that the gradient is the sum of M times that of the matrix."""
        half = solve_triangular(self.lower, np.diag(self.roots), lower=True)
        inverse = half.T @ half
        drawn = half @ self.matrix
        left = np.diag(self.matrix) - (drawn**2).sum(axis=0)
        third = -self.p * (1 - self.p) * (1 - 2 * self.p)
        bent = 0.5 * left * third
        moved = bent - inverse @ (self.matrix @ bent)
        explicit = np.outer(self.slope, self.slope) - inverse
        implicit = np.outer(moved, self.slope)
        total: Array = 0.5 * (explicit + implicit + implicit.T)
        return total


def _names(X: Any) -> tuple[str, ...]:
    if hasattr(X, "columns"):
        return tuple(map(str, X.columns))
    return tuple(f"x{i}" for i in range(np.shape(X)[1]))
