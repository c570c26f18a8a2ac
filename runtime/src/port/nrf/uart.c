/* Console on the UART of Nordic's nRF51, TC_UART_BASE: byte by byte, without EasyDMA. */
#include "tinyc/port.h"

static volatile uint32_t *const UART = (volatile uint32_t *)TC_UART_BASE;

/* byte offset / 4 */
enum {
    TASKS_STARTTX = 0x008 / 4,
    EVENTS_TXDRDY = 0x11C / 4,
    ENABLE = 0x500 / 4,
    PSEL_TXD = 0x50C / 4,
    TXD = 0x51C / 4,
    BAUDRATE = 0x524 / 4,
    ENABLE_UART = 4,
};

#define BAUDRATE_115200 0x01D7E000u

void tc_port_console_init(void)
{
    UART[PSEL_TXD] = TC_UART_TX_PIN;
    UART[BAUDRATE] = BAUDRATE_115200;
    UART[ENABLE] = ENABLE_UART;
    UART[TASKS_STARTTX] = 1;
}

void tc_port_puts(const char *text)
{
    for (; *text != '\0'; text++) {
        UART[EVENTS_TXDRDY] = 0;
        UART[TXD] = (uint8_t)*text;
        while (!UART[EVENTS_TXDRDY]) {
        }
    }
}
