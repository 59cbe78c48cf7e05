#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long rows are kept (schema/0000_house_terms.sql): operators see and set the terms, not below the law; a trail that was
cut at its beginning still proves itself, and nobody hides something recent by cutting.

    test_terms.py BUILD
"""
import tempfile
import time
import unittest

from trail import BUILD, Trail
from world import World


class Terms(Trail):
    def seal_of_1990(self):
        """A seal with a row from long ago; recorded and sealed late, and then dated back."""
        self.world.sql("INSERT INTO notes.audit (tenant, recorded_at, happened_at, account_id, account_name, purpose, method,"
                       " outcome, reason, person_ids, changes, unmasked) VALUES (1, '1990-01-02', '1990-01-02',"
                       " gen_random_uuid(), 'clerk', '', 'NotesService/GetNote', 'OK', '', '{}', '{}', false)")
        deadline = time.time() + 10
        while time.time() < deadline and self.open_rows():
            time.sleep(0.1)
        self.world.sql("UPDATE notes.audit_seal SET sealed_at = '1990-01-02' WHERE number = (SELECT max(number) FROM"
                       " notes.audit_seal)")

    def keep(self):
        self.world.sql("SET ROLE notes; SELECT notes.house_keep(current_date)")
        return self.world.sql("SELECT min(number) || ' ' || coalesce((SELECT seal FROM notes.audit_cut), 0) FROM notes.audit_seal")

    def test_the_trail_is_cut_and_still_whole(self):
        for _ in range(4):
            self.seal_of_1990()
        self.call_and_seal(2)
        self.verify("{ faults: [] }")
        self.assertEqual(self.keep(), "4 3")  # the newest one over its term stays, to vouch for the cut
        self.assertEqual(self.world.sql("SELECT count(*) FROM notes.audit WHERE recorded_at < '1991-01-01'"), "1")
        self.verify('{ faults: [], expired: 3, seals: any }')
        self.verify('{ faults: [], expired: 3 }', '{ after: 2 }')
        self.verify('{ faults: [] }', '{ after: 4 }')
        self.assertEqual(self.keep(), "4 3")
        self.tampered("UPDATE notes.audit_cut SET digest = sha256('x')",
                      f"UPDATE notes.audit_cut SET digest = '{self.world.sql('SELECT digest FROM notes.audit_cut')}'",
                      "{ faults: [ { kind: SEAL_CHANGED, seal: 4 } ] }")
        self.nobody_hides_behind_a_cut()

    def nobody_hides_behind_a_cut(self):
        """Removing what is younger than six months is no cut, whatever audit_cut says."""
        self.world.sql("DELETE FROM notes.audit WHERE number <@ (SELECT numbers FROM notes.audit_seal WHERE number = 4);"
                       "UPDATE notes.audit_cut SET seal = 4, digest = s.digest FROM notes.audit_seal s WHERE s.number = 4;"
                       "DELETE FROM notes.audit_seal WHERE number = 4")
        self.verify("{ faults: has({ kind: SEAL_REMOVED, seal: 5 }) }")


class Retention(unittest.TestCase):
    """Operators see the terms and set them, not below the law."""

    def test_terms(self):
        with World(BUILD) as world, tempfile.NamedTemporaryFile("w", suffix=".rt", encoding="utf-8") as file:
            world.start()
            file.write("""as auditor
call notes:minzheng.svc.v1.AdminService/GetRetention {}
expect OK { terms: [ { what: ANSWER, days: 90, least_days: 7 } { what: AUDIT, days: 10957, least_days: 184, set_at: absent } { what: EVENT, days: 3653 } ] }
call notes:minzheng.svc.v1.AdminService/SetRetention { what: AUDIT, days: 183 }
expect FAILED_PRECONDITION "六个月"
call notes:minzheng.svc.v1.AdminService/SetRetention { what: EVENT, days: 400 }
expect OK
call notes:minzheng.svc.v1.AdminService/GetRetention {}
expect OK { terms: has({ what: EVENT, days: 400, set_at: any, set_by: "auditor" }) }
as reader
call notes:minzheng.svc.v1.AdminService/SetRetention { what: EVENT, days: 500 }
expect PERMISSION_DENIED
""")
            file.flush()
            self.assertEqual(world.scripts([file.name]), 0)
            world.sql("INSERT INTO notes.event (tenant, number, type, subject, happened_at, payload) SELECT 1, n, 'notes.note.changed',"
                      " 's', now() - make_interval(days => 1000 - n), '' FROM generate_series(1, 999) n;"
                      "INSERT INTO notes.audit_seal (tenant, number, numbers, n_rows, row_digests, digest, key_id, signature)"
                      " VALUES (1, 1000000, '{}', 0, '', sha256(''), 1, '')")
            world.sql("SET ROLE notes; SELECT notes.house_keep(current_date)")
            self.assertEqual(world.sql("SELECT min(number) FROM notes.event"), "600")
            for statement in ("DELETE FROM notes.retention", "UPDATE notes.audit_cut SET seal = 0",
                              "SELECT notes.house_cut_audit(1::smallint, current_date)"):
                with self.assertRaises(RuntimeError):
                    world.sql(f"SET ROLE notes; {statement}")


if __name__ == "__main__":
    unittest.main()
