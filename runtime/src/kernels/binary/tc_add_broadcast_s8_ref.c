#include "tinyc/binary.h"

TC_DEFINE_BROADCAST(tc_add_broadcast_s8_ref, tc_add_one)
