"""How surely two segments are told apart: a linear discriminant that never heard the context it is asked about."""

from __future__ import annotations

import numpy as np

from voices.measure.segments.rendering import Samples


def identified(features: Samples, members: Samples, contexts: Samples) -> float:
    """Share of renders put on the right side, each context left out once (0.5 is chance).

    Shrinkage after Ledoit & Wolf 2004: there are more features than renders.

    :param features: one row a render.
    :param members: 0 or 1, which of the pair a render is.
    :param contexts: number of the context; of one context nothing is in the training.
    """
    # Here, not above: a second to import, and only those who measure have it (extra `measure`).
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    right = 0
    for context in np.unique(contexts):
        inside, outside = contexts == context, contexts != context
        mean, spread = features[outside].mean(axis=0), features[outside].std(axis=0) + 1e-6
        listener = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        listener.fit((features[outside] - mean) / spread, members[outside])
        right += int(np.sum(listener.predict((features[inside] - mean) / spread) == members[inside]))
    return right / len(members)


def higher_share(higher: Samples, lower: Samples) -> float:
    """Share of pairs in which the member that should be higher is (area under the ROC curve; ties count half)."""
    differences = higher[:, None] - lower[None, :]
    return float(np.mean((differences > 0) + 0.5 * (differences == 0)))
