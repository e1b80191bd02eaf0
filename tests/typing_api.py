"""The public names as a typed program uses them; checked by mypy, not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import classifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def use(texts: Sequence[str]) -> None:
    """Use every public entry point with the types that it promises."""
    tagger: classifier.Tagger = classifier.load(version="2026-01-31-01")
    article: classifier.TaggedArticle = tagger.tag("One.", title="T", date="2026-01-31")
    issues: tuple[str, ...] = article.paragraphs[0].issues
    probabilities: NDArray[np.float64] = tagger.predict_proba(texts)
    slugs: tuple[str, ...] = tagger.issues
    explanation: classifier.Explanation = tagger.explain("One.", "taiwan")
    values: list[float] = [c.value for c in explanation.contributions]
    model: classifier.TrainedModel = classifier.train(
        labels="labels.csv", corpus="corpus/", codebook="corpus/codebook.toml"
    )
    name: str = model.save("models").name
    del issues, probabilities, slugs, values, name
