"""Documents that can drift are held to the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

import tinyc
from benchmarks import packed, ternary, ternary_networks
from benchmarks.pages import put_rows
from tests.stub_model import needs_qemu
from tests.test_layering import ALLOWED, BASE, LINES
from tinyc.cli import run
from tinyc.cli.commands import app
from tinyc.frontends.tflite.operators import OPERATORS
from tinyc.target.boards import board_names
from tinyc.target.tools import tool_version

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "boards/**/*.md", "examples/**/*.md")
    for page in ROOT.glob(pattern)
)


def test_operators_are_in_the_order_of_names() -> None:
    kinds = [operator.kind for operator in OPERATORS]
    assert kinds == sorted(set(kinds))


def test_supported_ops_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ops", "--markdown"]) == 0
    page = (ROOT / "docs" / "supported_ops.md").read_text(encoding="utf-8")
    assert page == capsys.readouterr().out, "run `make docs`"


def test_layers_in_the_docs_are_those_that_are_enforced() -> None:
    section = (
        (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## Who may import")[2]
    )
    rows = re.findall(r"^\| (`.*) \| (.*) \|$", section.partition("\n\n`memory`")[0], re.MULTILINE)
    told = {part: set(words(seen)) for parts, seen in rows for part in words(parts)}
    assert told.keys() >= ALLOWED.keys() - BASE - {"__main__"}
    known = ALLOWED.keys() | LINES
    for part in told.keys() & ALLOWED.keys():
        assert told[part] & known - {part} == ALLOWED[part] - BASE - {part}, part


def words(cell: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`(\w+)`", cell)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_named_files_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    files = re.findall(
        r"`((?:tinyc|docs|tests|runtime|templates|boards|scripts|examples|benchmarks)/[\w/.-]+)`", text
    )
    missing = [link for link in links if not (page.parent / link).exists()]
    missing += [file for file in files if not (ROOT / file).exists() and not file.startswith("tinyc/_data")]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_rows_have_the_cells_of_their_table(page: Path) -> None:
    for table in re.findall(r"^\|.*\n\|-(?:.*\n\|)*.*", page.read_text(encoding="utf-8"), re.MULTILINE):
        first, *rows = (re.sub(r"\\\||`[^`]*`", "", line).count("|") for line in table.splitlines())
        assert set(rows) == {first}, table


@pytest.mark.parametrize("head", [ternary.HEAD, packed.HEAD, ternary_networks.HEAD])
def test_a_benchmark_finds_its_table(head: str) -> None:
    page = ternary.PAGE.read_text(encoding="utf-8")
    assert len(re.findall(rf"^{re.escape(head)}", page, re.MULTILINE)) == 1


def test_rows_are_put_into_the_table_that_is_meant(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    tables = "| layer | a |\n|---|--:|\n| x | 1 |\n\n| layer | b |\n|---|--:|\n| y | 2 |\n"
    page.write_text(tables)
    put_rows(page, "| layer | b", ["| y | 3 |", "| z | 4 |"])
    assert page.read_text() == tables.replace("| y | 2 |", "| y | 3 |\n| z | 4 |")
    for head, row in (("| layer |", "| y | 3 |"), ("| layer | a", "| y | 3 | 4 |"), ("| other", "| y | 3 |")):
        with pytest.raises(ValueError, match=r"page\.md"):
            put_rows(page, head, [row])


def test_readme_names_every_board_and_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in readme for name in board_names())
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert {"compile", "run", "report", "quantize", "export"} < set(commands)
    assert all(f"tinyc {command}" in readme for command in commands)


def test_every_room_has_its_line() -> None:
    """A folder or loose module of tinyc, in the table of rooms; a file of numerics, in the table of rules."""
    rooms = (
        (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("What each room is for")[2]
    )
    told = set(words("".join(re.findall(r"^\| (.*?) \|", rooms, re.MULTILINE))))
    assert ALLOWED.keys() | LINES <= told | BASE | {"__main__"}
    rules = (ROOT / "docs" / "numerics.md").read_text(encoding="utf-8").partition("## Where")[0]
    files = {f"`{path.name}`" for path in (ROOT / "tinyc" / "numerics").glob("[a-z]*.py")}
    assert files == set(re.findall(r"`\w+\.py`", rules))


@needs_qemu
@pytest.mark.emulator
def test_readme_session_is_still_true(
    digits: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To 5 %, so that not every kernel change is a change of the README; exact numbers are GCC 12's."""
    monkeypatch.setenv("COLUMNS", "120")
    if not (tool_version("arm-none-eabi-gcc") or "").partition(") ")[2].startswith("12."):
        pytest.skip("the README's numbers are those of GCC 12")
    line = ["run", str(digits), "--board", "mps2-an386", "--inputs", str(digits.with_suffix(".npz"))]
    assert run(line) == 0
    told = capsys.readouterr().out.splitlines()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("$ tinyc run digits.tflite")[2].splitlines()[1:]
    for line, expected in zip(shown, told, strict=False):
        assert numbers(line) == pytest.approx(numbers(expected), rel=0.05), "run `make docs`"


def numbers(line: str) -> list[float]:
    """The numbers with a thousands separator or a decimal point."""
    return [float(text.replace(",", "")) for text in re.findall(r"\d[\d,]*[.,]\d+", line)]


def test_changelog_tells_of_this_version() -> None:
    assert f"## {tinyc.__version__} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
