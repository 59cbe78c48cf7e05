#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The name that bureau.py had first."""
import sys

from bureau import Bureau, main  # noqa: F401

if __name__ == "__main__":
    sys.exit(main())
