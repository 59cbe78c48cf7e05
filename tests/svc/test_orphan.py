#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A worker whose parent dies between the fork and the worker's wish to die with it does not live on.

    test_orphan.py BUILD
"""
import os
import subprocess
import sys
import tempfile
import time
import unittest

from world import free_port

BUILD = os.path.abspath(sys.argv.pop())
DEADLINE_S = 10


def lives(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Orphan(unittest.TestCase):
    def test_it_ends(self):
        with tempfile.TemporaryDirectory() as folder:
            told, keys = os.path.join(folder, "worker"), os.path.join(folder, "keys")
            subprocess.run([os.path.join(BUILD, "bin/mz"), "keys", "create", keys], check=True, stdout=subprocess.DEVNULL)
            service = subprocess.run(
                [os.path.join(BUILD, "bin/notes"), "--listen", f"127.0.0.1:{free_port()}", "--workers", "1", "--key-file", keys,
                 "--db", "host=/nowhere dbname=none"],
                env={**os.environ, "LD_PRELOAD": os.path.join(BUILD, "lib/parent_first.so"), "MZ_WORKER": told,
                     "ASAN_OPTIONS": "verify_asan_link_order=0"},
                check=False, stderr=subprocess.DEVNULL, timeout=DEADLINE_S)
            self.assertEqual(service.returncode, -9)
            with open(told, encoding="utf-8") as file:
                worker = int(file.read())
            deadline = time.time() + DEADLINE_S
            while lives(worker) and time.time() < deadline:
                time.sleep(0.05)
            self.addCleanup(lambda: lives(worker) and os.kill(worker, 9))
            self.assertFalse(lives(worker))


if __name__ == "__main__":
    unittest.main()
