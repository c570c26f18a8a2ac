/* Console on the UARTE of Nordic's nRF52 and newer, TC_UART_BASE: EasyDMA, which reads RAM only and never flash. */
#include "tinyc/port.h"

static volatile uint32_t *const UARTE = (volatile uint32_t *)TC_UART_BASE;

/* byte offset / 4 */
enum {
    TASKS_STARTTX = 0x008 / 4,
    EVENTS_ENDTX = 0x120 / 4,
    ENABLE = 0x500 / 4,
    PSEL_TXD = 0x50C / 4,
    BAUDRATE = 0x524 / 4,
    TXD_PTR = 0x544 / 4,
    TXD_MAXCNT = 0x548 / 4,
    ENABLE_UARTE = 8,
};

#define BAUDRATE_115200 0x01D60000u

void tc_port_console_init(void)
{
    UARTE[PSEL_TXD] = TC_UART_TX_PIN;
    UARTE[BAUDRATE] = BAUDRATE_115200;
    UARTE[ENABLE] = ENABLE_UARTE;
}

void tc_port_puts(const char *text)
{
    static volatile char buffer[32];
    while (*text != '\0') {
        uint32_t count = 0;
        while (count < sizeof(buffer) && *text != '\0') {
            buffer[count++] = *text++;
        }
        UARTE[EVENTS_ENDTX] = 0;
        UARTE[TXD_PTR] = (uint32_t)(uintptr_t)buffer;
        UARTE[TXD_MAXCNT] = count;
        UARTE[TASKS_STARTTX] = 1;
        while (!UARTE[EVENTS_ENDTX]) {
        }
    }
}
