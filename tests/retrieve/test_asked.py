"""Questions are remembered, and leave no trace on the disk."""

from pathlib import Path

import numpy as np

from suffice.retrieve.asked import Asked
from suffice.retrieve.vectors import Vectors
from tests.evaluate.metrics.contexts import LetterEmbedder
from tests.retrieve.test_vectors import Counting


def test_a_question_is_embedded_once_and_never_written(tmp_path: Path) -> None:
    """Its vector is that of the embedder; the file does not learn what was asked."""
    vectors = Vectors(embedder := Counting(), tmp_path / "v.sqlite")
    asked = Asked(vectors)
    for _ in range(2):
        found = asked.embed(["why abc", "how abc"])
        assert np.array_equal(found, LetterEmbedder().embed(["why abc", "how abc"]))
    assert embedder.asked == ["why abc", "how abc"]
    assert len(vectors) == 0
