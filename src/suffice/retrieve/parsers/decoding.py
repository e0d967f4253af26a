"""Bytes to text. UTF-8 is believed, a byte order mark is believed, anything else is said aloud.

A wrong guess of the encoding puts nonsense into the index that nobody notices, so every guess
becomes a warning that names it, and bytes that are no text are refused.
"""

import re

from suffice.errors import DataError, MissingExtra

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive (docx, xlsx, epub?)"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"SQLite format 3\0", "a database"),
)
_LINE_END = re.compile(r"\r\n?")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_SAMPLE = 256 * 1024
_MOST_CONTROL = 0.01


def decoded(data: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text, its lines ended by \\n, with warnings. `declared` is the encoding that the file
    itself names."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise DataError(f"this is {kind}, not text; give it its right ending")
    text, warnings = _marked(data) or _guessed(data, declared)
    controls = len(_CONTROL.findall(text, 0, _SAMPLE))
    if controls > _MOST_CONTROL * min(len(text), _SAMPLE):
        raise DataError(f"binary data: {controls:,} control characters at its beginning")
    return _LINE_END.sub("\n", text), warnings


def _marked(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            rest = data[len(mark) :]
            try:
                return rest.decode(encoding), ()
            except UnicodeDecodeError as error:
                return _mended(rest, encoding, error)
    return None


def _guessed(data: bytes, declared: str | None) -> tuple[str, tuple[str, ...]]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        if b"\0" in data[:_SAMPLE]:
            return _wide(data)
        return _named(data, declared) or _damaged(data) or _western(data) or _detected(data)
    if "\0" in text:
        return _wide(data)
    return text, ()


def _wide(data: bytes) -> tuple[str, tuple[str, ...]]:
    """UTF-16 without its mark: every other byte of western text is 0."""
    sample = data[:4096]
    half = max(1, len(sample) // 2)
    shares = {"utf-16-le": sample[1::2].count(0) / half, "utf-16-be": sample[::2].count(0) / half}
    encoding = max(shares, key=lambda each: shares[each])
    if shares[encoding] > 0.5 and len(data) % 2 == 0:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            pass
        else:
            if "\0" not in text:
                return text, (f"no byte order mark; read as {encoding}",)
    raise DataError(f"binary data: a NUL byte at {data.index(0):,}")


def _named(data: bytes, declared: str | None) -> tuple[str, tuple[str, ...]] | None:
    if not declared or declared.lower().replace("_", "-") in ("utf-8", "utf8"):
        return None
    try:
        return data.decode(declared), ()
    except (LookupError, UnicodeError, ValueError):
        return None


def _damaged(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """UTF-8 but for a few bytes: a file that was cut, or had other text pasted in."""
    text = data.decode(errors="replace")
    bad = text.count("\ufffd")
    good = sum(1 for _ in re.finditer(r"[^\x00-\x7f\ufffd]", text))
    if good < 10 * bad:
        return None
    return text, (f"{bad:,} places are not UTF-8 and show as \ufffd",)


def _western(data: bytes) -> tuple[str, tuple[str, ...]] | None:
    """Accents stand alone between ASCII letters; scripts of other kinds come in long runs."""
    runs = [len(run) for run in _HIGH_RUN.findall(data, 0, _SAMPLE)]
    if sum(length for length in runs if length > 2) > 0.1 * sum(runs):
        return None
    try:
        return data.decode("cp1252"), ("not UTF-8; read as cp1252",)
    except UnicodeDecodeError:
        return None


def _detected(data: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        from charset_normalizer import from_bytes  # noqa: PLC0415 (an extra, rarely needed)
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "not UTF-8, and telling which encoding it is needs charset-normalizer.\n"
            "Run: pip install 'suffice[docs]', or save the file as UTF-8"
        ) from error
    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        raise DataError("in no known encoding; save it as UTF-8")
    try:
        return data.decode(best.encoding), (f"not UTF-8; read as {best.encoding}",)
    except UnicodeDecodeError as error:
        return _mended(data, best.encoding, error)


def _mended(data: bytes, encoding: str, error: UnicodeDecodeError) -> tuple[str, tuple[str, ...]]:
    text = data.decode(encoding, errors="replace")
    where = f"byte {error.start:,} on"
    return text, (f"damaged {encoding} from {where}; what cannot be read shows as \ufffd",)
