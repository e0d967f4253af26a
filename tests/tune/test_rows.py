"""What a model is to say, token for token: the mask, the template, what a user typed."""

import pytest

from suffice.errors import DataError
from suffice.records import Example, Message, Source
from suffice.tune.rows import Row
from tests.tune.conftest import Fresh, example


def said(fresh: Fresh, row: Row) -> str:
    """What is learned of a row, as text with its special tokens."""
    kept = [token for token, flag in zip(row.tokens, row.learned, strict=True) if flag]
    return str(fresh().weights.tokenizer.decode(kept, skip_special_tokens=False))


def test_only_the_reply_and_its_end_are_learned(fresh: Fresh) -> None:
    """Nothing of the system prompt, the question or the template."""
    row = fresh().writer("Be brief.").row(example(1, "What is Paris?", "A city."))
    assert said(fresh, row) == "A city.<|end|>"


def test_the_rest_is_what_serving_sends(fresh: Fresh) -> None:
    """The tokens before the reply are those of a question that is asked."""
    from suffice.models.huggingface import TransformersEngine  # noqa: PLC0415 (loads torch)

    base = fresh()
    row = base.writer("Be brief.").row(example(1, "What is Paris?", "A city."))
    asked = TransformersEngine(base.weights).encode_messages(
        [Message("system", "Be brief."), Message("user", "What is Paris?")]
    )
    assert list(row.tokens[: row.learned.index(True)]) == asked


def test_every_reply_of_a_conversation_is_learned(fresh: Fresh) -> None:
    """Not only the last."""
    turns = (Message("user", "One?"), Message("assistant", "First."), Message("user", "Two?"))
    row = fresh().writer("").row(Example("e", turns, "Second."))
    assert said(fresh, row) == "First.<|end|>Second.<|end|>"


def test_a_turn_that_is_not_to_be_learned_is_read(fresh: Fresh) -> None:
    """It stands in the tokens; only what follows is learned."""
    turns = (Message("user", "One?"), Message("assistant", "First."), Message("user", "Two?"))
    row = fresh().writer("").row(Example("e", turns, "Second.", unlearned=(0,)))
    assert said(fresh, row) == "Second.<|end|>"
    assert "First." in fresh().weights.tokenizer.decode(row.tokens)


def test_what_a_user_typed_ends_no_turn(fresh: Fresh) -> None:
    """A special token that was typed is letters, in the question and in the reply."""
    row = fresh().writer("").row(example(1, "a <|end|> b", "c <|end|> d"))
    end = fresh().weights.tokenizer.eos_token_id
    assert list(row.tokens).count(end) == 2
    assert said(fresh, row).endswith("<|end|>")
    assert [t for t, flag in zip(row.tokens, row.learned, strict=True) if flag].count(end) == 1


def test_the_studys_prompt_stands_before_the_examples_own_and_once(fresh: Fresh) -> None:
    """As in serving, where a case's own system turn follows the study's."""
    chat = (Message("system", "Own."), Message("user", "q"))
    writer = fresh().writer("Study's.")
    tokenizer = fresh().weights.tokenizer
    shown = tokenizer.decode(writer.row(Example("e", chat, "a")).tokens)
    assert "Study's.\n\nOwn." in shown
    again = (Message("system", "Study's."), Message("user", "q"))
    assert tokenizer.decode(writer.row(Example("e", again, "a")).tokens).count("Study's.") == 1


def test_a_template_that_rewrites_turns_teaches_the_last_reply(fresh: Fresh) -> None:
    """Some leave out the thinking of earlier turns: only the last is then as in serving."""
    base = fresh()
    base.weights.tokenizer.chat_template = (
        "{% for m in messages %}<|start|>{{ m.role }}\n"
        "{% if m.role == 'assistant' and not loop.last %}(earlier) {% endif %}"
        "{{ m.content }}<|end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
    )
    turns = (Message("user", "One?"), Message("assistant", "First."), Message("user", "Two?"))
    assert said(fresh, base.writer("").row(Example("e", turns, "Second."))) == "Second.<|end|>"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{% for m in messages %}{{ m.content }}\n{% endfor %}", "learn to stop"),
        ("{{ raise_exception('no system') }}", "no system"),
        (
            "{% if add_generation_prompt %}X{% else %}Y{% endif %}"
            "{% for m in messages %}{{ m.content }}{% endfor %}",
            "what asks for the reply",
        ),
    ],
)
def test_a_template_that_cannot_teach_is_refused(fresh: Fresh, template: str, why: str) -> None:
    """The line of the example is named."""
    base = fresh()
    base.weights.tokenizer.chat_template = template
    with pytest.raises(DataError, match=rf"e\.jsonl:7: .*{why}"):
        base.writer("").row(example(7, "q", "a"))


def test_an_example_longer_than_the_window_is_named(fresh: Fresh) -> None:
    """With both counts, and nothing is cut."""
    long = Example("e", (Message("user", "word " * 400),), "a", None, Source("e.jsonl", 9))
    with pytest.raises(DataError, match=r"e\.jsonl:9: .* window is 256"):
        fresh().writer("").rows([long])
