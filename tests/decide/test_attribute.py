"""Each failure gets its cause from how it came out when it was asked in three ways."""

import pytest

from suffice.decide.attribute import CURES, Limits, Probed, attribute, cured, helpless
from suffice.records import (
    Answer,
    Aspect,
    Case,
    Cause,
    CauseShare,
    Failure,
    FailureKind,
    Interval,
    Message,
    Passage,
    Score,
    Trial,
)
from suffice.study import LADDER

GOLD = frozenset({"doc"})


def case(name: str = "c", *, answerable: bool = True, cluster: str | None = None) -> Case:
    return Case(name, (Message("user", "q"),), ("a",), answerable=answerable, cluster=cluster)


def trial(content: bool | None, form: bool | None = None, *, shown: tuple[str, ...] = ()) -> Trial:
    scores = []
    if content is not None:
        scores.append(Score("exact", Aspect.CONTENT, float(content)))
    if form is not None:
        scores.append(Score("json", Aspect.FORMAT, float(form)))
    passages = tuple(Passage(name, name, "text") for name in shown)
    return Trial("c", "prompt", 0, Answer("a"), tuple(scores), passages)


def declining(right: bool) -> Trial:
    return Trial("c", "prompt", 0, Answer("a"), (Score("ab", Aspect.ABSTENTION, float(right)),))


@pytest.mark.parametrize(
    ("probed", "cause"),
    [
        (Probed(case(), [trial(True, True)]), None),
        (Probed(case(), [trial(True, False)]), Cause.FORMAT),
        (Probed(case(), [trial(True), trial(False)]), Cause.UNSTABLE),
        (Probed(case(answerable=False), [declining(False)]), Cause.ABSTENTION),
        (Probed(case(answerable=False), [declining(True)]), None),
        (Probed(case(), [trial(False)]), Cause.CONTENT),
        (Probed(case(), [trial(False)], [trial(True)], golds=GOLD), Cause.KNOWLEDGE),
        (Probed(case(), [trial(False)], [trial(True)], [trial(True, shown=("doc",))], GOLD),
         Cause.KNOWLEDGE),
        (Probed(case(), [trial(False)], [trial(True)], [trial(False, shown=("x",))], GOLD),
         Cause.RETRIEVAL),
        (Probed(case(), [trial(False)], [trial(True)], [trial(False, shown=("x", "doc"))], GOLD),
         Cause.GROUNDING),
        (Probed(case(), [trial(False)], [trial(False)], [trial(False)], GOLD), Cause.SKILL),
        (Probed(case(), [trial(False)], [], [trial(True)]), Cause.KNOWLEDGE),
        (Probed(case(), [trial(False)], [], [trial(False)]), Cause.CONTENT),
        (Probed(case(), [trial(False, False)], [trial(True)], golds=GOLD), Cause.KNOWLEDGE),
        (Probed(case(), [trial(False, False)]), Cause.FORMAT),
        (Probed(case(), [trial(False, False)], [trial(False, False)], golds=GOLD), Cause.FORMAT),
        (Probed(case(), [trial(False, True)], [trial(False, True)], golds=GOLD), Cause.SKILL),
        (Probed(case(), [trial(None)]), None),
    ],
)  # fmt: skip
def test_the_first_cause_that_fits_counts(probed: Probed, cause: Cause | None) -> None:
    """From the system's own answers, with gold, and with what a search finds."""
    assert probed.cause is cause


def worth(value: float, form: bool = True) -> Trial:
    """An answer of several fields of which so many are right."""
    scores = (Score("fields", Aspect.CONTENT, value), Score("json", Aspect.FORMAT, float(form)))
    return Trial("c", "prompt", 0, Answer("a"), scores)


def test_a_fact_and_a_skill_may_lack_in_one_answer() -> None:
    """Of two wrong fields its documents mend one: half of the failure is of facts."""
    both = Probed(case(), [worth(0.0)], [worth(0.5)], [worth(0.5)], GOLD)
    assert both.parts == {Cause.KNOWLEDGE: 0.5, Cause.SKILL: 0.5}
    shares = {each.cause: each.share for each in attribute([both])}
    assert shares == {Cause.KNOWLEDGE: 0.5, Cause.SKILL: 0.5}


def test_a_form_that_is_held_to_shows_what_it_hid() -> None:
    """The same malformed answer is a matter of form or of facts, by what it says in form."""
    broken = worth(0.0, form=False)
    form = Probed(case(), [broken], held=[worth(1.0)])
    fact = Probed(case(), [broken], [worth(1.0)], golds=GOLD, held=[worth(0.0)])
    skill = Probed(case(), [broken], [worth(0.0)], golds=GOLD, held=[worth(0.0)])
    assert [each.cause for each in (form, fact, skill)] == [
        Cause.FORMAT,
        Cause.KNOWLEDGE,
        Cause.SKILL,
    ]


def test_a_right_answer_is_no_cure_of_its_price() -> None:
    """It was right before."""
    slow = Trial("c", "p", 0, Answer("a", seconds=3.0), (Score("x", Aspect.CONTENT, 1.0),))
    found = attribute([Probed(case(), [slow], over=True)])
    assert [each.cause for each in found] == [Cause.COST]
    assert cured(found, {"prompt": {"c": [slow]}, "tune": {"c": [slow]}}, [case()]) == ()


def test_probes_that_were_not_answered_tell_nothing() -> None:
    """A dead server is no proof that a model could not have used the document."""
    failed = Trial("c", "p", 0, Answer("", failure=Failure(FailureKind.SERVER, "down")))
    assert Probed(case(), [trial(False)], [failed], [failed], GOLD).cause is Cause.CONTENT
    assert Probed(case(), [trial(False)], [trial(True)], [failed], GOLD).cause is Cause.KNOWLEDGE


@pytest.mark.parametrize(
    ("probed", "asks"),
    [
        (Probed(case(), [trial(True)]), False),
        (Probed(case(), [trial(True, False)]), False),
        (Probed(case(), [trial(True), trial(False)]), False),
        (Probed(case(answerable=False), [declining(False)]), False),
        (Probed(case(), [trial(False)]), True),
        (Probed(case(), [trial(False, False)]), True),
    ],
)
def test_only_what_documents_could_explain_is_asked_again(probed: Probed, asks: bool) -> None:
    """Probes cost calls: what is explained without them is not asked again."""
    assert probed.unexplained is asks


def test_right_and_too_slow_is_a_matter_of_cost() -> None:
    """Where the answers as a whole are too slow: of the case that is slow, and is right."""
    slow, quick = (
        Trial("c", "p", 0, Answer("a", seconds=seconds), (Score("x", Aspect.CONTENT, 1.0),))
        for seconds in (3.0, 0.1)
    )
    trials = {"slow": [slow], "quick": [quick]}
    assert Limits(seconds=2.0).over(trials) == {"slow"}
    assert Limits(seconds=3.5).over(trials) == frozenset()
    assert (
        Limits(seconds=2.0).over({"slow": [slow], **{str(n): [quick] for n in range(99)}}) == set()
    )
    assert Probed(case(), [slow], over=True).cause is Cause.COST
    assert Probed(case(), [trial(False)], over=True).cause is Cause.CONTENT


def test_right_and_too_dear_is_a_matter_of_cost() -> None:
    dear = Trial("c", "p", 0, Answer("a", usd=0.01), (Score("x", Aspect.CONTENT, 1.0),))
    assert Limits(usd_per_1k=5.0).over({"c": [dear]}) == {"c"}
    assert Limits(usd_per_1k=20.0).over({"c": [dear]}) == frozenset()


def test_what_became_of_each_cause() -> None:
    """Of the cases that fail by the first rung, how many the others answer rightly."""
    cases = [case("one"), case("two")]
    found = attribute([Probed(each, [trial(False)]) for each in cases])
    asked = {
        "prompt": {each.id: [trial(False)] for each in cases},
        "tune": {"one": [trial(True)], "two": [trial(False)]},
        "hybrid": {"one": [trial(True)]},
    }
    assert [(each.rung, each.cured, each.cases) for each in cured(found, asked, cases)] == [
        ("tune", 1, 2),
        ("hybrid", 1, 1),  # of what it was not asked nothing is told
    ]


def test_a_call_that_failed_tells_nothing() -> None:
    """It is no wrong answer, so there is no cause to find."""
    failed = Trial("c", "p", 0, Answer("", failure=Failure(FailureKind.SERVER, "down")))
    assert Probed(case(), [failed]).cause is None
    assert Probed(case(), [failed, trial(False)]).cause is Cause.CONTENT


def test_right_closed_book_about_the_documents_is_contaminated() -> None:
    """The model has seen what it should not know."""
    assert Probed(case(), [trial(True)], golds=GOLD).contaminated
    assert not Probed(case(), [trial(True)]).contaminated
    assert not Probed(case(), [trial(False)], golds=GOLD).contaminated


def test_shares_are_of_all_cases_with_intervals_that_respect_clusters() -> None:
    """Twenty cases in two clusters say less than twenty alone."""

    def some(cluster: bool) -> tuple[CauseShare, ...]:
        return attribute(
            [
                Probed(
                    case(f"c{n}", cluster=f"k{n % 4}" if cluster else None),
                    [trial(n % 4 != 0, True)] if n % 2 else [trial(n % 4 != 0, n % 4 == 0)],
                    inferred=n == 4,
                )
                for n in range(40)
            ]
        )

    alone, clustered = some(False), some(True)
    assert [(each.cause, each.share) for each in alone] == [
        (Cause.CONTENT, 0.25),
        (Cause.FORMAT, 0.25),
    ]
    assert alone[0].interval.low < 0.25 < alone[0].interval.high
    wide = clustered[0].interval.high - clustered[0].interval.low
    assert wide > alone[0].interval.high - alone[0].interval.low
    assert alone[0].inferred
    assert not alone[1].inferred
    assert attribute([]) == ()


def test_a_rung_is_passed_over_only_where_nothing_points_to_it() -> None:
    """One case of a kind that it mends is enough to try it; the reason names what was seen."""
    share = Interval(0.1, 0.3)
    lacking = (CauseShare(Cause.KNOWLEDGE, 0.2, share, ("c",)),)
    assert "20% knowledge" in helpless("schema", lacking)
    assert "20% knowledge" in helpless("tune", lacking)
    assert helpless("retrieve", lacking) == ""
    both = (*lacking, CauseShare(Cause.FORMAT, 0.02, share, ("d",)))
    assert helpless("schema", both) == ""
    assert helpless("prompt", lacking) == ""
    assert helpless("tune", ()) == ""
    assert helpless("schema", lacking, malformed=True) == ""
    assert helpless("retrieve", (CauseShare(Cause.FORMAT, 0.2, share, ("c",)),), malformed=True)


def test_every_rung_above_the_first_says_what_it_cures() -> None:
    """A rung that is forgotten here would never be passed over."""
    assert set(CURES) >= set(LADDER) - {"prompt", "distil"}
    assert set().union(*CURES.values()) == set(Cause)
