"""Files that are valid but unusual: both references run them, and so do we."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter, Part, file_of
from tests.ops.agree import BOTH, check, model
from tinyc.compiler import load
from tinyc.errors import ModelError, UsageError
from tinyc.frontends import load_tflite
from tinyc.frontends.source import read_model
from tinyc.ops.copy import Copy
from tinyc.options import Options
from tinyc.passes import optimize
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

Built = tuple[list[int], list[int]]
QUANT = (0.1, 3)


def convolution(w: ModelWriter, x: int, outputs: int = 3, axis: int = 0) -> int:
    """A 3x3 convolution of an image, per channel."""
    depth = w.tensors[x].shape[3]
    rng = np.random.default_rng(5)
    scales = rng.uniform(0.005, 0.02, outputs).tolist()
    weights = w.tensor(
        (outputs, 3, 3, depth), "int8", scales, [0] * outputs, data=rng.integers(-127, 128, (outputs, 3, 3, depth)),
        axis=axis,
    )  # fmt: skip
    bias = w.tensor(
        (outputs,), "int32", [0.1 * s for s in scales], [0] * outputs, data=rng.integers(-500, 500, outputs)
    )
    y = w.tensor((*w.tensors[x].shape[:3], outputs), "int8", 0.2, -5)
    w.op("CONV_2D", [x, weights, bias], [y], stride_h=1, stride_w=1)
    return y


def image(w: ModelWriter, *shape: int) -> int:
    return w.tensor(shape or (1, 6, 5, 2), "int8", *QUANT)


def run_exact(data: bytes, folder: Path, *, layers: bool = False, **options: object) -> None:
    """Compile for the host, run, and compare with the judge."""
    file = folder / "odd.tflite"
    file.write_bytes(data)
    chosen = Options(load_board("host"), **options)  # type: ignore[arg-type]
    result = run_model(file, chosen, Samples(3, 1), layers=layers)
    assert result.json["bit_exact"]
    assert result.json["judge"] != "stored"
    assert not any(layer.differing for layer in result.layers)


def constant_output(w: ModelWriter) -> Built:
    x = image(w)
    return [x], [convolution(w, x), w.tensor((1, 4), "int8", 0.5, 1, data=[1, -2, 3, 127])]


def computed_constant(w: ModelWriter) -> Built:
    """An output of an operator that reads constants alone."""
    x = image(w)
    c, y = w.tensor((1, 4), "int8", 0.5, 1, data=[1, -2, 3, 127]), w.tensor((1, 4), "int8", 0.5, 1)
    w.op("RELU", [c], [y])
    return [x], [convolution(w, x), y]


def float_constant(w: ModelWriter) -> Built:
    x = image(w)
    return [x], [convolution(w, x), w.tensor((3,), "float32", data=[1.5, -2.25, 1e-3])]


def input_is_output(w: ModelWriter) -> Built:
    x = image(w)
    return [x], [convolution(w, x), x]


def output_twice(w: ModelWriter) -> Built:
    x = image(w)
    y = convolution(w, x)
    return [x], [y, y]


def output_and_its_reader(w: ModelWriter) -> Built:
    """One output is read on, and twice an output."""
    x = image(w)
    y = convolution(w, x)
    return [x], [y, convolution(w, y), y]


def input_twice(w: ModelWriter) -> Built:
    x = image(w)
    return [x, x], [convolution(w, x)]


def views(w: ModelWriter) -> Built:
    x = w.tensor((1, 6, 4), "int8", *QUANT)
    found = []
    for shape in ([1, 24], [1, 4, 6]):
        found.append(w.tensor(shape, "int8", *QUANT))
        w.op("RESHAPE", [x, w.constant(shape)], [found[-1]], new_shape=shape)
    return [x], [*found, x]


def views_of_a_layer(w: ModelWriter) -> Built:
    x = image(w, 1, 4, 4, 2)
    y = convolution(w, x)
    z, flat = w.tensor((1, 48), "int8", 0.2, -5), w.tensor((1, 48), "int8", 0.2, -5)
    w.op("RESHAPE", [y, w.constant([1, 48])], [flat], new_shape=[1, 48])
    w.op("RELU", [flat], [z])
    return [x], [flat, z, y]


def unread(w: ModelWriter) -> Built:
    x = image(w)
    convolution(w, x, outputs=5)
    return [x], [convolution(w, x)]


def unread_and_unknown(w: ModelWriter) -> Built:
    """MULTINOMIAL is in no reader's list, and no output depends on it."""
    x = image(w)
    w.op("MULTINOMIAL", [x, w.constant(1)], [w.tensor((1, 5, 2), "int32")])
    return [x], [convolution(w, x)]


def other_dimension(w: ModelWriter) -> Built:
    """Scales of dimension 3, as many as there are output channels."""
    x = image(w, 1, 6, 5, 4)
    return [x], [convolution(w, x, outputs=4, axis=3)]


@pytest.mark.parametrize(
    "build",
    [
        constant_output, computed_constant, float_constant, input_is_output, output_twice, output_and_its_reader,
        input_twice, views, views_of_a_layer, unread, other_dimension,
    ],
)  # fmt: skip
def test_runs_exactly(build: Callable[[ModelWriter], Built], tmp_path: Path) -> None:
    check(model(build), "tflm")
    run_exact(model(build), tmp_path, layers="constant" in build.__name__)


def test_rows_of_an_input_that_is_an_output(tmp_path: Path) -> None:
    run_exact(model(input_is_output), tmp_path, input_mode="rows")


def test_a_constant_output_is_copied() -> None:
    graph = optimize(load_tflite(model(computed_constant), "m.tflite", "litert"))
    assert [type(op) for op in graph.ops].count(Copy) == 1


def test_what_nobody_reads_is_not_looked_at() -> None:
    assert [op.kind for op in load_tflite(model(unread_and_unknown), "m.tflite", "litert").ops] == ["conv2d"]


def test_wide_items_at_odd_multiples_of_4(tmp_path: Path) -> None:
    w = ModelWriter()
    x = image(w)
    data = file_of([Part(w, (x,), (convolution(w, x),))], misaligned=True)
    run_exact(data, tmp_path)


def test_one_zero_point_for_many_scales(tmp_path: Path) -> None:
    """LiteRT rejects the file, TFLM takes the zero point for all."""
    w = ModelWriter()
    x = image(w)
    y = convolution(w, x)
    weights = w.ops[0].inputs[1]
    w.tensors[weights] = type(w.tensors[weights])(**{**vars(w.tensors[weights]), "zero_points": (0,)})
    graph = check(w.finish([x], [y]), "litert")
    assert graph.reference == "tflm"


def behind() -> bytes:
    w = ModelWriter()
    x = image(w)
    return w.finish([x], [convolution(w, x)], external=True)


def test_constants_behind_the_flatbuffer(tmp_path: Path) -> None:
    run_exact(behind(), tmp_path)


def test_constants_that_are_cut_off() -> None:
    with pytest.raises(ModelError, match=r"a constant of 12 bytes at \d+ is behind the end") as caught:
        load_tflite(behind()[:-8], "m.tflite", "litert")
    assert "cut short" in caught.value.hint


def test_tflm_does_not_look_behind_the_flatbuffer() -> None:
    with pytest.raises(ModelError, match=r"lies behind the flatbuffer, where TFLM does not look \(tflm\)"):
        load_tflite(behind(), "m.tflite", "tflm")


def parts(*signatures: str) -> bytes:
    """Subgraphs with more and more output channels."""
    found = []
    for number, signature in enumerate(signatures):
        w = ModelWriter()
        x = image(w, 1, 4, 3, 2)
        found.append(Part(w, (x,), (convolution(w, x, outputs=number + 1),), signature))
    return file_of(found)


def test_subgraphs_that_nobody_calls(tmp_path: Path) -> None:
    run_exact(parts("", ""), tmp_path)
    run_exact(parts("only", ""), tmp_path)


@BOTH
@pytest.mark.parametrize(("signature", "channels"), [("first", 1), ("second", 2), ("third", 3)])
def test_signatures(signature: str, channels: int, reference: str, tmp_path: Path) -> None:
    file = tmp_path / "several.tflite"
    file.write_bytes(parts("first", "second", "third"))
    chosen = read_model(file, signature)
    assert check(chosen.data, reference).outputs[0].type.shape == (1, 4, 3, channels)
    assert chosen.sha256 == read_model(file, "first").sha256


def test_signatures_in_the_interpreter_itself(tmp_path: Path) -> None:
    """What the chosen subgraph computes is what LiteRT's signature runner computes of the whole file."""
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    data = parts("first", "second")
    file = tmp_path / "several.tflite"
    file.write_bytes(data)
    x = np.random.default_rng(2).integers(-128, 128, (1, 4, 3, 2), dtype=np.int8)
    resolver = interpreters.OpResolverType.BUILTIN_REF
    interpreter = interpreters.Interpreter(model_content=data, experimental_op_resolver_type=resolver)
    expected = interpreter.get_signature_runner("second")(x0=x)["y0"]
    assert np.array_equal(load(file, signature="second")(x), expected)


def test_a_signature_has_to_be_chosen(tmp_path: Path) -> None:
    file = tmp_path / "several.tflite"
    file.write_bytes(parts("first", "second"))
    with pytest.raises(ModelError, match=r"the file has 2 signatures: first, second") as asked:
        read_model(file)
    assert "--signature first" in asked.value.hint
    with pytest.raises(UsageError, match="has no signature 'third'") as caught:
        read_model(file, "third")
    assert "first, second" in caught.value.hint


def test_a_signature_of_a_subgraph_that_is_not_there() -> None:
    w = ModelWriter()
    x = image(w)
    part = Part(w, (x,), (convolution(w, x),), "first", graph=7)
    with pytest.raises(ModelError, match="a signature names subgraph 7 of 1"):
        load_tflite(file_of([part]), "m.tflite", "litert")
