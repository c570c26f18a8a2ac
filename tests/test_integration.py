"""docs/integration.md: its application is built as the page says and run, and its macros do what they say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.tool import make, tinyc
from tinyc.compiler import load

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "integration.md").read_text(encoding="utf-8")
APP = next(block for block in re.findall(r"```c\n(.*?)```", PAGE, re.DOTALL) if "app.c" in block)
NAMES = ("digits", "letters")
MAIN = """
#include <stdio.h>
void app_start(void);
const unsigned char *app_look(const signed char *image);
int main(void)
{
    static signed char image[64];
    app_start();
    while (fread(image, 1, sizeof image, stdin) == sizeof image) {
        fwrite(app_look(image), 1, 2, stdout);
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, digits: Path) -> Path:
    """Both networks of the page: one trained on digits, and for want of another the same, planned row by row."""
    place = tmp_path_factory.mktemp("integration")
    for name, goal in zip(NAMES, ("speed", "ram"), strict=True):
        options = ("--board", "host", "--name", name, "--optimize", goal)
        assert tinyc("compile", digits, *options, "-o", place / name).status == 0
    return place


def test_application_of_the_page_shares_one_arena(folders: Path, digits: Path, tmp_path: Path) -> None:
    commands = re.findall(r"^make -C (\w+) lib EXTRA_CFLAGS=(\S+)$", PAGE, re.MULTILINE)
    assert [name for name, _ in commands] == list(NAMES)
    for name, macro in commands:
        assert make(folders / name, "lib", f"BUILD={tmp_path / name}", f"EXTRA_CFLAGS={macro}").status == 0
    (tmp_path / "app.c").write_text(APP)
    (tmp_path / "main.c").write_text(MAIN)
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *(macro for _, macro in commands)]
    includes = [f"-I{folders / name / sub}" for name in NAMES for sub in ("", "runtime/include")]
    libraries = [str(tmp_path / name / f"lib{name}.a") for name in NAMES]
    program = tmp_path / "app"
    sources = (str(tmp_path / "app.c"), str(tmp_path / "main.c"))
    built = subprocess.run(
        ("gcc", *flags, *includes, *sources, *libraries, "-lm", "-o", str(program)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    images = np.load(digits.with_suffix(".npz"))["in0"]
    ran = subprocess.run([program], input=images.tobytes(), capture_output=True, check=True)
    network = load(digits)
    wanted = [int(np.argmax(network(image[None]))) for image in images]
    assert np.frombuffer(ran.stdout, np.uint8).reshape(-1, 2).tolist() == [[w, w] for w in wanted]


@pytest.mark.parametrize(
    ("macro", "bytes_of_arena"),
    [("", True), ("-DDIGITS_EXTERNAL_ARENA", False), ("-DDIGITS_SET_ARENA", False)],
)
def test_macros_leave_the_arena_to_the_application(
    macro: str, bytes_of_arena: bool, folders: Path, tmp_path: Path
) -> None:
    assert make(folders / "digits", "lib", f"BUILD={tmp_path}", f"EXTRA_CFLAGS={macro}").status == 0
    listed = subprocess.run(
        ("nm", "-S", str(tmp_path / "libdigits.a")), capture_output=True, text=True, check=True
    )
    defined = re.findall(r"^\w+ (\w+) [BbCcDd] digits_arena$", listed.stdout, re.MULTILINE)
    size = int(re.findall(r"ARENA_BYTES (\d+)", (folders / "digits/digits.h").read_text())[0])
    held = sum(int(n, 16) for n in defined)
    assert (held == size) == bytes_of_arena
    assert held in (0, 8, size)
    assert (" T digits_set_arena" in listed.stdout) == ("SET" in macro)
