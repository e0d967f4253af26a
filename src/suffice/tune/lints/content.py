"""What examples say: secrets, people's data, facts that no model should carry, unreviewed text."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from suffice.records import Example
from suffice.report.words import count
from suffice.tune.findings import Finding, Material, Severity, sources

_SECRETS = {
    "an API key": re.compile(
        r"\b(?:sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}"
        r"|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[0-9A-Za-z_-]{35}|hf_[A-Za-z0-9]{30,})"
    ),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a password": re.compile(
        r"(?i)\b(?:password|passwd|pwd|secret)\s*[:=]\s*['\"]?[^\s'\"<>{}]{6,}"
    ),
    "a URL with a password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/:@]+@"),
}
_PEOPLE = {
    "an e-mail address": re.compile(r"\b[\w.+-]+@(?!example\.)[\w-]+\.[\w.]{2,}\b"),
    "a telephone number": re.compile(
        r"(?<![\w.])(?:\+\d{1,3}[ .-]?)(?:\(?\d{1,4}\)?[ .-]?){2,5}\d{2,4}(?!\w|\.\d)"
        r"|(?<![\w.-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w|\.\d)"
    ),
    "a social security number": re.compile(
        r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])"
    ),
}
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?!\w|\.\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")

_FACT = re.compile(r"\b(?:\d[\d.,:/-]*\d|\d+|[A-Z][\w&-]+)")
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s+|\n\s*|[\"'(\[]\s*)[A-Z]\w*")
_CARRIES = 0.3  # a share of examples with facts of their own that says what the data is for
_COMMON = 3  # replies that a word must stand in to be the house's own
_ASSISTANT = re.compile(
    r"(?i)\b(?:as an ai (?:language )?model|i'?m (?:just )?an ai\b|i cannot assist with"
    r"|my (?:knowledge|training) cut-?off)"
)
_REVIEWED = 0.2  # of synthetic examples, how many are to be read by a person


def secrets(material: Material) -> Iterator[Finding]:
    """Keys and passwords: a model says them again to whoever asks."""
    found = _matching(material.examples, {name: _searcher(each) for name, each in _SECRETS.items()})
    if found:
        yield _found(
            "secret",
            Severity.ERROR,
            found,
            "A tuned model says what it learned to whoever asks, and a secret in a data set has "
            "been read by too many.",
            "Take them out, and change what they open.",
        )


def people(material: Material) -> Iterator[Finding]:
    """Data of people. Addresses at example.com and the like are nobody's."""
    rules = {name: _searcher(each) for name, each in _PEOPLE.items()}
    rules["a card number"] = _has_card
    rules["a bank account"] = _has_iban
    found = _matching(material.examples, rules)
    if found:
        yield _found(
            "personal data",
            Severity.WARNING,
            found,
            "What is in the weights cannot be deleted from them.",
            "Put placeholders in their place.",
        )


def facts(material: Material) -> Iterator[Finding]:
    """Replies with names and numbers that no question holds: knowledge, which is retrieval's."""
    examples = material.examples
    spoken = [_facts(each.reply) for each in examples]
    common = Counter(fact for each in spoken for fact in each)
    carrying = [
        each
        for each, said in zip(examples, spoken, strict=True)
        if _own_facts(said, common, f"{material.prompt}\n{_given(each)}")
    ]
    if len(examples) >= 20 and len(carrying) >= _CARRIES * len(examples):
        yield Finding(
            "facts",
            Severity.WARNING,
            f"{len(carrying) / len(examples):.0%} of the replies say names or numbers that neither "
            "their question nor the prompt holds",
            "Tuning teaches behaviour. Facts are learned badly, cannot be cited and grow stale; a "
            "model that is taught to answer from nowhere makes up the rest.",
            "Keep the facts in documents (`retrieve`), and put the passage into the question.",
            sources(carrying),
            len(carrying),
        )


def unreviewed(material: Material) -> Iterator[Finding]:
    """Synthetic examples that nobody has read, and replies that an assistant left behind."""
    synthetic = [each for each in material.examples if each.synthetic]
    reviewed = sum(each.reviewed for each in synthetic)
    wanted = -(-int(100 * _REVIEWED) * len(synthetic) // 100)
    if synthetic and reviewed < wanted:
        waiting = [each for each in synthetic if not each.reviewed]
        step = max(1, len(waiting) // max(1, wanted - reviewed))
        yield Finding(
            "unreviewed",
            Severity.WARNING,
            f"{len(synthetic):,} of {len(material.examples):,} examples are marked as synthetic, "
            f"{reviewed:,} of those as reviewed",
            "500 examples by experts teach more than 5,000 that nobody has read.",
            f"Read {wanted - reviewed:,} of them, these to begin with, and set `reviewed: true`.",
            sources(waiting[::step]),
            len(waiting),
        )
    left = [each for each in material.examples if _ASSISTANT.search(each.reply)]
    if left:
        yield Finding(
            "assistant's phrase",
            Severity.WARNING,
            f"{len(left):,} of the replies speak as an assistant's maker taught it to",
            "Yours would learn to say it.",
            "Write them as your house would.",
            sources(left),
            len(left),
        )


def _searcher(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _matching(
    examples: Sequence[Example], rules: dict[str, Callable[[str], bool]]
) -> dict[str, list[Example]]:
    """By what they hold. An example counts once, under the first that it holds."""
    found: dict[str, list[Example]] = {}
    for each in examples:
        text = f"{_given(each)}\n{each.reply}"
        name = next((name for name, holds in rules.items() if holds(text)), None)
        if name is not None:
            found.setdefault(name, []).append(each)
    return found


def _found(
    kind: str, severity: Severity, found: dict[str, list[Example]], why: str, mend: str
) -> Finding:
    all_of_them = [each for some in found.values() for each in some]
    said = ", ".join(f"{len(some):,} with {name}" for name, some in found.items())
    return Finding(
        kind,
        severity,
        f"{count(len(all_of_them), 'example')}: {said}",
        why,
        mend,
        sources(all_of_them),
        len(all_of_them),
    )


def _given(example: Example) -> str:
    return "\n".join(each.content for each in example.messages)


def _has_card(text: str) -> bool:
    """A row of digits whose last checks the others (Luhn)."""
    for match in _CARD.finditer(text):
        digits = [int(each) for each in match.group() if each.isdigit()]
        doubled = [sum(divmod(2 * each, 10)) for each in digits[-2::-2]]
        if len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0:
            return True
    return False


def _has_iban(text: str) -> bool:
    """Letters as numbers, the first four signs last: what is left by 97 is 1."""
    for match in _IBAN.finditer(text):
        plain = match.group().replace(" ", "")
        turned = plain[4:] + plain[:4]
        if int("".join(str(int(each, 36)) for each in turned)) % 97 == 1:
            return True
    return False


def _facts(reply: str) -> set[str]:
    """Names and numbers. A word that opens a sentence is no name."""
    opening = {
        match.group().split()[-1].strip("\"'([") for match in _SENTENCE_START.finditer(reply)
    }
    return {
        found.group()
        for found in _FACT.finditer(reply)
        if found.group() not in opening or found.group()[0].isdigit()
    }


def _own_facts(said: set[str], common: Counter[str], given: str) -> bool:
    """Whether a reply holds a fact that is neither given nor said all over the house."""
    lower = given.casefold()
    return any(common[fact] < _COMMON and fact.casefold() not in lower for fact in said)
