"""The verdict as one page that opens anywhere: offline, light and dark, on a phone and in print.

Nothing is fetched: styles, scripts, the charts' library and all data stand in the file. What comes
from the study (names, answers, documents) is text to the page and never markup: Jinja escapes what
it writes, the script sets text only, and the page's policy runs no script but those that were
written here, by their digests.
"""

import json
from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import jinja2

from suffice.records import Cause, Details, Verdict
from suffice.report import pictures
from suffice.report.view import view
from suffice.report.words import visible

_PROBED = frozenset({Cause.KNOWLEDGE, Cause.RETRIEVAL, Cause.GROUNDING, Cause.SKILL})
PAGE = Path(__file__).parent / "page"
SCRIPTS = ("d3.min.js", "plot.umd.min.js", "page.js")


@dataclass(frozen=True, slots=True)
class HtmlReport:
    suffix: str = ".html"

    def render(self, verdict: Verdict, details: Details | None = None) -> str:
        behind = details or Details()
        cases, passages, left = pictures.cases(verdict, behind)
        data = {
            "ladder": pictures.ladder(verdict),
            "causes": pictures.causes(verdict),
            "waterfall": pictures.waterfall(verdict),
            "learning": pictures.learning(verdict),
            "found": pictures.found(verdict),
            "worth": pictures.worth(verdict, behind),
            "growth": pictures.growth(behind),
            "expected": behind.requests_month,
            "times": pictures.times(behind),
            "cases": cases,
            "passages": passages,
        }
        scripts = [_read(name) for name in SCRIPTS]
        return _template().render(
            seen=view(verdict),
            style=_read("page.css"),
            scripts=scripts,
            allowed=" ".join(f"'sha256-{_digest(each)}'" for each in scripts),
            data=_inert(json.dumps(data, ensure_ascii=False, separators=(",", ":"))),
            drawn=data,
            probed=any(each.cause in _PROBED for each in verdict.held_out_causes or verdict.causes),
            behind=behind,
            left=left,
        )


def create() -> HtmlReport:
    return HtmlReport()


def _inert(text: str) -> str:
    """JSON that can stand in a page: no sign of it can end the element that it stands in."""
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


@cache
def _read(name: str) -> str:
    return (PAGE / name).read_text("utf-8").strip()


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        loader=jinja2.FileSystemLoader(PAGE),
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.j2")
