"""The shapes of OpenAI's chat completions, as loosely as servers fill them.

A whole answer and a chunk of a stream are read by the same records: vLLM sends chunks with null or
empty choices, others leave the usage out, some send content in parts.
"""

import msgspec

from suffice.records import Json, Usage


class Cached(msgspec.Struct):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class Reasoning(msgspec.Struct):
    reasoning_tokens: int | None = None


class Counted(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: Cached | None = None
    completion_tokens_details: Reasoning | None = None


class Said(msgspec.Struct):
    content: str | list[Json] | None = None
    refusal: str | None = None

    @property
    def text(self) -> str:
        """What was said; a refusal in words is an answer too."""
        if isinstance(self.content, str) and self.content:
            return self.content
        parts = self.content or ()
        told = (part.get("text") for part in parts if isinstance(part, dict))
        return "".join(text for text in told if isinstance(text, str)) or self.refusal or ""


class Choice(msgspec.Struct):
    message: Said | None = None
    delta: Said | None = None
    finish_reason: str | None = None


class Completion(msgspec.Struct):
    choices: list[Choice | None] | None = None
    usage: Counted | None = None
    error: Json = None


read_completion = msgspec.json.Decoder(Completion).decode


def usage_of(counted: Counted) -> Usage:
    cached, reasoning = counted.prompt_tokens_details, counted.completion_tokens_details
    return Usage(
        input_tokens=counted.prompt_tokens or 0,
        output_tokens=counted.completion_tokens or 0,
        cached_tokens=(cached.cached_tokens or 0) if cached else 0,
        cache_write_tokens=(cached.cache_write_tokens or 0) if cached else 0,
        reasoning_tokens=(reasoning.reasoning_tokens or 0) if reasoning else 0,
    )
