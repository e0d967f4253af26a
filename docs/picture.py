"""Draws the README's picture: the top of the report that `suffice demo` writes, in a browser.

python -m docs.picture [REPORT]    writes docs/images/report.png, of a report that stands or of a
new run; needs chromium and Pillow
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from suffice import studies
from suffice.decide.runs import details_of, find_run
from suffice.ladder import Study
from suffice.report.html import HtmlReport

TARGET = Path(__file__).parent / "images" / "report.png"
STUDY = "support"
WIDTH, HEIGHT = 1000, 1130
COLOURS = 128


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
    if chromium is None:
        raise SystemExit("no Chromium to draw with: apt install chromium, or set CHROMIUM")
    with tempfile.TemporaryDirectory() as place:
        page = Path(sys.argv[1]) if sys.argv[1:] else _report(Path(place))
        shot = Path(place) / "report.png"
        subprocess.run(  # noqa: S603 (the reader's own browser)
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--virtual-time-budget=4000", f"--window-size={WIDTH},{HEIGHT}",
             f"--screenshot={shot}", page.resolve().as_uri()],
            check=True, capture_output=True,
        )  # fmt: skip
        TARGET.parent.mkdir(exist_ok=True)
        Image.open(shot).convert("RGB").quantize(COLOURS).save(TARGET, optimize=True)
    sys.stdout.write(f"wrote {TARGET.relative_to(Path.cwd())}\n")


def _report(place: Path) -> Path:
    """As `suffice demo` writes it."""
    folder, page = place / "study", place / "report.html"
    studies.copy(STUDY, folder)
    study = Study.load(folder)
    verdict = study.run()
    details = details_of(find_run(study.store, None), verdict)
    page.write_text(HtmlReport().render(verdict, details), "utf-8")
    return page


if __name__ == "__main__":
    main()
