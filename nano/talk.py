"""Small talk: greetings, who is speaking, and requests so simple that a small model can get them
right. It knows nothing of documents, labels or formats; other modules borrow its organisations."""

import random
from collections.abc import Callable, Sequence

from nano.chats import Chat
from nano.grammar import expand, opened

Turn = tuple[str, str]


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return text.split("|")


_ONSETS = _words("b br ch cl d dr f fl g gl gr h j k kl l m n p pl qu r s sk st t th tr v w z")
_NUCLEI = _words("a e i o ai ea ee ia oa ou")
_CODAS = _words("b d l ld ll m n nd nt r rd rn s st t th x")
_ENDS = _words("a en er ey ford ham ix in ington ley lin low mere o on or ster ton wick wood worth")
_TRADES = _words(
    "Bakery Bank Bikes Books Boats Brewery Cinema Clinic College Council Dairy Energy "
    "Ferries Films Foods Garage Gardens Hospital Hotel Insurance Kitchens Labs Library "
    "Logistics Mobile Museum Nursery Optics Outdoors Parcels Pharmacy Pools Press Properties "
    "Rail Robotics School Shoes Software Solar Sports Stores Studios Systems Theatre Tools "
    "Toys Travel Trust Water Works Zoo"
)

PEOPLE = _words(
    "Ada Adam Agnes Ahmed Aiko Alan Alice Amara Amir Ana Andrei Anna Aron Ben Bella Boris "
    "Carla Carlos Cem Clara Dan Daria David Diego Dora Elena Eli Emma Erik Eva Farah Felix "
    "Fiona Frank Gita Grace Hana Hans Hassan Helen Hugo Ida Igor Ines Ivan Jack James Jana "
    "Joan Jonas Julia Kai Karim Kate Kofi Lara Lena Leo Lily Linh Lucas Luis Maja Marco "
    "Maria Mark Maya Mei Mila Mina Nadia Nils Nina Noor Olga Omar Oscar Pablo Paul Petra "
    "Priya Rania Ravi Rosa Ruth Sam Sara Sofia Tariq Tess Tim Tom Uma Vera Victor Wanda Yara "
    "Yusuf Zoe"
)
WORDS = _words(
    "apple anchor autumn bridge basket blanket bottle button candle carpet castle cherry "
    "circle cloud copper corner cotton desert dragon eagle engine feather field finger "
    "flower forest garden giant glass hammer harbour honey island jacket jungle kettle "
    "ladder lantern lemon letter lion magnet marble market meadow mirror morning mountain "
    "needle night north ocean orange packet paper pencil pepper picture pillow planet pocket "
    "river rocket salt shadow silver spring stone summer table thunder ticket tiger tower "
    "train tunnel valley velvet violin wagon water whistle window winter wolf wood yellow "
    "zebra cat dog sun moon tree fish bird house boat ship king queen milk bread road"
)
_SENTENCES = (
    "the [old|small|green|happy|tired|young] [cat|dog|farmer|teacher|queen|robot|sailor] "
    "[sleeps|waits|sings|works|sits] [near|behind|under] the [river|door|window|bridge|table|tree]",
    "[my|your|our|his|her] [sister|brother|uncle|friend|neighbour] [likes|buys|sells|paints|wants] "
    "[red|warm|cheap|heavy|soft] [apples|shoes|boats|chairs|lamps|stones]",
    "[we|they] [walk|drive|sail|travel] to the [market|harbour|school|station|forest] "
    "[today|tomorrow|every morning|on Monday|in winter]",
    "[rain|snow|wind|music|light] [fills|covers|crosses] the [quiet|empty|long|dark] "
    "[street|garden|valley|room|field]",
    (
        "[please|never|always] [open|close|clean|lock|paint] the [blue|back|front|small] "
        "[door|gate|window]"
    ),
    "[birds|horses|children|trains|clouds] [move|run|turn|drift] [slowly|quickly|quietly|far]",
)
_OPPOSITES = _phrases(
    "hot cold|big small|up down|left right|fast slow|early late|open closed|light dark|"
    "full empty|wet dry|high low|happy sad|hard soft|new old|rich poor|strong weak|near far|"
    "loud quiet|in out|day night|black white|good bad|long short|thick thin|wide narrow|"
    "clean dirty|begin end|buy sell|win lose|push pull|first last|always never|true false|"
    "safe dangerous|easy difficult|cheap expensive|heavy light|young old|deep shallow|"
    "sharp blunt|north south|east west|before after"
)
_KINDS = {
    "fruit": _words("apple pear banana plum cherry grape lemon peach"),
    "animal": _words("horse cow lion rabbit sheep goat tiger wolf"),
    "colour": _words("red blue green yellow purple orange brown pink"),
    "tool": _words("hammer saw drill wrench chisel spade rake axe"),
    "vehicle": _words("bus tram lorry bicycle train ferry van car"),
    "drink": _words("tea coffee milk juice water lemonade cider cocoa"),
    "piece of clothing": _words("shirt coat hat sock scarf glove skirt jumper"),
    "piece of furniture": _words("chair table sofa bed shelf desk stool wardrobe"),
    "musical instrument": _words("piano flute violin trumpet drum guitar harp cello"),
    "bird": _words("robin eagle owl sparrow swan gull crow heron"),
    "tree": _words("oak birch pine maple willow cedar elm beech"),
}
_PAST = _phrases(
    "go went|see saw|eat ate|write wrote|take took|come came|give gave|run ran|buy bought|"
    "find found|make made|drive drove|speak spoke|sing sang|bring brought|walk walked|"
    "work worked|open opened|play played|call called|wait waited|know knew|think thought|"
    "sleep slept|break broke"
)
_PLURALS = _phrases(
    "cat cats|dog dogs|box boxes|city cities|child children|mouse mice|foot feet|tooth teeth|"
    "man men|woman women|baby babies|bus buses|leaf leaves|knife knives|sheep sheep|"
    "fish fish|glass glasses|story stories|house houses|key keys|potato potatoes|goose geese|"
    "shelf shelves"
)
_DAYS = _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS = _words(
    "January February March April May June July August September October November December"
)
_NUMBERS = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
_ORDINALS = _words("first second third fourth fifth")


def said(pattern: str, rng: random.Random, **slots: object) -> str:
    """A sentence of a pattern, its slots filled afterwards: what is put in may hold brackets."""
    text = expand(pattern, rng)
    for name, value in slots.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def invented_name(rng: random.Random) -> str:
    """A word that does not exist, for things whose names must be copied and cannot be known."""
    start = rng.choice(_ONSETS) + rng.choice(_NUCLEI) + rng.choice(_CODAS)
    return (start + rng.choice(_ENDS)).capitalize()


def organisation(rng: random.Random) -> str:
    name = invented_name(rng)
    return rng.choice((name, f"{name} {rng.choice(_TRADES)}", f"{name} {rng.choice(_TRADES)}"))


def sentence(rng: random.Random) -> str:
    return opened(expand(rng.choice(_SENTENCES), rng)) + "."


# Asked, answered: the answers to small questions that need no facts.
_GREETINGS: tuple[tuple[str, str], ...] = (
    ("[Hello|Hi|Hey|Good day|Hi there|Hello there][|.|!]", "Hello! How can I help you?"),
    ("[hello|hi|hey|hi there][|.|!]", "Hello! How can I help you?"),
    ("Good morning[|.|!]", "Good morning! How can I help you?"),
    ("Good afternoon[|.|!]", "Good afternoon! How can I help you?"),
    ("Good evening[|.|!]", "Good evening! How can I help you?"),
    ("[Hello, h|H]ow are you[| today| doing]?", "I am well, thank you. How can I help you?"),
    (
        "[How is it going|How are things|What's up|Are you well]?",
        "All is well here, thank you. How can I help you?",
    ),
    ("[Is anybody|Is anyone|Are you] there?", "Yes, I am here. How can I help you?"),
    ("[Nice|Pleased|Good] to meet you[|.|!]", "Nice to meet you too! How can I help you?"),
    (
        "[Can|Could|May] I ask [you |][something|a question]?",
        "Of course. What would you like to know?",
    ),
    (
        "[I need|I could use|I want] [help|some help|your help][|.]",
        "Gladly. What do you need help with?",
    ),
    (
        "[Can|Could|Will] you help me[| with something|, please]?",
        "Gladly. What do you need help with?",
    ),
    ("[Welcome back|I am back|It is me again][|.|!]", "Welcome back! How can I help you?"),
)
_CLOSINGS: tuple[tuple[str, str], ...] = (
    (
        "[Thanks|Thank you|Many thanks|Thanks a lot|Thank you very much|thanks|thank you][|.|!]",
        "You are welcome!",
    ),
    ("[Great|Perfect|Nice|Good|Lovely], [thanks|thank you][|.|!]", "You are welcome!"),
    (
        "[That helps|That was helpful|That is what I needed][|, thanks|, thank you].",
        "I am glad to hear that.",
    ),
    ("[Bye|Goodbye|See you|Bye bye|See you later][|.|!]", "Goodbye!"),
    ("[Thanks|Thank you], [bye|goodbye][|.|!]", "You are welcome. Goodbye!"),
    ("[Good night|Sleep well][|.|!]", "Good night!"),
    ("[Have a nice day|Have a good day|Enjoy your day][|.|!]", "Thank you, and the same to you!"),
    ("[Ok|Okay|OK|All right|I see|Understood|Fine|Good][|.]", "Good. Is there anything else?"),
    (
        "[That is all|That was all|Nothing else|No, that is all][|, thanks|, thank you].",
        "Good. Have a nice day!",
    ),
    ("[Well done|Good job|Good work|You did well|Nice work][|.|!]", "Thank you!"),
    (
        "[That is wrong|That is not right|You are wrong|Wrong][|.|!]",
        "I am sorry. I am a small model and I make mistakes.",
    ),
    ("[Sorry|I am sorry|My mistake][|.|!]", "No problem at all."),
)
_ABOUT_NANO: tuple[tuple[str, str], ...] = (
    ("[Who|What] are you?", "I am nano, a small language model that comes with Suffice."),
    ("[who|what] are you", "I am nano, a small language model that comes with Suffice."),
    (
        "[Please introduce|Introduce] yourself[|, please|.]",
        "I am nano, a small language model that comes with Suffice.",
    ),
    ("[What is|What's|Tell me] your name[|?]", "My name is nano."),
    ("[Do you have a name|How are you called|What do I call you]?", "My name is nano."),
    (
        "[Who|What] am I [talking|speaking|writing] to?",
        "You are talking to nano, a small language model that comes with Suffice.",
    ),
    (
        "[What|Which] [model|language model|AI] are you?",
        "I am nano, a small language model that comes with Suffice.",
    ),
    ("Who [made|built|trained|created] you?", "I was trained by the project Suffice."),
    ("Where do you come from?", "I come with Suffice, which trained me."),
    (
        "[How big|How large|How small] are you?",
        "I am very small: I have about seven million parameters.",
    ),
    ("Are you [nano|called nano|the model nano]?", "Yes, I am nano."),
    (
        "Are you [ChatGPT|GPT|Claude|Gemini|Llama|Siri|Alexa]?",
        "No, I am nano, a small language model that comes with Suffice.",
    ),
    (
        "What is [nano|your job|your purpose]?",
        (
            "nano is a small language model that comes with Suffice, so that it can be tried "
            "without any other model."
        ),
    ),
)
_ABOUT_MODELS: tuple[tuple[str, str], ...] = (
    ("Are you [a human|human|a person|a real person]?", "No, I am a language model."),
    (
        "Are you [a robot|a bot|a machine|an AI|a computer|a program]?",
        "Yes, I am a language model.",
    ),
    (
        "[Do you sleep|Are you tired|Do you eat|Are you hungry|Do you have feelings]?",
        "No, I am a language model.",
    ),
    (
        "[Where do you live|Where are you|How old are you]?",
        "I am a language model, so that does not apply to me.",
    ),
    (
        "[Do you know everything|Are you always right|Do you make mistakes|Can I trust you]?",
        "No, I am a small model and I make mistakes. Please check what matters.",
    ),
    (
        "[What can you do|What can you help with|How can you help me|What are you good at]?",
        "I can answer short questions about a text, sort messages, and copy facts out of them.",
    ),
    (
        "[what can you do|what are you for]",
        "I can answer short questions about a text, sort messages, and copy facts out of them.",
    ),
    (
        "[Can you browse|Do you have access to|Can you use] the [internet|web]?",
        "No, I only see what is written in this chat.",
    ),
    (
        "[Can you see|Do you know] [my screen|my files|who I am|where I am]?",
        "No, I only see what is written in this chat.",
    ),
)
_BEYOND: tuple[tuple[str, str], ...] = (
    (
        "[What is|What's|How is] the weather[| like][| today| tomorrow| now]?",
        "I do not know the weather: I only see what is written in this chat.",
    ),
    (
        (
            "[What time is it|What is the time|What's the date|What day is it|What is today's "
            "date][| today| now]?"
        ),
        "I do not know the time: I only see what is written in this chat.",
    ),
    (
        "[What is in the news|Any news|What happened][| today]?",
        "I do not know the news: I only see what is written in this chat.",
    ),
    (
        (
            "[Write|Compose|Make] [me |][a poem|a story|a song|an essay|a novel|a speech] about "
            "{word}[|s]."
        ),
        "I am a small model and cannot write that well. I can answer short questions about a text.",
    ),
    (
        "[Who won|What was the result of] the [match|election|race|game][| yesterday| last night]?",
        "I do not know: I only see what is written in this chat.",
    ),
    (
        (
            "[Book|Order|Buy|Reserve] [me |][a table|a taxi|a flight|a pizza|two tickets][| for "
            "tonight| for Friday], please."
        ),
        "I cannot do that: I can only write in this chat.",
    ),
    (
        "[Call|Phone|Email|Send a message to] {person}[| for me| now][|, please].",
        "I cannot do that: I can only write in this chat.",
    ),
    (
        "[What does|How much does] {name} [cost|sell|charge]?",
        "I do not know: nothing in this chat says so.",
    ),
    (
        "[Who is|Where does|How old is] {person} {name}[| live]?",
        "I do not know: nothing in this chat says so.",
    ),
    (
        "[Translate|Say] {word} in [French|German|Spanish|Italian|Polish].",
        "I only know English.",
    ),
    (
        "[Do you speak|Can you speak|Do you know] [French|German|Spanish|Italian|Chinese]?",
        "No, I only know English.",
    ),
)


def _of(pairs: Sequence[tuple[str, str]]) -> Callable[[random.Random], Turn]:
    def make(rng: random.Random) -> Turn:
        asked, answered = rng.choice(pairs)
        word, person = rng.choice(WORDS), rng.choice(PEOPLE)
        return said(asked, rng, word=word, person=person, name=invented_name(rng)), answered

    return make


def _word(rng: random.Random) -> str:
    return rng.choice(WORDS) if rng.random() < 0.7 else invented_name(rng)


def _quoted(text: str, rng: random.Random) -> str:
    return rng.choice((text, f'"{text}"', f"'{text}'"))


def _repeat(rng: random.Random) -> Turn:
    text = rng.choice(
        (_word(rng), sentence(rng), f"{_word(rng)} {_word(rng)}", str(rng.randint(1, 9999)))
    )
    asks = (
        (
            "[Repeat|Say|Write|Copy|Echo] [|exactly ][this|the following][| after me| again| for "
            "me]: {it}"
        ),
        "[Please repeat|Please say|Please copy]: {it}",
        "[Can|Could|Would] you [repeat|say|write] this[| for me| please]? {it}",
        "[Repeat after me|Say it back to me|Answer with these words]: {it}",
    )
    return said(rng.choice(asks), rng, it=_quoted(text, rng)), text


def _repeat_often(rng: random.Random) -> Turn:
    word, often = _word(rng), rng.randint(2, 4)
    times = {2: "twice", 3: "three times", 4: "four times"}[often]
    return said(
        f"[Say|Write|Repeat] [|the word ]{{it}} {times}.", rng, it=_quoted(word, rng)
    ), " ".join([word] * often)


def _spell(rng: random.Random) -> Turn:
    word = _word(rng)
    asks = (
        "[Spell|Please spell|Can you spell] [|the word ]{it}[|.|?]",
        "How [do you|do I|does one] spell {it}?",
    )
    return said(rng.choice(asks), rng, it=_quoted(word, rng)), "-".join(word.upper())


def _unspell(rng: random.Random) -> Turn:
    word = rng.choice(WORDS)
    return said(
        "[Which|What] word is [this|spelled like this]: {it}?", rng, it="-".join(word.upper())
    ), word


def _count(rng: random.Random) -> Turn:
    last = rng.randint(3, 15)
    first = 1 if rng.random() < 0.6 else rng.randint(1, last - 2)
    number = _NUMBERS[last] if rng.random() < 0.4 else str(last)
    whence = "" if first == 1 and rng.random() < 0.7 else f"from {first} "
    ask = said("[Count|Please count|Can you count] {it}[|.|?]", rng, it=f"{whence}to {number}")
    return ask, ", ".join(map(str, range(first, last + 1)))


def _count_down(rng: random.Random) -> Turn:
    first = rng.randint(3, 10)
    ask = said("[Count|Please count] [down|backwards] from {it}[|.| to 1.]", rng, it=first)
    return ask, ", ".join(map(str, range(first, 0, -1)))


def _cased(rng: random.Random) -> Turn:
    text = rng.choice((_word(rng), sentence(rng), sentence(rng)))
    upper = rng.random() < 0.7
    how = (
        "[in upper case|in capitals|in capital letters|in all caps]"
        if upper
        else "[in lower case|in small letters]"
    )
    asks = (
        f"[Say|Write|Put|Repeat] [this|the following] {how}: {{it}}",
        f"{{it}} [Write|Say|Put] that {how}.",
    )
    return said(rng.choice(asks), rng, it=text), text.upper() if upper else text.lower()


def _word_at(rng: random.Random) -> Turn:
    text = sentence(rng)
    words = text.rstrip(".").split()
    place = rng.choice((0, -1, 0, -1, 1, 2))
    name = {0: "first", -1: "last", 1: "second", 2: "third"}[place]
    asks = (
        (
            f"[What|Which] is the {name} word [of|in] [this sentence|the following "
            f"sentence|this]: {{it}}"
        ),
        f"[Give me|Tell me|Say|Write] [only |just |]the {name} word[| of this]: {{it}}",
        f"{{it}} What is the {name} word [of that sentence|there]?",
    )
    return said(rng.choice(asks), rng, it=_quoted(text, rng)), words[place]


def _item_at(rng: random.Random) -> Turn:
    items = rng.sample(WORDS, rng.randint(3, 5))
    place = rng.randrange(len(items))
    name = "last" if place == len(items) - 1 and rng.random() < 0.5 else _ORDINALS[place]
    asks = (
        (
            f"[Here is a list|A list|My list|The list]: {{it}}. [What|Which] is the {name} "
            "[one|item|word]?"
        ),
        f"[What|Which] is the {name} [one|item|word] [in this list|here|of these]: {{it}}?",
        f"[Pick|Take|Choose|Say] the {name} of these[| words]: {{it}}.",
    )
    return said(rng.choice(asks), rng, it=", ".join(items)), items[place]


def _compare(rng: random.Random) -> Turn:
    top = rng.choice((10, 20, 100, 1000))
    one, other = rng.sample(range(top + 1), 2)
    larger = rng.random() < 0.6
    named = "[larger|bigger|greater|higher]" if larger else "[smaller|lower|lesser]"
    how = "[larger|bigger|greater|higher]" if larger else "[smaller|lower|less]"
    asks = (
        f"[Which|What] [number |]is {how}[,|:] {one} or {other}?",
        f"[Which|What] [one |]is {how}: {one} or {other}?",
        f"[Name|Say|Tell me|Give me] the {named} [number|one|of the two]: {one}, {other}.",
        f"Is {one} or {other} {how}?",
    )
    return said(rng.choice(asks), rng), str(max(one, other) if larger else min(one, other))


def _opposite(rng: random.Random) -> Turn:
    pair = rng.choice(_OPPOSITES).split()
    # "light" and "old" have two opposites, so they are only ever the answer.
    one, other = pair if rng.random() < 0.5 or pair[1] in ("light", "old") else pair[::-1]
    if one in ("light", "old"):
        one, other = other, one
    asks = (
        "[What is|What's|Tell me|Give me] the opposite of {it}[|?]",
        "[Opposite|The opposite] of {it}?",
        "What is the [contrary|reverse] of {it}?",
    )
    return said(rng.choice(asks), rng, it=_quoted(one, rng)), other


def _next_in(rng: random.Random) -> Turn:
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    rows = (("day", _DAYS), ("day", _DAYS), ("month", MONTHS), ("letter", letters))
    what, row = rng.choice(rows)
    step = rng.choice((1, 1, -1))
    # Days and months come round again; letters do not.
    place = rng.randrange(1, len(row) - 1) if row is letters else rng.randrange(len(row))
    after, follows = ("after", "follows") if step == 1 else ("before", "precedes")
    asks = (
        f"[What|Which] {what} [is|comes] {after} {{it}}?",
        f"[Name|Tell me|Say] the {what} {after} {{it}}[|, please].",
        f"[What|Which] {what} [{follows}|comes right {after}] {{it}}?",
        f"[And what|What|Which] is the {what} {after} {{it}}?",
    )
    return said(rng.choice(asks), rng, it=row[place]), row[(place + step) % len(row)]


def _two_days_on(rng: random.Random) -> Turn:
    place, days = rng.randrange(7), rng.randint(2, 4)
    ask = said(
        "[If today is|Today is] {it}[, what|. What] day is it in {n} days?",
        rng,
        it=_DAYS[place],
        n=days,
    )
    return ask, _DAYS[(place + days) % 7]


def _tomorrow(rng: random.Random) -> Turn:
    place, step = rng.randrange(7), rng.choice((1, -1))
    when = "will it be tomorrow" if step == 1 else "was it yesterday"
    return said(
        f"[If today is|Today is] {{it}}[, what|. What] day {when}?", rng, it=_DAYS[place]
    ), _DAYS[(place + step) % 7]


def _digits(rng: random.Random) -> Turn:
    number = rng.randint(0, 20)
    if rng.random() < 0.5:
        return said(
            "[Write|Say|Put] [|the number ]{it} [in digits|as a number|in figures].",
            rng,
            it=_NUMBERS[number],
        ), str(number)
    return said(
        "[Write|Say|Put] [|the number ]{it} [in words|as a word].", rng, it=number
    ), _NUMBERS[number]


def _sum(rng: random.Random) -> Turn:
    one, other = rng.randint(0, 10), rng.randint(0, 10)
    if rng.random() < 0.6:
        return said(
            "[What is|What's|How much is|Add] {a} [+|plus|and] {b}[|?]", rng, a=one, b=other
        ), str(one + other)
    one, other = max(one, other), min(one, other)
    return said("[What is|What's|How much is] {a} [-|minus|less] {b}?", rng, a=one, b=other), str(
        one - other
    )


def _even(rng: random.Random) -> Turn:
    number = rng.randint(0, 100)
    return said(
        "Is [|the number ]{it} [even or odd|odd or even]?", rng, it=number
    ), "odd" if number % 2 else "even"


def _plural(rng: random.Random) -> Turn:
    one, many = rng.choice(_PLURALS).split()
    return said("[What is|What's|Give me] the plural of {it}[|?]", rng, it=_quoted(one, rng)), many


def _past(rng: random.Random) -> Turn:
    now, then = rng.choice(_PAST).split()
    return said(
        "[What is|What's|Give me] the past [tense |form |]of {it}[|?]", rng, it=_quoted(now, rng)
    ), then


def _which_is(rng: random.Random) -> Turn:
    kind, *others = rng.sample(sorted(_KINDS), 4)
    answer = rng.choice(_KINDS[kind])
    items = [answer, *(rng.choice(_KINDS[other]) for other in others[: rng.randint(1, 3)])]
    rng.shuffle(items)
    an = "an" if kind[0] in "aeiou" else "a"
    listed = ", ".join(items[:-1]) + " or " + items[-1]
    return said(f"[Which|What] [of these |one |]is {an} {kind}: {{it}}?", rng, it=listed), answer


def _kind_of(rng: random.Random) -> Turn:
    kind, other = rng.sample(sorted(_KINDS), 2)
    thing, yes = rng.choice(_KINDS[kind]), rng.random() < 0.5
    asked = kind if yes else other
    if thing == "orange":
        return _which_is(rng)
    an, an_asked = ("an" if thing[0] in "aeiou" else "a"), ("an" if asked[0] in "aeiou" else "a")
    return f"Is {an} {thing} {an_asked} {asked}?" if kind not in (
        "colour",
        "drink",
    ) else f"Is {thing} {an_asked} {asked}?", "Yes." if yes else "No."


def _contains(rng: random.Random) -> Turn:
    text = sentence(rng)
    words = text.rstrip(".").lower().split()
    yes = rng.random() < 0.5
    word = (
        rng.choice([each for each in words if len(each) > 2])
        if yes
        else rng.choice([each for each in WORDS if each not in words])
    )
    return said(
        (
            "[Does this sentence contain|Is there in this sentence|Is this sentence with] the "
            "word {w}[?|:] {it}"
        ),
        rng,
        w=_quoted(word, rng),
        it=text,
    ), "Yes." if yes else "No."


def _replace(rng: random.Random) -> Turn:
    text, new = sentence(rng), rng.choice(WORDS)
    words = text.rstrip(".").split()
    place = rng.randrange(1, len(words))
    old = words[place]
    if words.count(old) > 1:
        return _repeat(rng)
    words[place] = new
    return said(
        "[Replace|Swap] {old} [with|for] {new} in this sentence: {it}",
        rng,
        old=_quoted(old, rng),
        new=_quoted(new, rng),
        it=text,
    ), " ".join(words) + "."


def _listed(rng: random.Random) -> Turn:
    items = rng.sample(WORDS, rng.randint(2, 4))
    if rng.random() < 0.5:
        return said(
            "[Write|Put|Give me] these [words |]as a [list|bullet list]: {it}",
            rng,
            it=", ".join(items),
        ), "\n".join(f"- {item}" for item in items)
    return said(
        "[Write|Put] these [words |][on one line|in one line with commas]: {it}",
        rng,
        it=" ".join(items),
    ), ", ".join(items)


def _only(rng: random.Random) -> Turn:
    word = rng.choice(("yes", "no", "ok", "done", "ready", "understood", _word(rng)))
    return said(
        "[Answer|Reply|Respond] [only |just |]with [the word |]{it}[|.| and nothing else.]",
        rng,
        it=_quoted(word, rng),
    ), word


def _how_many(rng: random.Random) -> Turn:
    items = rng.sample(WORDS, rng.randint(2, 6))
    return said(
        "How many [words|items|things] are [here|there|in this list]: {it}?",
        rng,
        it=", ".join(items),
    ), str(len(items))


def _longer(rng: random.Random) -> Turn:
    one, other = rng.sample(WORDS, 2)
    if len(one) == len(other):
        return _item_at(rng)
    longer = rng.random() < 0.6
    ask = said(
        f"Which word is {'longer' if longer else 'shorter'}[,|:] {{a}} or {{b}}?",
        rng,
        a=one,
        b=other,
    )
    return ask, max(one, other, key=len) if longer else min(one, other, key=len)


def _same(rng: random.Random) -> Turn:
    one, other = rng.sample(WORDS, 2)
    yes = rng.random() < 0.5
    ask = said(
        "[Are these|Are these two] [words |]the same[?|:] {a}, {b}",
        rng,
        a=one,
        b=one if yes else other,
    )
    return ask, "Yes." if yes else "No."


def _letter_at(rng: random.Random) -> Turn:
    word, last = _word(rng).lower(), rng.random() < 0.4
    ask = said(
        f"[What|Which] is the {'last' if last else 'first'} letter of [the word |]{{it}}?",
        rng,
        it=_quoted(word, rng),
    )
    return ask, word[-1 if last else 0].upper()


def _joined(rng: random.Random) -> Turn:
    one, other = rng.sample(WORDS, 2)
    mark, name = rng.choice(
        (("-", "a hyphen"), (" and ", '"and"'), (" ", "a space"), ("/", "a slash"))
    )
    return said(f"[Join|Put together] {one} and {other} with {name}.", rng), one + mark + other


def _within(rng: random.Random) -> Turn:
    """A fact and a question about it, with nothing else around."""
    name, thing, place = rng.choice(PEOPLE), rng.choice(WORDS), invented_name(rng)
    made = rng.choice(
        (
            ("{n} [lives|works|is] in {p}. Where is {n}?", place),
            ("{n} [has|bought|lost] a {t}. What did {n} [have|buy|lose]?", thing),
            ("{n} [has|bought|wants] a {t}. Who [has|bought|wants] [it|the {t}]?", name),
            ("The {t} [is|stands|lies] in {p}. Where is the {t}?", place),
            ("The [capital|harbour|old name] is {p}. What is its name?", place),
            ("{n} met the king of {p}. Which king did {n} meet?", f"the king of {place}"),
        )
    )
    return said(made[0], rng, n=name, t=thing, p=place), made[1]


def _my_name(rng: random.Random) -> Turn:
    name = rng.choice(PEOPLE) if rng.random() < 0.7 else invented_name(rng)
    asks = (
        "[Hello|Hi|Hey][,|!] [I am|I'm|my name is|this is] {it}[|.|!]",
        "[I am|I'm|My name is] {it}[|.|!]",
    )
    return said(rng.choice(asks), rng, it=name), f"Hello, {name}! How can I help you?"


_TASKS: tuple[Callable[[random.Random], Turn], ...] = (
    _repeat,
    _repeat,
    _repeat_often,
    _spell,
    _unspell,
    _count,
    _count_down,
    _cased,
    _cased,
    _word_at,
    _word_at,
    _item_at,
    _item_at,
    _compare,
    _compare,
    _opposite,
    _next_in,
    _next_in,
    _two_days_on,
    _tomorrow,
    _digits,
    _sum,
    _even,
    _plural,
    _past,
    _which_is,
    _which_is,
    _kind_of,
    _contains,
    _replace,
    _listed,
    _only,
    _how_many,
    _longer,
    _same,
    _letter_at,
    _joined,
    _within,
    _within,
)
_SYSTEMS = (
    (
        "You are [a|the] [helpful |friendly |polite |careful |short-spoken |] assistant "
        "[of|for|at] {org}."
    ),
    (
        "You are [the|an] assistant of {org}. [Answer|Reply] [briefly|politely|in one sentence|in "
        "plain words]."
    ),
    "[Answer|Help] the [customers|guests|members|staff|visitors] of {org}[| briefly| politely].",
    "You [work for|answer for|speak for] {org}[|, a company that nobody has heard of].",
    "This is the chat of {org}. [Be|Stay] [kind|brief|polite|helpful].",
    "{org} [uses|runs] this chat to help its [customers|staff|members|guests].",
)
_PLAIN_SYSTEMS = (
    "You are a [helpful|polite|careful|friendly] assistant.",
    "[Answer|Reply] [briefly|shortly|in a few words|politely|helpfully|truthfully].",
    "You are [a|the] chat assistant. [Be brief|Be kind|Answer the user|Do what the user asks].",
    "You are nano.",
    "You are a helpful assistant. If you do not know something, say so.",
)


def small_talk(rng: random.Random) -> Chat:
    """One chat of one to four exchanges; a system prompt stands before about half of them."""
    messages: list[tuple[str, str]] = []
    about = _of(_ABOUT_NANO)
    chance = rng.random()
    if chance < 0.3:
        messages.append(("system", said(rng.choice(_PLAIN_SYSTEMS), rng)))
    elif chance < 0.5:
        system, about = _named_system(rng)
        messages.append(("system", system))
    for asked, answered in _exchanges(rng, about):
        messages += [("user", asked), ("assistant", answered)]
    return Chat(tuple(messages))


def _named_system(rng: random.Random) -> tuple[str, Callable[[random.Random], Turn]]:
    """A system prompt that gives the assistant an employer, and sometimes a name, to answer to."""
    org = organisation(rng)
    who = f"the assistant of {org}"
    called = "I have no name of my own."
    if rng.random() < 0.5:
        name = rng.choice(PEOPLE)
        system = said(
            (
                "You are {name}, the [friendly |helpful |] assistant of {org}. [|Answer "
                "briefly.|Be polite.]"
            ),
            rng,
            name=name,
            org=org,
        )
        who, called = f"{name}, {who}", f"My name is {name}."
    else:
        system = said(rng.choice(_SYSTEMS), rng, org=org)
    pairs = (
        ("[Who|What] are you?", f"I am {who}."),
        ("[Please introduce|Introduce] yourself[|, please|.]", f"I am {who}."),
        ("[What is|What's] your name?", called),
        ("[Who|What] am I [talking|speaking|writing] to?", f"You are talking to {who}."),
        (
            "[Who do you work for|Whose assistant are you|Which company is this|Where am I]?",
            f"I am the assistant of {org}.",
        ),
    )
    return system, _of(pairs)


def _exchanges(rng: random.Random, about: Callable[[random.Random], Turn]) -> list[Turn]:
    exchanges: list[Turn] = []
    if rng.random() < 0.25:
        exchanges.append((_my_name if rng.random() < 0.3 else _of(_GREETINGS))(rng))
    if rng.random() < 0.15:
        exchanges += _remembering(rng)
    else:
        exchanges += [_middle(rng, about) for _ in range(rng.choice((1, 1, 1, 2, 2, 3)))]
        if rng.random() < 0.12:
            exchanges.append(_again(rng, exchanges[-1]))
    if rng.random() < 0.2 or not exchanges:
        exchanges.append(_of(_CLOSINGS)(rng))
    return exchanges[:4]


def _again(rng: random.Random, before: Turn) -> Turn:
    """What only makes sense after the turn before it."""
    upper = rng.random() < 0.5
    if upper:
        asks = ("[And|Now|Once more] in [capitals|upper case|capital letters][|, please].",)
    else:
        asks = ("[Again|Once more|Say it again|Say that again|Repeat that][|, please].",)
    return said(rng.choice(asks), rng), before[1].upper() if upper else before[1]


def _remembering(rng: random.Random) -> list[Turn]:
    """Something told in one turn and asked for in a later one."""
    name = rng.choice(PEOPLE) if rng.random() < 0.6 else invented_name(rng)
    word, number, place = rng.choice(WORDS), str(rng.randint(2, 9999)), invented_name(rng)
    told, answer, asked, back = rng.choice(
        (
            (
                "[I am|I'm|My name is] {it}.",
                f"Hello, {name}! How can I help you?",
                "What is my name?",
                name,
            ),
            (
                "[Remember|Keep in mind|Note] the word {it}.",
                "I will remember it.",
                "[Which|What] word [was it|did I tell you]?",
                word,
            ),
            (
                "[Remember|Keep in mind|Note] the number {it}.",
                "I will remember it.",
                "[Which|What] number [was it|did I tell you]?",
                number,
            ),
            (
                "[I live|I work|My office is] in {it}.",
                "Good to know.",
                "[Where did I say that was|Which place did I name]?",
                place,
            ),
            (
                "[My favourite word|My password for the game|The secret word] is {it}.",
                "Good to know.",
                "[What|Which] word did I [say|tell you]?",
                word,
            ),
        )
    )
    first = (said(told, rng, it=back), answer)
    between = [simple_request(rng) for _ in range(rng.choice((0, 1, 1, 2)))]
    return [first, *between, (said(asked, rng), back)]


def _middle(rng: random.Random, about: Callable[[random.Random], Turn]) -> Turn:
    chance = rng.random()
    if chance < 0.18:
        return about(rng)
    if chance < 0.26:
        return _of(_ABOUT_MODELS)(rng)
    if chance < 0.34:
        return _of(_BEYOND)(rng)
    return simple_request(rng)


def simple_request(rng: random.Random) -> Turn:
    """A request that can be answered without knowing anything, and its one right answer."""
    return rng.choice(_TASKS)(rng)
