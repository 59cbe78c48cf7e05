/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every unit test includes: cmocka with the headers it wants before it.
 */
#ifndef MZ_UNIT_H
#define MZ_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alloc_fail.h"

#define UNIT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
