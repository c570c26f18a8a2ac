#include "tinyc/binary.h"

TC_DEFINE_BROADCAST(tc_sub_broadcast_s8_ref, tc_sub_one)
