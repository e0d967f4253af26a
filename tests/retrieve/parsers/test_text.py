"""Plain text, and how bytes become text in every format."""
# ruff: noqa: RUF001 (letters of other scripts are the point)

import pytest

from suffice.errors import DataError
from suffice.retrieve.parsers.decoding import decoded
from suffice.retrieve.parsers.text import create
from tests.retrieve.parsers.files import read, shown

FRENCH = (
    "Le délai de rétractation est de quatorze jours à compter de la réception de l’objet.\n" * 3
)
RUSSIAN = (
    "Вы можете вернуть товар в течение четырнадцати дней со дня его получения. "
    "Расходы на обратную пересылку несёт покупатель, если товар не имеет недостатков. "
) * 3
JAPANESE = (
    "商品到着後十四日以内であれば返品することができます。送料はお客様のご負担となります。" * 5
)


class TestText:
    def test_paragraphs_are_what_blank_lines_part(self) -> None:
        """Lines with nothing but spaces are blank too."""
        parsed = read(create(), "\n\none\n still one\n \t\n  two  \n\n\n")
        assert shown(parsed) == [("paragraph", "one\n still one"), ("paragraph", "two")]

    def test_a_long_line_takes_no_long_time(self) -> None:
        """A megabyte without a line end is one paragraph."""
        assert len(read(create(), "word " * 200_000).blocks) == 1
        assert len(read(create(), " \n" * 500_000 + "x").blocks) == 1


class TestDecoding:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
    )
    def test_unicode_is_read_in_all_its_forms(self, encoding: str) -> None:
        """With its mark, or without it."""
        assert decoded(FRENCH.encode(encoding))[0] == FRENCH

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_what_is_certain_has_no_warning(self, encoding: str) -> None:
        """UTF-8, and anything with a mark."""
        assert decoded(FRENCH.encode(encoding))[1] == ()

    def test_western_text_is_cp1252_with_a_warning(self) -> None:
        """Accents stand alone among letters."""
        assert decoded(FRENCH.encode("cp1252")) == (FRENCH, ("not UTF-8; read as cp1252",))

    @pytest.mark.parametrize(
        ("text", "encoding"), [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (JAPANESE, "shift_jis")]
    )
    def test_other_scripts_are_found_out_with_a_warning(self, text: str, encoding: str) -> None:
        """Not taken for accents."""
        found, warnings = decoded(text.encode(encoding))
        assert found == text
        assert "not UTF-8; read as" in warnings[0]

    def test_utf_8_with_a_few_wrong_bytes_stays_utf_8(self) -> None:
        """The wrong ones are shown and counted."""
        data = FRENCH.encode()[:-1] + b"\xff"
        found, warnings = decoded(data)
        assert found == FRENCH[:-1] + "\ufffd"
        assert warnings == ("1 places are not UTF-8 and show as \ufffd",)

    def test_utf_16_that_was_cut_is_read_as_far_as_it_goes(self) -> None:
        """With a warning."""
        found, warnings = decoded(FRENCH.encode("utf-16")[:-1])
        assert found.startswith(FRENCH[:50])
        assert "damaged utf-16" in warnings[0]

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"%PDF-1.7 ...", "this is a PDF, not text"),
            (b"PK\x03\x04...", "a zip archive"),
            (b"\x89PNG\r\n", "an image"),
            (b"text\0text", "a NUL byte at 4"),
            (bytes(range(1, 32)) * 10, "control characters"),
            (b"\x00\x01\x02\x03" * 100, "a NUL byte at 0"),
        ],
    )
    def test_bytes_that_are_no_text_are_refused(self, data: bytes, reason: str) -> None:
        """Whatever the file is called."""
        with pytest.raises(DataError, match=reason):
            decoded(data)
