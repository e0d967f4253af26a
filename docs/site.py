"""Builds the documentation as a site: `python -m docs.site` writes build/site.

The pages are written for people who read them in the repository, so they link to files as those
lie there. This gathers them into build/pages as a site wants them: README.md becomes the first
page, and a file outside of docs/ that some page links to comes along under files/. mkdocs.yml says
the rest; a broken link, a missing anchor or a page that stands in no menu ends the build.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "build" / "pages"
SHOWN = ("*.md", "*.png", "*.svg", "*.js", "*.css")  # of docs/; its Python files are tools

_FENCE = re.compile(r"^ *```.*?^ *```[^\n]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_ELSEWHERE = re.compile(r"[a-z]+:|#")


def main() -> int:
    gather(ROOT, PAGES)
    # The notice tells of the theme's end; docs/decisions/2026-11-28-documentation-site.md does too.
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603 (our own)
    if ended.returncode == 0:
        sys.stdout.write("wrote build/site/index.html\n")
    return ended.returncode


def gather(root: Path, target: Path) -> None:
    """Every page with its links turned, every picture, and whatever else a page links to."""
    shutil.rmtree(target, ignore_errors=True)
    waiting = [
        root / "README.md",
        *(path for kind in SHOWN for path in root.glob(f"docs/**/{kind}")),
    ]
    seen = set(waiting)
    while waiting:
        source = waiting.pop()
        written = target / place_of(source.relative_to(root))
        written.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix != ".md":
            shutil.copyfile(source, written)
            continue
        text, linked = turned(source, root)
        written.write_text(text, encoding="utf-8")
        waiting += linked - seen
        seen |= linked


def place_of(path: Path) -> PurePosixPath:
    """Where a file of the repository stands in the site."""
    own = PurePosixPath(path.as_posix())
    if own == PurePosixPath("README.md"):
        return PurePosixPath("index.md")
    return own.relative_to("docs") if own.is_relative_to("docs") else "files" / own


def turned(source: Path, root: Path) -> tuple[str, set[Path]]:
    """A page whose links lead to where the files stand in the site, and the files themselves."""
    linked: set[Path] = set()

    def turn(found: re.Match[str]) -> str:
        address = found[2]
        if _ELSEWHERE.match(address):
            return found[0]
        name, mark, anchor = address.partition("#")
        path = Path(os.path.normpath(source.parent / name))
        path = path / "README.md" if path.is_dir() else path
        if not path.is_file() or not path.is_relative_to(root):
            return found[0]  # the build names it as broken
        linked.add(path)
        here, there = place_of(source.relative_to(root)), place_of(path.relative_to(root))
        return f"{found[1]}{os.path.relpath(there, here.parent)}{mark}{anchor}{found[3]}"

    return outside_code(source.read_text("utf-8"), lambda prose: _LINK.sub(turn, prose)), linked


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with everything but its fenced code changed."""
    parts, last = [], 0
    for fence in _FENCE.finditer(text):
        parts += [change(text[last : fence.start()]), fence[0]]
        last = fence.end()
    return "".join([*parts, change(text[last:])])


if __name__ == "__main__":
    sys.exit(main())
