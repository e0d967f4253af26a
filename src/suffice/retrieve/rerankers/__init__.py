"""One file a way to order hits anew."""

from pathlib import Path

from suffice.plugins import load
from suffice.ports import ModelOptions
from suffice.retrieve.ports import Reranker


def reranker_of(said: str, folder: Path) -> Reranker:
    """As it is written in a study or after `--rerank`: KIND:NAME."""
    kind, _, name = said.partition(":")
    made: Reranker = load("reranker", kind)(name, ModelOptions(folder=folder))
    return made
