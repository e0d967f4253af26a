"""What a set of cases can resolve, told before anything is asked."""

from suffice.decide.resolution import resolution
from tests.decide.trials import some_cases


def test_a_hundred_cases_cannot_settle_five_points() -> None:
    """It is said, with the number that would."""
    found = resolution(some_cases(100), margin=0.03)
    assert found.detectable is not None
    assert found.detectable > 0.05
    assert found.cases_for_five_points > 500
    said = " ".join(found.sentences)
    assert "They cannot settle 5 points" in said
    assert str(found.cases_for_five_points) in said


def test_enough_cases_can() -> None:
    """With what it asks for, the sentence is gone."""
    needed = resolution(some_cases(100), margin=0.05).cases_for_five_points
    found = resolution(some_cases(needed), margin=0.05)
    assert found.detectable is not None
    assert found.detectable <= 0.05
    assert "cannot settle" not in " ".join(found.sentences)


def test_cases_that_share_clusters_resolve_less() -> None:
    """Ten pages with twenty questions each say less than two hundred pages."""
    alone, together = (resolution(some_cases(200, size), margin=0.03) for size in (1, 20))
    assert alone.detectable is not None
    assert together.detectable is not None
    assert together.detectable > 1.5 * alone.detectable


def test_below_ten_clusters_nothing_is_promised() -> None:
    """The only sentence is that no comparison will be made."""
    found = resolution(some_cases(90, per_cluster=10), margin=0.03)
    assert found.too_few_clusters
    assert found.sentences == (
        "90 held-out cases in 9 clusters: no verdict is given below 10 clusters. Add cases from "
        "other sources, or set a smaller `split: {dev: ...}`.",
    )


def test_a_finer_margin_takes_more() -> None:
    """The margin's own number of cases is told where they do not reach it."""
    found = resolution(some_cases(100), margin=0.02)
    assert found.cases_for_margin > found.cases_for_five_points
    assert f"The margin of 2 points takes about {found.cases_for_margin}." in found.sentences
