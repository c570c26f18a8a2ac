"""Where a file's operators come from: the format itself, and domains of others, which files forget to name."""

from __future__ import annotations

from typing import Any

from tinyc.frontends.onnx.order import graphs_of

#: Of operators that the format does not have, though a file says so, and of those whose graphs are not looked at.
UNKNOWN = "unknown"
#: Whose graphs are computed again and again, which is not supported.
_REPEATED = ("Loop", "Scan")


def name_domains(model: Any) -> None:
    """Change a model in place so that the package reads it whatever its operators are.

    The format's own domain is "", which some files call "ai.onnx". An operator of it that no opset has gets a domain
    of its own, and each domain without a version one, so that the reader tells of all operators that it does not
    support. Loops lose what is in them, which may take minutes to tidy up.
    """
    from onnx import defs  # noqa: PLC0415 - optional

    nodes = [node for graph in graphs_of(model.graph) for node in graph.node]
    for one in (*model.opset_import, *nodes):
        if one.domain == "ai.onnx":
            one.domain = ""
    for node in nodes:
        if not node.domain and (node.op_type in _REPEATED or not defs.has(node.op_type)):
            node.domain = UNKNOWN
            if node.op_type in _REPEATED:
                del node.attribute[:]
    named = {one.domain for one in model.opset_import}
    for domain in sorted(({node.domain for node in nodes} | {""}) - named) if named else ():
        entry = model.opset_import.add()
        entry.domain, entry.version = domain, 1 if domain else defs.onnx_opset_version()
