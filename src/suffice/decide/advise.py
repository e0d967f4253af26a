"""The field's published questionnaires, asked once: what each says, and where they part.

Retrieval changes what a model can see, tuning how it behaves. Five ways of asking which is lacking
are in circulation; each is a short list of questions with an answer at the end. They agree on the
order (measure, prompt, retrieve, tune, both) and differ in what they ask first. None of them
measures anything: that is what a run is for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Says = Literal["prompt", "retrieve", "tune", "hybrid", "measure first"]


@dataclass(frozen=True, slots=True)
class Question:
    """`key` is what an answers file calls it. A yes or no, or a number."""

    key: str
    text: str
    kind: Literal["yes or no", "number"] = "yes or no"


QUESTIONS = (
    Question("has_eval_set", "Is there a set of cases with known good answers?"),
    Question("lacks_facts", "Do answers fail because facts are missing?"),
    Question("knowledge_changes", "Does what must be known change over months?"),
    Question("must_cite", "Must answers name their sources, or be audited?"),
    Question("must_delete", "Must documents be erasable, or customers kept apart?"),
    Question("prompting_exhausted", "Have prompting and few-shot been tried to their end?"),
    Question("share_right", "What share of the cases is right by the best prompt, in %?", "number"),
    Question("behaviour_left", "Is what is left a matter of format, tone, labels or reflexes?"),
    Question("strict_format", "Is a strict format or house style required?"),
    Question("examples", "How many good worked examples are there?", "number"),
    Question("must_be_smaller", "Do cost, latency or privacy force a smaller model?"),
    Question("narrow_and_frequent", "Is it one narrow task, asked very often?"),
    Question("own_vocabulary", "Does it need a niche vocabulary or shorthand?"),
    Question("documents", "About how many documents hold what must be known?", "number"),
    Question("wants_tuning", "Is tuning what was asked for?"),
    Question("wants_retrieval", "Is retrieval what was asked for?"),
)
BY_KEY = {each.key: each for each in QUESTIONS}

Answers = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one questionnaire says, and on what ground."""

    framework: str
    says: Says
    because: str


@dataclass(frozen=True, slots=True)
class Advice:
    """All opinions, the mistakes that the answers show, and the experiment that would settle it."""

    opinions: tuple[Opinion, ...]
    mistakes: tuple[str, ...]
    experiment: str

    @property
    def agreed(self) -> Says | None:
        """What all say; None where they part."""
        said = {each.says for each in self.opinions}
        return said.pop() if len(said) == 1 else None


def advise(answers: Answers) -> Advice:
    """Unanswered questions count as no, and as 0."""
    opinions = tuple(Opinion(name, *asked(_Asked(answers))) for name, asked in FRAMEWORKS.items())
    return Advice(opinions, tuple(_mistakes(_Asked(answers))), _experiment(_Asked(answers)))


@dataclass(frozen=True)
class _Asked:
    answers: Answers

    def __getattr__(self, key: str) -> float:
        if key not in BY_KEY:
            raise AttributeError(key)
        return float(self.answers.get(key, 0))


def _six_checks(asked: _Asked) -> tuple[Says, str]:
    """Facts, change and audit first; then whether prompting is exhausted, and what is left."""
    needs = {
        "facts are missing": asked.lacks_facts,
        "the knowledge changes": asked.knowledge_changes,
        "answers must be cited": asked.must_cite,
    }
    wanted = [why for why, yes in needs.items() if yes]
    behaviour = bool(asked.behaviour_left) and bool(asked.prompting_exhausted)
    if wanted and behaviour and asked.examples >= 500:
        return "hybrid", f"{' and '.join(wanted)}, and behaviour is left after prompting"
    if wanted:
        return "retrieve", " and ".join(wanted)
    if not asked.prompting_exhausted:
        return "prompt", "prompting has not been tried to its end against a set of cases"
    if not asked.behaviour_left:
        return "prompt", "what is left is neither facts nor behaviour"
    if asked.examples < 500:
        return "prompt", "what is left is behaviour, and there are too few examples to tune on"
    return "tune", "what is left after prompting is behaviour, and there are examples of it"


def _four_questions(asked: _Asked) -> tuple[Says, str]:
    """Change, then 90% by prompting, then a thousand examples, then a reason to be smaller."""
    if asked.knowledge_changes:
        return "retrieve", "the knowledge changes: stop there"
    if asked.share_right >= 90:
        return "prompt", f"prompting reaches {asked.share_right:.0f}%: stop there"
    if asked.examples < 1000:
        return "retrieve", f"{asked.examples:,.0f} examples, and 1,000 are the least to tune on"
    if asked.must_be_smaller:
        return "tune", "cost, latency or privacy force a smaller model, and there are examples"
    return "retrieve", "nothing forces a smaller model, which alone would be a reason to tune"


def _requirements(asked: _Asked) -> tuple[Says, str]:
    """What is required, by a table."""
    seeing = [
        why
        for why, yes in {
            "answers from documents": asked.lacks_facts or asked.documents,
            "currency": asked.knowledge_changes,
            "erasure or customers apart": asked.must_delete,
            "citations": asked.must_cite,
        }.items()
        if yes
    ]
    behaving = [
        why
        for why, yes in {
            "a strict format or style": asked.strict_format,
            "shorthand": asked.own_vocabulary,
            "cheaper or faster on one narrow task": asked.narrow_and_frequent
            and asked.must_be_smaller,
        }.items()
        if yes
    ]
    if seeing and behaving:
        return "hybrid", f"{', '.join(seeing)}; and {', '.join(behaving)}"
    if seeing:
        return "retrieve", ", ".join(seeing)
    if behaving:
        return "tune", ", ".join(behaving)
    return "prompt", "nothing that is required asks for more"


def _strengths(asked: _Asked) -> tuple[Says, str]:
    """Which side has more of what it wins by."""
    for_retrieval = {
        "frequent change": asked.knowledge_changes,
        "explanations": asked.must_cite,
        "few labelled examples": 0 < asked.examples < 500,
        "very many documents": asked.documents > 10_000,
        "residency or erasure": asked.must_delete,
    }
    for_tuning = {
        "style or schema": asked.strict_format,
        "hard latency or cost": asked.must_be_smaller,
        "a niche vocabulary": asked.own_vocabulary,
        "a narrow task, asked often": asked.narrow_and_frequent,
    }
    left = [why for why, yes in for_retrieval.items() if yes]
    right = [why for why, yes in for_tuning.items() if yes]
    if not left and not right:
        return "prompt", "neither side has a ground"
    if len(left) == len(right):
        return "hybrid", f"as many grounds on both sides: {', '.join(left + right)}"
    return ("retrieve", ", ".join(left)) if len(left) > len(right) else ("tune", ", ".join(right))


def _wording(asked: _Asked) -> tuple[Says, str]:
    """If the requirement has the word `know` in it, it is retrieval."""
    if asked.lacks_facts or asked.knowledge_changes:
        return "retrieve", "the model has to KNOW something"
    if asked.behaviour_left or asked.strict_format:
        return "tune", "the model has to BEHAVE in some way"
    return "prompt", "neither knowing nor behaving is what is lacking"


FRAMEWORKS: dict[str, Callable[[_Asked], tuple[Says, str]]] = {
    "six checks": _six_checks,
    "four questions": _four_questions,
    "table of requirements": _requirements,
    "where each wins": _strengths,
    "the word `know`": _wording,
}


def _mistakes(asked: _Asked) -> Sequence[str]:
    """The four that are made most."""
    found = []
    if asked.wants_tuning and (asked.lacks_facts or asked.knowledge_changes):
        found.append("tuning to add knowledge: facts are learned badly, uncited, and grow stale")
    if asked.wants_retrieval and asked.behaviour_left and not asked.lacks_facts:
        found.append("expecting retrieval to change behaviour: it changes what is seen, not how")
    if asked.wants_tuning and not asked.has_eval_set:
        found.append("tuning without a set of cases: nobody will know whether it helped")
    if asked.wants_tuning and not asked.prompting_exhausted:
        found.append("tuning in place of good prompting: the cheaper fix was not tried to its end")
    return found


def _experiment(asked: _Asked) -> str:
    """The smallest one that tells more than all questions."""
    if not asked.has_eval_set:
        return (
            "write down 50 to 200 real questions with good answers (`suffice init`), before "
            "anything else: without them every answer here stays a belief"
        )
    if asked.lacks_facts or asked.documents:
        return (
            "ask the failing cases with their document in the prompt: `suffice run` does it on the "
            "dev cases and says which share a search could mend"
        )
    if not asked.prompting_exhausted:
        return "`suffice run --rungs prompt,fewshot,schema`: cheap, and often the end of it"
    if asked.examples:
        return "`suffice tune --curve`: an eighth, a quarter and half of the examples tell the rest"
    return "`suffice run`: it asks each failing case in other ways and says what is lacking"
