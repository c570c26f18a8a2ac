/* Console on the UART of Arm's Cortex-M System Design Kit; TC_UART_BASE from board.toml. */
#include "tinyc/port.h"

static volatile uint32_t *const UART = (volatile uint32_t *)TC_UART_BASE;

enum { DATA = 0, STATE = 1, CTRL = 2, BAUDDIV = 4, STATE_TXFULL = 1, CTRL_TXEN = 1 };

void tc_port_console_init(void)
{
    UART[BAUDDIV] = TC_CLOCK_HZ / 115200u;
    UART[CTRL] = CTRL_TXEN;
}

void tc_port_puts(const char *text)
{
    for (; *text != '\0'; text++) {
        while (UART[STATE] & STATE_TXFULL) {
        }
        UART[DATA] = (uint8_t)*text;
    }
}
