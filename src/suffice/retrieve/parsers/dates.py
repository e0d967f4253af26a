"""The day that a file gives, in the ways that files write it."""

import re
from collections.abc import Iterable
from datetime import date
from email.utils import parsedate_to_datetime

# 2024-03-05, 2024/3/5, 2024-03-05T10:00:00Z, and PDF's D:20240305100000
_DAY = re.compile(r"\s*(?:D:)?(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:\D|\Z|(?<=\d{8})\d)")


def day(written: str) -> str | None:
    """As ISO writes it; None where it is no day."""
    found = _DAY.match(written)
    try:
        if found:
            return date(int(found[1]), int(found[3]), int(found[4])).isoformat()
        return parsedate_to_datetime(written).date().isoformat()
    except (ValueError, TypeError, OverflowError):
        return None


def first_day(written: Iterable[str | None]) -> str | None:
    """The first of these that is a day."""
    return next((found for each in written if each and (found := day(each))), None)
