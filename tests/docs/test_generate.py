"""The reference pages are written from the code."""

import json
from pathlib import Path

import pytest
from docs.generate import main, pages, write_cli, write_configuration, write_plugins

from suffice import cli, plugins, settings


def test_fresh_pages_pass_the_check(tmp_path: Path) -> None:
    """What was just written is what the code says."""
    assert main([], root=tmp_path) == 0
    assert main(["--check"], root=tmp_path) == 0


def test_a_stale_page_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check ends with 1, names the page and leaves it as it is."""
    main([], root=tmp_path)
    page = tmp_path / "docs/cli.md"
    page.write_text("by hand", encoding="utf-8")
    assert main(["--check"], root=tmp_path) == 1
    assert "docs/cli.md is stale" in capsys.readouterr().err
    assert page.read_text("utf-8") == "by hand"


def test_a_missing_page_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty folder lacks every page."""
    assert main(["--check"], root=tmp_path) == 1
    assert capsys.readouterr().err.count("is stale") == len(pages())


def test_the_terminal_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its width nor its colours get into a page."""
    main([], root=tmp_path)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["--check"], root=tmp_path) == 0
    assert "\x1b" not in write_cli()


def test_every_command_and_option_is_told() -> None:
    """The page has a section for each command and a row for each of its options."""
    page = write_cli()
    for name in cli.summaries():
        section = page.split(f"## suffice {name}\n")[1].split("\n## ")[0]
        for parameter in cli.command(name).params:
            named = parameter.opts if parameter.param_type_name == "option" else []
            for spelling in named or [parameter.metavar or parameter.name.upper()]:
                assert f"`{spelling}" in section


def test_options_show_what_they_take() -> None:
    """A flag stands alone; a number, a path and a text each say what they are."""
    section = write_cli().split("## suffice run\n")[1].split("\n## ")[0]
    for spelling in ("`--dry-run` |", "`--limit N` |", "`--study PATH`, `-s PATH` | `.` |"):
        assert spelling in section


def test_every_key_is_told_with_its_default() -> None:
    """The page has a row for each key, and a section for each mapping that links to it."""
    page = write_configuration()
    for name in settings.Settings.__struct_fields__:
        assert f"| `{name}` |" in page
    assert "| `margin` | number, above 0 below 1 | `0.03` |" in page
    assert "| `bar` | mapping, see [bar](#bar) |  |" in page
    assert "## bar\n" in page


def test_every_plug_in_is_told() -> None:
    """The page has a row for each plug-in of ours, with the line of `suffice list`."""
    page = write_plugins().replace("\\|", "|")
    for kind in plugins.FOLDERS:
        for plugin in plugins.plugins(kind):
            assert f"| `{plugin.name}` | {plugin.summary} |" in page


def test_the_schemas_are_the_code_s_own(tmp_path: Path) -> None:
    """The published schema of suffice.yaml is the one that files are read with."""
    main([], root=tmp_path)
    written = json.loads((tmp_path / "src/suffice/schemas/suffice.schema.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(settings.json_schema()))
