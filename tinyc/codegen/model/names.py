"""C identifiers for tensors, from what the model file calls them."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Characters of an identifier after the model's name; what is left out is at the front, where scopes stand.
LONGEST = 32

#: Names of ops and stages in generated sources, whose own identifiers begin so.
_GENERATED = re.compile(r"(op|stage)\d+")


def tensor_symbols(model: str, tensors: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """An identifier per tensor, `<model>_<name>`, each its own. taken: identifiers that stand for something else."""
    used, found = set(taken), {}
    prefix = f"{model}_tensor" if _GENERATED.fullmatch(model) else model
    for tensor in tensors:
        wanted = f"{prefix}_{_words(tensor) or 'tensor'}"
        symbol, number = wanted, 1
        while symbol in used:
            number += 1
            symbol = f"{wanted}_tensor" if number == 2 and wanted in taken else f"{wanted}_{number}"
        used.add(symbol)
        found[tensor] = symbol
    return found


def _words(name: str) -> str:
    """The last words of a name that fit; of a fused op's name, `a/conv;a/bias`, those of its first part."""
    words = [w for w in re.split(r"[\W_]+", name.partition(";")[0].lower(), flags=re.ASCII) if w]
    kept: list[str] = []
    for word in reversed(words):
        if kept and sum(map(len, kept)) + len(kept) + len(word) > LONGEST:
            break
        kept.insert(0, word[-LONGEST:])
    return "_".join(kept)
