/* Transport over semihosting: vectors.bin, outputs.bin and trace.bin in the folder the emulator was started in. */
#include <stddef.h>

#include "semihost.h"
#include "tinyc/port.h"

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_SEEK = 0x0A, SYS_EXIT = 0x18, SYS_EXIT_EXTENDED = 0x20 };
enum { MODE_RB = 1, MODE_WB = 5 };

#define CLOSED ((uintptr_t)-1)
#define APPLICATION_EXIT 0x20026u

static uintptr_t vectors = CLOSED;
static uintptr_t streams[2] = {CLOSED, CLOSED};

static uintptr_t open_file(const char *name, uint32_t length, uint32_t mode)
{
    const uintptr_t block[3] = {(uintptr_t)name, mode, length};
    return tc_semihost(SYS_OPEN, block);
}

int tc_port_read_vectors(uint32_t offset, void *dst, uint32_t bytes)
{
    if (vectors == CLOSED) {
        vectors = open_file("vectors.bin", 11, MODE_RB);
    }
    const uintptr_t seek[2] = {vectors, offset};
    if (vectors == CLOSED || tc_semihost(SYS_SEEK, seek) != 0) {
        return -1;
    }
    const uintptr_t read[3] = {vectors, (uintptr_t)dst, bytes};
    return tc_semihost(SYS_READ, read) == 0 ? 0 : -1;
}

int tc_port_write(tc_stream stream, const void *src, uint32_t bytes)
{
    if (streams[stream] == CLOSED) {
        streams[stream] =
            stream == TC_TRACE ? open_file("trace.bin", 9, MODE_WB) : open_file("outputs.bin", 11, MODE_WB);
    }
    const uintptr_t block[3] = {streams[stream], (uintptr_t)src, bytes};
    return streams[stream] != CLOSED && tc_semihost(SYS_WRITE, block) == 0 ? 0 : -1;
}

_Noreturn void tc_port_exit(int code)
{
    const uintptr_t block[2] = {APPLICATION_EXIT, (uintptr_t)code};
    tc_semihost(SYS_EXIT_EXTENDED, block);
    for (;;) {
        tc_semihost(SYS_EXIT, (const void *)(uintptr_t)APPLICATION_EXIT);
    }
}
