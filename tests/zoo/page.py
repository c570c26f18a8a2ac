"""What was found of networks, as the page benchmarks/ZOO.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.zoo.check import Found
from tests.zoo.networks import PROMISED, forms
from tinyc.verify import near

_HEAD = f"""# Networks of PyTorch, exported to ONNX

Written by `python -m tests.zoo`. Architectures of `timm` with convolutions only, at 64x64 or 96x96, 10 classes, with
random weights and signals of the size of 1.

- *Export*: by `torch.onnx.export` with `dynamo=False` ("torchscript") or `dynamo=True`, and the opset.
- *Transposes*: what is left of the file's.
- *Float error*: the largest difference of the generated float32 C, run on this computer, from ONNX Runtime's run of the
  file, as a share of the largest output. The bound is {near.BOUND:.0e} (docs/numerics.md).
- *INT8*: quantized by `--effort fast` from four random images. "Exact" is every output byte as LiteRT's reference
  kernels compute it from the exported file, by the generated C on this computer; *dB*: signal to noise of the answers.
- *RAM*: the arena with portable kernels, in bytes: float32 as planned, INT8 as planned and layer by layer.
- "As ..." is a file that is read as the very same network, operators and weights, as that other one: that it is read,
  and how near it comes to ONNX Runtime, was tried; it was not compiled a second time.
"""
_COLUMNS = """
| network | export | ops | transposes | float error | INT8 | dB | float RAM | INT8 RAM | layer by layer |
|---|---|---|---|---|---|---|---|---|---|
"""
Forms = Mapping[str, Mapping[str, Any]]


def page(store: Mapping[str, Forms]) -> str:
    promised = [n for n in PROMISED if n in store]
    others = sorted(n for n in store if n not in PROMISED)
    return _HEAD + _table("The families that are promised", promised, store) + _table("Others", others, store)


def _table(title: str, names: list[str], store: Mapping[str, Forms]) -> str:
    if not names:
        return ""
    rows, good, all_good = [], 0, 0
    for name in names:
        found = {form: Found(**one) for form, one in store[name].items()}
        rows += list(_rows(name, found))
        good += sum(one.is_good for one in found.values())
        all_good += all(str(f) in found and found[str(f)].is_good for f in forms(name))
    count = len(rows)
    told = f"{good} of {count} exports are within the bound, exact and without transposes"
    told += f"; {all_good} of {len(names)} networks in every form."
    return f"\n## {title}\n{_COLUMNS}" + "\n".join(rows) + f"\n\n{told}\n"


def _rows(name: str, found: Mapping[str, Found]) -> Iterator[str]:
    first: dict[str, str] = {}
    for form in (str(f) for f in forms(name) if str(f) in found):
        one = found[form]
        if one.problem:
            yield f"| {name} | {form} | | | | {one.problem.splitlines()[0][:160]} | | | | |"
            continue
        begin = f"| {name} | {form} | {one.ops} | {one.transposes} | {one.float_error:.1e} "
        if one.network in first:
            yield f"{begin}| as {first[one.network]} | | | | |"
            continue
        first[one.network] = form
        exact = "exact" if one.int8_exact else "**differs**"
        sizes = " | ".join(f"{x:,}" for x in (one.float_arena, one.arena, one.arena_by_layers))
        yield f"{begin}| {exact} | {one.int8_decibels} | {sizes} |"
