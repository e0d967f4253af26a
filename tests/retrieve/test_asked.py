"""Questions to an embedder of this machine are remembered, and leave no trace on the disk."""

from pathlib import Path

import numpy as np

from suffice.retrieve.asked import for_questions
from suffice.retrieve.vectors import Vectors
from tests.evaluate.metrics.contexts import LetterEmbedder
from tests.retrieve.test_vectors import Counting


class Local(Counting):
    """Says that it runs on this machine."""

    local = True


def test_a_question_is_embedded_once_and_never_written(tmp_path: Path) -> None:
    """Its vector is that of the embedder; the file does not learn what was asked."""
    vectors = Vectors(embedder := Local(), tmp_path / "v.sqlite")
    asked = for_questions(vectors)
    for _ in range(2):
        found = asked.embed(["why abc", "how abc"])
        assert np.array_equal(found, LetterEmbedder().embed(["why abc", "how abc"]))
    assert embedder.asked == ["why abc", "how abc"]
    assert len(vectors) == 0
