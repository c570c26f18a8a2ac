/* Console on the USART of the STM32F1, F2, F4 and L1, TC_UART_BASE: one data register, status at offset 0. */
#include "tinyc/port.h"
#include "uart_pin.h"

static volatile uint32_t *const USART = (volatile uint32_t *)TC_UART_BASE;

enum { SR = 0, DR = 1, BRR = 2, CR1 = 3, SR_TXE = 1 << 7, SR_TC = 1 << 6, CR1_UE = 1 << 13, CR1_TE = 1 << 3 };

void tc_port_console_init(void)
{
    tc_stm32_connect_uart();
    USART[BRR] = (TC_CLOCK_HZ + 57600u) / 115200u;
    USART[CR1] = CR1_UE | CR1_TE;
}

void tc_port_puts(const char *text)
{
    for (; *text != '\0'; text++) {
        while (!(USART[SR] & SR_TXE)) {
        }
        USART[DR] = (uint8_t)*text;
    }
    while (!(USART[SR] & SR_TC)) {
    }
}
