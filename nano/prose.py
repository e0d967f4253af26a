"""Questions about natural paragraphs; each answer stands in its paragraph word for word.

No parser and no model is asked: a question is made only where a sentence has a shape that rules can
turn round safely (subject, verb and object; a date; a count; a definition). Every other sentence
can still lose a number, a name or a noun phrase to a gap. A wrong question teaches more harm than
a missing one, so each doubt about where a phrase ends gives the sentence up.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_ANSWER = 6

# How often a paragraph that allows a real question is given a gap all the same.
GAP_SHARE = 0.25

# How often sentences that hold a number or a date are asked about before the others, which are
# far more common.
COUNTED_FIRST = 0.5


@dataclass(frozen=True)
class Cloze:
    """A question, its answer, and the sentence that holds the answer; all but the question
    are taken from the paragraph as they stand."""

    question: str
    answer: str
    sentence: str


def load(path: Path | str) -> list[str]:
    """The texts of a paragraphs.jsonl, as sources.py writes it."""
    with Path(path).open(encoding="utf-8") as lines:
        return [str(json.loads(line)["text"]) for line in lines]


def cloze(paragraph: str, rng: random.Random) -> Cloze | None:
    """A question about one sentence of the paragraph, or None where no sentence is safe to ask."""
    found = sentences(paragraph)
    rng.shuffle(found)
    if rng.random() < COUNTED_FIRST:
        found.sort(key=lambda text: _FIGURE.search(text) is None)
    rules: tuple[Rule, ...] = (_questions, _gaps)
    if rng.random() < GAP_SHARE:
        rules = (_gaps, _questions)
    for rule in rules:
        for text in found:
            made = [c for c in rule(Sentence.read(text), rng) if _is_sound(c)]
            if made:
                return rng.choice(made)
    return None


# How often the subject of a sentence is asked for: nearly every sentence allows it.
SUBJECT_SHARE = 0.3

_FIGURE = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty)\b"
)
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|Mr|Mrs|Dr|St|No|Inc|Ltd|al|approx|[A-Z])\.$")
_END = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]?[A-Z])")


def sentences(paragraph: str) -> list[str]:
    """The paragraph's statements of a length that can be asked about."""
    found: list[str] = []
    start = 0
    for end in _END.finditer(paragraph):
        if not _ABBREVIATED.search(paragraph, start, end.start()):
            found.append(paragraph[start : end.end()].strip())
            start = end.end()
    found.append(paragraph[start:].strip())
    return [text for text in found if 6 <= text.count(" ") + 1 <= 34 and _is_statement(text)]


def _is_statement(text: str) -> bool:
    return text.endswith(".") and text[0].isupper() and not set(text) & set('()[]":;')


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that end a phrase: after one of them it is certain that the noun phrase is over.
_PREPOSITIONS = _words(
    """of in on at by for with from to into onto over under between among through during within
    without against across after before about as via per toward towards upon behind beyond inside
    outside above below near until since like than"""
)
_LINKS = _words(
    """and or but nor that which who whose where when while if because so although though unless
    whereas whether then"""
)
_BE = _words("is are was were")
_AUXILIARIES = _BE | _words(
    "has have had can could may might must shall should will would does do did cannot be"
)
_ENDS = _PREPOSITIONS | _LINKS | _AUXILIARIES
_ARTICLES = _words("a an the")
_DETERMINERS = _ARTICLES | _words("each every another this these most many several")
_OTHER = _words(
    """i you he she it we they me him her us them my your his its our their one ones that those
    such some any no none all both few more less least other others same own much very too also
    only even just not never always often usually still yet already again once there here now how
    what why up down out off away back together however therefore thus instead rather quite first
    second last next able available possible necessary likely important different similar various
    following due either neither else enough else well respectively later earlier directly used
    using based called known being been having said etc e.g i.e vs another every each this these
    something anything everything nothing someone anyone everyone itself themselves yourself
    himself herself whatever whoever whichever maybe perhaps it's that's
    there's here's what's let's he's she's who's true false"""
)
_CLOSED = _ENDS | _ARTICLES | _OTHER
_VAGUE = _words(
    """order addition general default example fact case cases place way ways thing things time times
    part advance practice particular turn effect detail details instance hand mind lot lots number
    kind kinds sort sorts reason reasons purpose bit manner sense terms need use people point
    respect regard course day days moment rest result end beginning side form variety range
    amount majority same latter former above below previous top
    front favor favour behalf lieu spite accordance conjunction response advantage"""
)
_ADJECTIVES = _words(
    """independent dependent free ready full empty equal slow fast good bad new old large small big
    high low long short simple single main common current whole entire sure easy hard easier faster
    better best worse new own internal external final initial public private present local global
    visible hidden correct wrong incorrect valid invalid efficient consistent persistent equivalent
    relevant significant sufficient apparent transparent default standard normal special specific
    generic basic automatic dynamic static open closed safe secure unique distinct exact complete
    compatible capable responsible aware virtual actual original central optional additional greater
    lower higher larger smaller smallest largest true"""
)
_PEOPLE = _words(
    """user users developer developers author authors administrator administrators maintainer
    maintainers person people programmer programmers player players student students teacher
    teachers team teams members customer customers artist musician visitor scientist engineer
    researcher researchers volunteer volunteers"""
)
_COUNTS = _words(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    eighteen twenty thirty forty fifty sixty ninety hundred"""
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

# Verbs that take a plain object. What a program, a tool, a book or a person does.
_VERBS = _words(
    """accept access achieve activate add adjust affect allow analyse analyze apply approve ask
    assign assume attend attract avoid award become boot bring build buy calculate cancel
    carry catch cause change charge check choose cite clean click close collect combine
    compare complete compress compute configure connect consume contain control convert
    convey cool copy cost count cover create cross customize cut decrypt define delete
    deliver demonstrate denote deny depict deploy describe detect determine disable
    discuss display distribute download drink earn eat edit eliminate emit employ emulate
    enable encourage encrypt enforce ensure enter estimate evaluate examine exclude
    execute expect explain explore export expose express extend extract feature feed
    filter find finish follow form format generate give govern grant group grow guarantee
    handle harvest have heat hit hold host identify ignore illustrate implement imply
    import improve include increase indicate influence inherit initialize install
    introduce invite invoke join keep lack launch lead learn lift limit list load locate
    log lose maintain make manage manipulate match measure mention modify monitor mount
    move need obtain occupy offer open order organize outline override own paint parse
    pass pay perform permit plant play possess predict prepare present preserve press
    prevent print process produce prohibit promote protect provide publish raise reach
    read receive recognize recommend record reduce reflect refund register reject remove
    rename render rent repair replace report represent require resemble reset resolve
    restrict return reveal review run save scan schedule search select sell send separate
    serve share show sign simplify simulate sing solve sort specify start stop store
    suggest summarize supply support surround take teach tell test throw track train
    transfer transform translate transmit trigger update upload use utilize validate
    verify view visit wait want warn win wrap write yield"""
)
_IRREGULAR = {
    "become": "became", "build": "built", "find": "found", "give": "gave", "hold": "held",
    "keep": "kept", "lead": "led", "make": "made", "send": "sent", "show": "showed",
    "take": "took", "teach": "taught", "tell": "told", "write": "wrote", "have": "had",
    "choose": "chose", "grow": "grew", "win": "won", "lose": "lost", "buy": "bought",
    "sell": "sold", "pay": "paid", "catch": "caught", "throw": "threw", "eat": "ate",
    "drink": "drank", "sing": "sang", "bring": "brought", "feed": "fed",
}  # fmt: skip
_DOUBLING = _words("permit submit emit transmit control stop scan run log transfer")


def _third(base: str) -> str:
    if base == "have":
        return "has"
    if base.endswith(("s", "x", "ch", "sh", "z")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def _past(base: str) -> str:
    if base in _IRREGULAR:
        return _IRREGULAR[base]
    if base in _DOUBLING:
        return base + base[-1] + "ed"
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + "ed"


_SINGULAR = {_third(base): base for base in _VERBS}
_PLURAL = {base: base for base in _VERBS}
_WAS = {
    _past(base): base
    for base in _VERBS
    if base not in {"read", "run", "reset", "hit", "cut", "cost"}
}
_FINITE = frozenset(_SINGULAR) | frozenset(_WAS) | _words(
    """allows lets makes seems appears exists occurs happens comes goes gets works means depends
    consists refers relies belongs remains becomes begins stands lies runs tries wants needs
    helps leads falls stays differs applies operates specifies knows thinks says believes
    corresponds results deals focuses points
    became came went got saw did do does done seem appear exist occur happen come
    go get work mean depend consist refer rely belong remain become begin try"""
)  # fmt: skip

_BASES = _SINGULAR | _PLURAL | _WAS

# In "subsequent checks will be" the word is no verb: only what follows can show that it is one.
_NOUNS_TOO = _words(
    """access address ask award boot cause change charge check cite click control copy cost count
    cover cross cut display download edit export feature feed filter form format grant group
    harvest host import influence lack limit list load log match measure mount move name need
    offer order override paint pass permit plant play point press print process query record
    refund register rent repair report reset result return review run scan schedule search
    share show sign sort start stop store support test tool track train transfer transform
    trigger update upload use view visit wait want work yield"""
)
_CERTAIN = _ARTICLES | _words("each every these this several many its their")

# Verbs that reach their object over a preposition.
_LINKED = {
    "consists of": "consist of", "depends on": "depend on", "refers to": "refer to",
    "relies on": "rely on", "stands for": "stand for", "belongs to": "belong to",
    "results in": "result in", "leads to": "lead to", "corresponds to": "correspond to",
    "comes with": "come with", "comes from": "come from", "deals with": "deal with",
    "runs on": "run on", "works with": "work with", "points to": "point to",
    "focuses on": "focus on", "applies to": "apply to",
}  # fmt: skip


@dataclass(frozen=True)
class Sentence:
    """A statement and its words, with what each one is once its punctuation is off."""

    text: str
    words: tuple[str, ...]  # as they stand, punctuation and all
    bare: tuple[str, ...]  # without the punctuation
    low: tuple[str, ...]  # and in small letters

    @classmethod
    def read(cls, text: str) -> "Sentence":
        words = tuple(text.split())
        bare = tuple(word.strip(",.;:!?'") for word in words)
        return cls(text, words, bare, tuple(word.lower() for word in bare))

    def __len__(self) -> int:
        return len(self.words)

    def span(self, start: int, end: int) -> str:
        """The words as they stand, without the punctuation around them."""
        text = " ".join(self.words[start:end]).strip(",.;:!?")
        return text[1:-1] if text[:1] == text[-1:] == "'" else text

    def stops(self, place: int) -> bool:
        """Whether punctuation follows the word."""
        return self.words[place][-1] in ",.;:!?"

    def is_name(self, place: int) -> bool:
        """Whether the word is capitalised for itself, and not as the first of its sentence."""
        return place > 0 and self.bare[place][:1].isupper() and self.low[place] != "i"


Rule = Callable[[Sentence, random.Random], Iterator[Cloze]]

# "you'd" and "don't" are verbs; only the possessive has its apostrophe inside a noun phrase.
_CONTENT = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*(?:'s)?$")


def _is_content(sentence: Sentence, place: int) -> bool:
    """Whether the word can stand inside a noun phrase."""
    low = sentence.low[place]
    return (
        low not in _CLOSED
        and low not in _COUNTS
        and not low.endswith("ly")
        and _CONTENT.match(sentence.bare[place]) is not None
    )


def noun_phrase(sentence: Sentence, start: int, longest: int = 4) -> int | None:
    """Where the noun phrase that starts here ends; None where that is in doubt."""
    place = start
    if place < len(sentence) and sentence.low[place] in _DETERMINERS:
        if sentence.stops(place):
            return None
        place += 1
    elif place < len(sentence) and sentence.low[place].endswith("ing"):
        return None  # a deed, which the words after it belong to
    first = place
    while place < len(sentence) and place - first < longest and _is_content(sentence, place):
        if place > first and sentence.low[place] in _FINITE:
            break
        place += 1
        if sentence.stops(place - 1):
            break
    if place == first:
        return None
    ended = sentence.stops(place - 1)
    if not ended:
        follower = sentence.low[place] if place < len(sentence) else ""
        plural = sentence.low[place - 1].endswith("s")
        if follower not in _ENDS | _FINITE and not (plural and follower in _VERBS):
            return None
        # "the file specified by": the participle belongs to what follows.
        while place - first > 1 and re.search(r"(?:ed|en)$", sentence.low[place - 1]):
            place -= 1
    head = sentence.low[place - 1]
    if head in _VAGUE or head in _ADJECTIVES or _is_no_noun(head):
        return None
    return place


def _with_of(sentence: Sentence, start: int, end: int) -> int | None:
    """The end of the phrase together with its "of ..." and "and ..."; None where it is too long."""
    while end < len(sentence) and not sentence.stops(end - 1) and sentence.low[end] in _JOINS:
        further = noun_phrase(sentence, end + 1)
        if further is None or further - start > LONGEST_ANSWER:
            return None
        end = further
    return end if end - start <= LONGEST_ANSWER else None


_JOINS = frozenset(("of", "and", "or"))
_CLAUSE_OPENERS = _LINKS - {"and", "or", "nor", "then"}


def _is_no_noun(word: str) -> bool:
    """Whether the word looks like a participle or an adjective."""
    return word not in _NOUNS and re.search(r"(?:ed|ing|ous|ful|able|ible|less)$", word) is not None


_NOUNS = _words(
    """string setting ring warning mapping binding king spring building meeting training processing
    computing networking testing programming engineering drawing painting heading spelling meaning
    beginning ending speed seed feed table variable cable executable timetable thermos"""
)


def _clause_end(sentence: Sentence, start: int) -> int | None:
    """The end of the sentence, where the words up to it are few enough to answer with."""
    for end in range(start + 1, min(start + LONGEST_ANSWER, len(sentence)) + 1):
        if sentence.stops(end - 1):
            return end if end == len(sentence) else None
    return None


def _object(sentence: Sentence, start: int) -> int | None:
    """The end of a verb's whole object: nothing after it may belong to the same list."""
    if start >= len(sentence):
        return None
    end = noun_phrase(sentence, start)
    end = None if end is None else _with_of(sentence, start, end)
    if end is None or end == len(sentence):
        return end
    follower = sentence.low[end]
    if sentence.stops(end - 1):
        return end if follower in _CLAUSE_OPENERS else None
    if follower in _AUXILIARIES or follower in _FINITE or follower in _VERBS:
        return None  # the phrase was the subject of a clause
    if follower in _COMPLETING or follower.endswith("ed"):
        # "support for ...", "a way to ...": a lone noun says little without what completes it.
        alone = end - start - (sentence.low[start] in _DETERMINERS) == 1
        whole = _clause_end(sentence, start) if alone or follower == "for" else None
        return whole or (None if alone else end)
    return end


_COMPLETING = _words("for to that which who where than")


_NO_SUBJECT = _words("there it this that these those what which who")
_ADVERBS = _words("also usually often only typically normally always currently now")


@dataclass(frozen=True)
class _Opening:
    """How a sentence begins: what stands before its subject, the subject, and the verb's place."""

    before: str
    subject: str
    start: int
    verb: int


def _opening(sentence: Sentence) -> _Opening | None:
    """The subject at the start of the sentence, where it can be told for certain."""
    start = 0
    before = ""
    if sentence.low[0] in _BEFORE:
        start = next((n + 1 for n in range(12) if n < len(sentence) and sentence.stops(n)), 0)
        if not start or sentence.words[start - 1][-1] != "," or start > len(sentence) - 4:
            return None
        if sentence.low[0] in _KEPT and sentence.low[start - 1] not in _VAGUE:
            before = " ".join(sentence.words[:start]) + " "
    if sentence.low[start] == "you":
        return _Opening(before, "you", start, start + 1)
    if sentence.low[start] in _NO_SUBJECT and not _is_content(sentence, start + 1):
        return None
    end = noun_phrase(sentence, start)
    if end is None or sentence.stops(end - 1) or end >= len(sentence) - 1:
        return None
    if sentence.low[end] == "of":
        end = noun_phrase(sentence, end + 1, 3)
        if end is None or sentence.stops(end - 1) or end >= len(sentence) - 1:
            return None
    return _Opening(before, _lowered(sentence, start, end), start, end)


_KEPT = _words("when if in on after before during by for with as while under at")
_BEFORE = _KEPT | _words("however therefore thus moreover furthermore additionally")


def _lowered(sentence: Sentence, start: int, end: int) -> str:
    """The phrase as it stands inside a sentence: a common noun loses its first capital."""
    text = sentence.span(start, end)
    common = sentence.low[0] in _DETERMINERS or (
        end - start > 1 and not sentence.is_name(start + 1)
    )
    plural = end - start == 1 and re.search(r"[^su]s$", text) and text[1:].islower()
    is_plain = text.split()[0][1:].islower() or text[1:2] == " "
    if start == 0 and is_plain and (common or plural):
        return text[0].lower() + text[1:]
    return text


def _ask(opening: _Opening, question: str) -> str:
    text = opening.before + question
    return text[0].upper() + text[1:] + "?"


def _tail(sentence: Sentence, end: int, rng: random.Random) -> str:
    """What follows the object, where it is short enough to be told in the question too."""
    rest = sentence.words[end:]
    if end >= len(sentence) or sentence.stops(end - 1) or len(rest) > 9 or rng.random() < 0.35:
        return ""
    text = " ".join(rest).rstrip(".")
    if sentence.low[end] not in _TAILS or re.search(r"[,;:]", text):
        return ""
    return " " + text


_TAILS = _words("in on at for with from to into when if during between within after before")


def _questions(sentence: Sentence, rng: random.Random) -> Iterator[Cloze]:
    """The questions that the sentence's shape allows."""
    yield from _there_are(sentence)
    yield from _advice(sentence)
    opening = _opening(sentence)
    if opening is None:
        return
    verb = opening.verb
    adverb = ""
    if sentence.low[verb] in _ADVERBS and verb < len(sentence) - 2:
        adverb = sentence.low[verb] + " "
        verb += 1
    word = sentence.low[verb]
    if word in _BE:
        if not adverb:
            yield from _being(sentence, opening, rng)
        return
    asked = _asked(sentence, verb)
    if asked is None:
        return
    helper, base, start = asked
    yield from _how_many(sentence, opening, start, f"{helper} {opening.subject} {adverb}{base}")
    if rng.random() < SUBJECT_SHARE:
        yield from _who_or_what(sentence, opening)
    end = _object(sentence, start)
    if end is None or (base in _MAKING and "to" in sentence.low[start:]):
        return
    if base in {"provide", "present", "supply"} and "with" in sentence.low[start : end + 1]:
        return
    rest = _tail(sentence, end, rng)
    if opening.subject == "you" and not rest and not opening.before:
        return  # "What can you use?" asks about nothing in particular
    question = f"what {helper} {opening.subject} {adverb}{base}{rest}"
    yield Cloze(_ask(opening, question), sentence.span(start, end), sentence.text)


# "allows the command to use": what is allowed is not the command.
_MAKING = _words("allow enable cause encourage require teach need want tell permit lead")


def _asked(sentence: Sentence, verb: int) -> tuple[str, str, int] | None:
    """The helping verb of a question, the verb after it, and where the object starts."""
    word = sentence.low[verb]
    if sentence.stops(verb) or verb + 1 >= len(sentence):
        return None
    determined = sentence.low[verb + 1] in _CERTAIN
    if _BASES.get(word) in _NOUNS_TOO and not determined:
        return None
    if word in {"has", "have"} and not determined and not _number(sentence, verb + 1):
        return None  # "have given rise"
    pair = f"{word} {sentence.low[verb + 1]}"
    if pair in _LINKED and verb + 2 < len(sentence):
        return "does", _LINKED[pair], verb + 2
    if word in _MODALS and sentence.low[verb + 1] in _VERBS and verb + 2 < len(sentence):
        return word, sentence.low[verb + 1], verb + 2
    if word in _SINGULAR:
        return "does", _SINGULAR[word], verb + 1
    if word in _WAS and determined:
        return "did", _WAS[word], verb + 1
    plural = re.search(r"[^s]s$|^you$", sentence.low[verb - 1])
    if word in _PLURAL and plural:
        return "do", word, verb + 1
    return None


_MODALS = _words("can could may must should will would might")


def _who_or_what(sentence: Sentence, opening: _Opening) -> Iterator[Cloze]:
    """The subject itself, asked for with the rest of the sentence as it stands."""
    rest = " ".join(sentence.words[opening.verb :]).rstrip(".")
    plural = sentence.low[opening.verb] in _PLURAL
    length = opening.verb - opening.start
    if plural or opening.subject == "you" or len(rest.split()) > 18 or length > LONGEST_ANSWER:
        return
    if sentence.low[opening.start] in _DETERMINERS - _ARTICLES:
        return
    word = "who" if sentence.low[opening.verb - 1] in _PEOPLE else "what"
    answer = sentence.span(opening.start, opening.verb)
    yield Cloze(_ask(opening, f"{word} {rest}"), answer, sentence.text)


def _number(sentence: Sentence, place: int) -> bool:
    if place >= len(sentence):
        return False
    low = sentence.low[place]
    return low in _COUNTS or re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})*", low) is not None


def _counted(sentence: Sentence, place: int) -> int | None:
    """The end of the things that are counted by the number at this place."""
    if not _number(sentence, place) or sentence.stops(place):
        return None
    if place + 1 >= len(sentence) or sentence.low[place + 1] in _DETERMINERS:
        return None
    end = noun_phrase(sentence, place + 1, 3)
    if end is None or not re.search(r"(?:[^su]s|people|children)$", sentence.low[end - 1]):
        return None
    return end


_ABOUT = re.compile(r"(?:exactly|only|about|approximately|roughly|nearly|almost)$")


def _how_many(sentence: Sentence, opening: _Opening, start: int, doing: str) -> Iterator[Cloze]:
    """How many things the subject has, uses or holds."""
    if _ABOUT.match(sentence.low[start]):
        start += 1
    end = _counted(sentence, start)
    if end is not None and (end == len(sentence) or sentence.low[end] not in _JOINS):
        question = f"how many {sentence.span(start + 1, end)} {doing}"
        yield Cloze(_ask(opening, question), sentence.bare[start], sentence.text)


def _there_are(sentence: Sentence) -> Iterator[Cloze]:
    """ "There are six modes in ..." and "Six modes are in ..." both tell how many."""
    start = 2 if sentence.low[:2] in {("there", "are"), ("there", "were")} else 0
    end = _counted(sentence, start)
    if end is None or end - start > 5 or (sentence.stops(end - 1) and end < len(sentence)):
        return
    rest = " ".join(sentence.words[end:]).rstrip(".")
    things = sentence.span(start + 1, end)
    if len(rest.split()) > 16:
        return
    if start:
        question = f"How many {things} {sentence.low[1]} there {rest}".strip() + "?"
    elif end < len(sentence) and sentence.low[end] in {"are", "were", "have", "can"}:
        question = f"How many {things} {rest}?"
    else:
        return
    yield Cloze(question, sentence.bare[start], sentence.text)


_IMPERATIVES = _words(
    "use select choose click press open run call install enter type create add specify set"
)


def _advice(sentence: Sentence) -> Iterator[Cloze]:
    """ "To copy a file, press the button." tells what one should press."""
    if sentence.low[0] != "to":
        return
    comma = next((n for n in range(2, min(16, len(sentence) - 2)) if sentence.stops(n)), None)
    if comma is None or sentence.low[comma + 1] not in _IMPERATIVES:
        return
    verb = sentence.low[comma + 1]
    end = _object(sentence, comma + 2)
    if end is not None:
        purpose = " ".join(sentence.words[1 : comma + 1]).rstrip(",")
        question = f"What should you {verb} to {purpose}?"
        yield Cloze(question, sentence.span(comma + 2, end), sentence.text)


def _being(sentence: Sentence, opening: _Opening, rng: random.Random) -> Iterator[Cloze]:
    """What the subject is, or what is done with it."""
    start = opening.verb + 1
    if sentence.low[start] not in _ARTICLES:
        yield from _done(sentence, opening, rng)
        return
    end = _object(sentence, start)
    if end is not None and end - start > 2:
        question = _ask(opening, f"what {sentence.low[opening.verb]} {opening.subject}")
        yield Cloze(question, sentence.span(start, end), sentence.text)
        yield from _who_or_what(sentence, opening)


def _done(sentence: Sentence, opening: _Opening, rng: random.Random) -> Iterator[Cloze]:
    """What is done with the subject: where, when, by whom, in what."""
    verb = opening.verb
    done = verb + 1
    if sentence.low[done].endswith("ly") or sentence.low[done] in _ADVERBS:
        done += 1
    if done + 2 >= len(sentence) or sentence.stops(done):
        return
    if not _PARTICIPLE.search(sentence.low[done]) or sentence.low[done] in _UNCLEAR:
        return
    doing = f"{sentence.low[verb]} {opening.subject} {sentence.span(verb + 1, done + 1)}"
    preposition = sentence.low[done + 1]
    start = done + 2
    if sentence.low[done] == "called":
        question = f"what {doing}"
        start = done + 1
        end = _object(sentence, start)
    elif preposition == "in" and (date := _date(sentence, start)):
        question = f"when {doing}"
        end = date
    elif preposition in _AFTER_PARTICIPLE and (preposition != "to" or _is_thing(sentence, start)):
        end = _object(sentence, start)
        asked = _asked_over(sentence, done, end or start)
        rest = _tail(sentence, end or start, rng)
        question = asked.format(doing) + ("" if rest.startswith(f" {preposition} ") else rest)
        start -= asked.startswith("where")
    else:
        return
    if end is not None:
        yield Cloze(_ask(opening, question), sentence.span(start, end), sentence.text)


def _asked_over(sentence: Sentence, done: int, end: int) -> str:
    """The question that the preposition after a participle answers; {} is what is done."""
    preposition = sentence.low[done + 1]
    if preposition == "by":
        person = sentence.low[end - 1] in _PEOPLE
        named = sentence.low[done - 1] == "was" and sentence.is_name(done + 2)
        return "who {} by" if person or named else "what {} by"
    if preposition in {"in", "on", "at"} and sentence.low[done] in _PLACED:
        return "where {}"
    return f"what {{}} {preposition}"


_PARTICIPLE = re.compile(r"(?:ed|written|built|made|known|found|held|kept|given|taken|shown|sent)$")
_UNCLEAR = _words("need unlimited advanced limited united compared related")
_AFTER_PARTICIPLE = _words("in on by with from as for into at to")
_PLACED = _words(
    "stored located installed found kept saved placed documented held displayed printed"
)


def _is_thing(sentence: Sentence, place: int) -> bool:
    """Whether what follows "to" is a noun phrase and not a verb."""
    return sentence.low[place] in _DETERMINERS or sentence.is_name(place)


def _date(sentence: Sentence, start: int) -> int | None:
    """The end of a date: a year, or a month before it, or the day as well."""
    if not _DATED.match(sentence.words[start]):
        return None
    for length in (3, 2, 1):
        text = sentence.span(start, start + length)
        if start + length <= len(sentence) and _DATE.fullmatch(text):
            return start + length
    return None


_DATED = re.compile(rf"\d|{_MONTHS}")
_DATE = re.compile(
    rf"(?:(?:\d{{1,2}} )?(?:{_MONTHS}) (?:\d{{1,2}}, )?)?(?:1[5-9]|20)\d\d|(?:{_MONTHS}) \d{{1,2}}"
)
_GAP = "___"
_ORDERS = (
    "Fill the gap: {}",
    "Complete the sentence: {}",
    "What belongs in the gap? {}",
    "What is missing here? {}",
)
_AFTER_GAP = _PREPOSITIONS - {"like", "than", "as", "about"}


def _gaps(sentence: Sentence, rng: random.Random) -> Iterator[Cloze]:
    """The sentence with one number, date, name or noun phrase taken out, whatever its shape."""
    spans = list(_hidden(sentence))
    if spans:
        figures = [span for span in spans if _FIGURE.search(sentence.words[span[0]])]
        start, end = rng.choice(figures if figures and rng.random() < 0.5 else spans)
        answer = sentence.span(start, end)
        before = " ".join(sentence.words[:start])
        covered = " ".join(sentence.words[start:end])
        gap = covered.replace(answer, _GAP, 1)
        text = " ".join(part for part in (before, gap, *sentence.words[end:]) if part)
        order = rng.choice((*_ORDERS, *_orders_for(sentence, start, answer)))
        yield Cloze(order.format(text), answer, sentence.text)


def _orders_for(sentence: Sentence, start: int, answer: str) -> tuple[str, ...]:
    """Ways to ask for the gap that say what is hidden there."""
    if _DATE.fullmatch(answer):
        return ("Which date is missing? {}", "When was this? {}")
    if _number(sentence, start):
        return ("Which number is missing? {}", "How many? {}")
    if sentence.is_name(start):
        return ("Which name is missing? {}",)
    return ("Which word is missing? {}",) if " " not in answer else ("Which words are missing? {}",)


def _hidden(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """What a gap may hide. The sentence's first word stays: it says what the rest is about."""
    place = 1
    while place < len(sentence):
        end = _date(sentence, place) or _count(sentence, place) or _name(sentence, place)
        if end is None and _precedes_noun(sentence, place):
            end = noun_phrase(sentence, place)
            end = None if end is None else _with_of(sentence, place, end)
            if end is not None and sentence.low[place] in {"this", "these", "each"}:
                end = None
        if end is not None:
            yield place, end
        place = end or place + 1


def _precedes_noun(sentence: Sentence, place: int) -> bool:
    """Whether the word before this place makes certain that a noun phrase may start here."""
    before = sentence.low[place - 1]
    if before == "to":
        return _is_thing(sentence, place)
    return before in _AFTER_GAP or before in _SINGULAR


def _count(sentence: Sentence, place: int) -> int | None:
    counted = _counted(sentence, place)
    return None if counted is None else place + 1


def _name(sentence: Sentence, place: int) -> int | None:
    """The end of a name of up to four capitalised words."""
    end = place
    while end < len(sentence) and end - place < 4 and sentence.is_name(end):
        if not _CONTENT.match(sentence.bare[end]) or sentence.low[end] in _CLOSED:
            return None
        end += 1
        if sentence.stops(end - 1):
            break
    return end if end > place and len(sentence.span(place, end)) > 2 else None


def _holds(text: str, words: str) -> bool:
    """Whether the words stand in the text; most do not, and a search for those costs little."""
    return words in text and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


_LONE_QUOTE = re.compile(r"(?<!\w)'|'(?!\w)")


def _is_sound(made: Cloze) -> bool:
    """A last look: the answer stands in the sentence once and is not given away by the question."""
    words = made.answer.count(" ") + 1
    low = made.answer.lower()
    return (
        words <= LONGEST_ANSWER
        and made.sentence.count(made.answer) == 1
        and _LONE_QUOTE.search(made.answer) is None
        and not _holds(made.question.lower(), low)
        and len(made.question.split()) >= 3
    )
