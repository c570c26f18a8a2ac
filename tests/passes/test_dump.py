"""What `tinyc compile --dump` writes."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.tool import tinyc
from tests.schedule.networks import network
from tinyc.ir import to_text
from tinyc.ir.dot import to_dot
from tinyc.passes import ALL, optimize
from tinyc.passes.dump import dump_into


def test_every_pass_is_shown_in_order(tmp_path: Path) -> None:
    seen: list[str] = []
    graph = optimize(network(0), lambda name, _: seen.append(name))
    assert seen == ["read", *(each.__name__ for each in ALL)]
    optimize(network(0), dump_into(tmp_path))
    texts = sorted(p.name for p in tmp_path.glob("*.txt"))
    assert texts == [f"{i:02}_{name}.txt" for i, name in enumerate(seen)]
    assert (tmp_path / texts[-1]).read_text() == to_text(graph)
    assert (tmp_path / texts[-1].replace(".txt", ".dot")).read_text() == to_dot(graph)


def test_dot_has_a_node_per_op_and_an_edge_per_tensor_read() -> None:
    graph = network(0)
    text = to_dot(graph)
    assert text.count(' [label="') - text.count(" -> ") == len(graph.ops)
    assert text.count(" -> ") == sum(len(graph.activations(op)) for op in graph.ops) + len(graph.outputs)
    assert text.count("{") == text.count("}") == 1


def test_the_option_writes_the_folder(digits: Path, tmp_path: Path) -> None:
    done = tinyc(
        "compile", digits, "--board", "host", "-o", tmp_path / "out", "--dump", tmp_path / "dump", "--quiet"
    )
    assert done.status == 0, done.err
    assert (tmp_path / "dump" / "00_read.txt").read_text().startswith("graph ")
    assert len(list((tmp_path / "dump").iterdir())) == 2 * (len(ALL) + 1)
