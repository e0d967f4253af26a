"""A study: suffice.yaml and its files as objects, each read when it is first used."""

import json
from pathlib import Path
from typing import Any

import pytest

from suffice.errors import DataError, UsageError
from suffice.executors.local import LocalExecutor
from suffice.ports import Price
from suffice.records import Check
from suffice.study import DEFAULT_PROMPT, LADDER, Study, known_rungs

ROWS = [{"id": f"c{n}", "question": f"What is {'abcdef'[n] * 8}?", "expected": n} for n in range(6)]


def a_study(folder: Path, **keys: Any) -> Study:
    folder.mkdir(parents=True, exist_ok=True)
    rows = "".join(json.dumps(row) + "\n" for row in ROWS)
    (folder / "cases.jsonl").write_text(rows, encoding="utf-8")
    study = {"model": "planted:support-desk", "cases": "cases.jsonl"} | keys
    (folder / "suffice.yaml").write_text(json.dumps(study), encoding="utf-8")
    return Study.load(folder)


class TestLoading:
    def test_from_a_folder_or_a_file_of_any_name(self, tmp_path: Path) -> None:
        """Paths in it are relative to where it lies, not to where one stands."""
        a_study(tmp_path)
        (tmp_path / "suffice.yaml").rename(tmp_path / "other.yaml")
        study = Study.load(tmp_path / "other.yaml")
        assert len(study.cases.cases) == 6
        assert study.store == tmp_path / ".suffice"

    def test_what_nobody_asks_for_is_not_read(self, tmp_path: Path) -> None:
        """A broken examples file is the business of the command that needs examples."""
        study = a_study(tmp_path, examples="nowhere.jsonl")
        assert len(study.cases.cases) == 6
        with pytest.raises(DataError, match=r"examples: there is no file 'nowhere\.jsonl'"):
            _ = study.examples

    @pytest.mark.parametrize("key", ["prompt", "schema", "documents"])
    def test_a_missing_file_is_named_with_its_key(self, key: str, tmp_path: Path) -> None:
        """And with what to do."""
        study = a_study(tmp_path, **{key: "nowhere.txt"})
        with pytest.raises(DataError, match=rf"suffice\.yaml: {key}: there is no file 'nowhere"):
            getattr(study, key)

    def test_a_missing_file_of_cases_is_named(self, tmp_path: Path) -> None:
        """With the near one in the same folder."""
        study = a_study(tmp_path, cases="case.jsonl")
        with pytest.raises(DataError, match=r"case\.jsonl"):
            _ = study.cases

    def test_a_format_may_be_named_before_the_path(self, tmp_path: Path) -> None:
        """FORMAT:PATH; a colon in a path that names no format is part of the path."""
        assert len(a_study(tmp_path / "a", cases="jsonl:cases.jsonl").cases.cases) == 6
        study = a_study(tmp_path / "b", cases="odd:cases.jsonl")
        (tmp_path / "b" / "cases.jsonl").rename(tmp_path / "b" / "odd:cases.jsonl")
        assert len(study.cases.cases) == 6


class TestText:
    def test_a_prompt_is_read_without_its_edges(self, tmp_path: Path) -> None:
        """A byte order mark and blank lines around it are no part of it."""
        study = a_study(tmp_path, prompt="p.md")
        (tmp_path / "p.md").write_bytes(b"\xef\xbb\xbf\nBe brief.\r\n\n")
        assert study.prompt == "Be brief."

    def test_without_one_a_plain_prompt_is_used(self, tmp_path: Path) -> None:
        """Every study can be run."""
        assert a_study(tmp_path).prompt == DEFAULT_PROMPT

    def test_a_prompt_that_is_no_text_is_named(self, tmp_path: Path) -> None:
        """A picture is not a prompt."""
        study = a_study(tmp_path, prompt="p.md")
        (tmp_path / "p.md").write_bytes(b"\x89PNG\xff")
        with pytest.raises(DataError, match=r"p\.md: cannot be read as UTF-8 text"):
            _ = study.prompt

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{"type": \n', r"schema\.json:2: not JSON"),
            ('{"type": "strnig"}', r"schema\.json: not a JSON Schema: 'strnig'"),
            ("[]", r"schema\.json: not a JSON Schema"),
        ],
    )
    def test_a_broken_schema_is_named(self, text: str, said: str, tmp_path: Path) -> None:
        """With the line where there is one."""
        study = a_study(tmp_path, schema="schema.json")
        (tmp_path / "schema.json").write_text(text)
        with pytest.raises(DataError, match=said):
            _ = study.schema


class TestChecks:
    def test_a_name_or_a_mapping(self, tmp_path: Path) -> None:
        """Options stand beside the metric's name."""
        study = a_study(tmp_path, checks=["exact", {"metric": "number", "relative": 0.1}])
        assert study.checks == (Check("exact"), Check("number", {"relative": 0.1}))

    def test_a_mapping_without_a_metric(self, tmp_path: Path) -> None:
        """It is shown how one is written."""
        with pytest.raises(UsageError, match="metric: NAME"):
            _ = a_study(tmp_path, checks=[{"relative": 0.1}]).checks

    def test_they_hold_for_cases_that_name_none(self, tmp_path: Path) -> None:
        """In place of what would be inferred."""
        cases = a_study(tmp_path, checks=["contains"]).cases.cases
        assert {check.metric for case in cases for check in case.checks} == {"contains"}


class TestModels:
    def test_an_unknown_provider_is_named_with_the_near_one(self, tmp_path: Path) -> None:
        """And all that are known."""
        with pytest.raises(UsageError, match=r"did you mean 'planted'\?; known: .*openai"):
            _ = a_study(tmp_path, model="plantd:x").model

    def test_the_study_s_price_is_the_model_s(self, tmp_path: Path) -> None:
        """It stands before the list price, and says where it comes from."""
        study = a_study(tmp_path, price={"input": 1, "output": 2})
        assert study.model.price == Price(1, 2, source="suffice.yaml")

    def test_the_judge_has_a_price_of_its_own(self, tmp_path: Path) -> None:
        """The study's price and extras are those of the model under test."""
        keys = {"price": {"input": 1, "output": 2}, "extra": {"tuned": 7}}
        study = a_study(tmp_path, judge="planted:support-desk", **keys)
        assert study.judge is not None
        assert study.judge.price != study.model.price
        assert study.judge.identity() != study.model.identity()

    def test_a_judge_may_be_a_name_or_a_mapping(self, tmp_path: Path) -> None:
        """With the same meaning."""
        named = a_study(tmp_path / "a", judge="planted:support-desk")
        spelled = a_study(tmp_path / "b", judge={"model": "planted:support-desk"})
        assert named.judge_keys == spelled.judge_keys
        assert named.judge_labels is None
        assert a_study(tmp_path / "c").judge is None

    def test_what_the_endpoint_bears_reaches_the_pace(self, tmp_path: Path) -> None:
        """Limits of the study, key by key."""
        keys = {"concurrency": 3, "tries": 2, "requests_per_minute": 60, "tokens_per_minute": 900}
        limits = a_study(tmp_path, limits=keys | {"longest_wait_seconds": 9}).limits
        assert (limits.concurrency, limits.tries, limits.longest_wait_seconds) == (3, 2, 9)
        assert (limits.requests_per_minute, limits.tokens_per_minute) == (60, 900)

    def test_the_executor_by_its_name(self, tmp_path: Path) -> None:
        """KIND or KIND:NAME; an unknown one is named with the near one."""
        assert isinstance(a_study(tmp_path / "a").executor, LocalExecutor)
        with pytest.raises(UsageError, match="did you mean 'local'"):
            _ = a_study(tmp_path / "b", executor="locl").executor


class TestRungs:
    def test_all_that_exist_from_cheapest_to_dearest(self) -> None:
        """Where none is named."""
        assert known_rungs([])[:3] == ["prompt", "fewshot", "schema"]

    def test_those_that_are_named_in_the_order_of_their_cost(self) -> None:
        """Each once, however they were typed."""
        assert known_rungs(["schema", "prompt", "schema"]) == ["prompt", "schema"]

    def test_the_ladder_holds_every_rung_of_ours(self) -> None:
        """A rung that has no place would come last, whatever it costs."""
        assert set(known_rungs([])) <= set(LADDER)

    def test_an_unknown_one_is_named_with_the_near_one(self) -> None:
        """Before anything is built."""
        with pytest.raises(UsageError, match="did you mean 'schema'"):
            known_rungs(["shcema"])


def test_the_public_surface_is_three_names() -> None:
    """`from suffice import Study` is all that a program needs."""
    import suffice  # noqa: PLC0415 (its surface is what is tested)

    assert sorted(suffice.__all__) == ["Study", "Verdict", "__version__"]
    assert issubclass(suffice.Study, Study)
    with pytest.raises(AttributeError, match="nothing_such"):
        _ = suffice.nothing_such
