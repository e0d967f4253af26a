"""Draws the README's picture: the bundled study's verdict, as `suffice demo` prints it.

python -m docs.picture      writes docs/images/verdict.svg
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from suffice.cli.demo import BUNDLED
from suffice.ladder import Study
from suffice.report.terminal import render

TARGET = Path(__file__).parent / "images" / "verdict.svg"
COLUMNS = 112

# rich's own template fetches a font from the network; this one takes the reader's.
TEMPLATE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
<rect fill="#1d2127" x="0" y="0" width="{width}" height="{height}" rx="8"/>
<g transform="translate({terminal_x}, 16)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(BUNDLED, Path(place) / "study")
        verdict = Study.load(folder).run(rungs=["prompt", "fewshot", "schema"])
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False
    )
    console.print(render(verdict))
    TARGET.parent.mkdir(exist_ok=True)
    svg = console.export_svg(title="", code_format=TEMPLATE, unique_id="verdict")
    TARGET.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", "utf-8")
    sys.stdout.write(f"wrote {TARGET.relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    main()
