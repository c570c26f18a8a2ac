"""The judge in a process of its own: the interpreters are C++ programs that some malformed models crash."""

from __future__ import annotations

import os
import pickle
import select
import subprocess
import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import IO

from tinyc.errors import ModelError, ToolError
from tinyc.ir import Array
from tinyc.verify.judge.interpreters import OTHER_JUDGE, Judged, judge

#: Bytes of a message's length, little endian, before the message.
_LENGTH = 8


def judge_isolated(
    model: bytes | str,
    inputs: tuple[Array, ...],
    reference: str,
    *,
    all_tensors: bool = False,
    timeout: float = 60.0,
) -> Judged | None:
    """Like judge(), but a crash or a hang of the interpreter becomes a ToolError."""
    with IsolatedJudge(timeout) as isolated:
        return isolated.judge(model, inputs, reference, all_tensors=all_tensors)


class IsolatedJudge:
    """A judge for many models: one process, replaced by a new one when a model crashed it.

    timeout: seconds that one model may take, including the start of the process.
    """

    def __init__(self, timeout: float = 60.0) -> None:
        self._timeout = timeout
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> IsolatedJudge:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def judge(
        self, model: bytes | str, inputs: tuple[Array, ...], reference: str, *, all_tensors: bool = False
    ) -> Judged | None:
        """Like judge(); raises ToolError where the interpreter crashed or did not end in time."""
        if self._process is None:
            self._process = _start()
        ended = False
        try:
            answer = self._ask((model, inputs, reference, all_tensors))
            ended = True
        except TimeoutError:
            raise ToolError(
                f"the reference interpreter ({reference}) did not end within {self._timeout:g} s",
                _hint(reference),
            ) from None
        except (EOFError, BrokenPipeError):
            raise ToolError(
                f"the reference interpreter ({reference}) crashed on this model", _hint(reference)
            ) from None
        finally:
            if not ended:
                self.close()
        if isinstance(answer, ModelError):
            raise answer
        assert answer is None or isinstance(answer, Judged)
        return answer

    def _ask(self, question: object) -> object:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        fd = process.stdout.fileno()
        deadline = monotonic() + self._timeout
        _send(process.stdin, question)

        def read(count: int) -> bytes:
            return _read_until(fd, count, deadline)

        return _receive(read)


def _hint(reference: str) -> str:
    return "" if reference == "onnxruntime" else OTHER_JUDGE


def serve() -> None:
    """The other process: answers questions from stdin on what was stdout, until stdin ends."""
    answers = os.fdopen(os.dup(1), "wb")
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 1)

    def read(count: int) -> bytes:
        data = sys.stdin.buffer.read(count)
        if len(data) < count:
            raise EOFError
        return data

    while True:
        try:
            question = _receive(read)
        except EOFError:
            return
        _send(answers, _answer(question))


def _answer(question: object) -> Judged | ModelError | None:
    assert isinstance(question, tuple)
    model, inputs, reference, all_tensors = question
    try:
        return judge(model, inputs, reference, all_tensors=all_tensors)
    except ModelError as problem:
        return ModelError(problem.message, problem.hint)  # without the cause, which need not survive the pipe


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (sys.executable, "-c", "from tinyc.verify.judge.isolated import serve; serve()"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        start_new_session=True,
    )


def _send(pipe: IO[bytes], message: object) -> None:
    data = pickle.dumps(message)
    pipe.write(len(data).to_bytes(_LENGTH, "little") + data)
    pipe.flush()


def _receive(read: Callable[[int], bytes]) -> object:
    return pickle.loads(read(int.from_bytes(read(_LENGTH), "little")))


def _read_until(fd: int, count: int, deadline: float) -> bytes:
    """Exactly `count` bytes; EOFError where the pipe ends, TimeoutError at the deadline."""
    parts = bytearray()
    while len(parts) < count:
        if not select.select([fd], [], [], max(0.0, deadline - monotonic()))[0]:
            raise TimeoutError
        part = os.read(fd, count - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
