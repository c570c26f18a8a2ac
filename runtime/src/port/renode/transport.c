/* Transport through the emulator's own memory; no byte of a vector or an output passes the UART. */
#include "mailbox.h"
#include "tinyc/port.h"

void tc_renode_end(void);

int tc_port_read_vectors(uint32_t offset, void *dst, uint32_t bytes)
{
    if (offset > TC_MAILBOX_STREAM_BYTES || bytes > TC_MAILBOX_STREAM_BYTES - offset) {
        return -1;
    }
    const volatile uint8_t *const src = TC_MAILBOX_VECTORS + offset;
    uint8_t *const out = dst;
    for (uint32_t i = 0; i < bytes; i++) {
        out[i] = src[i];
    }
    return 0;
}

int tc_port_write(tc_stream stream, const void *src, uint32_t bytes)
{
    const uint32_t room = stream == TC_TRACE ? TC_MAILBOX_TRACE_BYTES : TC_MAILBOX_STREAM_BYTES;
    const uint32_t used = TC_MAILBOX->stream_bytes[stream];
    if (bytes > room - used) {
        return -1;
    }
    volatile uint8_t *const dst = (stream == TC_TRACE ? TC_MAILBOX_TRACE : TC_MAILBOX_OUTPUTS) + used;
    const uint8_t *const in = src;
    for (uint32_t i = 0; i < bytes; i++) {
        dst[i] = in[i];
    }
    TC_MAILBOX->stream_bytes[stream] = used + bytes;
    return 0;
}

/* The script ends the emulation when the core gets here. */
__attribute__((noinline)) void tc_renode_end(void)
{
    for (;;) {
        __asm volatile("" : : : "memory");
    }
}

_Noreturn void tc_port_exit(int code)
{
    TC_MAILBOX->exit_code = (uint32_t)code;
    for (;;) {
        tc_renode_end();
    }
}
