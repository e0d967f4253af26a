"""Who answers once a run has chosen: the system that the verdict is about."""

import json
from dataclasses import replace
from pathlib import Path

from suffice.evaluate.journal import Journal
from suffice.records import Check, Request
from suffice.winner import Winner
from tests.rungs.workshops import SCHEMA, shots_of, some_examples
from tests.test_ladder import a_study, right, some_cases


def test_the_winner_is_built_as_the_climb_built_it(tmp_path: Path) -> None:
    """A climb leaves what surely falls short and tries all examples again under the schema; where
    rungs are named that is not so, and another system would come of it."""
    checks = (Check("exact"), Check("json-schema"))
    cases = [replace(each, checks=checks) for each in some_cases(120)]
    known = right(cases)

    def reply(request: Request) -> str:
        shown = len(shots_of(request))
        lucky = shown == 2 and len(known(request)) % 2 == 0 and known(request).endswith("4")
        if lucky or (request.schema and shown == 8):
            return json.dumps({"answer": known(request)})
        return '{"answer": "no idea"}' if request.schema else "no idea"

    study, _ = a_study(
        tmp_path, reply, cases, bar={"correct": 0.8}, schema=SCHEMA, examples=some_examples(20)
    )
    verdict = study.run()
    built = {each.rung: each.built for each in verdict.standings}
    assert built["schema"].startswith("schema on: 8 examples")
    with Journal(study.store / "journal.db") as journal:
        assert Winner.of(study, journal, "schema").system.built == built["schema"]
