/* Port of the host: files in the current folder, stdout; instructions and stack are not measured. */
#include <stdio.h>
#include <stdlib.h>

#include "tinyc/port.h"

static FILE *vectors;
static FILE *streams[2];

uint8_t *tc_port_stack_limit(void) { return NULL; }

void tc_port_console_init(void) {}

void tc_port_puts(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
}

void tc_port_counter_init(void) {}

int tc_port_counts(void) { return 0; }

uint64_t tc_port_now(void) { return 0; }

uint64_t tc_port_elapsed(uint64_t begin, uint64_t end) { return end - begin; }

int tc_port_read_vectors(uint32_t offset, void *dst, uint32_t bytes)
{
    if (vectors == NULL) {
        vectors = fopen("vectors.bin", "rb");
    }
    if (vectors == NULL || fseek(vectors, (long)offset, SEEK_SET) != 0) {
        return -1;
    }
    return fread(dst, 1, bytes, vectors) == bytes ? 0 : -1;
}

int tc_port_write(tc_stream stream, const void *src, uint32_t bytes)
{
    if (streams[stream] == NULL) {
        streams[stream] = fopen(stream == TC_TRACE ? "trace.bin" : "outputs.bin", "wb");
    }
    return streams[stream] != NULL && fwrite(src, 1, bytes, streams[stream]) == bytes ? 0 : -1;
}

_Noreturn void tc_port_exit(int code)
{
    int failed = vectors != NULL && fclose(vectors) != 0;
    for (int i = 0; i < 2; i++) {
        failed |= streams[i] != NULL && fclose(streams[i]) != 0;
    }
    exit(code != 0 ? code : failed);
}
