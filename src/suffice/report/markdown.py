"""The verdict as GitHub-flavoured markdown, for a job summary or a pull request.

One line with the verdict, the rungs as a table, and the rest folded away. Every value passes
through `escape` on its way into the template, so that no name, reason or answer can become markup,
a mention or a broken table.
"""

import re
from dataclasses import dataclass
from html import escape as escape_html

import jinja2

from suffice.records import Details, Verdict
from suffice.report.view import view
from suffice.report.words import visible

# What GitHub reads as emphasis, links, tables, formulas or issue numbers within a line.
_MARKUP = re.compile(r"[\\`*_\[\]|~#!$]")

TEMPLATE = """\
### {{ seen.study }}

**{{ seen.mark }}:** {{ seen.headline }}{% if seen.reason %}<br>{{ seen.reason }}{% endif %}
{%- if seen.leading %}<br>{{ seen.leading }}{% endif %}


{% if seen.warnings %}
{% for warning in seen.warnings %}
- **Beware:** {{ warning }}
{% endfor %}

{% endif %}
| Rung | Measure | Value | {{ seen.level }} interval | Bar | Result | Asked/answered/scored |
|:--|:--|--:|:--|:--|:--|--:|
{% for rung in seen.rungs %}
{% for row in rung.measures %}
| {% if loop.first %}**{{ rung.rung }}**{% if rung.place %} {{ rung.place }}{% endif %}
{%- if rung.built %}<br>{{ rung.built }}{% endif %}
{%- if rung.cost %}<br>{{ rung.cost }}{% endif %}
{%- if rung.ruled_out %}<br>**ruled out:** {{ rung.ruled_out }}{% endif %}
{%- for note in rung.notes %}<br>{{ note }}{% endfor %}{% endif %} | {{ row.measure
}} | {{ row.value }} | {{ row.interval }} | {{ row.required
}} | {% if row.result and row.status != "met" %}**{{ row.result }}**{% else %}{{ row.result
}}{% endif %}
{%- if row.note %}<br>{{ row.note }}{% endif %} | {{ row.counts }} |
{% else %}
| **{{ rung.rung }}** | nothing was measured | | | | | |
{% endfor %}
{% endfor %}

{% if seen.held_out_causes %}
Why held-out cases fail by the first rung, and what mends them:

{% for cause in seen.held_out_causes %}
- {{ cause }}
{% endfor %}

{% elif seen.causes %}
Why dev cases fail by the first rung:

{% for cause in seen.causes %}
- {{ cause }}
{% endfor %}

{% endif %}
{% if seen.contaminated %}
{{ seen.contaminated }}.

{% endif %}
{% if seen.would_change %}
What would change the verdict:

{% for change in seen.would_change %}
- {{ change }}
{% endfor %}

{% endif %}
{% if seen.next_steps %}
What would bring most:

{% for step in seen.next_steps %}
- {{ step }}
{% endfor %}

{% endif %}
{% if seen.comparisons %}
<details><summary>Comparisons on the same cases</summary>

{% if seen.compared %}
{{ seen.compared }}

{% endif %}
| Candidate | Baseline | Measure | Difference | {{ seen.level
}} interval | p | Holm p | McNemar p | Won/lost | Outcome | Sample |
|:--|:--|:--|--:|:--|--:|--:|--:|--:|:--|:--|
{% for row in seen.comparisons %}
| {{ row.candidate }} | {{ row.baseline }} | {{ row.measure }} | {{ row.difference
}} | {{ row.interval }} | {{ row.p }} | {{ row.p_corrected }} | {{ row.mcnemar
}} | {{ row.wins }}/{{ row.losses }} | **{{ row.result
}}**{% if row.reason %}<br>{{ row.reason }}{% endif %} | {{ row.sample }} |
{% endfor %}

</details>
{% endif %}

<sub>{{ seen.model }}. Run {{ seen.run }}, plan {{ seen.plan
}}, {{ seen.look }}. {{ seen.spent }}.</sub>
"""


@dataclass(frozen=True, slots=True)
class MarkdownReport:
    suffix: str = ".md"

    def render(self, verdict: Verdict, details: Details | None = None) -> str:  # noqa: ARG002
        return _TEMPLATE.render(seen=view(verdict))


def create() -> MarkdownReport:
    return MarkdownReport()


def escape(value: object) -> str:
    """A value as plain text on one line; what stands between two backticks as code."""
    text = visible(str(value)).replace("\n", " ")
    parts = re.split("`([^`]+)`", text)
    return "".join(
        f"<code>{_plain(part)}</code>" if index % 2 else _plain(part)
        for index, part in enumerate(parts)
    )


def _plain(text: str) -> str:
    # An @ as an entity mentions nobody. escape_html leaves no < or & behind.
    return _MARKUP.sub(r"\\\g<0>", escape_html(text, quote=False)).replace("@", "&#64;")


_TEMPLATE = jinja2.Environment(
    autoescape=False,  # noqa: S701 (`escape` does it, for HTML and for markdown)
    finalize=escape,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
).from_string(TEMPLATE)
