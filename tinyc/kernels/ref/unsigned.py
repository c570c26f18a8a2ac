"""What the portable kernels for networks of uint8 have in common."""

from __future__ import annotations

from dataclasses import replace

from tinyc.kernels.base import Call, Struct

#: Where their sources lie.
FOLDER = "unsigned"


def with_zero_point(call: Call, zero_point: int) -> Call:
    """Return a call of a portable kernel, by another where the weights have a zero point."""
    if not zero_point:
        return call
    symbol = call.symbol.replace("_s8_ref", "_zp_s8_ref")
    structs = (*call.structs, Struct("tc_weight_zp", (("value", zero_point),)))
    return replace(call, symbol=symbol, folder=FOLDER, structs=structs)
