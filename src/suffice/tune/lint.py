"""Looks for what makes training data teach the wrong thing, before anything is trained.

A finding says where, why it hurts and what to do. `tune` refuses data with an error in it; a study
that knows better says so with `tuning: {accept: [KIND]}`.
"""

from collections.abc import Collection, Sequence

from suffice.tune.findings import Finding, Linter, Material, Severity
from suffice.tune.lints import content, fit, form, repeats

LINTERS: Sequence[Linter] = (
    repeats.repeats,
    repeats.leaked,
    form.formats,
    form.ends,
    form.lengths,
    form.labels,
    form.prompts,
    form.tools,
    content.secrets,
    content.people,
    content.facts,
    content.unreviewed,
    fit.few,
    fit.shift,
)
_ORDER = list(Severity)


def lint(material: Material) -> list[Finding]:
    """All findings, the worst first."""
    found = [finding for linter in LINTERS for finding in linter(material)]
    return sorted(found, key=lambda each: _ORDER.index(each.severity))


def refusal(findings: Sequence[Finding], accepted: Collection[str] = ()) -> str:
    """Why these examples are not learned from, or nothing."""
    errors = [
        each for each in findings if each.severity is Severity.ERROR and each.kind not in accepted
    ]
    return "; ".join(f"{each.kind}: {each.said}" for each in errors)
