#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is kept how long (common/svc/keeping.h): partitions of first answers come and go, by the owner's function alone.

    test_keeping.py BUILD
"""
import sys
import unittest

from world import World

BUILD = sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev"


class Keeping(unittest.TestCase):
    def setUp(self):
        self.world = World(BUILD).__enter__()

    def tearDown(self):
        self.world.__exit__(None, None, None)

    def keep(self, day):
        self.world.sql(f"SET ROLE notes; SELECT notes.house_keep('{day}')")

    def partitions(self):
        return self.world.sql("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class c JOIN pg_namespace n"
                              " ON n.oid = relnamespace WHERE nspname = 'notes' AND relkind = 'r'"
                              " AND relname LIKE 'idempotency%' AND relname < 'idempotency_2026'")

    def put(self, day):
        self.world.sql("SET ROLE notes; INSERT INTO notes.idempotency (tenant, account_id, method, request_id, day, digest,"
                       f" response) VALUES (1, gen_random_uuid(), 'm', gen_random_uuid(), '{day}', '', '')")

    def test_months_come_and_go(self):
        self.keep("2024-01-15")
        self.keep("2024-01-16")
        self.assertEqual(self.partitions(), "idempotency_202401 idempotency_202402")
        for day in ("2024-01-31", "2024-02-01"):
            self.put(day)
        self.assertEqual(self.world.sql("SELECT count(*) FROM notes.idempotency_202401"), "1")
        self.keep("2024-04-29")  # 30 January is 90 days ago, 31 January is not
        self.assertEqual(self.partitions(), "idempotency_202401 idempotency_202402 idempotency_202404 idempotency_202405")
        self.keep("2024-05-01")
        self.assertEqual(self.partitions(),
                         "idempotency_202402 idempotency_202404 idempotency_202405 idempotency_202406")
        self.assertEqual(self.world.sql("SELECT count(*) FROM notes.idempotency WHERE day < '2025-01-01'"), "1")

    def test_rows_that_found_no_partition(self):
        self.put("2024-07-03")
        self.keep("2024-07-04")
        self.assertEqual(self.partitions(), "idempotency_202408")
        self.assertEqual(self.world.sql("SELECT count(*) FROM notes.idempotency_rest"), "1")
        self.keep("2024-10-15")
        self.assertEqual(self.world.sql("SELECT count(*) FROM notes.idempotency_rest"), "0")

    def test_nobody_else_makes_or_drops(self):
        for statement in ("CREATE TABLE notes.mine (x int)", "DROP TABLE notes.idempotency_rest",
                          "TRUNCATE notes.idempotency", "ALTER TABLE notes.idempotency ADD x int"):
            with self.assertRaises(RuntimeError):
                self.world.sql(f"SET ROLE notes; {statement}")
        self.world.sql("CREATE ROLE stranger IN ROLE minzheng")
        with self.assertRaises(RuntimeError):
            self.world.sql("SET ROLE stranger; SELECT notes.house_keep('2024-01-01')")


if __name__ == "__main__":
    unittest.main()
