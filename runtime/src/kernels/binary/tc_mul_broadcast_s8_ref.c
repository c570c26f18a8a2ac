#include "tinyc/binary.h"

TC_DEFINE_BROADCAST(tc_mul_broadcast_s8_ref, tc_mul_one)
