# One second of sound on an STM32F746: what the board hears is what the reference hears.
#
#     examples/keyword_spotting/prepare.py && renode-test examples/keyword_spotting/keyword_spotting.robot

*** Settings ***
Suite Setup                   Setup
Suite Teardown                Teardown
Test Setup                    Reset Emulation
Test Teardown                 Test Teardown
Resource                      ${RENODEKEYWORDS}

*** Variables ***
${OUT}                        ${CURDIR}/out
${UART}                       sysbus.usart1
# what the firmware wrote of its first output: runtime/src/port/renode/mailbox.h
${OUTPUTS}                    0x92000000
@{WORDS}                      down  go  left  no  off  on  right  stop  up  yes  silence  unknown

*** Keywords ***
Create Machine
    File Should Exist         ${OUT}/firmware/build/kws.elf    run examples/keyword_spotting/prepare.py first
    # in a path for Renode's console, a blank has a backslash before it
    ${out}=                   Evaluate                 $OUT.replace(' ', '\\\\ ')
    Execute Command           include @${out}/firmware/machine.resc
    Create Terminal Tester    ${UART}  timeout=600

Heard Word
    ${best}=                  Set Variable    ${-129}
    ${word}=                  Set Variable    ${EMPTY}
    FOR  ${index}  ${name}  IN ENUMERATE  @{WORDS}
        ${address}=           Evaluate                 ${OUTPUTS} + ${index}
        ${byte}=              Execute Command          sysbus ReadByte ${address}
        ${score}=             Evaluate                 (int($byte.strip(), 16) + 128) % 256 - 128
        IF  ${score} > ${best}
            ${best}=          Set Variable    ${score}
            ${word}=          Set Variable    ${name}
        END
    END
    RETURN                    ${word}

*** Test Cases ***
Should Hear What The Reference Hears
    [Tags]                    keyword-spotting
    ${expected}=              Get File                 ${OUT}/word
    Create Machine
    Start Emulation
    Wait For Line On Uart     kws on stm32f746g-disco
    ${line}=                  Wait For Line On Uart    tinyc: (done|error|fault) .*    treatAsRegex=true
    Should End With           ${line.line}             mismatches=0 PASS
    ${word}=                  Heard Word
    Should Be Equal           ${word}                  ${expected}
