"""Makers of values: amounts, dates, names and things, as documents write them.

A value is written once and copied: the answer to a question is the very text of the passage.
"""

import random
from collections.abc import Callable

from nano.words import Names, colour


def _items(text: str) -> list[str]:
    """What stands between the bars, over all lines."""
    return [item.strip() for item in text.replace("\n", "").split("|") if item.strip()]


_NUMBERS = """
two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty
""".split()
_MONTHS = """
January February March April May June July August September October November December
""".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_STREETS = "Street Lane Road Square Avenue Quay Way".split()
_DESKS = "help info orders care desk returns".split()
_PARTS = ("-report", "_v2", "-form", "", "_list", "-config")
_ENDINGS = "pdf csv txt yaml docx".split()
_ROLES = _items("""
head of logistics|chief engineer|night manager|lab technician|curator|treasurer|site manager|
data analyst|head gardener|safety officer|shift leader|operations director|product manager|
librarian|fleet coordinator|senior buyer|archivist|field biologist|chief accountant|project lead|
head chef|legal counsel|training officer|quality inspector|press officer|warden|workshop foreman|
software architect|bookkeeper|customer care lead|facilities manager|research fellow|dean|
harbour master|personnel director
""")
_DEPARTMENTS = _items("""
Accounting|Logistics|Human Resources|Customer Care|Research|Facilities|Legal|
Procurement|Quality Control|Marketing|Field Service|Information Security|Training|
Public Relations|Engineering|Payroll|Catering|Dispatch|Archives|Returns Desk|
Compliance|Planning|Sales|Warehouse
""")
_MATERIALS = _items("""
oak|ash|walnut|pine|bamboo|cork|birch plywood|stainless steel|brushed aluminium|
cast iron|copper|brass|titanium|carbon fibre|glass fibre|recycled plastic|nylon|
polyester|merino wool|linen|organic cotton|silk|leather|canvas|felt|slate|granite|
marble|clay|porcelain|tempered glass|natural rubber|silicone|hemp|waxed cotton|beech|
maple|zinc|concrete|sandstone
""")
_LANGUAGES = _items("""
Arabic|Basque|Bengali|Catalan|Czech|Danish|Dutch|English|Estonian|Finnish|French|
Georgian|German|Greek|Hindi|Hungarian|Icelandic|Irish|Italian|Japanese|Korean|
Latvian|Norwegian|Polish|Portuguese|Romanian|Spanish|Swahili|Swedish|Tamil|Thai|
Turkish|Ukrainian|Urdu|Welsh
""")
_FOODS = _items("""
lentils|barley|rye bread|goat cheese|smoked trout|pumpkin seeds|dried plums|honey|
walnuts|beetroot|red cabbage|oat milk|mushrooms|leeks|almonds|figs|ginger|chickpeas|
brown rice|pears|blackberries|fennel|buckwheat|mustard|apple juice|butter|sea salt|
spinach|carrots|turnips
""")
_BEASTS = _items("""
beetles|moth larvae|small fish|snails|earthworms|voles|grasshoppers|tree frogs|crabs|
mussels|sparrows|dragonflies|ants|mayflies|field mice|lizards|squid|spiders|rabbits|
shrimps
""")
_PLANTS = _items("""
clover|heather|wild garlic|reeds|bilberry|hawthorn|moss|ivy|juniper|nettles|willow herb|bracken|
thyme|sedge|birch saplings|water lilies|elder|gorse|lichen|dandelions
""")


def _grouped(number: int, rng: random.Random) -> str:
    return f"{number:,}" if number >= 1000 and rng.random() < 0.7 else str(number)


def _tens(rng: random.Random, low: int, high: int) -> int:
    """A number as people choose them: often round."""
    number = rng.randint(low, high)
    if number > 20 and rng.random() < 0.5:
        number -= number % (5 if number < 100 else 10 if number < 1000 else 50)
    return number


def _unit(*units: str, low: int, high: int, words: bool = True) -> Callable[[random.Random], str]:
    def make(rng: random.Random) -> str:
        unit = rng.choice(units)
        number = _tens(rng, low, high)
        if number == 1:
            number = 2
        if words and rng.random() < 0.2:
            return f"{rng.choice(_NUMBERS)} {unit}"
        return f"{_grouped(number, rng)} {unit}"

    return make


def _decimal(*units: str, low: float, high: float) -> Callable[[random.Random], str]:
    def make(rng: random.Random) -> str:
        number = rng.uniform(low, high)
        text = str(round(number)) if rng.random() < 0.6 else f"{number:.1f}"
        return f"{text} {rng.choice(units)}"

    return make


def _money(rng: random.Random) -> str:
    high = rng.choice((20, 100, 500, 5000, 90000))
    amount = _tens(rng, 2, high)
    text = f"{amount:,}" if amount >= 1000 else str(amount)
    if amount < 200 and rng.random() < 0.4:
        text += rng.choice((".50", ".90", ".99", ".25", ".00", ".75"))
    return rng.choice(
        (
            f"${text}",
            f"${text}",
            f"€{text}",
            f"£{text}",
            f"{text} euros",
            f"{text} dollars",
            f"{text} crowns",
        )
    )


def _percent(rng: random.Random) -> str:
    number = str(_tens(rng, 1, 99)) + rng.choice(("", "", "", ".5"))
    return number + rng.choice(("%", "%", " percent", " per cent"))


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.choice(_MONTHS), rng.randint(1985, 2045)
    return rng.choice(
        (
            f"{day} {month} {year}",
            f"{day} {month} {year}",
            f"{month} {day}, {year}",
            f"{day} {month}",
            f"{month} {day}",
            f"{year}-{_MONTHS.index(month) + 1:02d}-{day:02d}",
        )
    )


def _time(rng: random.Random) -> str:
    hour, minute = rng.randint(5, 23), rng.choice(("00", "15", "30", "45", "10", "20"))
    if rng.random() < 0.35:
        minutes = rng.choice(("", ":30", ":15", ":45"))
        return f"{(hour - 1) % 12 + 1}{minutes} {'am' if hour < 12 else 'pm'}"
    return f"{hour:02d}:{minute}"


def _weekdays(rng: random.Random) -> str:
    first = rng.randint(0, 4)
    last = rng.randint(first + 1, 6)
    return f"{_WEEKDAYS[first]} to {_WEEKDAYS[last]}"


def _code(rng: random.Random) -> str:
    letters = "".join(
        rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(rng.choice((1, 2, 2, 3)))
    )
    digits = "".join(rng.choice("0123456789") for _ in range(rng.choice((2, 3, 3, 4))))
    return f"{letters}{rng.choice(('-', '-', '', ' '))}{digits}"


def _room(rng: random.Random) -> str:
    number = rng.randint(1, 420)
    return rng.choice(
        (
            f"room {number}",
            f"Room {number}",
            f"Hall {rng.choice('ABCDEF')}",
            f"office {number}",
            f"Studio {number % 9 + 1}",
        )
    )


def _phone(rng: random.Random) -> str:
    digits = "".join(rng.choice("0123456789") for _ in range(9))
    return rng.choice(
        (
            f"0{digits[:3]} {digits[3:6]} {digits[6:9]}",
            f"555-{digits[:4]}",
            f"+{digits[:2]} {digits[2:5]} {digits[5:9]}",
        )
    )


def _hours_open(rng: random.Random) -> str:
    opens = f"{rng.randint(5, 11)}{rng.choice(('', ':30'))}{rng.choice((' am', ' am', ''))}"
    return f"{opens} to {rng.randint(1, 10)} pm"


_OF_NUMBERS: dict[str, Callable[[random.Random], str]] = {
    "money": _money,
    "small_count": lambda rng: rng.choice((str(rng.randint(2, 20)), rng.choice(_NUMBERS[:11]))),
    "count": lambda rng: _grouped(_tens(rng, 21, rng.choice((99, 900, 9000, 60000))), rng),
    "percent": _percent,
    "minutes": _unit("minutes", low=2, high=90),
    "hours": _unit("hours", low=2, high=72),
    "hours_or_days": _unit("hours", "hours", "days", "weeks", low=2, high=40),
    "days": _unit("days", "days", "working days", "business days", low=2, high=120),
    "weeks": _unit("weeks", low=2, high=26),
    "months_or_years": _unit("months", "years", low=2, high=30),
    "date": _date,
    "month": lambda rng: rng.choice(_MONTHS),
    "year": lambda rng: str(rng.randint(1780, 2048)),
    "time": _time,
    "weekday": lambda rng: rng.choice(_WEEKDAYS) + rng.choice(("", "", "s")),
    "weekday_range": _weekdays,
    "time_range": _hours_open,
    "weight": _decimal("kg", "kg", "g", "grams", "kilograms", "tonnes", "pounds", low=1.2, high=95),
    "length": _decimal(
        "m",
        "cm",
        "mm",
        "metres",
        "centimetres",
        "km",
        "kilometres",
        "feet",
        "inches",
        low=1.2,
        high=240,
    ),
    "area": _decimal("square metres", "hectares", "square kilometres", "acres", low=3, high=900),
    "temperature": lambda rng: (
        f"{rng.randint(-25, 240)} {rng.choice(('degrees', '°C', 'degrees Celsius'))}"
    ),
    "volume": _decimal(
        "litres", "litres", "ml", "millilitres", "gallons", "cubic metres", low=1.5, high=800
    ),
    "speed": _decimal(
        "km/h", "kilometres per hour", "miles per hour", "knots", "m/s", low=3, high=180
    ),
    "power": _decimal("watts", "W", "kW", "kilowatts", "volts", "amps", low=3, high=900),
    "code": _code,
    "phone": _phone,
    "version": lambda rng: (
        rng.choice(("", "", "version "))
        + f"{rng.randint(1, 14)}.{rng.randint(0, 20)}"
        + rng.choice(("", f".{rng.randint(0, 9)}"))
    ),
    "room": _room,
    "colour": lambda rng: (
        rng.choice(("", "", "", "dark ", "light ", "pale ", "matt ")) + colour(rng)
    ),
    "material": lambda rng: rng.choice(_MATERIALS),
    "language": lambda rng: rng.choice(_LANGUAGES),
    "food": lambda rng: rng.choice(_FOODS),
    "animal": lambda rng: rng.choice(_BEASTS),
    "plant": lambda rng: rng.choice(_PLANTS),
    "role": lambda rng: rng.choice(("", "the ", "")) + rng.choice(_ROLES).strip(),
    "department": lambda rng: (
        rng.choice(("", "", "the "))
        + rng.choice(_DEPARTMENTS).strip()
        + rng.choice(("", "", " department", " office"))
    ),
}

_OF_NAMES: dict[str, Callable[[Names], str]] = {
    "person": lambda names: names.person(),
    "place": lambda names: names.place(),
    "organisation": lambda names: names.organisation(),
    "address": lambda names: (
        f"{names.rng.randint(1, 240)} {names.stem()} {names.rng.choice(_STREETS)}"
    ),
    "email": lambda names: (
        f"{names.rng.choice((*_DESKS, names.stem().lower()))}@{names.stem().lower()}"
        f".{names.rng.choice(('com', 'org', 'net', 'example'))}"
    ),
    "filename": lambda names: (
        f"{names.stem().lower()}{names.rng.choice(_PARTS)}.{names.rng.choice(_ENDINGS)}"
    ),
}

MAKERS = frozenset(_OF_NUMBERS) | frozenset(_OF_NAMES)


def value(maker: str, names: Names) -> str:
    """A value by its maker's name."""
    if maker in _OF_NUMBERS:
        return _OF_NUMBERS[maker](names.rng)
    return _OF_NAMES[maker](names)
