"""The documentation as a site: complete, no broken link, and nothing fetched from elsewhere."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from docs.site import ROOT, gather, main, outside_code, place_of
from lxml import html
from markdown_it import MarkdownIt

from suffice.decide.attribute import CURES
from tests.servers.browser import browser

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]  # one worker builds it, once

SITE = ROOT / "build" / "site"
COUNTED = ("table", "tr", "li", "pre", "h2", "h3", "strong", "em", "img", "a")


@pytest.fixture(scope="module")
def site() -> Path:
    """Built anew, strictly: it fails where a link, an anchor or a menu entry leads nowhere."""
    assert main() == 0
    return SITE


def pages(site: Path) -> Iterator[tuple[Path, Path]]:
    """Each page as it was gathered, and as it was built."""
    for page in sorted((ROOT / "build" / "pages").rglob("*.md")):
        built = site / page.relative_to(ROOT / "build" / "pages").with_suffix(".html")
        yield page, built.with_name("index.html") if page.name == "README.md" else built


def test_pages_read_as_they_do_in_the_repository(site: Path) -> None:
    """As many rows, items, code blocks and links as CommonMark sees: a list that only one of the
    two takes for a list would be a paragraph in the other."""
    commonmark = MarkdownIt("commonmark").enable("table")
    for page, built in pages(site):
        meant = html.fromstring(f"<div>{commonmark.render(page.read_text('utf-8'))}</div>")
        (shown,) = html.parse(str(built)).getroot().find_class("md-content__inner")
        for link in shown.find_class("headerlink"):
            link.drop_tree()
        assert counted(shown) == counted(meant), page


def counted(tree: html.HtmlElement) -> Counter[str]:
    return Counter(each.tag for each in tree.iter() if each.tag in COUNTED)


def test_no_page_fetches_from_elsewhere(site: Path) -> None:
    """Scripts, styles, pictures and frames all lie beside the page."""
    for built in site.rglob("*.html"):
        tree = html.parse(str(built)).getroot()
        fetched = tree.xpath("//@src | //link[@rel != 'canonical']/@href")
        assert not [each for each in fetched if "//" in each], built


def test_it_opens_from_disk_and_finds_words(site: Path) -> None:
    """In a browser without a network: the search answers, and the console has nothing to say."""
    with browser("--host-resolver-rules=MAP * ~NOTFOUND") as window:
        window.resize(1280, 900)
        window.open(site / "concepts.html")
        window.run("document.querySelector('#__search').click()")
        window.type(".md-search__input", "abstention")
        found = window.run(
            """return new Promise(done => {
              const look = left => {
                const links = [...document.querySelectorAll('.md-search-result__link')]
                if (links.length || !left) done(links.map(each => each.getAttribute('href')))
                else setTimeout(look, 100, left - 1)
              }
              look(100)
            })"""
        )
        assert any("metrics.html" in each for each in found)
        assert window.logged() == []


def test_a_broken_link_ends_the_build(tmp_path: Path) -> None:
    """It is named, and no site is written as if nothing were."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# One\n\n[gone](docs/nowhere.md)\n", "utf-8")
    shutil.copytree(ROOT / "docs" / "assets", tmp_path / "docs" / "assets")
    gather(tmp_path, tmp_path / "build" / "pages")
    settings = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[0]
    (tmp_path / "mkdocs.yml").write_text(settings, "utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "docs/nowhere.md" in ended.stderr


def test_files_that_pages_link_to_come_along(tmp_path: Path) -> None:
    """README becomes the first page; what lies outside of docs/ stands under files/."""
    (tmp_path / "docs" / "deep").mkdir(parents=True)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.json").write_text("[]", "utf-8")
    (tmp_path / "README.md").write_text("[deep](docs/deep/)\n", "utf-8")
    (tmp_path / "docs" / "deep" / "README.md").write_text(
        "[up](../../README.md#top) [rows](../../data/rows.json)\n", "utf-8"
    )
    target = tmp_path / "pages"
    gather(tmp_path, target)
    assert (target / "index.md").read_text("utf-8") == "[deep](deep/README.md)\n"
    turned = "[up](../index.md#top) [rows](../files/data/rows.json)\n"
    assert (target / "deep" / "README.md").read_text("utf-8") == turned
    assert (target / place_of(Path("data/rows.json"))).read_text("utf-8") == "[]"


def test_every_benchmark_result_is_linked_from_some_page() -> None:
    """What was measured can be looked up by who reads of it."""
    told = "".join(page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md"))
    results = [path.name for path in (ROOT / "benchmarks" / "results").glob("*.json")]
    assert results
    assert [name for name in results if f"(../benchmarks/results/{name})" not in told] == []


def test_code_is_left_as_it_stands() -> None:
    """What looks like a link in a code block is none."""
    text = "a [b](c)\n```\na [b](c)\n```\n[b](c)\n"
    assert outside_code(text, str.upper) == "A [B](C)\n```\na [b](c)\n```\n[B](C)\n"


def test_the_picture_of_the_probes_says_what_the_code_does() -> None:
    """Beside each cause stand the rungs that may mend it; hybrid, which may mend all, is below."""
    tree = html.fromstring((ROOT / "docs/images/probes.svg").read_bytes())
    words = [each.text for each in tree.iter("text") if each.get("x") in ("498", "654")]
    half = len(words) // 2  # the heads come first, then causes, then rungs
    causes = words[2 : half + 1]
    for cause, rungs in zip(causes, words[half + 1 :], strict=True):
        mending = {rung for rung, cures in CURES.items() if cause in {each.value for each in cures}}
        assert set(rungs.split(", ")) == mending - {"hybrid", "longcontext"}, cause
