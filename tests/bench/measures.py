# SPDX-License-Identifier: Apache-2.0
"""The measures of ./minzheng bench but `rpc`: each yields lines, ours beside its yardstick, from one interleaved run."""
import os
import re
import time
import uuid
from typing import NamedTuple

from house import TOP, at_once, children, filled, halves, id_number, kilobytes, name_of, person_key, transaction_with

REGISTRY, PAYMENT = "minzheng.registry.v1.", "minzheng.payment.v1.PaymentService/"
IN_FLIGHT = 500
PGBENCH_ROWS = 1000000


class Line(NamedTuple):
    """A ratio of at least the goal is met; where less is better (seconds, MB) the ratio is yardstick ÷ ours."""
    name: str
    unit: str
    ours: float
    yardstick: float
    goal: float
    cpu_ratio: float = 0  # the yardstick's CPU time for one piece of work ÷ ours, clients and PostgreSQL included
    note: str = ""

    def ratio(self):
        less_is_better = not self.unit.endswith("/s")
        a, b = (self.yardstick, self.ours) if less_is_better else (self.ours, self.yardstick)
        return a / b if b else 0


def rates(name, unit, goal, ours, yardstick, note=""):
    """A line from two sides of House.paired that are (rate, CPU seconds) over the same time."""
    cpu_ratio = (yardstick[1] / yardstick[0]) / (ours[1] / ours[0])
    return Line(name, unit, ours[0], yardstick[0], goal, cpu_ratio, note)


# -- common/db alone ----------------------------------------------------------------------------------------------------

BY_KEY = f"\\set n{{0}} random(1, {PGBENCH_ROWS})\nSELECT aid, abalance, filler FROM pgbench_accounts WHERE aid = :n{{0}};\n"
PIPELINED = "".join(f"\\set n{i} random(1, {PGBENCH_ROWS})\n" for i in range(8)) + "\\startpipeline\n" + "".join(
    f"SELECT aid, abalance, filler FROM pgbench_accounts WHERE aid = :n{i};\n" for i in range(8)) + "\\endpipeline\n"
TRANSACTION = f"""\\set n random(1, {PGBENCH_ROWS})
\\set delta random(-5000, 5000)
BEGIN;
SELECT aid, abalance FROM pgbench_accounts WHERE aid = :n FOR UPDATE;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :n;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, :n, :delta, now());
COMMIT;
"""


def bench_db(house, what, in_flight, connections):
    return float(house.run(os.path.join(house.build, "tests/bench/bench-db"), house.conninfo, what, str(in_flight), str(house.seconds),
                           str(connections)))


def measure_db(house):
    house.say("making pgbench's tables")
    house.run("/usr/lib/postgresql/15/bin/pgbench", "-i", "-q", "-s", str(PGBENCH_ROWS // 100000), house.conninfo)
    ours, plain, pipelined = house.paired(
        "reads by key", lambda: bench_db(house, "reads", IN_FLIGHT, 2), lambda: house.pgbench(BY_KEY.format(""), IN_FLIGHT),
        lambda: house.pgbench(PIPELINED, IN_FLIGHT // 8) * 8)
    yield rates("db.read", "reads/s", 3, ours, plain, "pgbench -M prepared, 500 clients")
    yield rates("db.read.pipelined", "reads/s", 0.8, ours, pipelined, "pgbench pipelined by 8, 62 clients")
    yield from beside_tonic(house)
    sides = house.paired("transactions", *(
        lambda side=side, n=n: side(n) for n in (8, 64) for side in (
            lambda n: bench_db(house, "transactions", 64, n), lambda n: house.pgbench(TRANSACTION, n))))
    yield rates("db.transaction", "transactions/s", 1.5, max(sides[::2]), max(sides[1::2]),
                "five statements; each on the better of 8 and 64 connections")


def beside_tonic(house):
    """A gRPC server that reads by key, of one thread: ours, and tonic with tokio-postgres in the better of its runtimes."""
    target = os.path.join(os.environ.get("MINZHENG_TOOLS", TOP + "/build/tools"), "tonic-target")
    try:
        house.run("cargo", "build", "--release", "--locked", "--manifest-path", TOP + "/tests/bench/peers/tonic/Cargo.toml", "--target-dir", target)
    except (OSError, RuntimeError) as error:
        print(f"skip db.read.tonic: cannot be built: {str(error).strip().splitlines()[-1]}", flush=True)
        return
    tonic = target + "/release/echo-tonic"
    with house.server(os.path.join(house.build, "tests/bench/read-server"), house.conninfo) as port, \
            house.server(tonic, "current", house.conninfo) as current, house.server(tonic, "multi", house.conninfo) as multi:
        keys = house.packed("accounts-asked", (b"\x08" + varint(number * 7919 % PGBENCH_ROWS + 1) for number in range(20000)))
        ours, one, two = house.paired("reads over gRPC", *(
            lambda at=at: house.calls_at(at, "bench.Read/Get", keys, IN_FLIGHT)[0] for at in (port, current, multi)))
    yield rates("db.read.tonic", "calls/s", 2, ours, max(one, two), "over gRPC; tonic with tokio-postgres, pipelined, the better of its runtimes")


def varint(number):
    low = b""
    while number > 127:
        low, number = low + bytes([number & 127 | 128]), number >> 7
    return low + bytes([number])


# -- calls --------------------------------------------------------------------------------------------------------------

def bare_select(house):
    """GetPerson's statement as pgbench runs it, of a person drawn anew each time."""
    someone = person_key(1)
    seen = house.watched(lambda: house.call_as("clerk@500114", REGISTRY + "PersonService/GetPerson", {"id": someone},
                                               x_minzheng_purpose="bench"))
    select = next(statement for session in seen.values() for statement in session if "FROM person" in statement[0])
    return f"\\set n random(0, {house.persons - 1})\n" + filled(*select, {someone: "md5(:n::text)::uuid"}) + ";\n"


def measure_read(house):
    """GetPerson: a session's token, the caller's divisions, ID number, phone and address decrypted and masked, an audit row."""
    house.need_persons()
    path, select = REGISTRY + "PersonService/GetPerson", bare_select(house)
    keys = house.requests(path, ({"id": person_key(number * 997 % house.persons)} for number in range(20000)))
    seen = []

    def ours():
        before = audited(house)
        seen.append((*house.calls("clerk@500114", path, keys, IN_FLIGHT), audited(house) - before))
        return seen[-1][0]

    sides = house.paired("audited reads", ours, lambda: house.pgbench(select, IN_FLIGHT, user="registry"),
                         *(lambda c=c: house.pgbench(select, c, user="registry") for c in (2, 4, 16)))
    yield rates("read", "calls/s", 1.5, sides[0], sides[1], "pgbench -M prepared, the bare SELECT, 500 clients")
    yield rates("read.best", "calls/s", 0, sides[0], max(sides[2:]), "pgbench at its best of 2, 4 and 16 clients")
    yield Line("read.p99", "ms", sorted(one[4] for one in seen)[len(seen) // 2], 15, 1, note="500 in flight; p50 "
               f"{sorted(one[2] for one in seen)[len(seen) // 2]:.1f}")
    yield Line("read.audited", "rows/s", sum(one[5] for one in seen), sum(one[1] for one in seen), 1, note="audit rows, calls")


def audited(house):
    return int(house.sql("SELECT count(*) FROM registry.audit WHERE method LIKE '%GetPerson'"))


def fact(number):
    return {"request_id": str(uuid.uuid4()), "person_id": person_key(number), "kind": "CUSTODY_BEGAN",
            "effective_on": "2024-03-05", "evidence": "CERTIFICATE", "source": "区法院", "detail": "PRISON"}


def measure_command(house):
    """RecordFact: three loads, a decision, the fact, the person, an event, an audit row and the first answer, committed."""
    house.need_persons()
    path, clients, each = REGISTRY + "FactService/RecordFact", 64, house.persons // (2 * house.rounds) - 1
    one, fact_id = fact(house.persons - 1), None

    def call():
        nonlocal fact_id
        fact_id = house.call_as("clerk@500114", path, one, x_minzheng_purpose="bench")["fact"]["id"]

    sessions = house.watched(call)
    transaction = transaction_with("INSERT INTO person_fact", sessions)
    person = "md5(:n::text)::uuid"
    fresh = {one["person_id"]: person, f"{{{one['person_id']}}}": f"ARRAY[{person}]", one["request_id"]: "md5(:n::text)",
             f"{{{fact_id}}}": "ARRAY[md5('fact ' || :n::text)::uuid]"}
    script = f"\\set n :base + :client_id + :i * {clients}\n\\set i :i + 1\n" + "".join(
        filled(sql, parameters, fresh) + ";\n" for sql, parameters in transaction)
    turns = iter(range(house.rounds * 2))

    def ours():
        first = next(turns) * each
        more = house.requests(path, map(fact, range(first, first + min(each, 10000 * house.seconds))))
        return house.calls("clerk@500114", path, more, clients, once=True)[0]

    def yardstick():
        return house.pgbench(script, clients, "-D", f"base={next(turns) * each}", "-D", "i=0", user="registry")

    yield rates("command", "calls/s", 1.2, *house.paired("commands", ours, yardstick),
                note=f"pgbench, the same {len(transaction)} statements one by one, 64 clients")


# -- imports ------------------------------------------------------------------------------------------------------------

def rows_of(house, first, last):
    """Files of the rows that the import of persons [first, last) has made, by table."""
    files = {table: house.path(f"pg/{table}-{first}.copy") for table in ("person", "id_claim")}
    key = f"FROM generate_series({first}, {last - 1}) AS n JOIN registry"
    house.sql(f"COPY (SELECT t.* {key}.person t ON t.tenant = 1 AND t.id = md5(n::text)::uuid ORDER BY n) TO '{files['person']}'")
    house.sql(f"COPY (SELECT t.* {key}.id_claim t ON t.person_id = md5(n::text)::uuid ORDER BY n) TO '{files['id_claim']}'")
    return files


def copy_rows(house, first, last):
    """COPY of those rows into tables like those, two at once as they were imported; the seconds it took."""
    parts = [rows_of(house, *part) for part in halves(first, last)]
    begun = time.monotonic()
    at_once(lambda files: house.sql(";".join(f"COPY bench.{table} FROM '{path}'" for table, path in files.items())), parts)
    took = time.monotonic() - begun
    for path in (path for files in parts for path in files.values()):
        os.unlink(path)
    return took


def measure_import(house):
    """`mz load persons`: rows checked, encrypted, staged, deduplicated and committed, beside COPY; two files at once."""
    if house.persons:
        raise RuntimeError("import must come first")
    turns = 5
    house.sql("CREATE SCHEMA bench; CREATE TABLE bench.person (LIKE registry.person INCLUDING ALL);"
              "CREATE TABLE bench.id_claim (LIKE registry.id_claim INCLUDING ALL);"
              "ALTER TABLE bench.person ADD FOREIGN KEY (tenant, division_id) REFERENCES registry.division (tenant, id)")
    sums = [0] * 4
    for turn in range(turns):
        house.say(f"importing persons: turn {turn + 1} of {turns}")
        first, last = house.persons, house.wanted * (turn + 1) // turns
        ours = house.metered(lambda last=last: house.load_persons(last))
        theirs = house.metered(lambda first=first: copy_rows(house, first, house.persons))
        sums = [total + more for total, more in zip(sums, (*ours, *theirs))]
    found = int(house.sql("SELECT count(*) FROM registry.person"))
    if found != int(house.sql("SELECT count(*) FROM bench.person")) or found != house.persons:
        raise RuntimeError(f"{found} persons of {house.persons} arrived")
    house.sql("DROP SCHEMA bench CASCADE")
    yield Line("import", "s", sums[0], sums[2], 0.25, sums[3] / sums[1],
               f"{house.persons} persons, two files at once; COPY into the same indexed tables, two at once too")
    yield Line("import.limit", "s", sums[0], 60, 1 if house.persons == 1000000 else 0)


# -- search -------------------------------------------------------------------------------------------------------------

def measure_duplicates(house):
    """Is this person known? By ID number, and by name as a clerk would look for a likely double."""
    house.need_persons()
    persons = [number * 997 % house.persons for number in range(2000)]
    for name, method, values in (
            ("id", "FindPerson", ({"id_number": id_number(number)} for number in persons)),
            ("name", "SearchPersons", ({"query": name_of(number), "page_size": 20} for number in persons))):
        path = REGISTRY + "PersonService/" + method
        requests = house.requests(path, values)
        house.calls("clerk@500114", path, requests, 1, 1)  # warm
        _, calls, p50, p95, _ = house.calls("clerk@500114", path, requests, 1, 1)
        yield Line(f"duplicates.{name}", "ms p95", p95, 5, 1, note=f"{method}, {house.persons} persons, {calls} calls one by one; p50 {p50:.2f}")


# -- the monthly run ----------------------------------------------------------------------------------------------------

def block(rpc, step):
    """The SQL blocks of payment/queries.sql under `-- rpc RPC STEP …`."""
    with open(os.path.join(TOP, "services/payment/queries.sql"), encoding="utf-8") as file:
        parts = re.split(r"((?:^-- rpc .*\n)+)", file.read(), flags=re.M)
    return [sql.rstrip().rstrip(";") for heads, sql in zip(parts[1::2], parts[2::2])
            if re.search(rf"^-- rpc {rpc} {step}\b", heads, re.M)]


def bound(sql, values):
    """SQL with `:path` replaced; what is no parameter (a cast, a comment) stays."""
    sql = re.sub(r"^\s*--.*\n", "", sql, flags=re.M)
    return re.sub(r"(?<![:\w]):([a-z][\w.]*)", lambda match: values[match[1]], sql)


class Months:
    """One programme's awards, paid month by month, by the service or by psql."""

    day = 0

    def __init__(self, house, programme, count):
        self.house, self.programme, self.count, self.month = house, programme, count, 0
        with open(os.path.join(TOP, "services/payment/runs.c"), encoding="utf-8") as file:
            self.slice = int(re.search(r"SLICE_AWARDS = (\d+)", file.read()).group(1))
        self.slices = count // self.slice + 1
        award = "md5(n::text || '" + programme + "')::uuid"
        house.say(f"making {count} awards of {programme}")
        house.sql(f"INSERT INTO payment.award SELECT 1, {award}, '{programme}', 'bench', '2024-01-01', '2024-01-01', '', 10101"
                  f" FROM generate_series(0, {count - 1}) AS n")
        house.sql("INSERT INTO payment.award_version (tenant, award_id, version, payee_id, amount_fen, person_ids, share_fen, from_month,"
                  f" reason, known_at) SELECT 1, {award}, 1, md5(n::text)::uuid, 65000, ARRAY[md5(n::text)::uuid], '{{65000}}',"
                  f" '2024-01-01', 'IMPORTED', '2024-01-01' FROM generate_series(0, {count - 1}) AS n")
        house.sql("VACUUM ANALYZE payment.award, payment.award_version")
        house.sql("CHECKPOINT")

    def next(self):
        self.month += 1
        return f"2024-{self.month:02d}"

    def by_service(self):
        month, house = self.next(), self.house
        Months.day += 1  # business time only goes on, whose month it may be
        now, later = ({"x_minzheng_now": f"2024-10-{Months.day:02d}T09:0{minute}:00+08:00"} for minute in (0, 2))
        admin = "payment:minzheng.svc.v1.AdminService/RunDue"
        house.call_as("accountant@500114", admin, {}, **now)  # what else is due
        begun = time.monotonic()
        run = house.call_as("accountant@500114", PAYMENT + "CreatePaymentRun", {"programme": self.programme, "month": month}, **now)
        house.call_as("accountant@500114", admin, {}, **later)
        house.call_as("checker@500114", PAYMENT + "CheckPaymentRun", {"id": run["id"], "version": self.slices + 1}, **later)
        return self.proven(month, time.monotonic() - begun)

    def by_psql(self):
        month, run = self.next(), str(uuid.uuid4())
        values = {
            "caller.tenant": "1::int2", "now": "'2024-10-01 01:00:00+00'::timestamptz", "today": "'2024-10-01'", "programme": f"'{self.programme}'",
            "month": f"'{month}'", "batch_id": "''", "supplement": "0", "is_new": "true", "reply.id": f"'{run}'", "reply.slices": str(self.slices), "id": f"'{run}'",
            "slice": str(self.slice), "due_on": "'2024-10-08'", "version": str(self.slices + 1), "run.id": f"'{run}'::uuid",
            "run.programme": f"'{self.programme}'", "run.batch_id": "''", "run.month_on": f"'{month}-01'", "run.snapshot_at": ":'snapshot_at'",
            "run.cursor": ":'cursor'"}

        def transaction(rpc, caller, load=""):
            with_caller = {**values, "caller.id": f"'{caller}'"}
            return "BEGIN;\n" + "".join(bound(sql, with_caller) + load for sql in block(rpc, "load run")) + "".join(
                bound(sql, with_caller) + ";\n" for sql in block(rpc, "store")) + "COMMIT;\n"

        one, other = str(uuid.uuid4()), str(uuid.uuid4())
        script = transaction("CreatePaymentRun", one) + transaction("AdvancePaymentRuns", one, " \\gset\n") * self.slices + transaction(
            "CheckPaymentRun", other, ";\n")
        begun = time.monotonic()
        self.house.sql_file(script, user="payment", schema="payment")
        return self.proven(month, time.monotonic() - begun)

    def proven(self, month, seconds):
        """That the month was paid whole, whoever did it."""
        state = self.house.sql(f"SELECT state, (SELECT count(*) FROM payment.payment p WHERE p.tenant = 1 AND p.run_id = r.id), (SELECT count(*)"
                               f" FROM payment.hold h WHERE h.tenant = 1 AND h.run_id = r.id) FROM payment.payment_run r WHERE"
                               f" programme = '{self.programme}' AND month = '{month}-01'")
        if state != f"CHECKED|{self.count}|0":
            raise RuntimeError(f"{month} of {self.programme}: {state}")
        return seconds


def measure_run(house):
    """A month of a programme: created, reckoned slice by slice into both ledgers, cross-checked."""
    house.need_persons()
    house.say("giving every person a bank account")
    house.sql("INSERT INTO registry.bank_account (tenant, id, person_id, number, number_index, bank, holder, state, valid, proposed_by,"
              " proposed_at, import_id) SELECT 1, id, id, '\\x00', sha256(id::text::bytea), '农商行', name, 'ACTIVE', '(,)', id, now(), id"
              " FROM registry.person")
    house.sql("VACUUM ANALYZE registry.bank_account")
    for name, programme, count in (("run.46k", "DIBAO", min(46000, house.persons)), ("run.1m", "ELDER_ALLOWANCE", house.persons)):
        months = Months(house, programme, count)
        months.by_service()  # the first month reckons no difference to one before
        ours, theirs = house.paired(f"a month of {programme}", months.by_service, months.by_psql)
        yield Line(name, "s", ours[0], theirs[0], round(1 / 1.1, 2), theirs[1] / ours[1], f"{count} awards; the same SQL by psql")


# -- starting, and memory -----------------------------------------------------------------------------------------------

def measure_start(house):
    """The five services from their start to healthy on a database that is warm, and what they and PostgreSQL hold."""
    yield Line("memory", "MB PSS", house.memory_mb(), 512, 1, note="all processes with PostgreSQL, after the measures before")
    seconds = []
    for _ in range(house.rounds):
        for name in list(house.running):
            house.stop(name)
        begun = time.monotonic()
        for name in house.services:
            house.launch(name)
        for name in house.services:
            house.wait_healthy(name)
        seconds.append(time.monotonic() - begun)
    yield Line("start", "s", sorted(seconds)[len(seconds) // 2], 3, 1, note="five services with two workers each, all healthy")
    time.sleep(3)
    most = max((kilobytes(worker, "Private_[A-Z]\\w+"), name) for name, process in house.running.items() for worker in children(process.pid))
    yield Line("worker", "MB private", most[0] / 1000, 4, 1, note=f"the largest idle worker, of {most[1]}")


MEASURES = {
    "import": (measure_import, "a file of a million persons beside COPY of the same rows"),
    "db": (measure_db, "common/db alone: reads by key and five-statement transactions beside pgbench"),
    "read": (measure_read, "an authenticated, decrypting, masking, audited read by key over gRPC beside the bare SELECT"),
    "command": (measure_command, "a command over gRPC beside the same statements without pipelining"),
    "duplicates": (measure_duplicates, "is this person known? by ID number and by name"),
    "run": (measure_run, "a monthly run of 46,000 persons, and of all, beside the same SQL by psql"),
    "start": (measure_start, "five services from start to healthy; memory"),
}
