"""Encodings of Arm's M profile, after chapter A5 of the Armv6-M and Armv7-M Architecture Reference Manuals."""

from __future__ import annotations

from tinyc.target.encodings.pattern import InstructionSet, patterns

_V6M_16 = patterns(
    "00xx xxxx xxxx xxxx",  # shift, add, subtract, move, compare with an immediate
    "0100 00xx xxxx xxxx",  # data processing
    "0100 0100 xxxx xxxx",  # add high registers
    "0100 0101 xxxx xxxx",  # compare high registers
    "0100 0110 xxxx xxxx",  # move high registers
    "0100 0111 xxxx x000",  # bx, blx
    "0100 1xxx xxxx xxxx",  # ldr literal
    "0101 xxxx xxxx xxxx",  # load and store
    "011x xxxx xxxx xxxx",
    "100x xxxx xxxx xxxx",
    "1010 xxxx xxxx xxxx",  # adr, add to sp
    "1011 0000 xxxx xxxx",  # add to and subtract from sp
    "1011 0010 xxxx xxxx",  # extend
    "1011 0110 011x xxxx",  # cps
    "1011 x10x xxxx xxxx",  # push, pop
    "1011 1010 0xxx xxxx",  # rev, rev16
    "1011 1010 11xx xxxx",  # revsh
    "1011 1110 xxxx xxxx",  # bkpt
    "1011 1111 xxxx 0000",  # nop and other hints
    "1100 xxxx xxxx xxxx",  # stm, ldm
    "1101 xxxx xxxx xxxx",  # conditional branch, udf, svc
    "1110 0xxx xxxx xxxx",  # b
)

_V6M_32 = patterns(
    "1111 0xxx xxxx xxxx 11x1",  # bl
    "1111 0011 1000 xxxx 1000 1000",  # msr
    "1111 0011 1110 1111 1000",  # mrs
    "1111 0011 1011 1111 1000 1111 0100",  # dsb
    "1111 0011 1011 1111 1000 1111 0101",  # dmb
    "1111 0011 1011 1111 1000 1111 0110",  # isb
    "1111 0111 1111 xxxx 1010",  # udf
)

_V7M_16 = patterns(
    "1011 x0x1 xxxx xxxx",  # cbz, cbnz
    "1011 1111 xxxx xxxx",  # it
)

_V7M_32 = patterns(
    "1110 1000 10xx",  # stm, ldm
    "1110 1001 00xx",
    "1110 1001 x1xx",  # strd, ldrd
    "1110 1000 x11x",
    "1110 1000 0100",  # strex
    "1110 1000 0101",  # ldrex
    "1110 1000 1100 xxxx xxxx 1111 010x",  # strexb, strexh
    "1110 1000 1101 xxxx xxxx 1111 010x",  # ldrexb, ldrexh
    "1110 1000 1101 xxxx 1111 0000 000x",  # tbb, tbh
    "1110 1010 000x xxxx 0",  # shifted register: and, tst
    "1110 1010 001x xxxx 0",  # bic
    "1110 1010 010x xxxx 0",  # orr, mov and shifts by a constant
    "1110 1010 011x xxxx 0",  # orn, mvn
    "1110 1010 100x xxxx 0",  # eor, teq
    "1110 1011 000x xxxx 0",  # add, cmn
    "1110 1011 010x xxxx 0",  # adc
    "1110 1011 011x xxxx 0",  # sbc
    "1110 1011 101x xxxx 0",  # sub, cmp
    "1110 1011 110x xxxx 0",  # rsb
    "1111 0x00 0xxx xxxx 0",  # modified immediate: and, bic, orr, orn
    "1111 0x00 100x xxxx 0",  # eor
    "1111 0x01 000x xxxx 0",  # add
    "1111 0x01 010x xxxx 0",  # adc
    "1111 0x01 011x xxxx 0",  # sbc
    "1111 0x01 101x xxxx 0",  # sub
    "1111 0x01 110x xxxx 0",  # rsb
    "1111 0x10 0000 xxxx 0",  # addw
    "1111 0x10 0100 xxxx 0",  # movw
    "1111 0x10 1010 xxxx 0",  # subw
    "1111 0x10 1100 xxxx 0",  # movt
    "1111 0x11 00x0 xxxx 0",  # ssat
    "1111 0x11 0100 xxxx 0",  # sbfx
    "1111 0x11 0110 xxxx 0",  # bfi, bfc
    "1111 0x11 10x0 xxxx 0",  # usat
    "1111 0x11 1100 xxxx 0",  # ubfx
    "1111 0xxx xxxx xxxx 10x1",  # b.w
    "1111 0x0x xxxx xxxx 10x0",  # conditional b.w; conditions 111x are other instructions
    "1111 0x10 xxxx xxxx 10x0",
    "1111 0x11 0xxx xxxx 10x0",
    "1111 0011 1000 xxxx 1000 xx00",  # msr with flags and GE bits
    "1111 0011 1010 1111 1000 0000",  # nop.w and other hints
    "1111 0011 1011 1111 1000 1111 0010",  # clrex
    "1111 1000 x000",  # strb
    "1111 1000 x010",  # strh
    "1111 1000 x100",  # str
    "1111 100x x001",  # ldrb, ldrsb, pld, pli
    "1111 100x x011",  # ldrh, ldrsh
    "1111 1000 x101",  # ldr
    "1111 1010 0xxx xxxx 1111 xxxx 0000",  # shifts by a register
    "1111 1010 000x 1111 1111 xxxx 10xx",  # sxth, uxth
    "1111 1010 010x 1111 1111 xxxx 10xx",  # sxtb, uxtb
    "1111 1010 1001 xxxx 1111 xxxx 10xx",  # rev, rev16, rbit, revsh
    "1111 1010 1011 xxxx 1111 xxxx 1000",  # clz
    "1111 1011 0000 xxxx xxxx xxxx 000x",  # mul, mla, mls
    "1111 1011 1000 xxxx xxxx xxxx 0000",  # smull
    "1111 1011 1001 xxxx 1111 xxxx 1111",  # sdiv
    "1111 1011 1010 xxxx xxxx xxxx 0000",  # umull
    "1111 1011 1011 xxxx 1111 xxxx 1111",  # udiv
    "1111 1011 1100 xxxx xxxx xxxx 0000",  # smlal
    "1111 1011 1110 xxxx xxxx xxxx 0000",  # umlal
)

_DSP = patterns(
    "1110 1010 1100 xxxx 0xxx xxxx xx00",  # pkhbt, pkhtb
    "1110 1010 1100 xxxx 0xxx xxxx xx10",
    "1111 1010 00xx xxxx 1111 xxxx 10xx",  # extend and add, two bytes to two half-words
    "1111 1010 010x xxxx 1111 xxxx 10xx",
    "1111 1010 1000 xxxx 1111 xxxx 0xxx",  # parallel add and subtract
    "1111 1010 1001 xxxx 1111 xxxx 0xxx",
    "1111 1010 1010 xxxx 1111 xxxx 0xxx",
    "1111 1010 110x xxxx 1111 xxxx 0xxx",
    "1111 1010 1110 xxxx 1111 xxxx 0xxx",
    "1111 1010 1000 xxxx 1111 xxxx 10xx",  # qadd, qsub and doubled
    "1111 1010 1010 xxxx 1111 xxxx 1000",  # sel
    "1111 1011 0001 xxxx xxxx xxxx 00xx",  # smlaxy, smulxy
    "1111 1011 0010 xxxx xxxx xxxx 000x",  # smlad, smuad
    "1111 1011 0011 xxxx xxxx xxxx 000x",  # smlaw, smulw
    "1111 1011 0100 xxxx xxxx xxxx 000x",  # smlsd, smusd
    "1111 1011 0101 xxxx xxxx xxxx 000x",  # smmla, smmul
    "1111 1011 0110 xxxx xxxx xxxx 000x",  # smmls
    "1111 1011 0111 xxxx xxxx xxxx 0000",  # usad8, usada8
    "1111 1011 1100 xxxx xxxx xxxx 10xx",  # smlalxy
    "1111 1011 1100 xxxx xxxx xxxx 110x",  # smlald
    "1111 1011 1101 xxxx xxxx xxxx 110x",  # smlsld
    "1111 1011 1110 xxxx xxxx xxxx 0110",  # umaal
)

_FPV4_SP = patterns(
    "1110 110x xxxx xxxx xxxx 101x",  # loads, stores, moves of two registers
    "1110 1110 xxxx xxxx xxxx 1010 xxx0",  # single-precision arithmetic
    "1110 1110 xxxx xxxx xxxx 1010 xxx1",  # moves to and from core registers
    "1110 1110 0x0x xxxx xxxx 1011 x001",  # moves of one half of a double register
)

_FPV5_SP = patterns("1111 1110 xxxx xxxx xxxx 1010 xxx0")  # select, maximum, minimum, rounding

# Armv8.1-M's long shifts, encoded as a flag-setting "orr" with a register that Armv7-M does not allow there
_LONG_SHIFTS = patterns("1110 1010 0101 xxxx xxxx xxxx xxxx 11x1")

_V8M_16 = patterns("0100 0111 xxxx x100")  # bxns, blxns

_V8M_32 = patterns(
    "1110 1000 110x xxxx xxxx 1111 1xxx",  # load-acquire, store-release
    "1110 1001 0111 1111 1110 1001 0111 1111",  # sg
)

# of the coprocessor space, Helium included, GNU objdump knows what the architecture named in the ELF defines
_V81M_32 = patterns(
    "1110 1010 0101 xxxx x",  # long shifts, csel
    "1111 0000 0xxx xxxx 11x0",  # low-overhead loops and branches
    "1110 11xx",
    "1111 11xx",
)

ARMV6M = InstructionSet("Armv6-M", _V6M_16 + _V6M_32)
_V7M = _V6M_16 + _V7M_16 + _V6M_32 + _V7M_32
ARMV7M = InstructionSet("Armv7-M", _V7M, _LONG_SHIFTS)
CORTEX_M4 = InstructionSet("a Cortex-M4", _V7M + _DSP + _FPV4_SP, _LONG_SHIFTS)
CORTEX_M7 = InstructionSet("a Cortex-M7", _V7M + _DSP + _FPV4_SP + _FPV5_SP, _LONG_SHIFTS)
_V8M = _V7M + _DSP + _V8M_16 + _V8M_32
CORTEX_M33 = InstructionSet("a Cortex-M33", _V8M + _FPV4_SP + _FPV5_SP, _LONG_SHIFTS)
ARMV81M = InstructionSet("Armv8.1-M", _V8M + _V81M_32)
