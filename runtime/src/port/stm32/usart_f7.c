/* Console on the USART of the STM32F0, F3, F7, G0, H7, L0, L4 and newer, TC_UART_BASE: separate transmit register. */
#include "tinyc/port.h"
#include "uart_pin.h"

static volatile uint32_t *const USART = (volatile uint32_t *)TC_UART_BASE;

enum { CR1 = 0, BRR = 3, ISR = 7, TDR = 10, ISR_TXE = 1 << 7, ISR_TC = 1 << 6, CR1_UE = 1 << 0, CR1_TE = 1 << 3 };

void tc_port_console_init(void)
{
    tc_stm32_connect_uart();
    USART[BRR] = (TC_CLOCK_HZ + 57600u) / 115200u;
    USART[CR1] = CR1_UE | CR1_TE;
}

void tc_port_puts(const char *text)
{
    for (; *text != '\0'; text++) {
        while (!(USART[ISR] & ISR_TXE)) {
        }
        USART[TDR] = (uint8_t)*text;
    }
    while (!(USART[ISR] & ISR_TC)) {
    }
}
