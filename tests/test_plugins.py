"""Plug-ins: a file in a folder or an entry point, found without any other change."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import suffice
from suffice import plugins
from suffice.errors import UsageError
from suffice.plugins import FOLDERS

PACKAGE = Path(suffice.__file__).parent
HEAVY = ("torch", "transformers", "sentence_transformers", "openai", "anthropic", "scipy")


def process(code: str, *paths: Path, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Runs code with these folders before everything else on the path."""
    path = os.pathsep.join(map(str, [*paths, PACKAGE.parent]))
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": path, "COLUMNS": "200"},
    )


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package that a test may add files to."""
    ignore = shutil.ignore_patterns("__pycache__", "studies", "weights")
    shutil.copytree(PACKAGE, tmp_path / "src" / "suffice", ignore=ignore)
    return tmp_path / "src"


def provide(folder: Path, entry: str, module: str) -> None:
    """An installed distribution, as pip leaves it: its metadata and its module."""
    info = folder / "others-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(entry)
    (folder / "others.py").write_text(module)


class TestOwnFiles:
    @pytest.mark.parametrize("kind", FOLDERS)
    def test_every_kind_has_some(self, kind: str) -> None:
        """Each with a name as one types it and a sentence."""
        found = plugins.plugins(kind)
        assert found
        for plugin in found:
            assert "_" not in plugin.name
            assert 10 < len(plugin.summary) < 200
            assert "\n" not in plugin.summary

    def test_a_new_file_is_found(self, copied: Path, tmp_path: Path) -> None:
        """Dropped into its folder it is listed, suggested and loaded; nothing else is changed."""
        (copied / "suffice" / "evaluate" / "metrics" / "no_shouting.py").write_text(
            '"""No word in capitals:\nnobody likes it.\n\nMore."""\n\ndef create():\n    pass\n'
        )
        code = (
            "from suffice import plugins\n"
            "found = [p for p in plugins.plugins('metric') if p.name == 'no-shouting']\n"
            "print(found[0].summary, found[0].module, plugins.load('metric', 'no-shouting')())\n"
        )
        ended = process(code, copied, cwd=tmp_path)
        assert ended.stdout.strip() == (
            "No word in capitals: nobody likes it. suffice.evaluate.metrics.no_shouting None"
        ), ended.stderr

    def test_a_file_without_create_is_a_neighbour(self, copied: Path, tmp_path: Path) -> None:
        """Parts that plug-ins share stand beside them and are not listed."""
        (copied / "suffice" / "rungs" / "shared.py").write_text('"""Shared."""\n')
        code = "from suffice import plugins\nprint(plugins.names('rung'))"
        assert "shared" not in process(code, copied, cwd=tmp_path).stdout

    def test_listing_imports_none_of_them(self, tmp_path: Path) -> None:
        """Every kind is listed, and neither a plug-in nor what it needs has been imported."""
        code = (
            "import sys\nfrom suffice import plugins\n"
            "modules = [p.module for kind in plugins.FOLDERS for p in plugins.plugins(kind)]\n"
            f"loaded = set(sys.modules) & {{*modules, *{HEAVY!r}}}\n"
            "print(len(modules), sorted(loaded))"
        )
        ended = process(code, PACKAGE.parent, cwd=tmp_path)
        count, _, loaded = ended.stdout.strip().partition(" ")
        assert int(count) > 20, ended.stderr
        assert loaded == "[]"


class TestLoading:
    def test_an_unknown_name_is_told_with_the_near_one(self) -> None:
        """And with all that there are."""
        with pytest.raises(UsageError, match=r"no metric 'exat'; did you mean 'exact'\?; known: "):
            plugins.load("metric", "exat")

    def test_a_name_is_typed_with_hyphens(self) -> None:
        """json_schema.py is json-schema."""
        assert plugins.load("metric", "json-schema").__name__
        with pytest.raises(UsageError):
            plugins.load("metric", "json_schema")

    @pytest.mark.parametrize(
        ("package", "command"),
        [("torch", "pip install 'suffice[local]'"), ("unheard_of", "pip install unheard-of")],
    )
    def test_what_is_not_installed_is_named_with_the_command(
        self, package: str, command: str, copied: Path, tmp_path: Path
    ) -> None:
        """The extra that brings it, where one does."""
        (copied / "suffice" / "models" / "wishful.py").write_text(
            f'"""Wishes."""\n\nimport {package}\n\ndef create(name, options):\n    pass\n'
        )
        code = (
            "import importlib.abc, sys\n"
            "class Missing(importlib.abc.MetaPathFinder):\n"
            "    def find_spec(self, name, path, target=None):\n"
            f"        if name == {package!r}:\n"
            f"            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)\n"
            "sys.meta_path.insert(0, Missing())\n"
            "from suffice import plugins\nfrom suffice.errors import MissingExtra\n"
            "try:\n    plugins.load('model', 'wishful')\n"
            "except MissingExtra as error:\n    print(error)"
        )
        said = process(code, copied, cwd=tmp_path).stdout
        assert f"the model 'wishful' needs {package.replace('_', '-')}" in said
        assert command in said


class TestEntryPoints:
    LIST = (
        "from suffice import plugins\n"
        "for p in plugins.plugins('metric'):\n"
        "    if p.package != 'suffice':\n        print(p.name, p.package, p.summary)\n"
    )

    def test_another_package_s_is_found(self, tmp_path: Path) -> None:
        """Its metadata names it; its docstring is read, its module is not imported to list it."""
        entry = "[suffice.metric]\nkindness = others\n"
        module = '"""How kind it is."""\nprint("imported")\ndef create():\n    return "kind"\n'
        provide(tmp_path, entry, module)
        ended = process(self.LIST, tmp_path, cwd=tmp_path)
        assert ended.stdout == "kindness others How kind it is.\n", ended.stderr
        code = "from suffice import plugins\nprint(plugins.load('metric', 'kindness')())"
        assert process(code, tmp_path, cwd=tmp_path).stdout == "imported\nkind\n"

    def test_ours_cannot_be_taken_over(self, tmp_path: Path) -> None:
        """A package that calls its own metric `exact` does not replace ours."""
        provide(tmp_path, "[suffice.metric]\nexact = others\n", '"""Not exact."""\n')
        assert process(self.LIST, tmp_path, cwd=tmp_path).stdout == ""

    @pytest.mark.parametrize("target", ["gone.away", "gone", "others.nothing"])
    def test_one_that_is_broken_breaks_no_other(self, target: str, tmp_path: Path) -> None:
        """A half-removed package costs its own plug-in: the others are listed and loaded."""
        provide(tmp_path, f"[suffice.metric]\nghost = {target}\n", '"""Others."""\n')
        code = (
            "from suffice import plugins\nfrom suffice.errors import SufficeError\n"
            "print('exact' in plugins.names('metric'), bool(plugins.load('metric', 'exact')))\n"
            "try:\n    plugins.load('metric', 'ghost')\n"
            "except SufficeError as error:\n    print('told:', error)\n"
        )
        ended = process(code, tmp_path, cwd=tmp_path)
        assert ended.stdout.startswith("True True\ntold: the metric 'ghost' needs"), ended.stderr
