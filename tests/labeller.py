"""A labeller that errs as wanted: formats as clouds of points, read by a classifier trained at the base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

BASE = np.array([0.15, 0.35, 0.45, 0.05])
LATE = np.array([0.97, 0.015, 0.010, 0.005])
MIDDLE = np.array([0.55, 0.20, 0.22, 0.03])


@dataclass(frozen=True)
class Scene:
    """Completions of one checkpoint: their true formats, and what the labeller made of them."""

    true: np.ndarray
    predicted: np.ndarray
    posteriors: np.ndarray


class Labeller:
    """Four formats around corners of a simplex; `separation` sets how often they are confused.

    `drift` moves completions of the first format towards the second, as training changes how a winner looks.
    """

    def __init__(self, separation: float, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.centres = np.eye(4) * separation
        true, points = self.completions(BASE, 3000)
        self.model = LogisticRegression(max_iter=500).fit(points, true)
        self.checked = self.read(*self.completions(BASE, 1000))

    def completions(self, shares: np.ndarray, size: int, drift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        true = self.draw.choice(4, size, p=shares)
        centres = self.centres.copy()
        centres[0] += drift * (centres[1] - centres[0])
        return true, centres[true] + self.draw.normal(size=(size, 4))

    def read(self, true: np.ndarray, points: np.ndarray) -> Scene:
        posteriors = self.model.predict_proba(points)
        return Scene(true, posteriors.argmax(axis=1), posteriors)

    def scene(self, shares: np.ndarray, size: int = 1024, drift: float = 0.0) -> Scene:
        return self.read(*self.completions(shares, size, drift))
