"""Formats that only the chat's own examples show: which facts are wanted, under which keys, between
which signs. Every chat draws its own format, so that nothing is learned but to look and copy.

No chat here tells a JSON format in words: a prompt alone is meant to fail on a house's own format.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nano.chats import Chat
from nano.grammar import expand, opened
from nano.labels import TOPICS, topic_message
from nano.talk import (
    MONTHS,
    PEOPLE,
    WORDS,
    invented_name,
    organisation,
    said,
    sentence,
    simple_request,
)

LONGEST = 1500  # characters after which a chat takes no further message


Data = str | int | float


@dataclass(frozen=True)
class Value:
    """A fact as the message has it, and as it stands among data. `unit` is what a number counts;
    `sentence` tells the fact where no pattern of its kind could."""

    told: str
    kept: Data
    unit: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Fact:
    """A kind of fact: what it may be called, how it is made and how a sentence tells it."""

    names: tuple[str, ...]
    make: Callable[[random.Random], Value]
    says: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """A fact of one message."""

    fact: Fact
    value: Value


def _plain(text: str) -> Value:
    return Value(text, text)


def _one_of(words: str) -> Callable[[random.Random], Value]:
    choices = words.split("|")
    return lambda rng: _plain(rng.choice(choices))


def _person(rng: random.Random) -> Value:
    name = rng.choice(PEOPLE)
    return _plain(name if rng.random() < 0.4 else f"{name} {invented_name(rng)}")


def _organisation(rng: random.Random) -> Value:
    return _plain(organisation(rng))


def _place(rng: random.Random) -> Value:
    known = "Oslo Lima Rome Paris Cairo Delhi Leeds Porto Turin Bergen Quito Osaka Perth Ghent Cork"
    return _plain(rng.choice(known.split()) if rng.random() < 0.4 else invented_name(rng))


def _date(rng: random.Random) -> Value:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2019, 2031)
    kept = f"{year}-{month:02}-{day:02}"
    told = (
        kept,
        f"{day} {MONTHS[month - 1]} {year}",
        f"{MONTHS[month - 1]} {day}, {year}",
        f"{day:02}.{month:02}.{year}",
    )
    return Value(rng.choice(told), kept)


def _amount(rng: random.Random) -> Value:
    unit, signs = rng.choice((("EUR", "€"), ("EUR", " euros"), ("USD", "$"), ("GBP", "£")))
    number = rng.choice((rng.randint(1, 99), rng.randint(100, 9999), rng.randint(100, 99999) / 100))
    kept = number if isinstance(number, int) else round(number, 2)
    text = str(kept) if isinstance(kept, int) else f"{kept:.2f}"
    if rng.random() < 0.15:
        # As continental bills have it.
        text = f"{kept:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    sign = signs.strip()
    forms = (f"{text} {unit}", f"{text} {sign}", f"{sign}{text}", f"{unit} {text}")
    return Value(rng.choice(forms[:2] if " " in signs else forms), kept, unit)


def _count(rng: random.Random) -> Value:
    number = rng.choice((rng.randint(1, 12), rng.randint(1, 99), rng.randint(100, 999)))
    return Value(str(number), number)


def _measure(units: str, most: int) -> Callable[[random.Random], Value]:
    def make(rng: random.Random) -> Value:
        number, unit = rng.randint(1, most), rng.choice(units.split("|"))
        return Value(f"{number} {unit}", number, unit)

    return make


def _time(rng: random.Random) -> Value:
    return _plain(f"{rng.randint(0, 23):02}:{rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50)):02}")


def _code(rng: random.Random) -> Value:
    letters = "".join(rng.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=rng.randint(1, 3)))
    digits = "".join(rng.choices("0123456789", k=rng.randint(2, 5)))
    return _plain(letters + rng.choice(("-", "", "/", " ")) + digits)


def _phone(rng: random.Random) -> Value:
    return _plain(f"0{rng.randint(10, 99)} {rng.randint(100, 999)} {rng.randint(100, 999)}")


def _mail(rng: random.Random) -> Value:
    return _plain(f"{rng.choice(PEOPLE).lower()}@{invented_name(rng).lower()}.example")


def _choice(**sentences: str) -> Callable[[random.Random], Value]:
    """One of a few words, each told by sentences of its own in which it does not occur."""

    def make(rng: random.Random) -> Value:
        name = rng.choice(sorted(sentences))
        kept: Data = {"yes": True, "no": False}.get(name, name)
        return Value(name, kept, sentence=expand(sentences[name], rng))

    return make


def _topic(rng: random.Random) -> Value:
    topic = rng.choice(TOPICS)
    return Value(topic.names[0], topic.names[0], sentence=topic_message(topic, rng))


def _rating(rng: random.Random) -> Value:
    number = rng.randint(1, 10)
    return Value(str(number), number)


def _words_said(rng: random.Random) -> Value:
    """A short text to be copied whole."""
    if rng.random() < 0.4:
        return _plain(sentence(rng).rstrip("."))
    return _plain(" ".join(rng.sample(WORDS, rng.randint(2, 4))))


def _thing(rng: random.Random) -> Value:
    return _plain(rng.choice(WORDS) if rng.random() < 0.7 else invented_name(rng).lower())


_FACTS: tuple[Fact, ...] = (
    Fact(
        ("name", "person", "contact", "customer", "client", "who", "guest"),
        _person,
        (
            "{it} [wrote|called|came by|is asking].",
            "[This is|My name is|I am] {it}.",
            "[The request|The call|The note|The letter] [is|came] from {it}.",
        ),
    ),
    Fact(
        ("city", "town", "place", "location", "where", "site"),
        _place,
        (
            "[It happened|It was|This is] in {it}.",
            "[We are|They live|The office is] in {it}.",
            "[Please deliver|It goes|Send it] to {it}.",
        ),
    ),
    Fact(
        ("date", "day", "when", "on", "deadline"),
        _date,
        (
            "[It is due|It happens|It starts|Please come] on {it}.",
            "[The date is|We agreed on|It was booked for] {it}.",
            "[Dated|Sent on|Written on] {it}.",
        ),
    ),
    Fact(
        ("amount", "price", "total", "cost", "sum", "fee"),
        _amount,
        (
            "[It costs|The price is|The total is|We paid] {it}.",
            "[That makes|That comes to|The bill says] {it}.",
        ),
    ),
    Fact(
        ("count", "quantity", "number", "pieces", "units", "qty"),
        _count,
        (
            "[We need|There are|They ordered|Please send] {it} [pieces|of them|units].",
            "[The number of pieces|The quantity|The count] is {it}.",
        ),
    ),
    Fact(
        ("weight", "mass", "load"),
        _measure("kg|kilos|grams|tonnes", 900),
        ("[It weighs|The weight is|It comes to] {it}.", "[Weighing|Weighed at] {it}."),
    ),
    Fact(
        ("length", "distance", "size", "height"),
        _measure("m|metres|cm|km|miles", 500),
        ("[It measures|It is|The length is] {it}[| long| in all].",),
    ),
    Fact(
        ("time", "hour", "at", "start"),
        _time,
        ("[It starts|We meet|Doors open|They arrive] at {it}.", "The time is {it}."),
    ),
    Fact(
        ("reference", "code", "id", "ref", "ticket", "order"),
        _code,
        (
            "[The reference is|Our reference is|It is number|The code is] {it}.",
            "[See|This is about|About] order {it}.",
        ),
    ),
    Fact(
        ("phone", "telephone", "tel", "call", "mobile"),
        _phone,
        ("[Call|Ring|Phone] {it}.", "[My number is|The phone number is|Reach us at] {it}."),
    ),
    Fact(
        ("email", "mail", "address", "reply_to"),
        _mail,
        ("[Write to|Mail|Answer to] {it}.", "[My mail is|The address is] {it}."),
    ),
    Fact(
        ("company", "supplier", "firm", "sender", "shop", "vendor"),
        _organisation,
        (
            "[We bought it|It comes|It was sent] from {it}.",
            "[The firm|The seller|The maker] is {it}.",
        ),
    ),
    Fact(
        ("item", "product", "thing", "article", "goods", "what"),
        _thing,
        (
            "[It is about|We talk of|This concerns] the {it}.",
            "[The item|The product|The thing] is [a|the] {it}.",
            "[They want|Someone found|She lost|He sold] a {it}.",
        ),
    ),
    Fact(
        ("colour", "color", "shade", "paint"),
        _one_of("red|blue|green|yellow|black|white|grey|brown|pink|purple|orange|silver|gold"),
        ("[It is|The colour is|It comes in|They want it in] {it}.",),
    ),
    Fact(
        ("animal", "pet", "species"),
        _one_of("dog|cat|horse|rabbit|parrot|goat|sheep|hamster|turtle|duck|snake|pony|owl|donkey"),
        ("[It is a|They have a|She brought a|We saw a] {it}.", "The animal is a {it}."),
    ),
    Fact(
        ("country", "nation", "origin", "land"),
        _one_of("Norway|Peru|Italy|France|Egypt|India|Kenya|Japan|Spain|Chile|Ghana|Greece|Poland"),
        ("[It comes from|They are from|It was made in] {it}.", "The country is {it}."),
    ),
    Fact(
        ("room", "desk", "table", "seat", "door"),
        _count,
        ("[It is in|We meet in|They stay in] room {it}.", "The room is number {it}."),
    ),
    Fact(
        ("weekday", "day", "on_day"),
        _one_of("Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"),
        ("[It is on|Come on|We close on|Delivery is on] {it}.", "The day is {it}."),
    ),
    Fact(
        ("transport", "by", "means", "vehicle"),
        _one_of("train|bus|ferry|car|bicycle|plane|tram|van|lorry|boat"),
        ("[It goes by|They came by|We send it by|She travels by] {it}.",),
    ),
    Fact(
        ("language", "speaks", "tongue"),
        _one_of("English|French|German|Spanish|Italian|Polish|Arabic|Hindi|Dutch|Greek|Turkish"),
        ("[They speak|It is written in|She prefers|Please answer in] {it}.",),
    ),
    Fact(
        ("rating", "stars", "score", "marks"),
        _rating,
        ("[I give it|We gave it|It got] {it} [points|stars|out of ten].", "The score is {it}."),
    ),
    Fact(
        ("temperature", "degrees", "heat"),
        _measure("degrees|C", 40),
        ("[It was|Keep it at|The room has|It showed] {it}.",),
    ),
    Fact(
        ("material", "made_of", "stuff"),
        _one_of("wood|steel|glass|wool|cotton|paper|stone|copper|leather|plastic|brass|silk|clay"),
        ("[It is made of|It is all|They chose|The material is] {it}.",),
    ),
    Fact(
        ("team", "group", "department", "unit"),
        _one_of(
            "sales|support|finance|design|legal|kitchen|garage|stores|security|reception|press"
        ),
        ("[It is for|It goes to|Tell|It belongs to] the {it} team.",),
    ),
    Fact(
        ("title", "subject", "headline", "motto", "text", "note"),
        _words_said,
        (
            '[The title|The subject|The heading|Our motto] is "{it}".',
            '[They wrote|She said|The sign says|It reads]: "{it}".',
        ),
    ),
    Fact(
        ("urgent", "priority", "rush", "asap"),
        _choice(
            yes="[It is urgent|This cannot wait|We need it today|Hurry, please].",
            no="[There is no hurry|It can wait|Take your time|Next month is fine].",
        ),
        (),
    ),
    Fact(
        ("paid", "settled", "done", "closed"),
        _choice(
            yes="[It is paid|The bill is settled|We sent the money].",
            no="[It is not paid|The bill is still open|We owe the money].",
        ),
        (),
    ),
    Fact(
        ("mood", "tone", "feeling", "sentiment"),
        _choice(
            happy="[I am delighted|We love it|What a joy|It is wonderful]!",
            unhappy="[I am disappointed|We hate it|What a shame|It is awful]!",
        ),
        (),
    ),
    Fact(("kind", "topic", "label", "category", "about"), _topic, ()),
)
# What comes with a number, wanted as a fact of its own.
_UNIT = Fact(("unit", "currency", "in", "measure"), lambda _: _plain(""), ())

Shape = Callable[[Sequence[Given]], str]


@dataclass(frozen=True)
class Dress:
    """How the facts of a reply are called and written in one chat."""

    keys: tuple[str, ...]
    kept: tuple[bool, ...]
    case: str

    def values(self, given: Sequence[Given]) -> list[Data]:
        return [
            self._cased(each.value.kept if kept else each.value.told)
            for each, kept in zip(given, self.kept, strict=True)
        ]

    def _cased(self, value: Data) -> Data:
        if not isinstance(value, str):
            return value
        return {"upper": value.upper(), "lower": value.lower()}.get(self.case, value)


def _keys(facts: Sequence[Fact], rng: random.Random) -> tuple[str, ...]:
    """Keys of one manner: the fact's own name, dressed up, or a word that has no bearing on it."""
    manner = rng.random()
    if manner < 0.55:
        bare = [rng.choice(fact.names) for fact in facts]
    elif manner < 0.65:
        bare = [rng.choice(fact.names)[: rng.randint(2, 4)] for fact in facts]
    elif manner < 0.75:
        start = rng.choice("abfkxf")
        first = rng.randint(0, 3)
        bare = [f"{start}{first + place}" for place in range(len(facts))]
    elif manner < 0.9:
        bare = rng.sample(WORDS, len(facts))
    else:
        bare = [invented_name(rng).lower() for _ in facts]
    style = rng.random()
    if style < 0.15:
        start = rng.choice(WORDS)
        bare = [f"{start}_{key}" for key in bare]
    elif style < 0.25:
        start = rng.choice(WORDS)
        bare = [start + opened(key) for key in bare]
    case = rng.choice((str, str, str, str.upper, opened))
    keys = [case(key) for key in bare]
    return tuple(
        key if key not in keys[:place] else f"{key}{place + 1}" for place, key in enumerate(keys)
    )


def _dress(facts: Sequence[Fact], rng: random.Random) -> Dress:
    # A date's or an amount's other form has to be worked out, so it is asked for in the minority.
    keep = rng.random() < 0.4
    kept = tuple(keep or fact.make is _count for fact in facts)
    case = rng.choice(("as it is",) * 8 + ("upper", "lower"))
    return Dress(_keys(facts, rng), kept, case)


def _phrase(rng: random.Random) -> str:
    patterns = (
        "[Noted|Understood|Received|Filed|Thank you|Right away|As you wish|Very well|Aye|Ahoy]",
        "[Greetings|Salutations|Regards|Warm wishes] from the {a} [desk|team|office|club]",
        "[The|Our|This] {a} [says|answers|reports|confirms|has it]",
        "[From|By|Under] the {a} of {n}",
        "{n} [here|speaking|answers|reporting|at your service]",
        "[Over and out|Mind the {a}|Keep the {a} dry|Long live the {a}|May the {a} guide you]",
        "[Kind|Best|Sunny|Quiet] regards, {n}",
        "{a} {b}",
        "{a} {b} {c}",
        "[Answer|Result|Reply|Found|Entry|Record|Outcome|Verdict|Value]",
    )
    a, b, c = rng.sample(WORDS, 3)
    text = said(rng.choice(patterns), rng, a=a, b=b, c=c, n=invented_name(rng))
    return opened(text) if rng.random() < 0.7 else text.upper()


def _json(dress: Dress, rng: random.Random) -> Shape:
    indent = 2 if rng.random() < 0.1 else None
    tight = rng.random() < 0.15
    separators = (",", ":") if tight else None
    outer = rng.choice((*WORDS, "data", "result", "record")) if rng.random() < 0.15 else None
    fixed = {rng.choice(WORDS): rng.choice(WORDS)} if rng.random() < 0.12 else {}
    listed = rng.random() < 0.06

    def write(given: Sequence[Given]) -> str:
        values = dress.values(given)
        inner: object = (
            values if listed else {**dict(zip(dress.keys, values, strict=True)), **fixed}
        )
        whole = {outer: inner} if outer else inner
        return json.dumps(whole, ensure_ascii=False, indent=indent, separators=separators)

    return write


def _lines(dress: Dress, rng: random.Random) -> Shape:
    between = rng.choice((": ", ": ", " = ", "=", " -> ", " | ", " - ", ":: ", " is ", " => "))
    lead = rng.choice(("", "", "", "- ", "* ", "> ", "+ ", "# "))
    joint = rng.choice(("\n", "\n", "\n", "; ", " / ", " | ", ", "))

    def write(given: Sequence[Given]) -> str:
        pairs = zip(dress.keys, dress.values(given), strict=True)
        return joint.join(f"{lead}{key}{between}{value}" for key, value in pairs)

    return write


def _tags(dress: Dress, rng: random.Random) -> Shape:
    form = rng.choice(
        (
            "<{k}>{v}</{k}>",
            "[{k}]{v}[/{k}]",
            "[{k}: {v}]",
            "<{k}: {v}>",
            "({k}) {v}",
            "{k}({v})",
            "#{k} {v}",
            "[{k}={v}]",
            "{{{k}|{v}}}",
            "@{k}:{v}",
            "{k}<{v}>",
            '{k}="{v}"',
        )
    )
    joint = rng.choice(("", " ", " ", "\n", ", "))

    def write(given: Sequence[Given]) -> str:
        pairs = zip(dress.keys, dress.values(given), strict=True)
        return joint.join(
            form.replace("{k}", key).replace("{v}", str(value)) for key, value in pairs
        )

    return write


def _row(dress: Dress, rng: random.Random) -> Shape:
    joint = rng.choice((",", ",", ", ", ";", "; ", "|", " | ", "\t", "/", " / ", " + ", " ~ "))
    quote = rng.choice(("", "", "", '"', "'"))
    lead = rng.choice(("", "", "", "| ", "ROW ", "> "))

    def write(given: Sequence[Given]) -> str:
        return lead + joint.join(f"{quote}{value}{quote}" for value in dress.values(given))

    return write


def _bullets(dress: Dress, rng: random.Random) -> Shape:
    mark = rng.choice(("- ", "* ", "• ", "+ ", "{n}. ", "{n}) ", "({n}) ", "-- "))

    def write(given: Sequence[Given]) -> str:
        return "\n".join(
            f"{mark.replace('{n}', str(place))}{value}"
            for place, value in enumerate(dress.values(given), start=1)
        )

    return write


def _sentence(dress: Dress, rng: random.Random) -> Shape:
    """A sentence with gaps, whose other words are the chat's own."""
    joints = ("and", "with", "near", "for", "from", "of", "under", "by", "plus", "then", "at")
    words = [rng.choice(joints) for _ in dress.keys]
    start = _phrase(rng)
    end = rng.choice((".", ".", "!", "", f". {_phrase(rng)}."))

    def write(given: Sequence[Given]) -> str:
        values = [str(value) for value in dress.values(given)]
        rest = "".join(
            f" {word} {value}" for word, value in zip(words[1:], values[1:], strict=True)
        )
        return f"{start} {values[0]}{rest}{end}"

    return write


_SHAPES = (_json, _json, _json, _lines, _lines, _tags, _tags, _row, _bullets, _sentence)


def _wrapping(rng: random.Random) -> Callable[[str], str]:
    """A set opening, a set closing or a frame, the same for every reply of a chat."""
    start, end = _phrase(rng), _phrase(rng)
    forms = (
        f"{start}: {{it}}",
        f"{start}. {{it}}",
        f"{start}\n{{it}}",
        f"{{it}} {end}.",
        f"{{it}}\n{end}",
        f"{start}: {{it}}\n{end}.",
        f"{start}! {{it}} {end}!",
        f"({start}) {{it}}",
        f"[{start}] {{it}}",
        "** {it} **",
        "== {it} ==",
        ">>> {it}",
        f"<{start}> {{it}} <{end}>",
        f"{{it}} [{end}]",
        f"{{it}} -- {end}",
    )
    form = rng.choice(forms)
    return lambda text: form.replace("{it}", text)


_SYSTEMS = (
    (
        "[Read|Take|Process] [each|the|every] [message|note|letter] and [answer|reply] in our "
        "[format|style|way]."
    ),
    "You [file|record|note] the [messages|mail|calls|notes] of {org}.",
    "You are [the|a] [clerk|assistant|secretary|helper] of {org}.",
    "[Answer|Reply] [as before|like this|in the same way|as the examples do|as shown].",
    "[Keep|Hold|Stick] to the [form|format|style] of {org}.",
    "{org} keeps [its|all its] [records|notes|answers] in one [form|format|shape].",
    "You are a helpful assistant.",
    "[Write|Put] down what [each|the] message says[|, in our form].",
)


def shaping(rng: random.Random) -> Chat:
    """One chat whose every reply has the same shape; the first ones are the worked examples."""
    messages: list[tuple[str, str]] = []
    if rng.random() < 0.6:
        messages.append(("system", said(rng.choice(_SYSTEMS), rng, org=organisation(rng))))
    turn = _asking(rng) if rng.random() < 0.22 else _copying(rng)
    asked_before: set[str] = set()
    wanted, length = rng.randint(2, 6) + rng.randint(1, 2), 0
    # Few different messages can be made of one small fact, so some chats stay short.
    for _ in range(3 * wanted):
        if len(asked_before) == wanted or (len(asked_before) > 2 and length > LONGEST):
            break
        asked, answered = turn(rng)
        if asked in asked_before:
            continue
        asked_before.add(asked)
        length += len(asked) + len(answered)
        messages += [("user", asked), ("assistant", answered)]
    return Chat(tuple(messages))


def _asking(rng: random.Random) -> Callable[[random.Random], tuple[str, str]]:
    """Small requests, answered right but in the chat's own dress."""
    wrap = _wrapping(rng)
    upper = rng.random() < 0.15
    bare = upper and rng.random() < 0.5

    def turn(rng: random.Random) -> tuple[str, str]:
        asked, answered = simple_request(rng)
        answered = answered.upper() if upper else answered
        return asked, answered if bare else wrap(answered)

    return turn


def _copying(rng: random.Random) -> Callable[[random.Random], tuple[str, str]]:
    """Messages that tell facts, of which the chat wants some, in its own order and form."""
    told = rng.sample(_FACTS, rng.choice((1, 2, 2, 3, 3, 4, 4, 5)))
    wanted = rng.sample(told, rng.randint(1, min(4, len(told))))
    measured = next((fact for fact in wanted if fact.make(rng).unit), None)
    if measured and rng.random() < 0.4:
        wanted.insert(rng.randint(0, len(wanted)), _UNIT)
    shape = rng.choice(_SHAPES)(_dress(wanted, rng), rng)
    wrap = _wrapping(rng) if rng.random() < 0.15 else str
    tell = _telling(told, rng)

    def turn(rng: random.Random) -> tuple[str, str]:
        given = {id(fact): Given(fact, fact.make(rng)) for fact in told}
        if measured:
            given[id(_UNIT)] = Given(_UNIT, _plain(given[id(measured)].value.unit))
        asked = tell([given[id(fact)] for fact in told], rng)
        return asked, wrap(shape([given[id(fact)] for fact in wanted]))

    return turn


Telling = Callable[[list[Given], random.Random], str]


def _telling(told: Sequence[Fact], rng: random.Random) -> Telling:
    """How a chat's messages are laid out: all alike, or as if from many senders."""
    chance = rng.random()
    if chance < 0.55:
        return _prose(rng)
    if chance < 0.75:
        return _form(told, rng)
    ways = [_form(told, rng) if rng.random() < 0.7 else _prose(rng) for _ in range(4)]
    return lambda given, rng: rng.choice(ways)(given, rng)


def _prose(rng: random.Random) -> Telling:
    shuffled = rng.random() < 0.5
    aside = rng.random() < 0.4

    def tell(given: list[Given], rng: random.Random) -> str:
        if shuffled:
            rng.shuffle(given)
        parts = [
            each.value.sentence or said(rng.choice(each.fact.says), rng, it=each.value.told)
            for each in given
        ]
        if aside:
            parts.insert(rng.randint(0, len(parts)), expand(rng.choice(_ASIDES), rng))
        return " ".join(parts)

    return tell


def _form(told: Sequence[Fact], rng: random.Random) -> Telling:
    """Lines under headings, perhaps between others that nobody wants."""
    names = {id(fact): opened(rng.choice(fact.names).replace("_", " ")) for fact in told}
    between = rng.choice((": ", ": ", " ", " - ", "   ", "=", " ... "))
    joint = rng.choice(("\n", "\n", "\n", ", ", "; ", " / "))
    shuffled = rng.random() < 0.4
    nameless = rng.random() < 0.15
    head, foot = rng.choice(_EDGES)
    fillers = rng.choice((0, 0, 0, 1, 2))

    def tell(given: list[Given], rng: random.Random) -> str:
        if shuffled and not nameless:
            rng.shuffle(given)
        lines = [
            each.value.sentence
            or (
                each.value.told if nameless else f"{names[id(each.fact)]}{between}{each.value.told}"
            )
            for each in given
        ]
        for _ in range(fillers):
            filler = said(rng.choice(_FILLERS), rng, w=rng.choice(WORDS), n=rng.randint(2, 99))
            lines.insert(rng.randint(0, len(lines)), filler)
        return head + joint.join(lines) + foot

    return tell


_EDGES = (
    ("", ""),
    ("", ""),
    ("", ""),
    ("---\n", "\n---"),
    ("** Note **\n", ""),
    ("# Form\n", ""),
    ("", "\n--\nsent from my phone"),
    ("== ", " =="),
    ("Hello,\n", "\nRegards"),
)
_FILLERS = (
    "{n} {w}",
    "page {n}",
    "[copy|draft|original]",
    "{w} x {n}",
    "[seen|checked|stamped]",
    "line {n}",
)
_ASIDES = (
    "[Thanks|Thank you][| in advance| for your help].",
    "[I hope you are well|Sorry for the trouble|No hurry|It rained all day|We are all well].",
    "[Please|Kindly] [confirm|let me know|answer soon].",
    "[As agreed|As always|As you know|By the way], [we are happy|all is fine|it is late].",
)
