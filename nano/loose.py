"""Kinds of things made up on the spot, from any noun and any verb.

The domains' 427 kinds of fact can be learned by heart; a question about one that was never met must
then be answered by the words that it shares with a passage. These kinds teach that: "Who waters the
ledgers of Brolk Hall?" finds "the ledgers are watered by Ada Stroam", and nobody knows beforehand.
"""

import random

from nano.grammar import Attribute, Kind, opened

_NOUNS = """
account acre address agenda alarm album alley anchor angle apron arch archive arrow attic award
badge bag balance balcony ball band bank banner bar barn barrel basin basket battery beam bed bell
belt bench bike bill bin blade blanket block board boat boiler bolt bond book booth border bottle
bottom box brake branch brick bridge brush bucket budget buffer building bundle bus button cabin
cabinet cable cage cake calendar camp canal candle canopy capacity car card cargo carpet cart case
cellar chain chair chapel charge chart check chest chimney circle circuit claim class clause clay
clock cloth club coach coat code coin collar column committee contract cooler copy cord corner cost
counter course court cover cradle crane crate credit crew crop crowd cup curtain cushion cycle dam
deck deposit desk diary dish disk district ditch dock door drain drawer dress drill drum duct dust
duty edge engine entrance envelope error estate exam exit fabric factory fan farm fee fence ferry
field file filter fine fire fish flag flap floor flour form frame freight fruit fuel furnace garage
garden gate gear glass glove goal grain grant graph grass grid guard guest gutter hammer handle
harvest hat hedge height helmet herd hinge hook hose hotel hour hull inlet invoice island jacket jar
joint journal judge jury kettle key kitchen label ladder lake lamp lane laundry lawn layer leak
lease ledger lens lesson letter level lever licence lid light limit line list load lobby lock lodge
log loop lounge machine mail map margin market mask mast meal medal meeting member menu message
meter mill mirror model motor mural museum needle net notice number oar office oil option orchard
order outlet oven owner packet page paint palace panel paper parade park parking partner party patch
path pavement payment peak pedal pen permit phone piano picture pier pile pillar pipe pitch plan
plant plate platform pocket pole pool porch port post poster pot powder prize pump quota rail ramp
range rate record reel refund region rent reserve ribbon ring river road rod roof room root rope
route row rug rule sail salary sample scale scene school scope score screen seal seat sector series
shaft shed sheet shelf shell shift ship shirt shop shower sign signal sink site size skirt slope
slot soap soil song spare speech spring square stable staff stage stair stamp station statue step
stock stone stool storage storm stove strap stream street studio summer supply surface survey switch
table tank tape target tariff task tax team tent terrace test theatre thread ticket tile timber tool
tour towel tower track trade trail train tray tree trench trial trip trunk tube tunnel tyre unit
valve van vault vehicle vessel view village visit volume wage wall wardrobe warehouse water wave
wheel window wing winter wire yard zone
""".split()

# With its third person and its participle.
_VERBS = tuple(
    tuple(each.split("/"))
    for each in """
book/books/booked check/checks/checked clean/cleans/cleaned close/closes/closed
collect/collects/collected count/counts/counted cover/covers/covered deliver/delivers/delivered
empty/empties/emptied fill/fills/filled fix/fixes/fixed fold/folds/folded guard/guards/guarded
heat/heats/heated inspect/inspects/inspected keep/keeps/kept lease/leases/leased lift/lifts/lifted
load/loads/loaded lock/locks/locked mark/marks/marked measure/measures/measured move/moves/moved
open/opens/opened order/orders/ordered pack/packs/packed paint/paints/painted plan/plans/planned
polish/polishes/polished print/prints/printed protect/protects/protected record/records/recorded
renew/renews/renewed repair/repairs/repaired replace/replaces/replaced review/reviews/reviewed
sell/sells/sold send/sends/sent serve/serves/served sign/signs/signed sort/sorts/sorted
stamp/stamps/stamped store/stores/stored supply/supplies/supplied test/tests/tested
trace/traces/traced train/trains/trained trim/trims/trimmed update/updates/updated
wash/washes/washed water/waters/watered weigh/weighs/weighed wrap/wraps/wrapped
""".split()
)

_HOLDERS = (
    "organisation", "building", "place", "project", "service", "plan", "team", "event", "course",
    "product", "software", "policy", "machine", "vehicle", "person",
)  # fmt: skip
_THINGS = ("house", "site", "group", "item", "unit", "scheme", "branch", "office", "venture")

# The sort of value, how the verb takes it, and what asks for it.
_MANNERS = (
    ("time", "at {value}", "At what time"),
    ("time", "at {value}", "When"),
    ("weekday", "on {value}", "On which day"),
    ("date", "on {value}", "When"),
    ("month", "in {value}", "In which month"),
    ("place", "in {value}", "Where"),
    ("room", "in {value}", "Where"),
    ("organisation", "for {value}", "For whom"),
    ("material", "with {value}", "With what"),
    ("money", "for {value}", "For how much"),
    ("minutes", "within {value}", "Within what time"),
    ("days", "after {value}", "After what time"),
)
_AMOUNTS = (
    "money", "small_count", "count", "percent", "minutes", "hours", "hours_or_days", "days",
    "weeks", "months_or_years", "date", "month", "year", "time", "weekday", "time_range", "weight",
    "length", "area", "temperature", "volume", "speed", "power", "code", "phone", "version", "room",
    "colour", "material", "language", "food", "animal", "plant", "role", "department", "person",
    "place", "organisation", "address", "email", "filename",
)  # fmt: skip
_ASIDES = (
    "{it} is well spoken of.",
    "Much has been written about {it}.",
    "[Visitors|Neighbours|Newcomers] often [ask|hear] about {it}.",
    "{it} [began|started] as [a small thing|an experiment|a favour to a friend].",
    "There is [more|little more] to say about {it} [elsewhere|in other files].",
)


def loose_kind(rng: random.Random) -> Kind:
    """A kind with a handful of facts that no other kind has."""
    nouns = rng.sample(_NOUNS, 12)
    facts = [
        _called(nouns, rng) if rng.random() < 0.5 else _done(nouns, rng)
        for _ in range(rng.randint(4, 6))
    ]
    return Kind((rng.choice(_THINGS),), rng.choice(_HOLDERS), tuple(facts), _ASIDES)


def _called(nouns: list[str], rng: random.Random) -> Attribute:
    """A fact with a name: `barrel tax`."""
    words = [nouns.pop() for _ in range(rng.choice((1, 2, 2)))]
    name = " ".join(words)
    maker = rng.choice(_AMOUNTS)
    says = (
        f"The {name} of {{it}} is {{value}}.",
        f"{{it}} has {{value}} as its {name}.",
        f"{opened(name)}: {{value}}.",
        f"[For|At|With] {{it}}, the {name} [is|comes to|is given as|was set to] {{value}}.",
        f"[Note that|As of now,] {{value}} is the {name} [of|for|at] {{it}}.",
        f"[Its|The] {name} [is|remains|is still|is now] {{value}}.",
        f"[We|The books] [list|give|note] {{value}} as the {name} of {{it}}.",
    )
    asks: tuple[str, ...] = (
        f"What is the {name} [of|for|at] {{it}}?",
        f"[Which|What] {name} does {{it}} have?",
        f"[Tell me|Give me|I need] the {name} of {{it}}.",
        f"{{it}}: what is [its|the] {name}?",
        f"[Do you know|Can you tell me] the {name} of {{it}}?",
        f"What {name} [is given|is listed|do you have] for {{it}}?",
        f"[How is|What about] the {name} of {{it}}?",
    )
    if len(words) == 2:
        asks += (f"What is the {words[1]} of the {words[0]} [of|at] {{it}}?",)
    return Attribute(name, maker, says, asks)


def _done(nouns: list[str], rng: random.Random) -> Attribute:
    """A fact that somebody does something: `washes the beams at 6:30`."""
    verb, third, past = rng.choice(_VERBS)
    done_to = _several(nouns.pop())
    if rng.random() < 0.25:
        return Attribute(
            f"who {third} the {done_to}",
            rng.choice(("person", "organisation", "role", "department")),
            (
                f"It is {{value}} who {third} the {done_to} of {{it}}.",
                f"The {done_to} of {{it}} are {past} by {{value}}.",
                f"[At|For] {{it}}, [it is {{value}} who|{{value}}] {third} the {done_to}.",
                f"[Its|The] {done_to} are {past} by {{value}}.",
            ),
            (
                f"Who {third} the {done_to} of {{it}}?",
                f"By whom are the {done_to} of {{it}} {past}?",
                f"Who is it that {third} the {done_to} [at|of] {{it}}?",
                f"[Tell me|Do you know] who {third} the {done_to} of {{it}}.",
            ),
        )
    maker, manner, asked = rng.choice(_MANNERS)
    return Attribute(
        f"{done_to} {past}",
        maker,
        (
            f"{{it}} {third} the {done_to} {manner}.",
            f"The {done_to} of {{it}} are {past} {manner}.",
            f"[At|With] {{it}}, [they {verb} the {done_to}|the {done_to} are {past}] {manner}.",
            f"{opened(manner)} {{it}} {third} the {done_to}.",
            f"[Its|The] {done_to} are {past} {manner}.",
        ),
        (
            f"{asked} does {{it}} {verb} the {done_to}?",
            f"{asked} are the {done_to} of {{it}} {past}?",
            f"{asked} do they {verb} the {done_to} at {{it}}?",
            f"{{it}}: {asked.lower()} are the {done_to} {past}?",
        ),
    )


def _several(noun: str) -> str:
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"
