"""Emulators: fast stand-ins for trials, one for each figure that the field measured.

A Gaussian process over the parameters that move a figure most, with a linear trend. What all other parameters do to it is
part of its uncertainty (a white part of the kernel); chance in the worlds lived is known vector by vector and told apart from that.
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibration.space import Units
from sim.calibration.targets import Target
from sim.errors import InputError

ACTIVE = 10
"""Parameters at most by which an emulator tells vectors apart."""
FEWEST = 30
"""Vectors with a known figure that it takes to make an emulator."""
FITTED = 400
"""Vectors on which its scales are fitted; it then knows all of them."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """A stand-in for one figure.

    Attributes
    ----------
    target : Target
        The figure.
    active : array of int
        Columns of the parameters that it looks at, those that move it most first.
    process : GaussianProcessRegressor
        Fitted on them.
    middle, scale : float
        By which figures were standardised.
    floor : float
        Variance of the mean of so many vectors, below which no expectation is known, as a share of that of all figures.
    explained : float
        Share of the variance of figures that it foretells of vectors it has not seen (leave-one-out).
    covered : float
        Share of the figures it has not seen that lie within its 95 % interval.
    vectors : int
        On which it rests.
    """

    target: Target
    active: NDArray[np.int64]
    process: Any
    middle: float
    scale: float
    floor: float
    explained: float
    covered: float
    vectors: int

    def foretell(self, units: Units) -> tuple[Units, Units]:
        """Return the figure expected under vectors, and the standard deviation of that expectation, each of shape (vectors,)."""
        mean, spread = self.process.predict(units[:, self.active], return_std=True)
        return mean * self.scale + self.middle, np.sqrt(spread**2 + self.floor) * self.scale


def _screen(units: Units, figure: Units) -> NDArray[np.int64]:
    """Choose the parameters that move a figure most, by lasso over straight lines and parabolas."""
    from sklearn.linear_model import LassoCV

    centred = units - 0.5
    bent = centred**2 - 1.0 / 12.0
    columns = np.concatenate([centred / centred.std(axis=0), bent / bent.std(axis=0)], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = LassoCV(cv=5, alphas=30, random_state=0).fit(columns, figure)
    size = np.hypot(*np.abs(found.coef_).reshape(2, -1))
    order = np.argsort(-size, kind="stable")[:ACTIVE]
    kept = order[size[order] > 0.0]
    return kept if kept.size else order[:1]


def check_library() -> None:
    """Check, before anything is lived, that the library that emulators are made with is installed.

    Raises
    ------
    InputError
        If scikit-learn is not installed.
    """
    if importlib.util.find_spec("sklearn") is None:
        right = "pip install 'bridgework[discovery]'"
        raise InputError("calibration needs scikit-learn, which is not installed", where="calibrate", right=right)


def emulate(target: Target, units: Units, figure: Units, noise: Units) -> Emulator | None:
    """Make the emulator of one figure; None where it is known of too few vectors, or the same in all.

    Parameters
    ----------
    target : Target
        What is emulated.
    units : array of float, shape (vectors, parameters)
        Positions from 0 to 1.
    figure, noise : array of float, shape (vectors,)
        What was found under each, NaN where unknown, and its standard error over worlds.
    """
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel
    from threadpoolctl import threadpool_limits

    known = np.isfinite(figure)
    if known.sum() < FEWEST:
        return None
    units, figure, noise = units[known], target.near(figure[known]), noise[known]
    middle, scale = float(figure.mean()), float(figure.std())
    if scale <= 1e-12 * max(abs(middle), 1.0):
        return None
    standard, chance = (figure - middle) / scale, _chance(noise / scale)
    with threadpool_limits(1):  # so that the very same comes out on machines with more cores
        active = _screen(units, standard)
    kernel = (
        ConstantKernel(0.3, (1e-3, 1e2)) * DotProduct(1.0, (1e-2, 1e2))
        + ConstantKernel(0.5, (1e-3, 1e2)) * RBF(np.full(active.size, 1.0), (0.1, 30.0))
    ) + WhiteKernel(0.3, (1e-4, 2.0))
    chosen = np.random.default_rng(0).permutation(len(standard))[:FITTED]
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # scales at the end of their range are no fault: a parameter that hardly matters
        fitted = GaussianProcessRegressor(kernel, alpha=chance[chosen], random_state=0)
        fitted.fit(units[np.ix_(chosen, active)], standard[chosen])
        process = GaussianProcessRegressor(fitted.kernel_, alpha=chance, optimizer=None).fit(units[:, active], standard)
        inverse = np.linalg.inv(process.kernel_(units[:, active]) + np.diag(chance))
    error = (inverse @ standard) / inverse.diagonal()
    spread = 1.0 / np.sqrt(inverse.diagonal())
    return Emulator(
        target, active, process, middle, scale,
        (float(process.kernel_.k2.noise_level) + float(chance.mean())) / len(standard),
        1.0 - float(np.square(error).mean()),
        float((np.abs(error) <= 1.96 * spread).mean()),
        len(standard),
    )  # fmt: skip


def _chance(noise: Units) -> Units:
    """Return the variance of each figure that comes from chance in its worlds, as a share of that of all figures.

    Where it is not known it is taken for the usual one; none is more than what figures differ by altogether.
    """
    known = np.isfinite(noise)
    usual = float(np.median(noise[known])) if known.any() else 0.0
    return np.minimum(np.where(known, noise, usual) ** 2, 1.0) + 1e-8


def implausibility(emulators: list[Emulator], units: Units) -> NDArray[np.float64]:
    """Return how many standard deviations each figure is expected outside its band, 0 within it: shape (vectors, emulators)."""
    out = np.empty((len(units), len(emulators)))
    for k, emulator in enumerate(emulators):
        mean, spread = emulator.foretell(units)
        out[:, k] = emulator.target.outside(mean) / np.maximum(spread, math.ulp(1.0))
    return out
