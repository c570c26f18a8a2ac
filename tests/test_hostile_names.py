"""Names in a model file are a stranger's: none of them may reach a compiler, a shell, a page or a terminal raw."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.e2e.tool import tinyc
from tests.modelgen import ModelWriter
from tinyc.codegen import generate
from tinyc.frontends import load_tflite
from tinyc.frontends.source import ModelFile
from tinyc.options import Options, banner
from tinyc.plain import LONGEST, plain, printable
from tinyc.schedule import plan_layers
from tinyc.target.boards import Board, load_board

RUN = '__attribute__((constructor)) static void f(void) { system("touch /tmp/tinyc_was_here"); }'
HOSTILE = (
    f"*/ {RUN} /*",
    f"*/\n{RUN}\n/*",
    f"*\\\n/ {RUN} /*",
    f"*??/\n/ {RUN} /*",
    f"*/{RUN}//",
    f"**/ {RUN} /**",
    f"*/*/ {RUN} /*/*",
    f"*\x00/ {RUN}",
    f"*\u200b/ {RUN}",
    f"\u2217/ {RUN}",
    f"*\u2028/ {RUN}",
    f"\r\n*/\r\n{RUN}",
    f"a\\\n*/ {RUN}",
    f"'; */ {RUN}",
    f"{'x' * 76}*/ {RUN}",
    f"{'x' * 77}*/ {RUN}",
    f"{'/' * 200}*/",
    "*/ asm(\".incbin \\\"/etc/passwd\\\"\"); /*",
    "*/\n#include \"/etc/passwd\"\n/*",
    "*/\n#pragma GCC poison int\n/*",
    "*/\n#error stopped\n/*",
    "%:include </etc/passwd>",
    "??=include </etc/passwd>",
    "// \\",
    "/* /* /*",
    "\\",
    "ends in a backslash\\",
    "$(shell touch /tmp/tinyc_was_here)",
    "`touch /tmp/tinyc_was_here`",
    "\n\t@touch /tmp/tinyc_was_here",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "${CURDIR}    Run Process    touch    /tmp/tinyc_was_here",
    "\x1b[2J\x1b]0;owned\x07",
    "\x1b]8;;http://example.com\x1b\\click\x1b]8;;\x1b\\",
    "\u202ereversed\u202c",
    "[red]bold[/red] [link=file:///etc/passwd]x[/link]",
    "\nerror: everything is fine\nhint: run this",
    "n" * 100_000,
)  # fmt: skip


def model(name: str) -> bytes:
    """Two ops; every tensor is called `name`."""
    writer = ModelWriter(name)
    x = writer.tensor((1, 2, 2, 3), scale=0.5)
    mid = writer.tensor((1, 2, 2, 3), scale=0.25)
    out = writer.tensor((1, 12), scale=0.25)
    shape = writer.constant([1, 12])
    writer.op("RELU", (x,), (mid,))
    writer.op("RESHAPE", (mid, shape), (out,), new_shape=[1, 12])
    for index, spec in enumerate(writer.tensors):
        object.__setattr__(spec, "name", name if index != shape else "shape")
    return writer.finish((x,), (out,))


def sources(name: str, board: Board) -> dict[str, str]:
    """The firmware of a model whose file, tensors and command line are called `name`."""
    data = model(name)
    graph = load_tflite(data, f"{name}.tflite", "litert")
    options = Options(board, command=f"tinyc compile {name}.tflite")
    head = banner(ModelFile(Path(name.replace("/", "_").replace("\0", "_")), data, "0" * 64), options)
    return generate(plan_layers(graph, board.isa), board, "m", "resident", head)


def without_names(path: str, text: str) -> str:
    """As a compiler, make, the linker or Renode sees it, with tensors by number."""
    if path.endswith((".c", ".h", ".ld", ".S")):
        text = text.replace("\\\n", "")
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
        for number, name in enumerate(
            re.findall(r"^    (m_[a-z0-9_]{1,40}) = \d+, +$", text, flags=re.MULTILINE)
        ):
            text = re.sub(rf"\b{name}\b", f"tensor{number}", text)
        return text
    if path.endswith(".json"):
        return json.dumps({key: value for key, value in json.loads(text).items() if key != "banner"})
    return "\n".join(line for line in text.split("\n") if not line.startswith("#"))


@pytest.mark.parametrize("board", ["host", "stm32f4-discovery"])
@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_sources_are_those_of_a_harmless_name(name: str, board: str) -> None:
    target = load_board(board)
    harmless, hostile = sources("harmless", target), sources(name, target)
    assert hostile.keys() == harmless.keys()
    for path, text in hostile.items():
        assert without_names(path, text) == without_names(path, harmless[path]), path


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_sources_compile_without_a_warning(name: str, tmp_path: Path) -> None:
    """-Wcomment and -Wtrigraphs: no comment is opened or continued by a name."""
    for path, text in sources(name, load_board("host")).items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    flags = ("-std=c11", "-trigraphs", "-Wall", "-Wextra", "-Werror", "-I.", "-Iruntime/include")
    subprocess.run(("gcc", *flags, "-fsyntax-only", "m.c", "m_weights.c"), cwd=tmp_path, check=True)


@pytest.mark.parametrize("name", HOSTILE[-12:], ids=range(12))
def test_terminal_and_page_show_the_name_and_obey_nothing(name: str, tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(model(name))
    page = tmp_path / "m.html"
    done = tinyc("report", file, "--board", "cortex-m4", "--html", page)
    if done.status != 0:
        done = tinyc("report", file, "--board", "host", "--html", page)
    assert done.status == 0, done.err
    shown = done.out + done.err + page.read_text()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)
    assert "<img" not in page.read_text()
    assert page.read_text().count("</script>") == 3  # data, map, tables


def test_errors_name_a_hostile_node_in_one_line(tmp_path: Path) -> None:
    writer = ModelWriter()
    x = writer.tensor((1, 4), scale=0.5)
    out = writer.tensor((1, 4), scale=0.5)
    writer.op("COS", (x,), (out,))
    object.__setattr__(writer.tensors[out], "name", "y\x1b[2J\nhint: run this")
    file = tmp_path / "m.tflite"
    file.write_bytes(writer.finish((x,), (out,)))
    done = tinyc("report", file, "--board", "host")
    assert done.status == 2
    assert "\x1b" not in done.err
    assert "\nhint: run this" not in done.err


@given(st.text())
def test_plain_text_ends_no_comment(text: str) -> None:
    safe = plain(text)
    assert len(safe) <= LONGEST
    assert re.fullmatch(r"[A-Za-z0-9_.,:;/+=()\[\]@ -]*", safe)
    assert "//" not in safe


@given(st.text())
def test_printable_text_is_printable(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)


def test_harmless_names_stay_what_they_are() -> None:
    name = "model/re_lu_1/Relu6;model/batch_norm:0 (a+b=c) [1, 2]"
    assert plain(name) == printable(name) == name
    assert np.all([printable(c) == c for c in "äöü漢字✓"])


def test_what_is_too_long_ends_after_a_whole_word() -> None:
    assert plain("model/conv2d_11/Relu;model/bias", 22) == "model/conv2d_11..."
    assert plain("x" * 30, 24) == "x" * 21 + "..."
