#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_notes.py BUILD: drives the notes service over the wire, and kills its workers.

One line a test, `ok NAME` or `not ok NAME: why`; the exit status is the number of failures.
"""
import base64
import concurrent.futures
import glob
import os
import signal
import subprocess
import sys
import time
import uuid

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts"))
import run as scripts  # noqa: E402
from world import TOP, World  # noqa: E402

NOTES = "minzheng.notes.v1.NotesService/"


class Client:
    """The script runner's client, used from Python."""

    def __init__(self, world):
        options = type("Options", (), {
            "set": [os.path.join(world.build, "tests/svc/notes.binpb")],
            "at": [f"minzheng.notes.v1=127.0.0.1:{world.port}"], "tokens": world.tokens, "password": None,
            "database": world.conninfo})
        self.world = scripts.World(options)

    def call(self, method, value, account="clerk"):
        return self.world.call(NOTES + method, value, [("authorization", f"Bearer token-of-{account}")])


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def until(is_so):
    deadline = time.time() + 10
    while not is_so():
        check(time.time() < deadline, "it took too long")
        time.sleep(0.05)


def create(client, **more):
    value = {"request_id": str(uuid.uuid4()), "id": str(uuid.uuid4()), "person_id": str(uuid.uuid4()),
             "title": str(uuid.uuid4())[:20], "division": 101}
    value.update(more)
    return value, client.call("CreateNote", value)


def test_check_and_help(world):
    done = world.run("--check", "--db", world.service_db(), check=False)
    check(done.returncode == 0, done.stderr)
    done = world.run("--help")
    check("--workers" in done.stdout and "工作进程数" in done.stdout, done.stdout)
    done = world.run("--no-such-option", check=False)
    check(done.returncode != 0, "an unknown option was taken")


def test_check_finds_what_cannot_be_distributed(world):
    world.sql("CREATE TABLE notes.stray (id uuid PRIMARY KEY, other uuid REFERENCES notes.stray);"
              "CREATE TABLE notes.house_claim (person_id uuid PRIMARY KEY);"
              "CREATE TABLE notes.known (id uuid PRIMARY KEY); COMMENT ON TABLE notes.known IS 'national: a test'")
    done = world.run("--check", "--db", world.service_db(), check=False)
    world.sql("DROP TABLE notes.stray, notes.house_claim, notes.known")
    check(done.returncode != 0 and done.stderr.count("\n") == 2 and "stray_pkey" in done.stderr
          and "stray_other_fkey" in done.stderr, done.stderr)


def test_migrating_again_changes_nothing(world):
    done = world.run("--owner-db", world.conninfo, "migrate")
    check(done.returncode == 0 and "0001_note.sql" not in done.stdout, done.stdout)


def test_scripts(world):
    paths = sorted(glob.glob(os.path.join(TOP, "tests/scripts/notes/*.rt")))
    check(world.scripts(paths) == 0, "some script failed")


def test_concurrent_tries_of_one_request_get_one_answer(world):
    # Many rounds: a try may begin at any moment of another one's commit.
    clients = [Client(world) for _ in range(8)]
    for number in range(40):
        value = {"request_id": str(uuid.uuid4()), "person_id": str(uuid.uuid4()), "title": f"同一件事{number}",
                 "division": 101}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            outcomes = list(pool.map(lambda c: c.call("CreateNote", value), clients))
        ids = {o.reply["id"] for o in outcomes if o.code == "OK"}
        check(all(o.code == "OK" for o in outcomes), [str(o) for o in outcomes])
        check(len(ids) == 1, ids)
        check(world.sql(f"SELECT count(*) FROM notes.note WHERE title = '同一件事{number}'") == "1", "not exactly one note")


def test_a_revoked_session_is_out_within_a_second(world):
    client = Client(world)
    check(client.call("ListNotes", {}, "village").code == "OK", "the session should work")
    world.sql("UPDATE identity.api_session SET expires_at = now() WHERE account_name = 'village'")
    time.sleep(1.1)
    check(client.call("ListNotes", {}, "village").code == "UNAUTHENTICATED", "a revoked session still works")


def test_every_command_has_one_audit_row_and_one_event(world):
    client = Client(world)
    value, outcome = create(client)
    check(outcome.code == "OK", outcome)
    rows = world.sql(f"SELECT count(*) FROM notes.audit WHERE method = 'NotesService/CreateNote' "
                     f"AND person_ids @> ARRAY['{value['person_id']}'::uuid] AND outcome = 'OK'")
    check(rows == "1", rows)


def test_sealed_values_are_sealed(world):
    client = Client(world)
    value, outcome = create(client, phone="13512345678")
    check(outcome.code == "OK" and outcome.reply["phone"] == "135****5678", outcome)
    stored = world.sql(f"SELECT encode(phone, 'escape') || coalesce(encode(phone_index, 'hex'), '') "
                       f"FROM notes.note WHERE id = '{value['id']}'")
    check("13512345678" not in stored and len(stored) > 60, stored)
    kept = world.sql("SELECT count(*) FROM notes.idempotency WHERE position('13512345678'::bytea IN response) > 0")
    check(kept == "0", "an answer is kept in clear")


def test_a_page_token_tells_nothing(world):
    client, title = Client(world), "00 a first note"
    for each in (title, "00 a second note"):
        outcome = create(client, title=each)[1]
        check(outcome.code == "OK", outcome)
    page = client.call("ListNotes", {"page_size": 1})
    token = page.reply["next_page_token"]
    check(page.reply["notes"][0]["title"] == title, page)
    check(title.encode() not in base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), "the token has the title in clear")
    check(client.call("ListNotes", {"page_size": 1, "page_token": token}).code == "OK", "the second page")
    check(client.call("ListNotes", {"page_size": 1, "page_token": token[:-4] + "AAAA"}).code == "INVALID_ARGUMENT", "a changed token")


def memory_of(pid):
    """What a process has written: the bytes of its private pages."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            span, mode = line.split()[:2]
            first, last = (int(at, 16) for at in span.split("-"))
            if mode == "rw-p" and last - first < 1 << 30:  # but not AddressSanitizer's shadow
                mem.seek(first)
                yield mem.read(last - first)


def test_an_export_leaves_nothing_in_clear(world):
    client, phone = Client(world), "13598761234"
    check(create(client, phone=phone)[1].code == "OK", "the note was not made")
    before = world.worker_pids()
    for pid in before:  # the successors have never seen the number
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(world.worker_pids()) == len(before) and not set(before) & set(world.worker_pids()))
    until(lambda: client.call("ExportNotes", {}).code == "OK")
    # The caller has its answer a moment before the call's memory is erased.
    until(lambda: not any(phone.encode() in piece for pid in world.worker_pids() for piece in memory_of(pid)))


def test_a_killed_worker_is_replaced(world):
    client = Client(world)
    for round_ in range(3):
        before = world.worker_pids()
        os.kill(before[round_ % len(before)], signal.SIGKILL)
        deadline = time.time() + 10
        while time.time() < deadline and (len(world.worker_pids()) < len(before) or world.worker_pids() == before):
            time.sleep(0.05)
        check(len(world.worker_pids()) == len(before), "the worker was not replaced")
        for _ in range(20):  # a call may hit the dying connection once, cleanly
            outcome = client.call("ListNotes", {})
            if outcome.code == "OK":
                break
            check(outcome.code == "UNAVAILABLE", outcome)
            time.sleep(0.1)
        check(outcome.code == "OK", outcome)


def test_acknowledged_writes_survive_kills(world):
    clients = [Client(world) for _ in range(4)]
    acknowledged, stop = [], time.time() + 3

    def write(client):
        while time.time() < stop:
            value, outcome = create(client)
            tries = 0
            while outcome.code == "UNAVAILABLE" and tries < 50:  # what a client does: the same request again
                time.sleep(0.05)
                outcome, tries = client.call("CreateNote", value), tries + 1
            check(outcome.code == "OK", outcome)
            acknowledged.append(value["id"])

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(write, client) for client in clients]
        while time.time() < stop - 0.5:
            time.sleep(0.4)
            pids = world.worker_pids()
            if pids:
                os.kill(pids[len(acknowledged) % len(pids)], signal.SIGKILL)
        for future in futures:
            future.result()
    found = int(world.sql(f"SELECT count(*) FROM notes.note WHERE id = ANY('{{{','.join(acknowledged)}}}'::uuid[])"))
    check(found == len(acknowledged) > 10, f"{found} of {len(acknowledged)}")


def test_bytes_that_are_no_message(world):
    with grpc.insecure_channel(f"127.0.0.1:{world.port}") as channel:
        for request, text, reason in ((b"\xff\xff", "请求内容不是 minzheng.notes.v1.GetNoteRequest：", b"UNREADABLE"),
                                      (b"\x0a\x01\xff", "id：应为引号中的文字（UTF-8）（", b"BAD_FIELDS")):
            try:
                channel.unary_unary("/" + NOTES + "GetNote")(request, timeout=10)
                raise AssertionError("it was taken")
            except grpc.RpcError as error:
                check(error.details().startswith(text), error.details())
                check(reason in dict(error.trailing_metadata())["grpc-status-details-bin"], error.trailing_metadata())


def test_metrics(world):
    page = world.metrics()
    check('minzheng_calls_total{code="OK"}' in page, page[:2000])
    for counter in ("rpc_server_connections", "rpc_server_calls_ok", "db_reads", "db_transactions"):
        value = next(line.split()[1] for line in page.splitlines() if line.startswith(f"minzheng_{counter}_total"))
        check(int(value) > 0, f"{counter} is {value}")


def test_drain(world):
    check(world.stop() == 0, "SIGTERM did not end the service in order")
    log = world.log_text()
    check('"event":"stopped"' in log, "no last word in the log")
    check("Sanitizer" not in log, log[log.find("Sanitizer") - 200:][:3000])


def test_tls(world):
    key, certificate = os.path.join(world.dir, "key.pem"), os.path.join(world.dir, "cert.pem")
    subprocess.run([TOP + "/tests/support/make-certificate", world.dir], check=True, capture_output=True)
    world.start("--tls-certificate", certificate, "--tls-key", key)  # which asks for its health over TLS
    with open(certificate, "rb") as file:
        channel = grpc.secure_channel(f"127.0.0.1:{world.port}", grpc.ssl_channel_credentials(file.read()))
    answer = channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=10)
    check(answer == b"\x08\x01", answer)
    channel.close()
    check(world.stop() == 0, "SIGTERM did not end the service in order")
    done = world.run("--listen", f"127.0.0.1:{world.port}", "--tls-certificate", world.keys + ".none", "--db",
                     world.service_db(), "--key-file", world.keys, check=False)
    check(done.returncode != 0, "it started without its certificate")


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    with World(sys.argv[1]) as world:
        world.start("--test-clock")
        for name, test in tests:
            try:
                test(world)
                print(f"ok {name}", flush=True)
            except AssertionError as error:
                failed += 1
                print(f"not ok {name}: {error}", flush=True)
        if failed:
            print(world.log_text()[-4000:])
    return failed


if __name__ == "__main__":
    sys.exit(main())
