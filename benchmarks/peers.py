"""The same models by TFLite Micro with CMSIS-NN: what it needs next to tinyc.

Its figures were measured in November 2026 like ours: mid-2026 sources, minimal op resolver, GCC 12.2 -O3, one inference
in QEMU with -icount shift=0. RAM is the arena that it reports as used, its stack, and data and bss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tinyc.runner import RunResult

BEGIN, END = "<!-- peers: written by benchmarks/run.py -->\n", "<!-- end of peers -->"


@dataclass(frozen=True)
class Peer:
    """Bytes of RAM; instructions on mps2-an386 and mps3-an547."""

    ram: int
    m4: int
    m55: int


TFLM_CMSIS_NN = {
    "vww_96_int8": Peer(100_708 + 980 + 1_536, 24_101_516, 6_433_084),
    "resnet8_int8": Peer(54_996 + 948 + 1_536, 29_863_253, 4_810_856),
    "kws_int8": Peer(22_820 + 980 + 1_536, 7_698_755, 1_786_206),
    "ad01_int8": Peer(2_580 + 708 + 272, 582_252, 149_891),
    "sww_int8": Peer(16_596 + 816 + 1_496, 2_225_767, 407_296),
    "person_detect": Peer(82_308 + 1_036 + 1_496, 22_928_047, 6_382_864),
    "mcunet_vww": Peer(219_808 + 980 + 560, 48_549_409, 11_829_253),
}


def _keys(model: str) -> tuple[tuple[str, str, str], ...]:
    return (
        (model, "mps2-an386", "resident"),
        (model, "mps2-an386", "rows"),
        (model, "mps3-an547", "resident"),
    )


def missing_peers(found: Mapping[tuple[str, str, str], RunResult]) -> list[str]:
    """Models of the table that were not run on all of its boards."""
    return [model for model in TFLM_CMSIS_NN if not all(key in found for key in _keys(model))]


def peer_table(found: Mapping[tuple[str, str, str], RunResult]) -> list[str]:
    """Lines of Markdown. found: by model, board and input mode."""
    lines = [
        "| | RAM: TFLM | tinyc | image by rows | M4: TFLM | tinyc | M55: TFLM | tinyc |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for model, peer in TFLM_CMSIS_NN.items():
        resident, rows, m55 = (found[key] for key in _keys(model))
        cells = (
            f"{peer.ram:,}", f"**{resident.report['ram']['total']:,}**", f"{rows.report['ram']['total']:,}",
            millions(peer.m4), f"**{millions(resident.json['instructions'])}**",
            millions(peer.m55), f"**{millions(m55.json['instructions'])}**",
        )  # fmt: skip
        lines.append(f"| {model} | " + " | ".join(cells) + " |")
    return lines


def millions(instructions: int) -> str:
    return f"{instructions / 1e6:.2f} M"


def put_into(page: Path, lines: list[str], marks: tuple[str, str] = (BEGIN, END)) -> None:
    """Replace what stands between the marks in a Markdown file."""
    begin, end = marks
    before, _, rest = page.read_text().partition(begin)
    page.write_text(before + begin + "\n" + "\n".join(lines) + "\n\n" + end + rest.partition(end)[2])
