"""Encodings of RV32IMAC in machine mode, after the RISC-V unprivileged and privileged specifications."""

from __future__ import annotations

from tinyc.target.encodings.pattern import InstructionSet, patterns


def _row(opcode: str, funct3: str = "xxx", funct7: str = "xxxxxxx") -> str:
    return f"{funct7} xxxxx xxxxx {funct3} xxxxx {opcode}"


_BASE = patterns(
    _row("0110111"),  # lui
    _row("0010111"),  # auipc
    _row("1101111"),  # jal
    _row("1100111", "000"),  # jalr
    *(_row("1100011", funct3) for funct3 in ("00x", "1xx")),  # branches
    *(_row("0000011", funct3) for funct3 in ("00x", "010", "10x")),  # loads
    *(_row("0100011", funct3) for funct3 in ("00x", "010")),  # stores
    *(_row("0010011", funct3) for funct3 in ("000", "01x", "100", "11x")),  # arithmetic with an immediate
    _row("0010011", "001", "0000000"),  # slli
    _row("0010011", "101", "0x00000"),  # srli, srai
    _row("0110011", "xxx", "0000000"),  # arithmetic
    *(_row("0110011", funct3, "0100000") for funct3 in ("000", "101")),  # sub, sra
    *(_row("0001111", funct3) for funct3 in ("000", "001")),  # fence, fence.i
    *(_row("1110011", funct3) for funct3 in ("01x", "001", "11x", "101")),  # control and status registers
    "0000 0000 0000 0000 0000 0000 0111 0011",  # ecall
    "0000 0000 0001 0000 0000 0000 0111 0011",  # ebreak
    "0011 0000 0010 0000 0000 0000 0111 0011",  # mret
    "0001 0000 0101 0000 0000 0000 0111 0011",  # wfi
)
_M = patterns(_row("0110011", "xxx", "0000001"))
_A = patterns(
    *(
        _row("0101111", "010", f"{funct5}xx")
        for funct5 in ("0001x", "00001", "00000", "00100", "01100", "01000", "10x00", "11x00")
    )
)
_C = patterns(
    "0000 0000 0000 0000",  # unimp: illegal by definition, a trap on purpose
    "000x xxxx xxxx xx00",  # addi4spn
    "010x xxxx xxxx xx00",  # lw
    "110x xxxx xxxx xx00",  # sw
    "0xxx xxxx xxxx xx01",  # addi, jal, li, lui, addi16sp
    "1000 0xxx xxxx xx01",  # srli, srai
    "100x 10xx xxxx xx01",  # andi
    "1000 11xx xxxx xx01",  # sub, xor, or, and
    "101x xxxx xxxx xx01",  # j
    "11xx xxxx xxxx xx01",  # beqz, bnez
    "0000 xxxx xxxx xx10",  # slli
    "010x xxxx xxxx xx10",  # lwsp
    "100x xxxx xxxx xx10",  # jr, mv, ebreak, jalr, add
    "110x xxxx xxxx xx10",  # swsp
)

RV32IMAC = InstructionSet("RV32IMAC", _BASE + _M + _A + _C)
