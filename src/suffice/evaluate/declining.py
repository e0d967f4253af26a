"""Tells whether an answer declines to answer: the right thing to do where no answer exists.

Read by phrases, in English, with what the user adds in words of their own. It knows no case and
no score, and errs towards taking a text for an answer: a false refusal counts as wrong.
"""

import re

from suffice.evaluate.reading import normalise, plain

_WHERE = (
    r"(?:documents?|documentation|context|passages?|texts?|sources?|information|excerpts?|"
    r"articles?|materials?|manuals?|knowledge base|data)"
)
# As phrases stand after `normalise`: no capitals, no apostrophes. "It does not contain gluten" is
# an answer, so what does not contain must be a source.
_DECLINING = re.compile(
    r"\bi (?:\w+ )?(?:dont|do not) (?:know|have (?:\w+ ){0,3}?(?:information|data|details|answer"
    r"|access))"
    r"|\bi(?:m| am) (?:not sure|not certain|unsure)\b"
    r"|\bi(?:m| am| was) (?:unable|not able) to \w+"
    r"|\bi (?:cant|cannot|can not|could not|couldnt) (?:answer|find|say|tell|determine|help|assist|"
    r"provide|confirm|locate|see|verify)"
    rf"|\b{_WHERE} (?:\w+ ){{0,3}}?(?:do|does|did)(?: not|nt) (?:\w+ ){{0,2}}?(?:mention|say|state|"
    r"contain|include|provide|specify|cover|give|answer|describe|indicate|tell)"
    r"|\b(?:not|isnt|arent|never) (?:mentioned|stated|specified|provided|given|covered|found|"
    r"available|contained|included|answered|described) (?:anywhere )?(?:in|by) "
    rf"(?:\w+ ){{0,2}}?{_WHERE}"
    r"|\b(?:is not|isnt) (?:mentioned|stated|specified)\b"
    rf"|\b(?:no|not enough|insufficient) {_WHERE} (?:about|on|to|for|is|was|regarding|available)\b"
    r"|\b(?:cant|cannot|can not|could not) be (?:answered|determined|found)\b"
    r"|\bunable to (?:answer|determine|find)\b"
)
_DECLINING_ALONE = frozenset(
    {"unknown", "no answer", "unanswerable", "not answerable", "n a", "null"}
)
# "I'm not sure, but it is Paris" answers; "I don't know, but you can ask support" does not.
_TURN = re.compile(
    r"\b(?:but|however|that said|nevertheless|my best guess|maybe|perhaps|probably|likely|"
    r"i think|i believe|i would guess|id guess)\b(.*)"
)
_OFFER = re.compile(
    r"\b(?:contact|check|consult|ask|reach|help|visit|see|refer|suggest|recommend|provide|"
    r"let me|try|look)\b"
)
_HEAD = 600  # characters: who declines says so at once
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def declined(text: str, phrases: tuple[str, ...] = ()) -> bool:
    """Whether an answer declines: a JSON null, or a declining phrase in its first two sentences
    that no turn to a claim takes back. `phrases` are further ones, in the user's own words."""
    said = plain(text)
    if not said:
        return bool(text.strip())
    opening = normalise(" ".join(_SENTENCE.split(said[:_HEAD])[:2]), articles=False)
    if opening in _DECLINING_ALONE:
        return True
    if any(f" {normalise(phrase, articles=False)} " in f" {opening} " for phrase in phrases):
        return True
    found = _DECLINING.search(opening)
    return found is not None and not _takes_back(
        normalise(said[:_HEAD], articles=False), found.group()
    )


def _takes_back(head: str, phrase: str) -> bool:
    turn = _TURN.search(head.partition(phrase)[2])
    return turn is not None and _OFFER.search(turn.group(1)) is None
