"""Three house formats that no training text has: can a prompt alone bring nano to them, or a LoRA?

Each `Behaviour` draws customer messages with their right replies, and judges a reply twice: whether
it has the demanded shape, and whether it says the right thing. A benchmark compares both rates
before and after a LoRA.
"""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from nano.grammar import expand, opened


@dataclass(frozen=True)
class Topic:
    """What customers write about: its code in each format, its things, and its sentences.

    `{item}` in a pattern stands for one of `items`; every sentence has it exactly once.
    """

    zone: str
    label: str
    items: tuple[str, ...]
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Behaviour:
    """A house format: what the model is told, what it is shown, and how its reply is judged."""

    name: str
    SYSTEM: str
    draw: Callable[[random.Random, int], list[tuple[str, str]]]
    complies: Callable[[str, str], bool]
    right: Callable[[str, str, str], bool]


# Five topics are about the same goods, so that a thing's name does not give the topic away.
_GOODS = (
    "[walnut|cherrywood] [bureau|footstool]",
    "[brass|copper] [kettle|lantern]",
    "[woollen|quilted] [blanket|cape]",
    "[porcelain|enamel] [teapot|basin]",
    "[wicker|rattan] [hamper|cradle]",
    "[oak|pine] [ladder|easel]",
    "[felt|straw] [hat|basket]",
    "[glass|crystal] [decanter|vase]",
    "[leather|canvas] [satchel|saddlebag]",
    "[silver|tin] [whistle|thimble]",
    "[hall|attic] [clock|barometer]",
    "[coffee|pepper] [mill|grinder]",
    "[sewing|knitting] machine",
    "[desk|reading] lamp",
    "[music|jewel] box",
    "[folding|camp] [bed|stove]",
    "[rain|ice] [gauge|crusher]",
    "[butter|cider] [churn|press]",
    "[paper|book] [press|binder]",
    "[bread|cheese] [slicer|mould]",
)

# Two topics share a zone in three cases, so that a zone is not merely a label under another name.
TOPICS = (
    Topic(
        zone="kelp",
        label="VORN",
        items=_GOODS,
        patterns=(
            "[My|Our] {item} [has not turned up|never arrived].",
            "[Where|Whereabouts] is the {item} [I|we] [ordered|paid for]?",
            "The [courier|driver] [drove off|left] [without|and kept] the {item}.",
            "[I am still|We are still] waiting for the {item} to be [delivered|brought round].",
            "Tracking says the {item} is [lost in transit|stuck at the depot].",
            "[Can|Could] you [find out|tell me] when the {item} will [be delivered|get here]?",
            "The [van|carrier] took the {item} to [the wrong street|somebody else's house].",
            "A delivery of one {item} was [promised|due], but [nobody came|no van showed up].",
            "[Has my {item} left|Did my {item} leave] your warehouse [yet|already]?",
        ),
    ),
    Topic(
        zone="kelp",
        label="QUIB",
        items=_GOODS,
        patterns=(
            "[I|We] [want|wish] to send the {item} back.",
            "How do [I|we] return [this|the] {item}?",
            "The {item} does not [suit me|fit], so [I am|we are] returning it.",
            "Will you take back [an unused|an opened] {item}?",
            "[May|Can] [I|we] swap the {item} for [another|a larger one]?",
            "[I changed my|We changed our] mind about the {item} and [return|exchange] it.",
            "Please send a return [slip|label] for the {item}.",
            "[Is it|Would it be] possible to exchange the {item}?",
            "[My wife|My brother] dislikes the {item}: [where|how] may we hand it back?",
        ),
    ),
    Topic(
        zone="tarn",
        label="MELK",
        items=(
            *_GOODS[::2],
            "[standing|yearly] [order|subscription]",
            "[garden|boat] [permit|rental]",
            "[piano|flute] [lesson|hire]",
            "[winter|spring] [course|season ticket]",
            "[studio|stable] [lease|booking]",
        ),
        patterns=(
            "[I was|We were] charged twice for the {item}.",
            "The [bill|invoice] for the {item} is [wrong|too high].",
            "[Why did the price of the {item} go|How come the price of the {item} went] up?",
            "There is a [payment|charge] for one {item} that [I|we] never [made|agreed to].",
            "[Please|Kindly] send a corrected invoice for the {item}.",
            "My card was [debited|billed] [again|too much] for the {item}.",
            "[Can|May] [I|we] pay for the {item} in instalments?",
            "The [receipt|invoice] shows the wrong [sum|amount] for the {item}.",
            "[I|We] want a refund of the double payment for the {item}.",
        ),
    ),
    Topic(
        zone="tarn",
        label="DRUX",
        items=(
            "[member|reader] [account|profile]",
            "[guild|club] [portal|page]",
            "[library|museum] [login|card]",
            "[trader|tenant] [account|portal]",
            "[parish|choir] [mailbox|forum]",
        ),
        patterns=(
            "[I|We] cannot log in to the {item}.",
            "The password for [my|our] {item} is [rejected|not accepted].",
            "[I am|We are] locked out of the {item}.",
            "How do [I|we] reset the password of the {item}?",
            "[My|Our] {item} says that the user name is [unknown|wrong].",
            "The {item} keeps [signing me out|asking for my password].",
            "[I|We] never got the code [to unlock|for signing in to] the {item}.",
            "Someone [changed|stole] the password of [my|our] {item}.",
            "[Could|Can] you unlock [my|our] {item}, please?",
        ),
    ),
    Topic(
        zone="fell",
        label="HESK",
        items=_GOODS,
        patterns=(
            "The {item} [stopped working|is broken].",
            "[A crack|A dent] has appeared in [my|our] {item}.",
            "[My|Our] {item} [rattles|squeaks] and then [stalls|goes dead].",
            "The [handle|lid] of the {item} [snapped|fell off].",
            "Can [somebody|anyone] repair [my|our] {item}?",
            "The {item} was [faulty|damaged] when [I|we] unpacked it.",
            "[I|We] need a spare [spring|screw] to mend the {item}.",
            "Since [noon|last week] the {item} [will not start|does nothing].",
            "[Smoke|A burning smell] comes out of [my|our] {item}.",
        ),
    ),
    Topic(
        zone="fell",
        label="PLIM",
        items=_GOODS,
        patterns=(
            "How do [I|we] [clean|oil] the {item}?",
            "Is there a [manual|leaflet] for the {item}?",
            "Which way round does the [lever|strap] of the {item} go?",
            "[I|We] do not understand how to [set up|put together] the {item}.",
            "[Can|Could] you explain how the {item} [works|is used]?",
            "What is the [red|small] button on the {item} for?",
            "Please [show|teach] me how to [use|adjust] the {item}.",
            "The instructions for the {item} [confuse|puzzle] [me|us].",
            "[How often|When] should the {item} be [greased|rinsed]?",
        ),
    ),
    Topic(
        zone="wick",
        label="SORV",
        items=(
            "[herring|oyster] [supper|feast]",
            "[lantern|kite] [parade|evening]",
            "[puppet|shadow] [play|matinee]",
            "[rowing|cider] [contest|tasting]",
            "[harvest|midsummer] [ball|concert]",
        ),
        patterns=(
            "[Are|Have you] any seats left for the {item}?",
            "[I|We] would like to book [two|four] places at the {item}.",
            "[Can|May] [I|we] bring [a dog|children] to the {item}?",
            "When do the doors open for the {item}?",
            "Is the {item} [sold out|full] already?",
            "Please [reserve|keep] a table for us at the {item}.",
            "[I|We] must give up [my|our] tickets for the {item}.",
            "Where can [I|we] buy tickets for the {item}?",
            "What should one wear to the {item}?",
        ),
    ),
    Topic(
        zone="moor",
        label="YEND",
        items=(
            "[night|bell] [porter|ringer]",
            "[stable|kitchen] [hand|clerk]",
            "[junior|head] [gardener|glazier]",
            "[ferry|toll] [keeper|steward]",
            "[trainee|second] [binder|tailor]",
        ),
        patterns=(
            "[I|We] saw that you are looking for a {item}.",
            "[Is|Was] the post of {item} [still open|filled]?",
            "[I|My son] would like to apply for the job of {item}.",
            "What wage does a {item} get with you?",
            "Where do [I|we] send [my|a] letter for the post of {item}?",
            "Do you hire a {item} without [references|experience]?",
            "[I|My cousin] had an interview for {item} and heard nothing since.",
            "[May|Could] [I|my niece] work for you as a {item} in the summer?",
            "Which papers does one need to be taken on as {item}?",
        ),
    ),
)

_URGENT = (
    "This [cannot|must not] wait.",
    "[I|We] need an answer [within the hour|before tonight].",
    "[Hurry|Be quick], please.",
    "[Please answer|Reply] [at once|immediately].",
    "It is [urgent|an emergency].",
    "Every minute counts.",
    "[Drop|Leave] everything else and [see to this|act now].",
    "[I|We] have to know this very [minute|moment].",
)
_CALM = (
    "There is no [hurry|rush].",
    "Whenever it suits you.",
    "[Take|Do take] your time.",
    "An answer next [week|month] is [soon enough|fine].",
    "It is not pressing.",
    "[I|We] can wait.",
    "",
    "",
)
_GREETINGS = ("", "", "[Hello|Hi].", "Good [morning|evening].", "Dear [all|team].")

ZONES = tuple(dict.fromkeys(topic.zone for topic in TOPICS))
LABELS = tuple(topic.label for topic in TOPICS)
OPENING = "Ahoy and well met."
CLOSING = "Fair winds from all of us."


@dataclass(frozen=True)
class Message:
    """A customer's message with all that is true of it."""

    text: str
    topic: Topic
    item: str
    urgent: bool


def compose(rng: random.Random) -> Message:
    """One message: perhaps a greeting, the matter, and perhaps how pressing it is."""
    topic = rng.choice(TOPICS)
    item = expand(rng.choice(topic.items), rng)
    matter = opened(expand(rng.choice(topic.patterns), rng).replace("{item}", item))
    urgent = rng.random() < 0.5
    haste = expand(rng.choice(_URGENT if urgent else _CALM), rng)
    parts = (expand(rng.choice(_GREETINGS), rng), *rng.sample((matter, haste), 2))
    return Message(" ".join(part for part in parts if part), topic, item, urgent)


def items_in(text: str) -> set[str]:
    """The things of all topics that a text names: one in a drawn message."""
    lowered = text.casefold()
    return {item for item in _ITEMS if re.search(rf"\b{re.escape(item)}\b", lowered)}


def _every(pattern: str) -> list[str]:
    """All that a pattern without nested brackets can become."""
    opening = pattern.find("[")
    if opening < 0:
        return [pattern]
    closing = pattern.index("]")
    choices = pattern[opening + 1 : closing].split("|")
    return [
        pattern[:opening] + c + rest for c in choices for rest in _every(pattern[closing + 1 :])
    ]


_ITEMS = frozenset(item for topic in TOPICS for slot in topic.items for item in _every(slot))


def _drawn(
    answer: Callable[[Message], str],
) -> Callable[[random.Random, int], list[tuple[str, str]]]:
    def draw(rng: random.Random, count: int) -> list[tuple[str, str]]:
        return [(said.text, answer(said)) for said in (compose(rng) for _ in range(count))]

    return draw


# (a) A JSON object of three unusual keys.


def _json_reply(said: Message) -> str:
    return json.dumps({"zone": said.topic.zone, "urgent": said.urgent, "gist": said.item})


def _object(reply: str) -> dict[str, object] | None:
    """The reply as an object; None unless it is one JSON object and nothing else."""
    try:
        read = json.loads(reply)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _json_complies(message: str, reply: str) -> bool:
    """Three keys in their order, a known zone, a true or false, 2 to 4 words of the message."""
    read = _object(reply)
    if read is None or list(read) != ["zone", "urgent", "gist"]:
        return False
    gist = read["gist"]
    return (
        read["zone"] in ZONES
        and isinstance(read["urgent"], bool)
        and isinstance(gist, str)
        and 2 <= len(gist.split()) <= 4
        and re.search(rf"(?<!\w){re.escape(gist)}(?!\w)", message) is not None
    )


def _json_right(message: str, reply: str, expected: str) -> bool:
    """Zone and urgency as expected, and a gist that names the thing (a word more is no fault)."""
    read, wanted = _object(reply), _object(expected)
    if read is None or wanted is None or not _json_complies(message, reply):
        return False
    same = all(read[key] == wanted[key] for key in ("zone", "urgent"))
    return same and str(wanted["gist"]) in str(read["gist"])


JSON = Behaviour(
    name="json",
    SYSTEM=(
        "Reply to the customer's message with one JSON object and nothing else. It has three keys "
        'in this order. "zone" is one of five codes: kelp for deliveries and returns, tarn for '
        "bills and for logging in, fell for faults and for questions of use, wick for events and "
        'tickets, moor for jobs. "urgent" is true if the customer presses for an answer, else '
        'false. "gist" is 2 to 4 words copied from the message that name the thing it is about.'
    ),
    draw=_drawn(_json_reply),
    complies=_json_complies,
    right=_json_right,
)


# (b) One invented label.


def _label_complies(message: str, reply: str) -> bool:  # noqa: ARG001 - any message has a label
    return reply.strip() in LABELS


def _label_right(message: str, reply: str, expected: str) -> bool:
    return _label_complies(message, reply) and reply.strip() == expected


LABEL = Behaviour(
    name="label",
    SYSTEM=(
        "Sort the customer's message. Reply with exactly one of these eight codes and nothing "
        "else: VORN for something not delivered, QUIB for returning or swapping something, MELK "
        "for bills and payments, DRUX for logging in and passwords, HESK for something broken, "
        "PLIM for how to use or care for something, SORV for events and tickets, YEND for jobs."
    ),
    draw=_drawn(lambda said: said.topic.label),
    complies=_label_complies,
    right=_label_right,
)


# (c) A set tone of voice.


def _tone_reply(said: Message) -> str:
    return f"{OPENING} Thank you for writing about the {said.item}. {CLOSING}"


def _middle(reply: str) -> str | None:
    """What stands between the opening and the closing phrase; None unless both are there."""
    text = reply.strip()
    framed = text.startswith(OPENING + " ") and text.endswith(" " + CLOSING)
    middle = text[len(OPENING) : -len(CLOSING)].strip() if framed else ""
    return middle or None


def _tone_complies(message: str, reply: str) -> bool:  # noqa: ARG001 - one shape for all messages
    """Both phrases and a single sentence between them."""
    middle = _middle(reply)
    return middle is not None and re.fullmatch(r"[^.!?]+[.!?]", middle) is not None


def _tone_right(message: str, reply: str, expected: str) -> bool:
    """The sentence names the thing that the expected one names, and no other thing."""
    return _tone_complies(message, reply) and items_in(reply) == items_in(expected)


TONE = Behaviour(
    name="tone",
    SYSTEM=(
        f'Reply to the customer in three parts. Open with "{OPENING}" Then write one sentence '
        "that thanks the customer and names the thing that the message is about, in the "
        f'customer\'s own words. Close with "{CLOSING}" Write nothing else.'
    ),
    draw=_drawn(_tone_reply),
    complies=_tone_complies,
    right=_tone_right,
)

BEHAVIOURS = (JSON, LABEL, TONE)
