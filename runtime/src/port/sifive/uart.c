/* Console on the UART of SiFive's FE310, TC_UART_BASE, at the pin TC_UART_TX_PIN of the GPIO. The ring oscillator that
 * the chip starts on is too inexact for a UART: the core is put on the board's crystal, TC_CLOCK_HZ. */
#include "tinyc/port.h"

static volatile uint32_t *const UART = (volatile uint32_t *)TC_UART_BASE;
static volatile uint32_t *const GPIO = (volatile uint32_t *)TC_GPIO_BASE;
static volatile uint32_t *const PRCI = (volatile uint32_t *)TC_PRCI_BASE;

enum { TXDATA = 0, TXCTRL = 2, DIV = 6, TXDATA_FULL = 31, TXCTRL_TXEN = 1, IOF_EN = 14, IOF_SEL = 15 };
enum { HFXOSCCFG = 1, PLLCFG = 2, PLLCFG_SEL = 1 << 16, PLLCFG_REFSEL = 1 << 17, PLLCFG_BYPASS = 1 << 18 };

#define HFXOSCCFG_ENABLE (1u << 30)
#define HFXOSCCFG_READY (1u << 31)

static void use_crystal(void)
{
    PRCI[HFXOSCCFG] |= HFXOSCCFG_ENABLE;
    while (!(PRCI[HFXOSCCFG] & HFXOSCCFG_READY)) {
    }
    PRCI[PLLCFG] |= PLLCFG_REFSEL | PLLCFG_BYPASS;
    PRCI[PLLCFG] |= PLLCFG_SEL;
}

void tc_port_console_init(void)
{
    use_crystal();
    GPIO[IOF_SEL] &= ~(1u << TC_UART_TX_PIN);
    GPIO[IOF_EN] |= 1u << TC_UART_TX_PIN;
    UART[DIV] = (TC_CLOCK_HZ + 57600u) / 115200u - 1;
    UART[TXCTRL] = TXCTRL_TXEN;
}

void tc_port_puts(const char *text)
{
    for (; *text != '\0'; text++) {
        while (UART[TXDATA] >> TXDATA_FULL) {
        }
        UART[TXDATA] = (uint8_t)*text;
    }
}
