"""World files: what is read, and what is said of a broken one."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from suffice.errors import DataError, ProviderError, UsageError
from suffice.models.planted import create
from suffice.models.planted.world import load_world
from suffice.ports import ModelOptions, Price
from suffice.records import FailureKind, Message, Request

GOOD: dict[str, Any] = {
    "name": "small",
    "laws": {"recall": 1, "format": 1},
    "facts": [
        {"id": "sky", "question": ["What colour is the sky?", "Sky colour?"], "answer": "blue"},
        {"id": "grass", "question": "What colour is grass?", "answer": "green"},
    ],
}


def written(folder: Path, text: str, name: str = "world.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def changed(folder: Path, **keys: Any) -> Path:
    return written(folder, json.dumps(GOOD | keys), "world.json")


def said(name: str, folder: Path, question: str, **options: Any) -> str:
    model = create(name, ModelOptions(folder=folder, **options))
    return model.ask([Request((Message("user", question),))])[0].text


def test_a_world_is_read_from_yaml_and_json_beside_the_study(tmp_path: Path) -> None:
    """A path is looked up in the study's folder; both formats give the same model."""
    changed(tmp_path)
    written(tmp_path, "name: small\nlaws: {recall: 1, format: 1}\nfacts:\n" + "".join(
        f"- {json.dumps(fact)}\n" for fact in GOOD["facts"]
    ))  # fmt: skip
    assert said("world.yaml", tmp_path, "Sky colour?") == "blue"
    assert said("world.json", tmp_path, "what colour is the sky") == "blue"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"laws": {"recal": 0.5}}, ["recal", "did you mean 'recall'"]),
        ({"laws": {"recall": 1.5}}, ["$.laws.recall", "1.0"]),
        ({"laws": {"examples_scale": 0}}, ["$.laws.examples_scale"]),
        ({"known": -0.1}, ["$.known"]),
        ({"known": ["sky", "gras"]}, ["'gras'", "did you mean 'grass'"]),
        ({"facts": []}, ["$.facts"]),
        ({"facts": [{"id": "a", "answer": "b"}]}, ["question", "$.facts[0]"]),
        ({"facts": [{"id": "a", "question": "Q?"}]}, ["'a'", "answerable: false"]),
        ({"facts": [{"id": "a", "question": "?!", "answer": "b"}]}, ["'a'", "empty question"]),
        ({"facts": [GOOD["facts"][0], GOOD["facts"][0]]}, ["id 'sky'", "unique"]),
        (
            {
                "facts": [
                    GOOD["facts"][1],
                    {"id": "b", "question": "what colour is GRASS", "answer": ""},
                ]
            },
            ["'grass' and 'b'", "question 'what colour is grass'"],
        ),
        ({"wrong_shapes": ["fense"]}, ["fense", "did you mean 'fence'"]),
        ({"labels": ["blue", "greem"]}, ["'grass'", "'green'", "did you mean 'greem'"]),
    ],
)
def test_a_broken_world_is_named_with_its_fault(
    tmp_path: Path, keys: dict[str, Any], words: list[str]
) -> None:
    """Each fault is a DataError with the file, the offending value and the near word."""
    path = changed(tmp_path, **keys)
    with pytest.raises(DataError) as caught:
        load_world(path)
    assert caught.value.source is not None
    assert caught.value.source.path == str(path)
    for word in words:
        assert word in str(caught.value)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """A world without facts is refused."""
    path = written(tmp_path, "name: empty\n")
    with pytest.raises(DataError, match="missing required field `facts`"):
        load_world(path)


def test_broken_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    """A YAML fault is a DataError at its line."""
    path = written(tmp_path, "name: small\nfacts:\n  - {id: a\n")
    with pytest.raises(DataError) as caught:
        load_world(path)
    assert caught.value.source is not None
    assert caught.value.source.line in (3, 4)


def test_broken_json_is_named(tmp_path: Path) -> None:
    """A JSON fault is a DataError with the file."""
    with pytest.raises(DataError, match=r"world\.json: the world file is not JSON"):
        load_world(written(tmp_path, '{"name": ', "world.json"))


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are told as that."""
    path = tmp_path / "world.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        load_world(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path to nothing is a DataError that says where it looked."""
    with pytest.raises(DataError, match=r"nowhere\.yaml.*cannot be read"):
        create("nowhere.yaml", ModelOptions(folder=tmp_path))


def test_a_misspelt_world_gets_the_near_name() -> None:
    """A name that is no file and no world of ours is a UsageError."""
    with pytest.raises(UsageError, match="did you mean 'support-desk'"):
        create("suport-desk", ModelOptions())


@pytest.mark.parametrize("name", ["support-desk#tuned", "support-desk#tuned=x", "support-desk#n=3"])
def test_a_bad_record_of_tuning_is_refused(name: str) -> None:
    """`#tuned=N` takes a count."""
    with pytest.raises(UsageError, match="#tuned=N"):
        create(name, ModelOptions())


def test_tuning_is_told_in_the_name_or_the_options() -> None:
    """Both ways give one model, which is another than the untuned one."""
    named = create("support-desk#tuned=400", ModelOptions())
    given = create("support-desk", ModelOptions(extra={"tuned": 400}))
    assert named.identity() == given.identity() != create("support-desk", ModelOptions()).identity()


def test_an_unknown_option_is_refused() -> None:
    """A misspelt option is not passed over."""
    with pytest.raises(UsageError, match="did you mean 'sleep'"):
        create("support-desk", ModelOptions(extra={"slep": True}))


def test_any_change_of_a_world_is_another_model(tmp_path: Path) -> None:
    """The journal must not take one world's answers for another's."""
    changed(tmp_path)
    before = create("world.json", ModelOptions(folder=tmp_path)).identity()
    changed(tmp_path, laws={"recall": 0.99, "format": 1})
    assert create("world.json", ModelOptions(folder=tmp_path)).identity() != before


def test_the_studys_price_stands_before_the_worlds() -> None:
    """Answers are billed at the price that the study names."""
    price = Price(input=1e6, output=0)
    model = create("support-desk", ModelOptions(price=price))
    (answer,) = model.ask([Request((Message("user", "Hello?"),))])
    assert answer.usd == answer.usage.input_tokens


def test_it_sleeps_only_when_told_to(tmp_path: Path) -> None:
    """`sleep: true` makes a call last as long as it says."""
    changed(tmp_path, laws={"seconds": 0.7, "seconds_per_output_token": 0, "jitter": 0})
    start = time.monotonic()
    said("world.json", tmp_path, "Sky colour?")
    awake = time.monotonic() - start
    said("world.json", tmp_path, "Sky colour?", extra={"sleep": True})
    assert awake < 0.7 <= time.monotonic() - start - awake


def test_an_answer_is_cut_at_max_tokens(tmp_path: Path) -> None:
    """The limit cuts the text and says so."""
    changed(tmp_path, facts=[{"id": "a", "question": "Q one?", "answer": "x" * 100}])
    model = create("world.json", ModelOptions(folder=tmp_path))
    (answer,) = model.ask([Request((Message("user", "Q one?"),), max_tokens=5)])
    assert (answer.text, answer.finish, answer.usage.output_tokens) == ("x" * 20, "length", 5)


def test_a_chat_without_a_user_is_refused() -> None:
    """An endpoint would answer 400; so does this one."""
    with pytest.raises(ProviderError) as caught:
        create("support-desk", ModelOptions()).ask([Request((Message("system", "Hi"),))])
    assert caught.value.kind is FailureKind.REFUSED_REQUEST
    assert not caught.value.retryable


def test_a_price_without_a_day_is_refused(tmp_path: Path) -> None:
    """It would else break where its age is told."""
    path = changed(tmp_path, price={"input": 1, "output": 2, "as_of": "2026-11"})
    with pytest.raises(DataError, match="`as_of` is a day like 2026-03-31, not '2026-11'"):
        load_world(path)


def test_the_bundled_worlds_price_has_a_day() -> None:
    price = create("support-desk", ModelOptions()).price
    assert price is not None
    assert price.as_of == "2026-11-01"
