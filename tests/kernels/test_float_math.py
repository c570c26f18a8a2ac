"""float_math.h and its kin against double precision, over all exponents, with the bounds of docs/numerics.md."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tinyc.paths import data_dir

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

RUNTIME = data_dir("runtime")
Values = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
_erf = np.frompyfunc(math.erf, 1, 1)


def sigmoid(x: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-x)))


#: name: the exact function, and the bound in units in the last place
FUNCTIONS: dict[str, tuple[Callable[[Doubles], Doubles], float]] = {
    "ceil": (np.ceil, 0),
    "cos": (np.cos, 3),
    "erf": (lambda x: np.asarray(_erf(x), np.float64), 3),
    "exp": (np.exp, 1),
    "expm1": (np.expm1, 2),
    "floor": (np.floor, 0),
    "log": (np.log, 1),
    "round": (np.rint, 0),
    "rsqrt": (lambda x: np.asarray(1 / np.sqrt(x)), 2),
    "sigmoid": (sigmoid, 3),
    "sin": (np.sin, 3),
    "sqrt": (np.sqrt, 0.5),
    "tanh": (np.tanh, 2),
    "trunc": (np.trunc, 0),
}
PAIRS = ("floor_div", "floor_mod", "fmod", "pow")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("float_math")
    one = "void all_{0}(const float *x, float *y, int n) {{ for (int i = 0; i < n; i++) y[i] = tc_{0}_f32(x[i]); }}\n"
    two = (
        "void all_{0}(const float *a, const float *b, float *y, int n)"
        " {{ const tc_pair s = {{{{1, 1, 1, 1, n}}, {{0, 0, 0, 0, 1}}, {{0, 0, 0, 0, 1}}, n, n}};"
        " tc_{0}_f32_ref(&s, a, b, y, 1); }}\n"
    )
    text = "".join(f'#include "tinyc/{name}.h"\n' for name in ("float_math", "float_turns", "pair"))
    text += "".join(one.format(name) for name in (*FUNCTIONS, "gelu", "gelu_tanh", "log1p"))
    text += "".join(two.format(name) for name in PAIRS)
    (folder / "all.c").write_text(text)
    kernels = [str(RUNTIME / "src" / "kernels" / "pair" / f"tc_{name}_f32_ref.c") for name in PAIRS]
    flags = [
        "-std=c11",
        "-O2",
        "-ffp-contract=off",
        "-Wall",
        "-Wextra",
        "-Werror",
        f"-I{RUNTIME / 'include'}",
    ]
    out = folder / "all.so"
    subprocess.run(
        ["gcc", *flags, "-shared", "-fPIC", str(folder / "all.c"), *kernels, "-o", str(out)], check=True
    )
    return ctypes.CDLL(str(out))


def called(library: ctypes.CDLL, name: str, *given: Values) -> Values:
    out = np.empty_like(given[0])
    arrays = (ctypes.c_void_p(a.ctypes.data) for a in (*given, out))
    library[f"all_{name}"](*arrays, ctypes.c_int(out.size))
    return out


@pytest.fixture(scope="module")
def sweep() -> Values:
    """Every exponent, denormals, the range where functions bend, and what is no number."""
    rng = np.random.default_rng(0)
    every = np.arange(0, 0x7F800001, 8191, dtype=np.uint32).view(np.float32)
    near = np.concatenate([rng.uniform(-12, 12, 300_000), rng.uniform(-110, 110, 100_000)]).astype(np.float32)
    odd = np.array([0, np.nan, np.inf, 0.5, 1.5, 2.5, 8388607.5, 16777215], np.float32)
    return np.concatenate([every, -every, near, odd, -odd])


def distance(got: Values, want: Doubles) -> Doubles:
    """In units in the last place of what is wanted; infinite where one is no number and the other is another."""
    with np.errstate(over="ignore"):
        nearest = want.astype(np.float32)
    unit = np.spacing(np.maximum(np.abs(nearest), np.float32(2.0**-126))).astype(np.float64)
    same = (got == nearest) | (np.isnan(got) & np.isnan(nearest))
    with np.errstate(invalid="ignore"):
        apart = np.abs(got.astype(np.float64) - want) / unit
    return np.where(np.isfinite(nearest) & np.isfinite(got), apart, np.where(same, 0, np.inf))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_within_its_bound(name: str, library: ctypes.CDLL, sweep: Values) -> None:
    exact, bound = FUNCTIONS[name]
    with np.errstate(all="ignore"):
        want = exact(sweep.astype(np.float64))
    apart = distance(called(library, name, sweep), want)
    worst = int(np.argmax(apart))
    assert apart[worst] <= bound, f"{name}({sweep[worst]}) is {apart[worst]:.2f} ULP off"


def test_no_number_has_the_same_bits_everywhere(library: ctypes.CDLL) -> None:
    bad = np.array([np.nan, -np.nan], np.float32)
    for name in ("cos", "erf", "exp", "log", "sin", "sqrt", "tanh"):
        assert set(called(library, name, bad).view(np.uint32).tolist()) == {0x7FC00000}, name
    negative = np.array([-1, -np.inf], np.float32)
    for name in ("log", "sqrt"):
        assert set(called(library, name, negative).view(np.uint32).tolist()) == {0x7FC00000}, name


@pytest.mark.parametrize("name", ["gelu", "gelu_tanh"])
def test_gelu_is_as_near_as_its_input_is_large(name: str, library: ctypes.CDLL, sweep: Values) -> None:
    x = sweep[np.isfinite(sweep)]
    wide = x.astype(np.float64)
    with np.errstate(all="ignore"):
        part = math.sqrt(2 / math.pi) * (wide + 0.044715 * wide**3)
        half = np.tanh(part) if name == "gelu_tanh" else np.asarray(_erf(wide * math.sqrt(0.5)), np.float64)
    error = np.abs(called(library, name, x) - wide * 0.5 * (1 + half))
    bound = 2.0**-22 if name == "gelu_tanh" else 2.0**-23
    assert np.all(error <= bound * np.abs(wide) + 2.0**-148)


def test_log1p_of_what_is_not_negative(library: ctypes.CDLL, sweep: Values) -> None:
    x = np.abs(sweep[np.isfinite(sweep)])
    assert distance(called(library, "log1p", x), np.log1p(x.astype(np.float64))).max() <= 3


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_are_exact(name: str, library: ctypes.CDLL, sweep: Values) -> None:
    """In double and rounded once more, they are what numpy has."""
    rng = np.random.default_rng(1)
    odd = np.array(
        [0, -0.0, 1, -1, 2, -2, 0.5, 3, -3, np.inf, -np.inf, np.nan, 1e38, 1e-40, 8388609], np.float32
    )
    corners = np.meshgrid(odd, odd)
    whole = (
        rng.integers(-1000, 1000, 20_000).astype(np.float32),
        rng.integers(-30, 30, 20_000) * np.float32(0.25),
    )
    near = rng.uniform(0, 2, 20_000).astype(np.float32), rng.uniform(-50, 50, 20_000).astype(np.float32)
    wild = rng.permutation(sweep)[:20_000], rng.permutation(sweep)[:20_000]
    a, b = (
        np.concatenate([corners[i].ravel(), whole[i].astype(np.float32), near[i], wild[i]]) for i in (0, 1)
    )
    with np.errstate(all="ignore"):
        rest = np.fmod(a, b)
        quotient = np.floor(a.astype(np.float64) / b.astype(np.float64))
        power = np.power(a.astype(np.float64), b.astype(np.float64))
        want = {
            "floor_div": quotient.astype(np.float32),
            "floor_mod": np.where((rest != 0) & ((b < 0) != (rest < 0)), rest + b, rest),
            "fmod": rest,
            "pow": power.astype(np.float32),
        }[name]
    got = called(library, name, a, b)
    if name == "pow":  # nearly always the nearest float32
        assert distance(got, power).max() <= 0.51
    else:
        np.testing.assert_array_equal(got, want)
