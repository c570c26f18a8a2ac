"""What tinyc makes of a hostile input, within limits: a worker process with little memory, and a clock.

An input passes where its target ends in time, within the memory, and in nothing but an error of tinyc's own tree.
"""

from __future__ import annotations

import multiprocessing
import resource
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import monotonic

from tests.mutate import Mutation
from tinyc.errors import InternalError, TinycError

#: What an answer may take: seconds, and bytes of address space beyond what the loaded packages take.
SECONDS, MEMORY = 60.0, 2 << 30

Target = Callable[[bytes], None]


@dataclass(frozen=True)
class Finding:
    """An input that does not pass. what: the exception with its traceback, or which limit it broke."""

    name: str
    what: str
    data: bytes


def watch(target: Target, inputs: Iterable[Mutation], seconds: float = SECONDS) -> Iterator[Finding | None]:
    """For each input in order, None where it passes, else what is wrong with it."""
    worker: _Worker | None = None
    try:
        for mutation in inputs:
            worker = worker or _Worker(target)
            what = worker.ask(mutation.data, seconds)
            if what is None:
                yield None
                continue
            yield Finding(mutation.name, what, mutation.data)
            worker.end()
            worker = None
    finally:
        if worker:
            worker.end()


class _Worker:
    """One process that takes input after input; a new one after each finding."""

    def __init__(self, target: Target) -> None:
        context = multiprocessing.get_context("fork")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_work, args=(target, far), daemon=True)
        self._process.start()
        far.close()

    def ask(self, data: bytes, seconds: float) -> str | None:
        begin = monotonic()
        self._pipe.send_bytes(data)
        if not self._pipe.poll(seconds):
            return f"no answer within {seconds:g} s"
        try:
            answer = str(self._pipe.recv())
        except EOFError:
            self._process.join()
            return f"the process died with {self._process.exitcode} after {monotonic() - begin:.1f} s"
        return answer or None

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _work(target: Target, pipe: Connection) -> None:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - not a file of ours
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    while True:
        data = pipe.recv_bytes()
        answer = ""
        try:
            target(data)
        except InternalError:
            answer = traceback.format_exc()
        except TinycError as problem:
            if not problem.message.strip():
                answer = "an error without a message\n" + traceback.format_exc()
        except BaseException:  # everything else is a finding
            answer = traceback.format_exc()
        pipe.send(answer)
