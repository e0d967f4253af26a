"""Calls to be made, each with its key, its size and the most that it can cost."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from suffice.ports import ChatModel
from suffice.records import Request, as_json, fingerprint, joined


@dataclass(frozen=True, slots=True)
class Slip:
    """One call to be made: a request with the key that its answer is kept under."""

    key: str
    request: Request
    tokens: int


def identity_of(model: ChatModel) -> msgspec.Raw:
    """Who answers, encoded once for a whole sheet: a model's identity may be long."""
    return msgspec.Raw(as_json(model.identity()))


def slip_of(model: ChatModel, identity: msgspec.Raw, request: Request, replicate: int) -> Slip:
    key = fingerprint(identity, request, replicate)
    return Slip(key, request, model.count_tokens(joined(request.messages)))


def batches(slips: list[Slip], size: int) -> Iterable[list[Slip]]:
    """Calls of `size` requests. Requests of like length go together: padding is wasted work."""
    if size > 1:
        slips = sorted(slips, key=lambda slip: slip.tokens, reverse=True)
    return (slips[start : start + size] for start in range(0, len(slips), size))


def most_usd(model: ChatModel, slips: Iterable[Slip]) -> float | None:
    """The list price of these calls if every answer used its whole token limit."""
    if model.price is None:
        return None
    million_usd = sum(
        slip.tokens * model.price.input + slip.request.max_tokens * model.price.output
        for slip in slips
    )
    return million_usd / 1e6
