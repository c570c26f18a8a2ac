/* Clocks and pin of an STM32's console; all numbers from board.toml.
 *
 * TC_RCC_BASE; TC_RCC_GPIO_ENABLE and TC_RCC_UART_ENABLE: offsets of the enable registers, TC_RCC_GPIO_BIT and
 * TC_RCC_UART_BIT: bits in them; TC_GPIO_BASE: port of the transmit pin; TC_UART_TX_PIN, TC_UART_TX_FUNCTION. */
#ifndef TINYC_STM32_UART_PIN_H
#define TINYC_STM32_UART_PIN_H

#include <stdint.h>

enum { TC_GPIO_MODER = 0x00, TC_GPIO_AFRL = 0x20, TC_GPIO_MODE_ALTERNATE = 2 };

static inline volatile uint32_t *tc_stm32_register(uint32_t base, uint32_t offset)
{
    return (volatile uint32_t *)(uintptr_t)(base + offset);
}

static inline void tc_stm32_connect_uart(void)
{
    *tc_stm32_register(TC_RCC_BASE, TC_RCC_GPIO_ENABLE) |= 1u << TC_RCC_GPIO_BIT;
    *tc_stm32_register(TC_RCC_BASE, TC_RCC_UART_ENABLE) |= 1u << TC_RCC_UART_BIT;
    (void)*tc_stm32_register(TC_RCC_BASE, TC_RCC_UART_ENABLE); /* the clock runs two cycles after the write */

    volatile uint32_t *const mode = tc_stm32_register(TC_GPIO_BASE, TC_GPIO_MODER);
    volatile uint32_t *const function = tc_stm32_register(TC_GPIO_BASE, TC_GPIO_AFRL + TC_UART_TX_PIN / 8u * 4u);
    const uint32_t shift = TC_UART_TX_PIN % 8u * 4u;
    *function = (*function & ~(0xFu << shift)) | (uint32_t)TC_UART_TX_FUNCTION << shift;
    *mode = (*mode & ~(3u << (2u * TC_UART_TX_PIN))) | (uint32_t)TC_GPIO_MODE_ALTERNATE << (2u * TC_UART_TX_PIN);
}

#endif
