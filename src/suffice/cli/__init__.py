"""The command line: one file a command, found by name and imported only when it is called.

A file of this folder that defines `command` is a command; its docstring's first line stands in
`suffice --help`. Results go to stdout, progress and errors to stderr. Exit codes: 0 good, 1 worse,
2 not measurable or failed, 64 wrong use.
"""

import ast
import gc
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from suffice.cli.console import discard_results, show_error
from suffice.cli.dotenv import read_dotenv
from suffice.errors import SufficeError, UsageError, suggest

INTERRUPTED = 130  # as shells have it: 128 and the signal's number
UsageProblem: Any = typer.BadParameter.__base__  # what the parser raises for wrong options


class _Commands(TyperGroup):
    """Lists commands from their files' docstrings; imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the parser's signature)
        return list(summaries())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in summaries():
            return None
        return TyperCommand(cmd_name, help=summaries()[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in summaries() and not args[0].startswith("-"):
            raise UsageError(
                f"there is no command {args[0]!r}{suggest(args[0], summaries())}; "
                f"known: {', '.join(summaries())}"
            )
        name, stub, rest = super().resolve_command(ctx, args)
        return name, stub and command(stub.name or ""), rest


def app() -> Any:
    """The whole command line as one object, for running and for the generated help pages."""
    shell = typer.Typer(
        cls=_Commands,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    shell.callback()(suffice)
    return typer.main.get_command(shell)


def suffice(
    version: bool = typer.Option(False, "--version", help="Show the version and leave."),
    debug: bool = typer.Option(  # noqa: ARG001 (read by main, before anything can fail)
        False, "--debug", help="Show a traceback when something fails."
    ),
) -> None:
    """Find the cheapest fix that suffices for an LLM feature.

    Begin with `suffice demo`, or with `suffice init` in a folder with your cases.
    """
    if version:
        from_package = import_module("suffice").__version__
        typer.echo(f"suffice {from_package}")
        raise typer.Exit


@cache
def summaries() -> dict[str, str]:
    """Every command with its one-line description, in the order of their use."""
    folder = Path(__file__).parent
    found = {}
    for path in sorted(folder.glob("[a-z]*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "command" for node in tree.body):
            first, _, _ = (ast.get_docstring(tree) or "").partition("\n")
            found[path.stem.rstrip("_")] = first
    order = (
        "demo",
        "init",
        "draft",
        "review",
        "advise",
        "check",
        "run",
        "report",
        "price",
        "compare",
        "gate",
        "ask",
        "index",
        "forget",
        "tune",
        "merge",
        "export",
        "list",
    )
    return {name: found[name] for name in [*order, *sorted(set(found) - set(order))]}


@cache
def command(name: str) -> Any:
    """One command, imported."""
    module = next(
        path.stem for path in Path(__file__).parent.glob("*.py") if path.stem.rstrip("_") == name
    )
    single = typer.Typer(
        add_completion=False, context_settings={"help_option_names": ["-h", "--help"]}
    )
    single.command(name)(import_module(f"suffice.cli.{module}").command)
    return typer.main.get_command(single)


def main(arguments: list[str] | None = None) -> None:
    """The entry point: runs a command and turns every known error into one clear message."""
    given = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in given
    read_dotenv(Path(".env"))
    gc.set_threshold(100_000)  # records hold no cycles: looking for some took a tenth of a run
    try:
        code = app()(
            args=[word for word in given if word != "--debug"] or ["--help"],
            prog_name="suffice",
            standalone_mode=False,
        )
    except SufficeError as error:
        if debug:
            raise
        show_error(str(error))
        code = error.exit_code
    except UsageProblem as error:
        said = error.format_message().replace("Value error, ", "")  # as the library begins each
        show_error(f"{said}\nTry: suffice --help")
        code = UsageError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except (BrokenPipeError, SystemExit):  # the reader of a help page has left: `| head`
        discard_results()
        code = 0
    if code == INTERRUPTED:  # the parser turns Ctrl-C into this code itself
        show_error("Stopped. What was answered is kept: the same command goes on from here.")
    sys.exit(code or 0)
