"""How examples are written: formats, roles, ends, lengths, labels, system prompts."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from suffice.records import Example
from suffice.report.words import count
from suffice.tune.findings import Finding, Material, Severity, asked, sources
from suffice.tune.lints.repeats import most_common

_RULE = 0.8  # a share of the examples from which on the rest is the exception
_LABEL_WORDS = 4
_MOST_LABELS = 60
_FEW_OF_A_LABEL = 10
_ONE_LABEL = 0.8
_ENDS = tuple(".!?:)]}\"'`*|>\u2026\u201d\u2019\u00bb")
_LONG_REPLY = 15  # words from which on a reply is expected to end a sentence


def formats(material: Material) -> Iterator[Finding]:
    """One way of answering in most examples, another in a few."""
    kinds = [_kind(each.reply) for each in material.examples]
    common, share = most_common(kinds)
    odd = [each for each, kind in zip(material.examples, kinds, strict=True) if kind != common]
    if not odd:
        return
    other, _ = most_common([kind for kind in kinds if kind != common])
    yield Finding(
        "mixed formats",
        Severity.WARNING,
        f"{share:.0%} of the replies are {common}, {count(len(odd), 'other')} are not; most of "
        f"them are {other}",
        "A model learns each form as often as it sees it, and mixes them when it is asked.",
        "Write all replies in one form, or say in the prompt when which is wanted.",
        sources(odd),
        len(odd),
    )


def _kind(reply: str) -> str:
    """JSON with its keys, a code block, one of the house's labels, or prose."""
    stripped = reply.strip()
    if stripped.startswith("```"):
        return "in a code fence"
    if stripped.startswith(("{", "[")):
        try:
            value = json.loads(stripped)
        except ValueError:
            return "text"
        if isinstance(value, dict):
            return f"JSON with the keys {', '.join(sorted(value))}"
        return "a JSON list"
    return "text"


def ends(material: Material) -> Iterator[Finding]:
    """Replies that break off."""
    examples = material.examples
    prose = [each for each in examples if len(each.reply.split()) >= _LONG_REPLY]
    closed = [each for each in prose if each.reply.rstrip().endswith(_ENDS)]
    open_prose = len(closed) >= _RULE * len(prose)
    cut = [each for each in examples if _broken(each.reply)]
    if open_prose:
        ended = {id(each) for each in closed}
        seen = {id(each) for each in cut}
        cut += [each for each in prose if id(each) not in ended and id(each) not in seen]
    if cut:
        yield Finding(
            "cut off",
            Severity.ERROR if len(cut) > 0.02 * len(examples) else Severity.WARNING,
            f"{len(cut):,} of the replies break off in the middle",
            "A model learns where to stop from where its examples stop.",
            "Write them to their end, or drop them.",
            sources(cut),
            len(cut),
        )
    empty = [each for each in examples if not asked(each).strip()]
    if empty:
        yield Finding(
            "empty",
            Severity.ERROR,
            f"{count(len(empty), 'example')} have an empty question",
            "From nothing nothing can be learned but to guess.",
            "Drop them.",
            sources(empty),
            len(empty),
        )


def _broken(reply: str) -> bool:
    """JSON that does not parse, or a code block that is not closed."""
    stripped = reply.strip()
    if stripped.count("```") % 2:
        return True
    if stripped.startswith("{") or re.match(r"\[\s*[{\[\"\d]", stripped):
        try:
            json.loads(stripped)
        except ValueError:
            return not stripped.endswith(("}", "]"))
    return False


def lengths(material: Material) -> Iterator[Finding]:
    """Longer than the model's window."""
    if material.count_tokens is None or material.window is None:
        return
    # Tokens are counted only where characters leave a doubt: none is shorter than a byte.
    doubtful = [
        each
        for each in material.examples
        if len(_whole(each, material.prompt).encode()) > material.window
    ]
    over = [
        each
        for each in doubtful
        if material.count_tokens(_whole(each, material.prompt)) > material.window
    ]
    if over:
        yield Finding(
            "too long",
            Severity.ERROR,
            f"{count(len(over), 'example')} are longer than the model's window of "
            f"{material.window:,} tokens",
            "Cut to fit, they would teach the model to stop in the middle.",
            "Shorten them or leave them out.",
            sources(over),
            len(over),
        )


def _whole(example: Example, prompt: str) -> str:
    return "\n".join((prompt, *(each.content for each in example.messages), example.reply))


def labels(material: Material) -> Iterator[Finding]:
    """Where replies are labels: one that is nearly all there is, and some that are hardly there."""
    replies = [each.reply.strip() for each in material.examples]
    counts = Counter(replies)
    if (
        len(replies) < 50
        or not 2 <= len(counts) <= min(_MOST_LABELS, len(replies) // 5)
        or any(len(reply.split()) > _LABEL_WORDS for reply in counts)
    ):
        return
    top, times = counts.most_common(1)[0]
    rare = [label for label, seen in counts.items() if seen < _FEW_OF_A_LABEL]
    if times > _ONE_LABEL * len(replies) or rare:
        said = f"{times / len(replies):.0%} of the replies are {top!r}"
        if rare:
            shown = ", ".join(sorted(rare)[:3])
            said += (
                f", {count(len(rare), 'label')} stand fewer than {_FEW_OF_A_LABEL} times: {shown}"
            )
        yield Finding(
            "label imbalance",
            Severity.WARNING,
            said,
            "A model that says the commonest label always is right most of the time in training.",
            "Add examples of the rare ones, or drop some of the common.",
            sources([each for each in material.examples if each.reply.strip() in rare]),
            sum(counts[label] for label in rare),
        )


def prompts(material: Material) -> Iterator[Finding]:
    """System prompts of the examples' own that serving will not send."""
    own = [_system(each) for each in material.examples]
    strange = [
        each
        for each, said in zip(material.examples, own, strict=True)
        if said and said != material.prompt
    ]
    if not strange:
        return
    kinds = len(set(own) - {""})
    yield Finding(
        "template mismatch",
        Severity.WARNING,
        f"{count(len(strange), 'example')} bring a system prompt of their own "
        f"({count(kinds, 'kind')}) that is not the study's",
        "What is learned under one prompt is asked for under another: the commonest reason why a "
        "model is good in training and bad when served.",
        "Give the study that prompt, or leave it out of the examples: the study's is put there.",
        sources(strange),
        len(strange),
    )


def tools(material: Material) -> Iterator[Finding]:
    """Tools that the prompt says nothing of: the model would call what it was never told of."""
    using = [
        each
        for each in material.examples
        if any(name not in material.prompt for name in each.tools)
    ]
    if not using:
        return
    names = sorted({name for each in using for name in each.tools if name not in material.prompt})
    shown = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    yield Finding(
        "tools",
        Severity.WARNING,
        f"{count(len(using), 'example')} use tools that the study's prompt does not name: {shown}",
        "A call is learned as the JSON text that it is, and a row's declarations are not shown to "
        "the model, since serving does not show them either.",
        "Describe the tools in the study's prompt, and read the calls out of the replies.",
        sources(using),
        len(using),
    )


def _system(example: Example) -> str:
    return "\n\n".join(each.content.strip() for each in example.messages if each.role == "system")
