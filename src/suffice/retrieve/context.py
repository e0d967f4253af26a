"""Says what a chunk is about before it is embedded and indexed, so that it is found by that too.

"It lasts 14 days" is found by a question about refunds only if something says that it stands under
Refunds. The free way puts the document's title and the headings there; the other lets a chat model
write a line about each chunk, with the whole document in front of it (Anthropic, "Contextual
Retrieval", 2024). The document comes first and unchanged in every request, so that a provider that
caches prompts charges a tenth for it.
"""

from collections.abc import Sequence

from suffice.records import Message, Request

CONTEXT_TOKENS = 80
_INSTRUCTION = (
    "Say in one or two short sentences what this part of the document is about and where in the "
    "document it stands, so that a search can find it. Name the things that it calls only `it` or "
    "`this`. Write nothing but those sentences.\n\n<part>\n{part}\n</part>"
)


def heading_context(title: str, headings: Sequence[str]) -> str:
    """`Handbook > Returns > Shipping costs`; a heading that repeats the title is left out."""
    parts = [title, *headings]
    return " > ".join(
        part
        for place, part in enumerate(parts)
        if part and (place == 0 or part.casefold() != title.casefold())
    )


def context_request(document: str, part: str, most_tokens: int) -> Request:
    """Asks a model for the context of one part. The document is cut to `most_tokens`, roughly:
    four characters a token."""
    shown = document[: 4 * most_tokens]
    return Request(
        messages=(
            Message("system", f"<document>\n{shown}\n</document>"),
            Message("user", _INSTRUCTION.replace("{part}", part)),
        ),
        max_tokens=CONTEXT_TOKENS,
    )
