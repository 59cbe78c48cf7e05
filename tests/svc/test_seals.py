#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The audit trail's seals (CMP-05): whatever is changed, removed, swapped or added afterwards is found, and named.

    test_seals.py BUILD
"""
import unittest

from trail import Trail


class Seals(Trail):
    def test_sealed_within_a_second(self):
        self.call_and_seal()
        late = self.world.sql("SELECT max(s.sealed_at - a.recorded_at) < interval '2 seconds' FROM notes.audit a"
                              " JOIN notes.audit_seal s ON a.number <@ s.numbers AND a.tenant = s.tenant")
        self.assertEqual(late, "t")
        self.verify("{ faults: [], more: false }")

    def test_a_changed_row(self):
        self.call_and_seal()
        row = self.world.sql("SELECT min(number) + 1 FROM notes.audit")
        self.tampered(f"UPDATE notes.audit SET account_name = 'nobody' WHERE number = {row}",
                      f"UPDATE notes.audit SET account_name = 'clerk' WHERE number = {row}",
                      f'{{ faults: [ {{ kind: ROW_CHANGED, row: {row} }} ] }}')

    def test_a_changed_detail(self):
        self.call_and_seal()
        row = self.world.sql("SELECT max(number) FROM notes.audit")
        before = self.world.sql(f"SELECT changes FROM notes.audit WHERE number = {row}")
        self.tampered(f"UPDATE notes.audit SET changes = changes || '{{\"title\": \"x\"}}' WHERE number = {row}",
                      f"UPDATE notes.audit SET changes = '{before}' WHERE number = {row}",
                      f'{{ faults: [ {{ kind: ROW_CHANGED, row: {row} }} ] }}')

    def test_a_removed_row(self):
        self.call_and_seal()
        row = self.world.sql("SELECT min(number) + 1 FROM notes.audit")
        self.tampered(f"CREATE TABLE kept AS SELECT * FROM notes.audit WHERE number = {row};"
                      f" DELETE FROM notes.audit WHERE number = {row}",
                      "INSERT INTO notes.audit OVERRIDING SYSTEM VALUE SELECT * FROM kept; DROP TABLE kept",
                      f'{{ faults: [ {{ kind: ROW_REMOVED, row: {row} }} ] }}')

    def test_two_swapped_rows(self):
        self.call_and_seal()
        first = int(self.world.sql("SELECT min(number) FROM notes.audit"))
        columns = ("(recorded_at, happened_at, account_id, account_name, purpose, method, outcome, reason, person_ids,"
                   " changes, unmasked)")
        swap = (f"UPDATE notes.audit a SET {columns} = (SELECT {columns[1:-1]} FROM notes.audit b"
                f" WHERE b.number = {2 * first + 1} - a.number) WHERE number IN ({first}, {first + 1})")
        self.tampered(swap, swap, f"{{ faults: [ {{ kind: ROW_CHANGED, row: {first} }},"
                                  f" {{ kind: ROW_CHANGED, row: {first + 1} }} ] }}")

    def test_an_added_row(self):
        self.call_and_seal()
        self.tampered("INSERT INTO notes.audit OVERRIDING SYSTEM VALUE SELECT tenant, -5, '2024-01-01', happened_at,"
                      " account_id, account_name, purpose, method, outcome, reason, person_ids, changes, unmasked"
                      " FROM notes.audit LIMIT 1",
                      "DELETE FROM notes.audit WHERE number = -5",
                      "{ faults: [ { kind: ROW_ADDED, row: -5 } ] }")

    def test_a_removed_seal(self):
        self.call_and_seal(2)
        # Its rows are uncovered too, which shows once they are older than a minute.
        old = self.world.sql("SELECT bool_or(recorded_at < now() - interval '55 seconds') FROM notes.audit"
                             " WHERE number <@ (SELECT numbers FROM notes.audit_seal WHERE number = 1)") == "t"
        self.assertFalse(old, "the tests before took too long for this one")
        # Meanwhile the service finds them uncovered and seals them again, at the chain's end.
        last = self.world.sql("SELECT max(number) FROM notes.audit_seal")
        self.tampered("CREATE TABLE kept AS SELECT * FROM notes.audit_seal WHERE number = 1;"
                      " DELETE FROM notes.audit_seal WHERE number = 1",
                      "INSERT INTO notes.audit_seal SELECT * FROM kept; DROP TABLE kept;"
                      f" DELETE FROM notes.audit_seal WHERE number > {last}",
                      "{ faults: [ { kind: SEAL_REMOVED, seal: 2 }, { kind: SEAL_CHANGED, seal: 2 } ] }")

    def test_a_forged_seal(self):
        self.call_and_seal(2)
        before = self.world.sql("SELECT encode(digest, 'hex') FROM notes.audit_seal WHERE number = 1")
        self.tampered("UPDATE notes.audit_seal SET digest = sha256('x') WHERE number = 1",
                      f"UPDATE notes.audit_seal SET digest = '\\x{before}' WHERE number = 1",
                      "{ faults: [ { kind: SEAL_FORGED, seal: 1 }, { kind: SEAL_CHANGED, seal: 2 } ] }")

    def test_piece_by_piece(self):
        self.call_and_seal(3)
        seals = int(self.world.sql("SELECT max(number) FROM notes.audit_seal"))
        self.assertGreaterEqual(seals, 3)
        self.verify("{ faults: [], more: true, last: 1, seals: 1 }", "{ limit: 1 }")
        self.verify("{ faults: [], more: true, last: 2, seals: 1 }", "{ after: 1, limit: 1 }")
        self.verify(f"{{ faults: [], more: false, last: {seals}, seals: {seals - 2} }}", "{ after: 2, limit: 100 }")

    def test_nobody_may_change_it(self):
        self.call_and_seal()
        for statement in ("UPDATE notes.audit SET purpose = ''", "DELETE FROM notes.audit", "TRUNCATE notes.audit",
                          "UPDATE notes.audit_seal SET n_rows = 0", "DELETE FROM notes.audit_seal", "DROP TABLE notes.audit"):
            with self.assertRaises(RuntimeError) as refused:
                self.world.sql(f"SET ROLE notes; {statement}")
            self.assertRegex(str(refused.exception), "permission denied|must be owner")


if __name__ == "__main__":
    unittest.main()
