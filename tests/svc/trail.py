# SPDX-License-Identifier: Apache-2.0
"""A world whose audit trail is sealed and verified, for the tests of seals and of terms. BUILD is the first argument."""
import sys
import tempfile
import time
import unittest

from world import World

BUILD = sys.argv.pop(1) if len(sys.argv) > 1 else "build/dev"
CALLS = """as clerk today 2024-12-02
let person = uuid
call minzheng.notes.v1.NotesService/CreateNote { person_id: $person, title: "封存", division: 101 }
expect OK
let id = reply.id
call minzheng.notes.v1.NotesService/GetNote { id: $id }
expect OK
call minzheng.notes.v1.NotesService/RenameNote { id: $id, version: 1, title: "封存二" }
expect OK
"""
VERIFY = """as auditor
call notes:minzheng.svc.v1.AdminService/VerifyAuditTrail %s
expect OK %s
"""


class Trail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(BUILD).__enter__()
        cls.world.start("--test-clock")

    @classmethod
    def tearDownClass(cls):
        cls.world.__exit__(None, None, None)

    def run_script(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".rt", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            return self.world.scripts([file.name])

    def call_and_seal(self, times=1):
        """Each time makes a seal of its own."""
        for _ in range(times):
            self.assertEqual(self.run_script(CALLS), 0)
            deadline = time.time() + 10
            while time.time() < deadline and self.open_rows():
                time.sleep(0.1)
            self.assertEqual(self.open_rows(), 0)

    def open_rows(self):
        return int(self.world.sql("SELECT count(*) FROM notes.audit a WHERE NOT EXISTS (SELECT FROM notes.audit_seal s"
                                  " WHERE s.tenant = a.tenant AND a.number <@ s.numbers)"))

    def verify(self, expected, request="{}"):
        self.assertEqual(self.run_script(VERIFY % (request, expected)), 0)

    def tampered(self, change, undo, expected):
        """Tampers as a superuser would, looks, and puts it back."""
        self.world.sql(change)
        try:
            self.verify(expected)
        finally:
            self.world.sql(undo)
        self.verify("{ faults: [] }")
