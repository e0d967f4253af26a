"""Gathers natural English for nano: `python -m nano.sources DEST` writes DEST/paragraphs.jsonl.

The paragraphs come from documentation that Debian packages and from Python's own docstrings, so a
newcomer can rebuild them without an account anywhere. Only prose passes: a small model has no
capacity to spare for tables, listings and command lines. A package that is not installed is named
and left out; nothing here knows what the paragraphs are used for.
"""

import argparse
import bz2
import gzip
import html.parser
import importlib
import inspect
import json
import lzma
import math
import pkgutil
import pydoc_data.topics
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

SHORTEST, LONGEST = 40, 120

# A line of a paragraph shorter than this is a label or a heading, not a sentence to join to others.
JOINABLE = 12

# So many paragraphs of a source may open with the same four words: reference pages repeat them.
SAME_OPENING = 25

DPKG = Path("/var/lib/dpkg/info")
APT_LISTS = Path("/var/lib/apt/lists")


@dataclass(frozen=True)
class Package:
    """A Debian package whose text is read, and the licence of that text."""

    name: str
    licence: str


# Licences as the packages' own copyright files name them.
PACKAGES: tuple[Package, ...] = (
    Package("debian-handbook", "CC-BY-SA-3.0 or GPL-2+"),
    Package("debian-faq", "GPL-2+"),
    Package("developers-reference", "GPL-2"),
    Package("debian-policy", "GPL-2+"),
    Package("python3.11-doc", "PSF-2.0"),
    Package("maint-guide", "GPL-2+"),
    Package("debmake-doc", "MIT"),
    Package("debian-reference-en", "GPL-2+"),
    Package("installation-guide-amd64", "GPL-2"),
    Package("git-doc", "GPL-2"),
    Package("postgresql-doc-15", "PostgreSQL"),
    Package("gnumeric-doc", "GFDL-1.1+"),
    Package("gnome-user-docs", "CC-BY-SA-3.0"),
    Package("python-django-doc", "BSD-3-Clause"),
    Package("python-sqlalchemy-doc", "MIT"),
    Package("apache2-doc", "Apache-2.0"),
    Package("sqlite3-doc", "public domain"),
    Package("gnucash-docs", "GFDL-1.1+"),
    Package("dict-foldoc", "GFDL-1.1+"),
    Package("dict-jargon", "public domain"),
    Package("debian-edu-doc-en", "GPL-2+"),
    Package("debian-history", "GPL-2+"),
    Package("linux-doc-6.1", "GPL-2"),
    Package("dict-gcide", "GPL-2+"),
    Package("harden-doc", "GPL-2"),
    Package("aptitude-doc-en", "GPL-2+"),
    Package("python-pandas-doc", "BSD-3-Clause"),
    Package("python-sympy-doc", "BSD-3-Clause"),
    Package("python-astropy-doc", "BSD-3-Clause"),
    Package("bash-doc", "GFDL-1.3"),
    Package("zsh-doc", "Zsh"),
    Package("cmake-doc", "BSD-3-Clause"),
    Package("lilypond-doc-html", "GFDL-1.3+"),
    Package("stellarium-data", "GPL-2+"),
    Package("exim4-doc-html", "GPL-2+"),
    Package("postfix-doc", "IPL-1.0 or EPL-2.0"),
    Package("bind9-doc", "MPL-2.0"),
    Package("maxima-doc", "GPL-2+"),
    Package("gap-doc", "GPL-2+"),
    Package("debian-kernel-handbook", "GPL-2+"),
    Package("freedombox-doc-en", "CC-BY-SA-4.0"),
    Package("grass-doc", "GPL-2+"),
    Package("postgis-doc", "CC-BY-SA-3.0"),
    Package("kicad-doc-en", "GPL-3+ or CC-BY-3.0+"),
    Package("wireshark-doc", "GPL-2+"),
    Package("erlang-doc", "Apache-2.0"),
    Package("nodejs-doc", "MIT"),
    Package("golang-1.19-doc", "BSD-3-Clause and CC-BY-3.0"),
    Package("libboost1.74-doc", "BSL-1.0"),
    Package("jargon-text", "public domain"),
    Package("fweb-doc", "GPL-2+"),
    Package("abs-guide", "public domain"),
    Package("mercurial-common", "GPL-2+"),
    Package("bacula-doc", "CC-BY-SA-4.0"),
    Package("fp-docs-3.2.2", "LGPL-2.1+"),
    Package("gnuplot-doc", "gnuplot"),
    Package("povray-doc", "CC-BY-SA-3.0"),
    Package("png-definitive-guide", "GFDL-1.1+"),
    Package("twisted-doc", "MIT"),
    Package("zoneminder-doc", "GPL-2+"),
    Package("therion-doc", "GPL-2+"),
    Package("python-biopython-doc", "Biopython"),
    Package("icinga2-doc", "GPL-2+"),
    Package("shorewall-doc", "GFDL-1.2+"),
    Package("lemonldap-ng-doc", "GPL-2+"),
    Package("rt5-doc-html", "GPL-2"),
    Package("tellico-doc", "GPL-2+"),
    Package("openafs-doc", "IPL-1.0"),
    Package("nut-doc", "GPL-2+"),
    Package("autoconf-doc", "GFDL-1.3+"),
    Package("solfege-doc", "GPL-3+"),
    Package("engauge-digitizer-doc", "GPL-2+"),
    Package("kea-doc", "MPL-2.0"),
    Package("argyll-doc", "AGPL-3"),
    Package("denemo-doc", "GPL-3+"),
    Package("eqonomize-doc", "GFDL-1.2+"),
    Package("claws-mail-doc", "GPL-3+"),
    Package("scons-doc", "MIT"),
    Package("systemtap-doc", "GPL-2"),
    Package("pcp-doc", "GPL-2+"),
    Package("libstdc++-12-doc", "GFDL-1.3"),
    Package("llvm-14-doc", "Apache-2.0 with LLVM exception"),
    Package("csound-doc", "GFDL-1.2+"),
    Package("ffmpeg-doc", "LGPL-2.1+"),
    Package("docker-doc", "Apache-2.0"),
    Package("unburden-home-dir-doc", "GPL-2+"),
    Package("netcdf-doc", "NetCDF"),
    Package("python-pygame-doc", "LGPL-2+"),
    Package("renpy-doc", "MIT"),
    Package("swig4.0-doc", "GPL-3+"),
    Package("graphviz-doc", "EPL-1.0"),
    Package("fontforge-doc", "BSD-3-Clause"),
    Package("imagemagick-6-doc", "ImageMagick"),
    Package("stilts-doc", "LGPL-2.1+"),
    Package("wireplumber-doc", "MIT"),
    Package("nova-doc", "Apache-2.0"),
    Package("neutron-doc", "Apache-2.0"),
    Package("cinder-doc", "Apache-2.0"),
    Package("keystone-doc", "Apache-2.0"),
    Package("glance-doc", "Apache-2.0"),
    Package("heat-doc", "Apache-2.0"),
    Package("pacemaker-doc", "CC-BY-SA-4.0"),
    Package("corosync-doc", "BSD-3-Clause"),
    Package("jmeter-help", "Apache-2.0"),
    Package("db5.3-doc", "Sleepycat"),
    Package("live-manual-html", "GPL-3+"),
    Package("gnome-devel-docs", "GFDL-1.1+ or CC-BY-SA"),
    Package("scilab-doc", "GPL-2+"),
    Package("lammps-doc", "GPL-2"),
    Package("octave-doc", "GPL-3+"),
    Package("python-scipy-doc", "BSD-3-Clause"),
    Package("python-sklearn-doc", "BSD-3-Clause"),
    Package("python-skimage-doc", "BSD-3-Clause"),
    Package("python-statsmodels-doc", "BSD-3-Clause"),
    Package("perl-doc", "GPL-1+ or Artistic"),
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class _Prose(html.parser.HTMLParser):
    """The text of the paragraphs of a page; markup such as DocBook and Mallard reads the same."""

    blocks = _words(
        """p para simpara li dd dt div section h1 h2 h3 h4 h5 h6 td th tr title listitem entry item
        note body blockquote"""
    )
    skipped = _words(
        """script style pre nav table programlisting screen code-block head synopsis header footer
        media literallayout svg math info"""
    )
    headings = _words("h1 h2 h3 h4 h5 h6 title section dt")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self._pieces: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in self.skipped:
            self._skipping += 1
        if tag in self.blocks or tag in self.skipped:
            self._close(tag)
        elif tag == "br":
            self._pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.skipped:
            self._skipping = max(0, self._skipping - 1)
        if tag in self.blocks:
            self._close(tag)

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._pieces.append(data)

    def _close(self, tag: str) -> None:
        text = " ".join("".join(self._pieces).split())
        self._pieces.clear()
        if text:
            self.paragraphs.append(text)
        if tag in self.headings:
            self.paragraphs.append("")  # what follows is another subject


# Most tags of a page mark words, not paragraphs; without them a page is read several times faster.
_INLINE = re.compile(
    r"</?(?:span|a|b|i|em|strong|code|tt|var|kbd|samp|cite|sub|sup|link|literal|emphasis|ulink|"
    r"guilabel|filename|command|application|gui|guiseq|app|key|keyseq|img|font|small|dfn|abbr|"
    r"acronym|replaceable|option|function|indexterm|primary)\b[^<>]*>",
    re.I,
)
_LISTING = re.compile(r"<(pre|script|style|programlisting)\b.*?</\1\s*>", re.I | re.S)


def marked_up(text: str) -> list[str]:
    """The blocks of an HTML or XML page; an empty one stands where a heading was."""
    parser = _Prose()
    parser.feed(_INLINE.sub("", _LISTING.sub(" ", text)))
    parser.close()
    return parser.paragraphs


def plain(text: str) -> list[str]:
    """The blocks of a plain text, which blank lines separate."""
    return [" ".join(block.split()) for block in re.split(r"\n[ \t]*\n", text)]


def dictionary(text: str) -> list[str]:
    """The blocks of a dictd file: entries start at the margin, and {braces} mark references."""
    entries = re.sub(r"\n(?=\S)", "\n\n\n\n", text.translate({ord("{"): None, ord("}"): None}))
    blocks: list[str] = []
    for entry in entries.split("\n\n\n"):
        blocks += [*plain(re.sub(r"<[^<>]*>", "", entry)), ""]
    return blocks


_READERS: dict[str, Callable[[str], list[str]]] = {
    **dict.fromkeys((".html", ".htm", ".xhtml", ".page", ".docbook", ".xml", ".utf8"), marked_up),
    **dict.fromkeys((".txt", ".text", ".rst", ".info", ".md", ".pod"), plain),
    ".dict": dictionary,
}
_OPENERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.decompress,
    ".dz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}

# Other languages of the same manual, and pages that list rather than tell.
_LEFT_OUT = re.compile(
    r"/(?:[a-z]{2}(?:[-_][A-Za-z]{2,4})?|zh-hant|zh-hans)/|[._-](?:[a-z]{2}|[a-z]{2}[-_][a-zA-Z]{2})\."
    r"(?:html|txt|utf8)|_source\.html|changelog|copyright|NEWS|genindex|licen[cs]e|COPYING|/man/",
)
_ENGLISH = re.compile(r"/en(?:[-_](?:us|gb|US|GB|UK))?/|[._-]en(?:[-_]US)?\.(?:html|txt|utf8)|/C/")


def files_of(package: str, listing: Path = DPKG) -> list[Path] | None:
    """The installed files of a package, by dpkg's own lists; None where it is not installed."""
    found = sorted(listing.glob(f"{package}.list")) + sorted(listing.glob(f"{package}:*.list"))
    if not found:
        return None
    return [Path(line) for line in found[0].read_text().splitlines()]


def blocks_of(path: Path) -> list[str]:
    """The blocks of one file, or none where it is not a text that is read here."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    opener = _OPENERS.get(suffixes[-1]) if suffixes else None
    if opener is not None:
        suffixes.pop()
    reader = _READERS.get(suffixes[-1]) if suffixes else None
    name = str(path)
    if reader is None or (_LEFT_OUT.search(name) and not _ENGLISH.search(name)):
        return []
    if path.is_symlink() or not path.is_file():
        return []
    data = path.read_bytes()
    return reader((opener(data) if opener else data).decode("utf-8", errors="replace"))


def descriptions(lists: Path = APT_LISTS) -> Iterator[list[str]]:
    """Debian's descriptions of its packages, as apt keeps them where it is told to fetch English:
    `apt-get -o Acquire::Languages=en -o Acquire::GzipIndexes=false update`."""
    for path in sorted(lists.glob("*_Translation-en")):
        for record in path.read_text(encoding="utf-8").split("\n\n"):
            _, _, text = record.partition("Description-en:")
            body = text.partition("\n")[2]
            blocks = plain(re.sub(r"^ ", "", re.sub(r"^ \.$", "", body, flags=re.M), flags=re.M))
            yield [_OF_THE_PACKAGE.sub("", block).strip() for block in blocks]


# What is packaged how is told in the same words for thousands of packages.
_OF_THE_PACKAGE = re.compile(r"(?<![^.] )\bThis (?:meta|virtual|dummy)?-?package [^.]*\.(?= |$)")


def docstrings() -> Iterator[list[str]]:
    """The documentation that Python carries in itself: pydoc's topics and the library's words."""
    for topic in pydoc_data.topics.topics.values():
        yield plain(str(topic))
    for module in pkgutil.iter_modules():
        if module.name in sys.stdlib_module_names and module.name not in {"antigravity", "this"}:
            yield from _docstrings_of(module.name)


def _docstrings_of(name: str) -> Iterator[list[str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            module = importlib.import_module(name)
        except ImportError:  # built for another system, or without an optional library
            return
    for thing in _documented(module):
        yield plain(inspect.getdoc(thing) or "")


def _documented(module: ModuleType) -> Iterator[object]:
    yield module
    for member in vars(module).values():
        if getattr(member, "__module__", None) != module.__name__:
            continue
        yield member
        if inspect.isclass(member):
            yield from (part for part in vars(member).values() if inspect.isroutine(part))


# The commonest words of English: prose of any subject is made of them for a third or more.
_FUNCTION_WORDS = _words(
    """a about after all also an and any are as at be because been before being between both but by
    can could did do does each even for from had has have he her his how however i if in into is it
    its just like may more most must no not of on one only or other our out over shall she should
    since so some such than that the their them then there these they this those through to under
    until up upon us was we were what when where whether which while who whose why will with within
    without would yet you your"""
)
_PUNCTUATION = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u2032\u00b4`"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u2033\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f"), " "),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u00ad\ufeff\u00b6"), None),
    ord("\u2026"): "...",
}
_MARK = re.compile(r"[*_]{2,}|''|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_FOOTNOTE = re.compile(r" ?\[(?:\d+|[a-z]|note \d+)\]")
# No prose holds these, or not often enough to be worth a model's attention.
_SIGNS = re.compile(
    r"[<>{}\[\]|\\=~^@#_*\u2190-\uffff]|://|www\.|--|\(\)|::|\.\.\.\.|"
    r"\b(?!e\.g|i\.e)[A-Za-z]+\.[a-z]"
)
_CODE_WORD = re.compile(
    r"\b[a-z]+[A-Z]\w*|\b\w*[A-Za-z]\d\w*|(?<!\w)[-/.%$!+]\w+|\w/\w|\b[A-Z]{2,}\b|\b\w+\.\w+\(|\b0x"
)
_BOILERPLATE = re.compile(
    r"warrant(?:y|ies)|copyright|permission is|all rights reserved|redistribut|trademark|"
    r"this package (?:contains|provides|ships|includes)|transitional|dummy package|click here|"
    r"see also|e-mail to|mailing list|(?:table|figure|section|chapter|example) \d|above figure|"
    r"following (?:example|table|figure|code|command)|deprecated|versionadded|"
    r"invariant section|entitled \"|\bcurrently\b.*\bnot",
    re.I,
)
_SENTENCE_END = re.compile(r"(?<=[a-z\d)\"'][.!?])\s+(?=[\"'(]?[A-Z])")


def cleaned(text: str) -> str:
    """The text with typewriter punctuation, without footnote signs and markup left in it."""
    plain_marks = text.translate(_PUNCTUATION)
    spaced = " ".join(_FOOTNOTE.sub("", _MARK.sub("", plain_marks)).split())
    return re.sub(r" ([,.;:?!)])", r"\1", spaced)


def is_prose(text: str) -> bool:
    """Whether the text is a paragraph of plain English: its length, letters, words and its end."""
    words = text.split()
    if not SHORTEST <= len(words) <= LONGEST or not re.match(r"[\"'(]?[A-Z]", text):
        return False
    if not re.search(r"[a-z\d)\"'][.!?]\"?$", text) or _SIGNS.search(text):
        return False
    if _BOILERPLATE.search(text) or sum(map(str.isascii, text)) < 0.99 * len(text):
        return False
    letters = sum(c.isalpha() or c == " " for c in text)
    if letters < 0.94 * len(text) or len(_CODE_WORD.findall(text)) > 0.07 * len(words):
        return False
    bare = [word.strip("\"'(),.;:!?").lower() for word in words]
    frequent = sum(word in _FUNCTION_WORDS for word in bare) / len(bare)
    return 0.3 <= frequent <= 0.68 and len(set(bare)) >= 0.5 * len(bare)


def paragraphs(blocks: Iterable[str]) -> Iterator[str]:
    """The paragraphs in consecutive blocks: short ones joined, long ones cut between sentences.

    An empty block, and one that is not made of sentences, ends what may be joined.
    """
    joined: list[str] = []
    for block in blocks:
        text = cleaned(block)
        sentences = text[-1:] in {".", "!", "?", '"'} and len(text.split()) >= JOINABLE
        if joined and (not sentences or _length(joined) + len(text.split()) > LONGEST):
            yield from _cut(joined)
            joined = []
        if sentences:
            joined.append(text)
            if _length(joined) >= SHORTEST:
                yield from _cut(joined)
                joined = []
    yield from _cut(joined)


def _length(texts: list[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _cut(joined: list[str]) -> Iterator[str]:
    """The text as whole sentences, in as few parts of about the same length as it needs."""
    if not joined:
        return
    parts = math.ceil(_length(joined) / (LONGEST - 10))
    share = _length(joined) / parts
    taken: list[str] = []
    for sentence in _SENTENCE_END.split(" ".join(joined)):
        if taken and _length(taken) + len(sentence.split()) / 2 > share:
            yield " ".join(taken)
            taken = []
        taken.append(sentence)
    yield " ".join(taken)


@dataclass
class Collection:
    """Which paragraphs were seen, so that each is kept once and no phrase floods the rest."""

    openings: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    kept: Counter[str] = field(default_factory=Counter)

    def admits(self, text: str, source: str) -> bool:
        """Whether the text is prose that is new: neither half of it has been seen before."""
        if not is_prose(text):
            return False
        letters = re.sub(r"[^a-z]", "", text.lower())
        ends = {letters[:60], letters[-60:]}
        opening = (source, " ".join(text.split()[:4]).lower())
        if ends & self.seen or self.openings[opening] >= SAME_OPENING:
            return False
        self.seen |= ends
        self.openings[opening] += 1
        self.kept[source] += 1
        return True


# Texts that come with Python and with apt, whatever else is installed.
CARRIED: tuple[tuple[str, Callable[[], Iterator[list[str]]]], ...] = (
    ("python", docstrings),
    ("debian-descriptions", descriptions),
)


def gathered(
    packages: Iterable[Package],
    notice: Callable[[str], object],
    carried: Iterable[tuple[str, Callable[[], Iterable[list[str]]]]] = CARRIED,
) -> Iterator[str]:
    """The lines of paragraphs.jsonl, source by source; `notice` is told what each one gave."""
    collection = Collection()

    def lines(source: str, texts: Iterable[list[str]]) -> Iterator[str]:
        for blocks in texts:
            for text in paragraphs(blocks):
                if collection.admits(text, source):
                    yield json.dumps({"text": text, "source": source}, ensure_ascii=False)
        notice(f"{source}: {collection.kept[source]} paragraphs")

    for source, texts in carried:
        yield from lines(source, texts())
    for package in packages:
        files = files_of(package.name)
        if files is None:
            notice(f"{package.name}: not installed, left out; apt-get install {package.name}")
        else:
            yield from lines(package.name, map(blocks_of, files))


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="nano.sources", description=__doc__)
    parser.add_argument("destination", type=Path, help="the folder that paragraphs.jsonl goes to")
    destination: Path = parser.parse_args(arguments).destination
    destination.mkdir(parents=True, exist_ok=True)
    count = 0
    unfinished = destination / "paragraphs.jsonl.part"
    with unfinished.open("w", encoding="utf-8") as out:
        for line in gathered(PACKAGES, lambda text: sys.stderr.write(text + "\n")):
            out.write(line + "\n")
            count += 1
    unfinished.rename(destination / "paragraphs.jsonl")
    sys.stderr.write(f"{count} paragraphs in {destination / 'paragraphs.jsonl'}\n")


if __name__ == "__main__":
    main()
