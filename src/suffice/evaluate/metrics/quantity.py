"""Reads numbers as people write them: 1,250.50 and 1.250,50, 1.2 million, 12 %, $5, 5 km.

What a unit means is not known here: that takes pint, and only the `number` metric loads it.
"""

import math
import re
import unicodedata
from dataclasses import dataclass

CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "¥": "JPY", "jpy": "JPY", "yen": "JPY",
    "chf": "CHF", "francs": "CHF", "₹": "INR", "inr": "INR", "rupees": "INR",
}  # fmt: skip
PERCENT = "%"

_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "mn": 1e6, "mio": 1e6, "bn": 1e9, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9,
}  # fmt: skip
_MONEY_SCALES = _SCALES | {"m": 1e6, "b": 1e9, "t": 1e12, "T": 1e12}
_COUNTED = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen twenty"""
_WORDS = {word: float(value) for value, word in enumerate(re.findall(r"\w+", _COUNTED))}
# Words after a number that are also names of units (in: inch, a: year, at: atmosphere, are).
_NO_UNITS = frozenset(
    re.findall(r"\w+", "a an and are as at by for in is of on or the to was with")
)

_SIGN = r"(?<![\w.)])-\s?"
_MONEY = r"US\$|USD|EUR|GBP|JPY|CHF|INR|[$€£¥₹]"
_DIGITS = r"\d+(?:[.,]\d+)*|\.\d+"
_POWER = r"[eE][-+]?\d{1,3}(?![\w.])|\s?[\u00d7x*]\s?10\^?-?\d{1,3}"
_SCALE = (
    r"\s?(?:hundred|thousand|million|billion|trillion|mio|mn|bn)(?![A-Za-z])"
    r"|[kKMBmbtT](?![A-Za-z\d/])"
)
_UNIT = (
    rf"%|percent\b|per\scent\b|{_MONEY}|°\s?[CFK](?![A-Za-z])|"
    r"[A-Za-zµμΩ°]{1,24}[23]?(?:/[A-Za-zµμ]{1,24}[23]?)?(?![A-Za-z\d])"
)
_QUANTITY = re.compile(
    rf"(?P<sign>{_SIGN})?(?:(?P<money>{_MONEY})\s?)?(?P<sign2>{_SIGN})?"
    rf"(?<![A-Za-z\d])(?<![A-Za-z]-)(?P<digits>{_DIGITS})"
    rf"(?P<power>{_POWER})?(?P<scale>{_SCALE})?(?:\s?(?P<unit>{_UNIT}))?"
)
# 1 250 and 1'250, set with the narrow spaces that typesetters use; a plain space parts two numbers.
_GROUPS = re.compile(r"(?<=\d)[\u00a0\u2009\u202f'\u2019_](?=\d{3}(?!\d))")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2044": "/"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as written; an ISO code for money, % for percent, "" for none."""

    value: float
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}".strip()


def quantity(text: str) -> Quantity | None:
    """The quantity that a text is, or None where it holds anything else."""
    clean = _clean(text)
    match = _QUANTITY.fullmatch(clean.removesuffix("."))
    return _read(match, clean) if match else None


def quantities(text: str) -> list[Quantity]:
    """Every quantity in a text, in order; small numbers in words where there are no digits."""
    clean = _clean(text)
    found = [_read(match, clean) for match in _QUANTITY.finditer(clean)]
    if any(found):
        return [each for each in found if each]
    words = re.findall(r"[a-z]+", clean.lower())
    return [Quantity(_WORDS[word]) for word in words if word in _WORDS]


def _clean(text: str) -> str:
    return unicodedata.normalize("NFKC", _GROUPS.sub("", text)).translate(_MINUS).strip()


def _read(match: re.Match[str], text: str) -> Quantity | None:
    number = _number(match["digits"])
    if number is None:
        return None
    unit = _unit(match, text)
    if match["power"]:
        number *= 10.0 ** int(re.split(r"[eE]|10\^?", match["power"])[-1])
    if scale := (match["scale"] or "").strip():
        money = bool(match["money"]) or unit in CURRENCIES.values()
        factor = (_MONEY_SCALES if money else _SCALES).get(scale)
        if factor is None:  # 5m is five metres
            unit = unit or scale
        number *= factor or 1.0
    if match["sign"] or match["sign2"]:
        number = -number
    return Quantity(number, unit) if math.isfinite(number) else None


def _unit(match: re.Match[str], text: str) -> str:
    """The unit as written, unless it is a word that goes on with the sentence."""
    unit = match["money"] or match["unit"] or ""
    lowered = unit.lower()
    if lowered in CURRENCIES:
        return CURRENCIES[lowered]
    if lowered.startswith("per") and lowered != "per":
        return PERCENT
    goes_on = text[match.end() : match.end() + 2].strip()[:1].isalnum()
    return "" if lowered in _NO_UNITS and goes_on else unit


def _number(digits: str) -> float | None:
    """1,250.50 and 1.250,50 and 1,250 and 1,5 and 1.250.000; None for 1.2.3, which is no number."""
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        group, decimal = (",", ".") if point > comma else (".", ",")
        digits = digits.replace(group, "").replace(decimal, ".")
    elif re.fullmatch(r"\d{1,3}(?:,\d{2,3})*,\d{3}|\d{1,3}(?:\.\d{3}){2,}", digits):
        digits = digits.replace(",", "").replace(".", "")
    else:
        digits = digits.replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return None
