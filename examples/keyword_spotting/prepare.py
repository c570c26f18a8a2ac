"""Compiles a keyword spotting model for a board, with one second of sound as its test vector, and builds it for Renode.

usage: prepare.py [MODEL] [--wav FILE | --features FILE] [--board BOARD]

MODEL is MLPerf Tiny's kws_int8.tflite, or any INT8 model of the same input, [1, 49, 10, 1]. --wav: 16 kHz, mono, 16
bits. --features: an .npy of the model's own input. Without either, a spoken "yes" where a folder of shared samples lies
next to the checkout (or in TINYC_SHARED), else made sound: two syllables of a buzz that glides.
"""

from __future__ import annotations

import argparse
import os
import sys
import wave
from pathlib import Path

import numpy as np

from tinyc import compiler
from tinyc.errors import TinycError
from tinyc.frontends import load_tflite
from tinyc.options import Options
from tinyc.target.boards import load_board
from tinyc.target.build import build
from tinyc.verify.vectors import InputFile

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("TINYC_SHARED", HERE.parents[2] / "shared"))
WORDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes", "silence", "unknown")
RATE, FRAMES, WINDOW, STEP, MELS, COEFFICIENTS = 16000, 49, 480, 320, 40, 10


def made_sound() -> np.ndarray:
    """One second at 16 kHz, -1 to 1: nothing recorded, the same at every call."""
    time = np.arange(RATE) / RATE
    envelope = np.exp(-(((time - 0.35) / 0.08) ** 2)) + np.exp(-(((time - 0.65) / 0.1) ** 2))
    pitch = 2 * np.pi * np.cumsum(180 - 60 * time) / RATE
    voice = sum(
        np.sin(k * pitch) * np.exp(-(((k * 150 - 700 - 900 * time) / 500) ** 2)) for k in range(1, 25)
    )
    return 0.3 * envelope * voice


def read_wav(path: Path) -> np.ndarray:
    """The first second of a recording, -1 to 1; silence where it is shorter."""
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            sys.exit(f"{path}: is not 16 kHz, mono, 16 bits")
        samples = np.frombuffer(file.readframes(RATE), "<i2") / 32768
    return np.pad(samples, (0, RATE - len(samples)))


def mel(hertz: np.ndarray | float) -> np.ndarray:
    return 1127 * np.log1p(np.asarray(hertz) / 700)


def mfcc(sound: np.ndarray) -> np.ndarray:
    """[49, 10]: the first coefficients of 49 windows of 30 ms, 20 ms apart, from 40 mel bands of 20 Hz to 4 kHz.

    As the model was trained: the loudest sample is 1, and the bands are triangles over mel.
    """
    sound = sound / max(float(sound.max()), 1e-6)
    edges = np.linspace(mel(20.0), mel(4000.0), MELS + 2)
    low, mid, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    frequencies = mel(np.fft.rfftfreq(512, 1 / RATE))
    rising, falling = (frequencies - low) / (mid - low), (high - frequencies) / (high - mid)
    bands = np.maximum(0, np.minimum(rising, falling))
    starts = STEP * np.arange(FRAMES)[:, None] + np.arange(WINDOW)
    spectrum = np.abs(np.fft.rfft(sound[starts] * np.hanning(WINDOW + 1)[:-1], 512))
    logarithm = np.log(spectrum @ bands.T + 1e-6)
    angles = np.pi / MELS * (np.arange(MELS) + 0.5)[:, None] * np.arange(COEFFICIENTS)
    return np.sqrt(2 / MELS) * logarithm @ np.cos(angles)


def features(model: Path, arguments: argparse.Namespace) -> tuple[np.ndarray, str]:
    """The model's input, [1, 49, 10, 1] int8, and what it is."""
    if arguments.features:
        return np.load(arguments.features).reshape(1, FRAMES, COEFFICIENTS, 1), arguments.features.name
    shared = SHARED / "samples" / "yes_1000ms.wav"
    recording = arguments.wav or (shared if shared.is_file() else None)
    sound, name = (read_wav(recording), recording.name) if recording else (made_sound(), "made sound")
    graph = load_tflite(model.read_bytes(), model.name, "litert")
    quant = graph.type(graph.inputs[0].tensor).quant
    if quant is None:
        sys.exit(f"{model}: its input is not INT8")
    steps = np.round(mfcc(sound) / quant.scale) + quant.zero_point
    return np.clip(steps, -128, 127).astype(np.int8).reshape(1, FRAMES, COEFFICIENTS, 1), name


def main() -> int:
    """Writes and builds out/firmware, and out/word: what the reference hears."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", type=Path, nargs="?", default=SHARED / "models" / "kws_int8.tflite")
    parser.add_argument("--wav", type=Path)
    parser.add_argument("--features", type=Path)
    parser.add_argument("--board", default="stm32f746g-disco")
    arguments = parser.parse_args()
    if not arguments.model.is_file():
        sys.exit(
            f"{arguments.model}: is not there. Give the path of kws_int8.tflite, MLPerf Tiny's keyword spotting model: "
            "https://github.com/mlcommons/tiny, benchmark/training/keyword_spotting/trained_models"
        )
    out = HERE / "out"
    out.mkdir(exist_ok=True)
    heard, name = features(arguments.model, arguments)
    np.save(out / "features.npy", heard)
    board = load_board(arguments.board)
    options = Options(board=board, name="kws", command="examples/keyword_spotting/prepare.py")
    try:
        compiled = compiler.compile_model(arguments.model, options, InputFile(out / "features.npy"))
        compiler.write_folder(compiled, out / "firmware")
        build(out / "firmware", board, name="kws", emulator="renode")
    except TinycError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return error.exit_code
    word = WORDS[int(np.argmax(compiled.vectors.expected[0]))]
    (out / "word").write_text(word)
    print(f"{out / 'firmware'}: {board.name}, {name}; the reference hears {word!r}")
    print("renode-test examples/keyword_spotting/keyword_spotting.robot")
    return 0


if __name__ == "__main__":
    sys.exit(main())
