"""Writes the cases and the worked examples of this study: invoices of invented suppliers.

    python examples/invoice-json/generate.py

Every supplier has its own layout, language of dates and way to write numbers; the same seed always
writes the same files. Run `python examples/make_world.py examples/invoice-json` after it.
"""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random

HERE = Path(__file__).parent

SUPPLIERS = (
    *("Ashdown Timber", "Birkett Paints", "Corrie Glass", "Dunmore Tools", "Elvet Lighting"),
    *("Foxhill Paper", "Gorse Catering", "Hallam Freight", "Inver Plastics", "Jessop Cleaning"),
    *("Kirkby Seeds", "Lomond Water", "Mossley Prints", "Northam Cables", "Orton Uniforms"),
    *("Padley Stone", "Quoin Masonry", "Ramsay Software", "Selby Ropes", "Tarrant Energy"),
    *("Ullswater Boats", "Verney Flowers", "Wexcombe Bricks", "Yealand Honey"),
    *("Amble Tents", "Bowness Ink", "Cartmel Bread", "Dent Marble", "Egremont Nets", "Furness Ice"),
)
EXAMPLE_SUPPLIERS = ("Abney Chairs", "Brock Kilns", "Crake Rivets", "Denby Looms", "Etal Barrels")
THINGS = ("pallets", "boxes", "rolls", "hours", "metres", "crates", "tins", "sheets")
MONTHS = "January February March April May June July August September October November December"
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}

LAYOUTS = (
    "{name}\nInvoice {number}\nDate: {date}\n\n{lines}\n\nTotal due: {total}\nThank you.",
    "INVOICE\nfrom {name}\nour no. {number} / {date}\n{lines}\nTO PAY {total}",
    "{date}\n\nDear customer,\n\nplease find our invoice {number} below.\n\n{lines}\n\n"
    "The sum of {total} is due within 30 days.\n\nYours,\n{name}",
    "No.      {number}\nIssued   {date}\nSupplier {name}\n---\n{lines}\n---\nSum      {total}",
    "Invoice no: {number} | {name} | {date}\n{lines}\nAmount payable: {total} (VAT included)",
    "** {name} **\n{lines}\n== {total} ==\nref {number}, issued on {date}",
)


def main() -> None:
    cases = [
        {
            "id": f"{slug(supplier)}-{number}",
            "question": text,
            "expected": fields,
            "cluster": slug(supplier),
        }
        for supplier in SUPPLIERS
        for number in range(1, 4)
        for text, fields in [invoice(supplier, number)]
    ]
    examples = [
        {
            "messages": [
                {"role": "user", "content": text},
                {"role": "assistant", "content": json.dumps(fields, ensure_ascii=False)},
            ],
            "cluster": slug(supplier),
        }
        for supplier in EXAMPLE_SUPPLIERS
        for number in range(1, 5)
        for text, fields in [invoice(supplier, number)]
    ]
    for name, rows in (("cases", cases), ("examples", examples)):
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (HERE / f"{name}.jsonl").write_text(text, "utf-8")


def invoice(supplier: str, number: int) -> tuple[str, dict[str, object]]:
    """One invoice as text, and what is to be read out of it."""
    own = Random(supplier)
    layout, style, currency = own.choice(LAYOUTS), own.randrange(3), own.choice(list(SIGNS))
    prefix = own.choice(["R-", "INV", "2026/", ""])
    chance = Random(f"{supplier} {number}")
    issued = date(2026, 1, 5) + timedelta(days=chance.randrange(300))
    amounts = [chance.randrange(500, 90_000) for _ in range(chance.randrange(1, 4))]
    lines = "\n".join(
        f"{chance.randrange(1, 40)} {chance.choice(THINGS)}  {money(cents, style, '')}"
        for cents in amounts
    )
    fields = {
        "supplier": supplier,
        "number": f"{prefix}{chance.randrange(1000, 9999)}",
        "date": issued.isoformat(),
        "currency": currency,
        "total": sum(amounts) / 100,
    }
    shown = {
        "name": supplier,
        "number": fields["number"],
        "date": written(issued, style),
        "lines": lines,
        "total": money(sum(amounts), style, SIGNS[currency]),
    }
    return layout.format(**shown), fields


def written(day: date, style: int) -> str:
    month = MONTHS.split()[day.month - 1]
    return (f"{day.day} {month} {day.year}", f"{day:%d.%m.%Y}", f"{month} {day.day}, {day.year}")[
        style
    ]


def money(cents: int, style: int, sign: str) -> str:
    plain = f"{cents / 100:,.2f}"
    if style == 1:  # as on the continent: 1.234,50
        plain = plain.translate(str.maketrans(",.", ".,"))
        return f"{plain} {sign}".strip()
    return f"{sign}{plain}"


def slug(name: str) -> str:
    return name.lower().replace(" ", "-")


if __name__ == "__main__":
    main()
