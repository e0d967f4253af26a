"""suffice.yaml: what is wrong is named with its line and the near key."""

from datetime import date
from pathlib import Path

import jsonschema
import pytest

from suffice import settings
from suffice.errors import DataError

LEAST = "model: planted:x\ncases: cases.jsonl\n"


def read(tmp_path: Path, text: str) -> settings.Settings:
    path = tmp_path / "suffice.yaml"
    path.write_text(text, encoding="utf-8")
    return settings.read(path)


def refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(DataError) as error:
        read(tmp_path, text)
    return str(error.value)


def test_model_and_cases_are_enough(tmp_path: Path) -> None:
    """Every other key has a default."""
    found = read(tmp_path, LEAST)
    assert found.margin == 0.03
    assert found.bar.correct is None


def test_everything_of_the_design_is_taken(tmp_path: Path) -> None:
    """The whole file as it is documented is valid."""
    found = read(
        tmp_path,
        LEAST + "name: support-desk\ncandidates: [huggingface:Qwen/Qwen3-0.6B]\n"
        "judge: anthropic:claude\ndocuments: docs/\nexamples: examples.jsonl\n"
        "prompt: prompts/system.md\n"
        "bar: {correct: 0.85, format: 0.95, abstains: 0.8, latency_p95_s: 2.0, usd_per_1k: 5}\n"
        "margin: 0.03\nneeds: {citations: true, deletion: true, tenants: false, offline: false}\n"
        "traffic: {requests_per_month: 50000, knowledge_changes: weekly, months: 12}\n"
        "store: lance\nexecutor: local\n",
    )
    assert found.bar.latency_p95_s == 2.0


def test_a_mistyped_key_is_named_with_its_line_and_the_near_one(tmp_path: Path) -> None:
    """`prmpt:` on line 3 is answered with `prompt`."""
    message = refused(tmp_path, LEAST + "prmpt: x.md\n")
    assert "suffice.yaml:3: 'prmpt' is not a key here; did you mean 'prompt'?" in message


def test_a_mistyped_key_inside_a_mapping_is_found_too(tmp_path: Path) -> None:
    """The line is that of the key itself, not of the mapping around it."""
    message = refused(tmp_path, LEAST + "bar:\n  correct: 0.9\n  formt: 0.9\n")
    assert "suffice.yaml:5: 'formt'" in message
    assert "'format'" in message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("margin: 3", "suffice.yaml:3: margin: 3"),
        ("bar: {correct: high}", "suffice.yaml:3: bar.correct: 'high'"),
        ("replicates: 0", "suffice.yaml:3: replicates: 0"),
        ("name: 'a/b'", "suffice.yaml:3: name: 'a/b'"),
        ("traffic: {knowledge_changes: hourly}", "suffice.yaml:3: traffic.knowledge_changes"),
        ("checks: [3]", "suffice.yaml:3: checks.0: 3"),
        ("bar: [1]", "suffice.yaml:3: bar: [1]"),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_line(tmp_path: Path, line: str, said: str) -> None:
    """Every error names file, line, key and value."""
    assert said in refused(tmp_path, LEAST + line + "\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("margin: .nan", "suffice.yaml:3: margin: nan"),
        ("temperature: .inf", "suffice.yaml:3: temperature: inf"),
        ("price:\n  input: 1.0\n  output: -.inf", "suffice.yaml:5: price.output: -inf"),
        ("limits: {timeout_seconds: 1.0e+999}", "suffice.yaml:3: limits.timeout_seconds: inf"),
        ("replicates: .inf", "suffice.yaml:3: replicates: inf"),
        ("extra: {top_p: [0.5, .nan]}", "suffice.yaml:3: extra.top_p.1: nan"),
        ("checks:\n- {metric: number, tolerance: .nan}", "suffice.yaml:4: checks.0.tolerance: nan"),
    ],
)
def test_a_number_that_is_none_is_refused(tmp_path: Path, line: str, said: str) -> None:
    """A NaN lies within all bounds, and an infinite limit is no limit: both are mistakes."""
    assert said in refused(tmp_path, LEAST + line + "\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("extra:\n  1: x", "suffice.yaml:3: Expected `str`"),
        ("checks:\n- exact\n- {metric: label, 1: x}", "suffice.yaml:5: Expected `str`"),
    ],
)
def test_what_the_schema_lets_through_is_an_error_and_no_crash(
    tmp_path: Path, line: str, said: str
) -> None:
    """Every misfit of YAML and settings ends in an error with its file and line."""
    assert said in refused(tmp_path, LEAST + line + "\n")


def test_an_embedder_and_a_judges_price_can_be_set(tmp_path: Path) -> None:
    """minilm unless told otherwise; a judge has a price of its own."""
    assert read(tmp_path, LEAST).embedder == "minilm"
    text = "embedder: openai:e5\njudge: {model: 'openai:j', price: {input: 1, output: 2}}\n"
    found = read(tmp_path, LEAST + text)
    assert found.embedder == "openai:e5"
    assert isinstance(found.judge, settings.JudgeKeys)
    assert found.judge.price == settings.PriceKeys(input=1, output=2)
    assert "suffice.yaml:3: embedder" in refused(tmp_path, LEAST + "embedder: 'No'\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model: [", "not valid YAML"),
        ("", "a study is a mapping"),
        ("- a\n- b\n", "a study is a mapping"),
        ("cases: x\n", "'model' is missing"),
        (LEAST + "margin: 0.1\nmargin: 0.2\n", "suffice.yaml:4: 'margin' is set twice"),
        (LEAST + "extra: &a {x: 1}\ntraffic: *a\n", "aliases are not supported"),
        (LEAST + "prompt: \x00\n", "not valid YAML"),
        (LEAST + "seed: !!python/object/apply:os.getpid []\n", "not valid YAML"),
    ],
)
def test_hostile_or_broken_yaml_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Syntax errors, doubled keys, aliases and object tags end in a clear error."""
    assert said in refused(tmp_path, text)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    """Hundreds of brackets are an error message, not a crash."""
    assert "suffice.yaml" in refused(tmp_path, LEAST + "extra: " + "[" * 600 + "\n")


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """The error names the path and the command that writes it."""
    with pytest.raises(DataError, match=r"suffice\.yaml.*suffice init"):
        settings.read(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are named as such."""
    (tmp_path / "suffice.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(DataError, match="UTF-8"):
        settings.read(tmp_path)


def test_the_published_schema_is_a_schema_and_describes_every_key() -> None:
    """Editors can complete suffice.yaml, with a description for each key."""
    schema = settings.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for name, definition in schema["$defs"].items():
        for key, value in definition["properties"].items():
            assert value.get("description"), f"{name}.{key} has no description"


def test_a_date_is_written_as_one_writes_it(tmp_path: Path) -> None:
    """YAML reads it as a date, and the key wants one."""
    prices = LEAST + "price: {input: 1, output: 2, as_of: 2026-03-31, shutdown: '2026-12-11'}\n"
    price = read(tmp_path, prices).price
    assert price is not None
    assert (price.as_of, price.shutdown) == (date(2026, 3, 31), date(2026, 12, 11))
    assert "as_of" in refused(tmp_path, LEAST + "price: {input: 1, output: 2, as_of: soon}\n")
