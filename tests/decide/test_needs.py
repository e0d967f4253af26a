"""What a study needs rules rungs out, whatever they score."""

import pytest

from suffice.decide.needs import against
from suffice.settings import NeedKeys


@pytest.mark.parametrize(
    ("needs", "out"),
    [
        (NeedKeys(), set()),
        (NeedKeys(citations=True), {"prompt", "fewshot", "schema", "tune", "distil"}),
        (NeedKeys(deletion=True), {"tune", "hybrid", "distil"}),
        (NeedKeys(tenants=True), {"tune", "hybrid", "distil"}),
        (NeedKeys(offline=True), set()),  # a model that is not here is refused when it is named
    ],
)
def test_each_need_rules_out_what_cannot_meet_it(needs: NeedKeys, out: set[str]) -> None:
    """And says which need it is."""
    rungs = ("prompt", "fewshot", "schema", "longcontext", "retrieve", "tune", "hybrid", "distil")
    assert {rung for rung in rungs if against(rung, needs)} == out
    assert all("needs." in against(rung, needs) for rung in out)


def test_all_reasons_are_told() -> None:
    """Not only the first."""
    said = against("tune", NeedKeys(citations=True, deletion=True, tenants=True))
    assert said.count("needs.") == 3
