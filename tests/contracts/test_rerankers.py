"""What every reranker must do, run on each that is found.

A new reranker needs one entry in STARTS: how it is opened here, with a model that says or scores
something. The chat one asks a scripted model, the cross-encoder is a tiny one with random weights.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from suffice import plugins
from suffice.errors import UsageError
from suffice.ports import ModelOptions
from suffice.records import Passage
from suffice.retrieve.ports import Reranker
from suffice.retrieve.records import Hit
from suffice.retrieve.rerankers.chat import ChatReranker
from tests.servers.scripted import ScriptedModel

QUESTION = "How long is the warranty?"


def chat(_: Path) -> Reranker:
    return ChatReranker(ScriptedModel(lambda _: "3, 1, 99, 3"))


def cross_encoder(folder: Path) -> Reranker:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz"]
    tokenizer = Tokenizer(
        models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", model_max_length=64,
    ).save_pretrained(folder / "tiny")  # fmt: skip
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, num_labels=1, max_position_embeddings=128,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder / "tiny")
    made: Reranker = plugins.load("reranker", "cross-encoder")("tiny", ModelOptions(folder=folder))
    return made


STARTS: dict[str, Callable[[Path], Reranker]] = {"chat": chat, "cross-encoder": cross_encoder}
every_reranker = pytest.mark.parametrize("name", plugins.names("reranker"))


def opened(name: str, folder: Path) -> Reranker:
    assert name in STARTS, f"say in {__name__}.STARTS how the reranker {name!r} is opened here"
    return STARTS[name](folder)


def some_hits(count: int) -> list[Hit]:
    texts = ["two years of warranty", "parcels leave at noon", "a fee of nine", "cats", "tea"]
    return [
        Hit(Passage(f"d{n}#0-9", f"d{n}", texts[n % 5], "Title"), 1 / (1 + n), {"bm25": n + 1})
        for n in range(count)
    ]


@every_reranker
class TestReranker:
    def test_no_passage_is_lost_or_made_up(self, name: str, tmp_path: Path) -> None:
        """All come back, each once, also where there are more than one prompt shows."""
        hits = some_hits(23)
        ranked = opened(name, tmp_path).rank(QUESTION, hits)
        assert sorted(hit.passage.id for hit in ranked) == sorted(hit.passage.id for hit in hits)

    def test_its_score_stands_beside_the_others(self, name: str, tmp_path: Path) -> None:
        """Under its own name, best first, and ranks of the search are kept."""
        reranker = opened(name, tmp_path)
        ranked = reranker.rank(QUESTION, some_hits(5))
        scores = [hit.scores[reranker.name] for hit in ranked if reranker.name in hit.scores]
        assert scores
        assert scores == sorted(scores, reverse=True)
        assert all(hit.ranks["bm25"] for hit in ranked)

    def test_it_orders_the_same_twice(self, name: str, tmp_path: Path) -> None:
        """The same hits, the same order."""
        reranker = opened(name, tmp_path)
        first, again = (reranker.rank(QUESTION, some_hits(5)) for _ in range(2))
        assert first == again

    def test_nothing_is_ranked_as_nothing(self, name: str, tmp_path: Path) -> None:
        """A search may find nothing."""
        assert opened(name, tmp_path).rank(QUESTION, []) == []

    def test_without_a_model_it_says_how_to_name_one(self, name: str) -> None:
        """The error shows what to write."""
        with pytest.raises(UsageError, match=rf"write {name}:"):
            plugins.load("reranker", name)("", ModelOptions())


def test_every_start_has_its_reranker() -> None:
    """A start that no reranker uses is of one that got lost."""
    assert set(STARTS) == set(plugins.names("reranker"))
