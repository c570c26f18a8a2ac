/* Memory that exists in Renode alone, at TC_MAILBOX_BASE, outside the chip's: the script that starts the emulator puts
 * vectors.bin into it and takes the results out of it. Offsets are those of tinyc/emulate/renode.py and run.resc. */
#ifndef TINYC_RENODE_MAILBOX_H
#define TINYC_RENODE_MAILBOX_H

#include <stdint.h>

typedef struct {
    volatile uint32_t instructions[2]; /* low word first: what a hook on tc_port_now found executed so far */
    volatile uint32_t stream_bytes[2]; /* by tc_stream: written so far */
    volatile uint32_t reserved;
    volatile uint32_t exit_code;
} tc_renode_mailbox;

#define TC_MAILBOX ((tc_renode_mailbox *)TC_MAILBOX_BASE)
#define TC_MAILBOX_VECTORS ((volatile uint8_t *)TC_MAILBOX_BASE + 0x01000000)
#define TC_MAILBOX_OUTPUTS ((volatile uint8_t *)TC_MAILBOX_BASE + 0x02000000)
#define TC_MAILBOX_TRACE ((volatile uint8_t *)TC_MAILBOX_BASE + 0x03000000)

enum { TC_MAILBOX_STREAM_BYTES = 0x01000000, TC_MAILBOX_TRACE_BYTES = 0x05000000 };

#endif
