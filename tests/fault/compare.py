# SPDX-License-Identifier: Apache-2.0
"""Two homes that did the same work: what differs, apart from ids made at random and the real clock."""
import collections
import datetime
import json
import os
import re

from google.protobuf import any_pb2, descriptor_pb2, json_format

from home import SERVICES, TOP
import run as scripts

# The house's own tables: how a row came about, told by the real clock and by how often somebody asked. They are looked
# at one by one in `traces`.
HOUSE = ("audit", "audit_seal", "idempotency", "outbox", "event", "event_head", "inbox_cursor", "job", "schema_migrations",
         "session", "login_failure")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
INSTANT = re.compile(r'\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\\",)\]]*')
MOST_SHOWN = 5


class Contract:
    """Messages and methods of all services."""

    def __init__(self, preset):
        paths = [os.path.join(TOP, "build", preset, f"services/{name}.binpb") for name in SERVICES]
        self.contract = scripts.Contract(paths)
        self.reads = set()
        for path in paths:
            files = descriptor_pb2.FileDescriptorSet()
            with open(path, "rb") as file:
                files.ParseFromString(file.read())
            for service in (service for file in files.file for service in file.service):
                self.reads |= {f"{service.name}/{method.name}" for method in service.method
                               if method.options.idempotency_level == method.options.NO_SIDE_EFFECTS}

    def event(self, payload):
        packed = any_pb2.Any.FromString(bytes.fromhex(payload[2:]))
        message = self.contract.message(self.contract.pool.FindMessageTypeByName(packed.type_url.rpartition("/")[2]))
        message.ParseFromString(packed.value)
        return json_format.MessageToJson(message, indent=None, sort_keys=True)


class Dump:
    """All business rows of a home, and its events, as text."""

    def __init__(self, home, contract, began):
        self.home, self.began = home, began
        self.tables, self.events = {}, {}
        for schema, table in (row.split(".") for row in home.sql(
                "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN"
                f" ({', '.join(repr(name) for name in SERVICES)}) ORDER BY 1")):
            if table not in HOUSE and not table.startswith("idempotency_"):
                self.tables[f"{schema}.{table}"] = [self.plain(row) for row in home.sql(
                    f"SELECT row_to_json(t)::jsonb FROM {schema}.{table} t")]
        for schema in SERVICES:
            log = collections.defaultdict(list)
            for event in home.rows(f"SELECT type, subject, happened_at, payload FROM {schema}.event ORDER BY number"):
                log[event["subject"]].append(self.plain(f"{event['type']} {event['happened_at']} "
                                                        + contract.event(event["payload"])))
            self.events[schema] = log
        self.ids = set(UUID.findall(json.dumps([self.tables, self.events])))

    def plain(self, text):
        """Without the real clock's instants; of sealed values only that they are there; of numbers that are given in the
        order in which requests came, or of ids, not which."""
        text = re.sub(r'"(instruction_no|letter|letter_number)": \d+', r'"\1": "…"', text)
        text = re.sub(r'"\\\\x[0-9a-f]*"', '"…"', text)
        return INSTANT.sub(lambda found: "*" if self.is_real(found[0]) else found[0], text)

    def is_real(self, instant):
        try:
            at = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
        except ValueError:
            return False
        return at.tzinfo is not None and at >= self.began

    def masked(self, known):
        """Ids that only this home knows were made at random."""
        def mask(text):
            return UUID.sub(lambda found: found[0] if found[0] in known else "*", text)
        tables = {name: collections.Counter(map(mask, rows)) for name, rows in self.tables.items()}
        events = {schema: collections.Counter((mask(subject), tuple(map(mask, log))) for subject, log in logs.items())
                  for schema, logs in self.events.items()}
        return tables, events


def difference(name, theirs, ours):
    """None, or what is missing and what is too much, of two multisets."""
    lost, found = theirs - ours, ours - theirs
    if not lost and not found:
        return None
    shown = [f"- {row}" for row in list(lost)[:MOST_SHOWN]] + [f"+ {row}" for row in list(found)[:MOST_SHOWN]]
    return "\n".join([f"{name}: {sum(lost.values())} lost, {sum(found.values())} not expected"] + shown)


def ledgers_and_events(reference, dump):
    """(what, None or what is wrong)"""
    known = reference.ids & dump.ids
    (their_tables, their_events), (tables, events) = reference.masked(known), dump.masked(known)
    ledgers = ("payment.entitlement", "payment.payment", "payment.payment_result")
    wrong = {name: difference(name, rows, tables[name]) for name, rows in their_tables.items()}
    for name in ledgers:
        yield f"{name}: {sum(their_tables[name].values())} rows, those of the undisturbed run", wrong.pop(name)
    yield f"{sum(map(len, dump.tables.values()))} rows of all {len(dump.tables)} tables, those of the undisturbed run", \
        "\n".join(text for text in wrong.values() if text) or None
    for schema, logs in their_events.items():
        if logs:
            yield f"{schema}: {sum(logs.values())} subjects with the same sequence of events", \
                difference(schema, logs, events[schema])


def traces(home, requests):
    """(what, None or what is wrong) of how the rows came about: requests is those acknowledged, by service."""
    for schema in SERVICES:
        numbers = home.sql(f"SELECT count(*) || ' ' || coalesce(max(number), 0) FROM {schema}.event")[0].split()
        yield f"{schema}: events numbered without gaps", None if numbers[0] == numbers[1] else f"{numbers}"
    behind = home.sql("SELECT (SELECT count(*) FROM registry.outbox) || ' ' || (SELECT count(*) FROM relief.outbox) || ' ' ||"
                      " (SELECT max(number) FROM registry.event) - (SELECT max(number) FROM relief.inbox_cursor) || ' ' ||"
                      " (SELECT max(number) FROM relief.event) - (SELECT max(number) FROM payment.inbox_cursor)")[0]
    yield "every event is taken in", None if behind == "0 0 0 0" else behind
    for service, ids in requests.items():
        answers = collections.Counter(home.sql(f"SELECT request_id FROM {service}.idempotency"))
        lost = [name for name in ids if answers[name] != 1]
        yield f"{service}: {len(ids)} acknowledged requests, each with one first answer", \
            f"{len(lost)}: {lost[:MOST_SHOWN]}" if lost else None
    for what, query in (
            ("instruction numbers", "SELECT count(*), max(instruction_no), (SELECT max(last) FROM payment.instruction_counter)"
                                    " AS last FROM payment.payment"),
            ("letters", "SELECT count(*), count(DISTINCT n), max(n) FROM (SELECT letter AS n FROM relief.decision UNION ALL"
                        " SELECT letter_number FROM relief.award_change) AS l WHERE n IS NOT NULL")):
        numbers = home.rows(query)[0]
        yield f"{what} without gaps", None if len(set(numbers.values())) == 1 else f"{numbers}"


def commands(home, contract, began):
    """Audit rows of what callers changed at a business time, as a multiset: one a command, however often it was asked
    for."""
    rows = collections.Counter()
    for schema in SERVICES:
        for row in home.rows(f"SELECT method, account_name, happened_at, reason FROM {schema}.audit WHERE outcome = 'OK' AND"
                             f" account_name NOT LIKE 'service:%' AND happened_at < '{began.isoformat()}'"):
            if row["method"] not in contract.reads and row["method"] != "AdminService/RunDue":
                rows[json.dumps(row)] += 1
    return rows
