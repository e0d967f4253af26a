"""Each law, measured on thousands of facts, against its stated formula."""

import json
import re
from itertools import pairwise
from math import exp
from pathlib import Path

import pytest

from suffice.models.planted import PlantedModel
from suffice.models.planted.laws import Laws, uniform
from tests.models.planted.asking import (
    FACTS,
    SCHEMA,
    close,
    facts,
    good_reply,
    model,
    replies,
    request,
    share,
)

DECLINE = "I don't know."


def contents(made: PlantedModel, texts: list[str], field: str = "answer") -> list[bool]:
    """Which replies hold the right value of a field, whatever stands around it."""
    return [
        json.dumps(fact.answer[field]) in text
        for fact, text in zip(made.world.facts, texts, strict=True)
    ]


def in_shape(texts: list[str]) -> list[bool]:
    return [
        re.fullmatch(r'\{"answer":"[^"]*","category":"\w+"\}', text) is not None for text in texts
    ]


def declined(texts: list[str]) -> list[bool]:
    return [DECLINE in text for text in texts]


def test_draws_are_uniform() -> None:
    """The keyed hash fills [0, 1) evenly."""
    drawn = [uniform(1, "law", f"f{at}") for at in range(FACTS)]
    assert all(0 <= each < 1 for each in drawn)
    for tenth in range(10):
        assert close(share(tenth / 10 <= each < (tenth + 1) / 10 for each in drawn), 0.1)


def test_a_known_fact_is_recalled_with_recall() -> None:
    """Closed book, a known fact comes out right in a share `recall` of the cases."""
    made = model(recall=0.9)
    assert close(share(contents(made, replies(made))), 0.9)


def test_an_unknown_fact_is_never_right_and_declined_with_abstain_unknown() -> None:
    """What is not known is declined or made up."""
    made = model(abstain_unknown=0.25, world={"known": 0.0})
    texts = replies(made)
    assert not any(contents(made, texts))
    assert close(share(declined(texts)), 0.25)


def test_a_made_up_value_is_another_facts_answer() -> None:
    """A wrong value is fluent: it is right elsewhere."""
    made = model(world={"known": 0.0})
    values = {fact.answer["answer"] for fact in made.world.facts}
    assert all(json.loads(text)["answer"] in values for text in replies(made))


def test_a_made_up_value_is_of_the_same_kind() -> None:
    """Facts that are `like` each other lend each other their answers, and no others."""
    lengths = tuple(
        each.__class__(f"m{at}", f"How long is road {at}?", f"{at} km", like="length")
        for at, each in enumerate(facts(50))
    )
    prices = tuple(
        each.__class__(f"p{at}", f"What costs good {at}?", f"£{at}", like="price")
        for at, each in enumerate(facts(50))
    )
    made = model(told_of=(*lengths, *prices), world={"known": 0.0})
    texts = replies(made)
    assert all(text.endswith(" km") for text in texts[:50])
    assert all(text.startswith("£") for text in texts[50:])


def test_the_share_that_is_known_is_known() -> None:
    """`known` as a number is the share of facts that the model can answer."""
    made = model(world={"known": 0.7})
    assert close(share(contents(made, replies(made))), 0.7)


@pytest.mark.parametrize("examples", [0, 1, 4, 12])
@pytest.mark.parametrize("tuned", [0, 150])
def test_compliance_follows_examples_and_tuning(examples: int, tuned: int) -> None:
    """1 - (1 - format) * exp(-k / examples_scale - n / tuning_scale)."""
    made = model(format=0.3, examples_scale=6, tuning_scale=300, tuned=tuned)
    texts = replies(made, replies=[good_reply(at) for at in range(examples)])
    law = 1 - 0.7 * exp(-examples / 6 - tuned / 300)
    assert close(share(in_shape(texts)), law)


def test_examples_in_another_shape_teach_no_format() -> None:
    """Only worked examples whose replies have the right shape count."""
    made = model(format=0.3)
    texts = replies(made, replies=["It weighs a lot.", '{"weight": 1}', "```json\n{}\n```"])
    assert close(share(in_shape(texts)), 0.3)


def test_a_system_prompt_that_names_the_keys_raises_compliance() -> None:
    """`format_told` is added where every key stands in the system prompt."""
    made = model(format=0.3, format_told=0.25)
    told = replies(made, system="Reply in JSON with the keys answer and category.")
    half_told = replies(made, system="Reply in JSON with an answer.")
    assert close(share(in_shape(told)), 0.55)
    assert close(share(in_shape(half_told)), 0.3)


def test_a_schema_brings_compliance_to_one() -> None:
    """Constrained decoding never misses the shape."""
    made = model(format=0.1)
    assert all(in_shape(replies(made, schema=SCHEMA)))


def test_a_schema_taxes_content() -> None:
    """`schema_tax` of the right answers are wrong under a schema, and none without."""
    made = model(schema_tax=0.2)
    assert close(share(contents(made, replies(made, schema=SCHEMA))), 0.8)
    assert all(contents(made, replies(made)))


def test_content_survives_a_wrong_shape() -> None:
    """Format and content part: every reply is out of shape and every one is right."""
    shapes = {"wrong_shapes": ("fence", "prose", "chatty_fence", "explained", "sentence")}
    made = model(format=0.0, world=shapes)
    texts = replies(made)
    assert not any(in_shape(texts))
    assert all(
        fact.answer["answer"] in text for fact, text in zip(made.world.facts, texts, strict=True)
    )


def test_wrong_shapes_are_varied() -> None:
    """Without a list in the world, replies go wrong in more than four ways."""
    texts = replies(model(format=0.0))
    kinds = {re.sub(r"\d+ grams|red|green|blue", "_", text) for text in texts}
    assert len(kinds) > 12
    assert any(text.startswith("```json") for text in texts)
    assert any('"category"' not in text and text.startswith("{") for text in texts)
    assert any('"Answer"' in text for text in texts)


def test_a_label_goes_wrong_in_a_sentence() -> None:
    """The wrong shape of a label still names it."""
    asked = tuple(
        fact.__class__(fact.id, fact.question, ("red", "blue")[at % 2], kind="skill")
        for at, fact in enumerate(facts(200))
    )
    made = model(told_of=asked, format=0.0, world={"labels": ("red", "blue"), "skill_fields": ()})
    texts = replies(made)
    assert all(
        fact.answer in text and fact.answer != text for fact, text in zip(asked, texts, strict=True)
    )


@pytest.mark.parametrize(("examples", "tuned"), [(0, 0), (8, 0), (0, 200), (8, 200)])
def test_skill_follows_examples_and_tuning(examples: int, tuned: int) -> None:
    """1 - (1 - skill) * exp(-k / skill_examples_scale - n / skill_tuning_scale)."""
    made = model(skill=0.6, skill_examples_scale=16, skill_tuning_scale=400, tuned=tuned)
    texts = replies(made, replies=[good_reply(at) for at in range(examples)])
    law = 1 - 0.4 * exp(-examples / 16 - tuned / 400)
    assert close(share(contents(made, texts, "category")), law)


def test_tuning_teaches_no_facts() -> None:
    """An unknown fact stays unknown however much the model was tuned."""
    made = model(world={"known": 0.0}, tuned=100_000)
    assert not any(contents(made, replies(made)))


@pytest.mark.parametrize(("told", "law"), [(False, 0.4), (True, 0.75)])
def test_unanswerable_questions_are_declined_with_abstain(told: bool, law: float) -> None:
    """`abstain`, plus `abstain_told` where the prompt lets the model say that it does not know."""
    made = model(
        told_of=facts(answerable=False, answer={"answer": None, "category": "red"}, evidence=()),
        abstain=0.4,
        abstain_told=0.35,
    )
    system = "If you do not know the answer, say so." if told else "Answer."
    assert close(share(declined(replies(made, system=system))), law)


def test_more_examples_never_lose_a_case() -> None:
    """Common random numbers: what k examples got right, more of them get right too."""
    made = model(format=0.2, skill=0.3)
    for few, more in pairwise((0, 1, 2, 4, 8, 16)):
        fewer = replies(made, replies=[good_reply(at) for at in range(few)])
        better = replies(made, replies=[good_reply(at) for at in range(more)])
        assert all(a <= b for a, b in zip(in_shape(fewer), in_shape(better), strict=True))
        skilled = (contents(made, texts, "category") for texts in (fewer, better))
        assert all(a <= b for a, b in zip(*skilled, strict=True))


def test_tuning_never_loses_a_case() -> None:
    """The same for more tuning."""
    before, after = (in_shape(replies(model(format=0.2, tuned=n))) for n in (50, 500))
    assert sum(before) < sum(after)
    assert all(a <= b for a, b in zip(before, after, strict=True))


def test_seconds_and_price_follow_the_tokens() -> None:
    """Seconds stay within the jitter of base plus tokens; four characters are a token."""
    made = model(
        seconds=1.0, seconds_per_input_token=0.01, seconds_per_output_token=0.1, jitter=0.2
    )
    (answer,) = made.ask([request("What is the mass of body 7?")])
    assert answer.usage.input_tokens == 4 + 7  # 27 characters, and what a message adds
    assert answer.usage.output_tokens == -(-len(answer.text) // 4)
    middle = 1.0 + 0.01 * 11 + 0.1 * answer.usage.output_tokens
    assert 0.8 * middle <= answer.seconds <= 1.2 * middle
    assert answer.usd is None


def test_laws_refuse_no_number_between_their_bounds() -> None:
    """Compliance and reading stay probabilities at the ends of their range."""
    laws = Laws(format=0.95, format_told=0.5, grounding=0.3, distraction=0.2)
    assert laws.compliance(told=True) == 1.0
    assert laws.reads(10) == 0.0


def test_the_documented_defaults_are_the_codes() -> None:
    """Every row of the table in docs/planted.md gives its laws' defaults, in order."""
    page = (Path(__file__).parents[3] / "docs" / "planted.md").read_text("utf-8")
    rows = [row for row in page.splitlines() if row.startswith("| ") and "(" in row]
    told: dict[str, float] = {}
    for row in rows:
        names = [each for each in re.findall(r"`(\w+)`", row) if each in Laws.__struct_fields__]
        groups = re.findall(r"\(([\d., ]+)\)", row)
        numbers = [float(each) for group in groups for each in group.split(", ")]
        told |= dict(zip(dict.fromkeys(names), numbers, strict=True))
    assert told == {name: getattr(Laws(), name) for name in Laws.__struct_fields__}
