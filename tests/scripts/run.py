#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs scripts (.rt) against running services, over the wire, with python3-grpcio: not with our own client.

    run.py --set FILE… --at PACKAGE=HOST:PORT… [--tokens FILE] [--database CONNINFO] SCRIPT…

--set     a FileDescriptorSet (build/PRESET/services/NAME.binpb)
--at      where a package is served: minzheng.relief.v1=127.0.0.1:50063
--database conninfo of the services' PostgreSQL, for `hold`
--tokens  lines of `ACCOUNT TOKEN`, `#` comments; an account that is not there is logged in with the password of
          --password through minzheng.identity.v1.SessionService/Login

A script is a list of lines; a `{ … }` may go over several (values.py says how values are written):

    as clerk@500114 today 2024-12-02        who calls from here on, and the business clock (`today none`: the real one);
                                            `as nobody` sends no token
    purpose "核查"                          x-minzheng-purpose from here on; `purpose none` ends it
    call minzheng.relief.v1.ReliefService/CreateApplication { … }
    call relief:minzheng.svc.v1.AdminService/RunDue {}      a service of the house, asked of one program
    call …/Import [ { … } { … } ]           a client stream: one message after the other; a server stream's reply is a list
    expect OK { id: $id }                   of the last call; fields that are not named may have any value
    expect NOT_FOUND NO_APPLICATION "请核对"   code, reason, a piece of the text
    expect INVALID_ARGUMENT { field: "rows[0].id_number" }  with an error: a field violation
    wait 1.1                                seconds, for what the real clock decides
    hold "SELECT … FOR UPDATE"              another session of the database (--database) keeps what this locks
    start relief:minzheng.svc.v1.AdminService/RunDue {}     a call that goes on beside: until it waits for a lock, or has ended
    release                                 ends the hold; then an expect for each call that was started, in their order
    let id = reply.application.id           also: let id = uuid; let day = "2024-12-02"

Every call must be followed by an expect; a request with an empty `request_id` is given a fresh one.
"""
import argparse
import concurrent.futures
import re
import subprocess
import sys
import time
import urllib.parse
import uuid

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from values import Reader, ScriptError, difference, fill_message, of_message

TIMEOUT_S = 60
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


class Contract:
    """All messages and methods of the descriptor sets."""

    def __init__(self, paths):
        self.pool = descriptor_pool.DescriptorPool()
        self.factory = message_factory.MessageFactory(self.pool)
        known = set()
        for path in paths:
            files = descriptor_pb2.FileDescriptorSet()
            with open(path, "rb") as file:
                files.ParseFromString(file.read())
            for file in files.file:
                if file.name not in known:
                    self.pool.Add(file)
                known.add(file.name)

    def method(self, path):
        service, _, name = path.partition("/")
        try:
            return self.pool.FindServiceByName(service).methods_by_name[name]
        except KeyError:
            raise ScriptError(f"no method {path}") from None

    def message(self, descriptor):
        return self.factory.GetPrototype(descriptor)()

    def by_name(self, name):
        return self.message(self.pool.FindMessageTypeByName(name))


class Places:
    """Channels to the programs; kept open from script to script."""

    def __init__(self, places):
        self.addresses = dict(place.split("=", 1) for place in places)
        self.channels = {}

    def channel(self, program, package):
        key = f"minzheng.{program}.v1" if program else package
        if key not in self.addresses:
            raise ScriptError(f"no --at for {key}")
        address = self.addresses[key]
        if address not in self.channels:
            self.channels[address] = grpc.insecure_channel(address)
        return self.channels[address]


class Outcome:
    """How a call ended."""

    def __init__(self, contract, reply, error):
        self.reply, self.reason, self.violations = reply, "", []
        self.code = error.code().name if error else "OK"
        self.text = (error.details() or "") if error else ""
        for key, value in (error.trailing_metadata() or ()) if error else ():
            if key == "grpc-status-details-bin":
                self.read_details(contract, value)

    def read_details(self, contract, value):
        status = contract.by_name("google.rpc.Status")
        status.ParseFromString(value)
        for detail in status.details:
            message = contract.by_name(detail.type_url.rpartition("/")[2])
            message.ParseFromString(detail.value)
            if message.DESCRIPTOR.name == "ErrorInfo":
                self.reason = message.reason
            elif message.DESCRIPTOR.name == "BadRequest":
                self.violations = [of_message(v) for v in message.field_violations]

    def __str__(self):
        if self.code == "OK":
            return f"OK {self.reply!r}"
        fields = "".join(f"\n      {v['field']}: {v['description']}" for v in self.violations)
        return f"{self.code} {self.reason} {self.text!r}{fields}"


class Tokens:
    """Bearer tokens by account."""

    def __init__(self, path, password, world):
        self.known, self.password, self.world = {}, password, world
        if path:
            with open(path, encoding="utf-8") as file:
                self.known = dict(line.split() for line in file if line.strip() and not line.startswith("#"))

    def of(self, account):
        if account not in self.known:
            if not self.password:
                raise ScriptError(f"no token of {account}")
            outcome = self.world.call("minzheng.identity.v1.SessionService/Login",
                                      {"login": account, "password": self.password}, [])
            if outcome.code != "OK":
                raise ScriptError(f"login of {account}: {outcome}")
            self.known[account] = outcome.reply["token"]
        return self.known[account]


class Holder:
    """A session of the database beside the services, in a transaction of its own."""

    def __init__(self, database, sql):
        if not database:
            raise ScriptError("no --database")
        self.psql = subprocess.Popen(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", database], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ask(f"BEGIN; {sql}; SELECT 'held'", "held")

    def ask(self, sql, last):
        """The lines of the answer, the last of which is known."""
        self.psql.stdin.write(sql + ";\n")
        self.psql.stdin.flush()
        lines = []
        while not lines or lines[-1] != last:
            line = self.psql.stdout.readline()
            if not line:
                raise ScriptError("psql has failed")
            lines.append(line.strip())
        return lines

    def waiting(self):
        """How many sessions wait for a lock."""
        return int(self.ask(f"{WAITING}; SELECT 'counted'", "counted")[0])

    def end(self):
        self.psql.communicate("COMMIT;\n")


class World:
    """What scripts share."""

    def __init__(self, options):
        self.database = getattr(options, "database", None)
        self.contract = Contract(options.set)
        self.places = Places(options.at)
        self.tokens = Tokens(options.tokens, options.password, self)

    def request(self, method, value):
        message = self.contract.message(method.input_type)
        fill_message(message, value)
        if "request_id" in method.input_type.fields_by_name and not message.request_id:
            message.request_id = str(uuid.uuid4())
        return message

    def call(self, path, value, metadata):
        """One call of any kind; value is a list for a client stream."""
        program, _, path = path.rpartition(":")
        method = self.contract.method(path)
        proto = descriptor_pb2.MethodDescriptorProto()
        method.CopyToProto(proto)
        values = value if isinstance(value, list) else [value]
        requests = [self.request(method, item) for item in values]
        if not proto.client_streaming and len(requests) != 1:
            raise ScriptError(f"{path} takes one message")
        channel = self.places.channel(program, method.containing_service.file.package)
        make = getattr(channel, ("stream" if proto.client_streaming else "unary") + "_" +
                       ("stream" if proto.server_streaming else "unary"))
        stub = make("/" + path, request_serializer=lambda m: m.SerializeToString(),
                    response_deserializer=self.factory(method))
        return self.run(stub, iter(requests) if proto.client_streaming else requests[0], metadata,
                        proto.server_streaming)

    def factory(self, method):
        return lambda data: self.contract.factory.GetPrototype(method.output_type).FromString(data)

    def run(self, stub, request, metadata, streams):
        reply = [] if streams else None
        try:
            answer = stub(request, metadata=metadata, timeout=TIMEOUT_S)
            if streams:
                for message in answer:
                    reply.append(of_message(message))
            else:
                reply = of_message(answer)
        except grpc.RpcError as error:
            return Outcome(self.contract, reply, error)
        return Outcome(self.contract, reply, None)


class Script:
    """One .rt file."""

    def __init__(self, world, path):
        self.world, self.path, self.at = world, path, 0
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.account, self.now, self.purpose = "nobody", None, None
        self.variables, self.outcome, self.judged = {}, None, True
        self.holder, self.started, self.threads = None, [], concurrent.futures.ThreadPoolExecutor()

    def line(self):
        return self.text.count("\n", 0, self.at) + 1

    def metadata(self):
        pairs = []
        if self.account != "nobody":
            pairs.append(("authorization", "Bearer " + self.world.tokens.of(self.account)))
        if self.now:
            pairs.append(("x-minzheng-now", self.now))
        if self.purpose:
            pairs.append(("x-minzheng-purpose", urllib.parse.quote(self.purpose)))
        return pairs

    def rest(self):
        """The rest of the line."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        text, self.at = self.text[self.at:end].strip(), end
        return text

    def value(self):
        reader = Reader(self.text, self.at, self.variables)
        value = reader.value()
        self.at = reader.at
        return value

    def skip_blanks(self):
        m = re.compile(r"[ \t]*").match(self.text, self.at)
        self.at = m.end()
        return self.text[self.at:self.at + 1]

    def word(self):
        self.skip_blanks()
        m = re.compile(r"[^\s{\[]+").match(self.text, self.at)
        if not m:
            raise ScriptError("a word is missing")
        self.at = m.end()
        return m.group()

    # -- statements

    def do_as(self):
        words = self.rest().split()
        self.account = words[0]
        if words[1:2] == ["today"] and len(words) == 3:
            self.now = None if words[2] == "none" else words[2]
        elif len(words) > 1:
            raise ScriptError("`as ACCOUNT [today DAY]`")

    def do_today(self):
        day = self.rest()
        self.now = None if day == "none" else day

    def do_purpose(self):
        if self.skip_blanks() == '"':
            self.purpose = self.value()
        elif self.word() == "none":
            self.purpose = None
        else:
            raise ScriptError('`purpose "TEXT"` or `purpose none`')

    def read_call(self):
        path = self.word()
        return path, self.value() if self.skip_blanks() in ("{", "[") else {}, self.metadata()

    def ended(self, outcome):
        self.outcome, self.judged = outcome, False
        self.variables["reply"] = outcome.reply

    def do_call(self):
        if not self.judged:
            raise ScriptError("the call before has no expect")
        self.ended(self.world.call(*self.read_call()))

    def do_hold(self):
        self.holder = Holder(self.world.database, self.value())

    def do_start(self):
        waiting = self.holder.waiting()
        self.started.append(self.threads.submit(self.world.call, *self.read_call()))
        while not self.started[-1].done() and self.holder.waiting() <= waiting:
            time.sleep(0.01)

    def do_release(self):
        if self.holder:
            self.holder.end()
        self.holder = None

    def do_expect(self):
        if self.started and self.judged:
            self.ended(self.started.pop(0).result())
        outcome = self.outcome
        if not outcome:
            raise ScriptError("nothing was called")
        code, reason, text, value = self.word(), "", "", None
        while (mark := self.skip_blanks()) not in ("", "\n", "#"):
            if mark in "{[":
                value = self.value()
            elif mark == '"':
                text = self.value()
            elif mark.islower():
                value = self.value()  # size(3), any
            else:
                reason = self.word()
        self.judged = True
        problem = self.judge(code, reason, text, value)
        if problem:
            raise ScriptError(f"{problem}\n    got {outcome}")

    def judge(self, code, reason, text, value):
        outcome = self.outcome
        if outcome.code != code:
            return f"expected {code}"
        if reason and outcome.reason != reason:
            return f"expected the reason {reason}"
        if text and text not in outcome.text:
            return f"expected the text {text!r}"
        if value is not None and code != "OK":
            if all(difference(value, violation) for violation in outcome.violations):
                return f"expected the field violation {value!r}"
        elif value is not None:
            return difference(value, outcome.reply)
        return None

    def do_let(self):
        m = re.compile(r"\s*(\w+)\s*=\s*").match(self.text, self.at)
        if not m:
            raise ScriptError("`let NAME = VALUE`")
        self.at = m.end()
        if self.text.startswith("reply", self.at):
            self.text = self.text[:self.at] + "$" + self.text[self.at:]
        self.variables[m.group(1)] = self.value()

    def do_wait(self):
        time.sleep(float(self.rest()))

    STATEMENTS = {"as": do_as, "wait": do_wait, "today": do_today, "purpose": do_purpose, "call": do_call, "expect": do_expect,
                  "let": do_let, "hold": do_hold, "start": do_start, "release": do_release}

    def run(self):
        blank = re.compile(r"(?:\s|#[^\n]*)+")
        while True:
            m = blank.match(self.text, self.at)
            self.at = m.end() if m else self.at
            if self.at >= len(self.text):
                break
            self.begin = self.line()
            word = self.word()
            if word not in self.STATEMENTS:
                raise ScriptError(f"unknown statement {word}")
            self.STATEMENTS[word](self)
        if not self.judged or self.started:
            raise ScriptError("the last call has no expect")


def run_script(world, path):
    """Prints how the script ended; 1 when it failed."""
    script = Script(world, path)
    script.begin = 1
    try:
        script.run()
    except ScriptError as error:
        print(f"not ok {path}:{script.begin}: {error}", flush=True)
        script.do_release()
        return 1
    print(f"ok {path}", flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", required=True)
    parser.add_argument("--at", action="append", required=True)
    parser.add_argument("--database")
    parser.add_argument("--tokens")
    parser.add_argument("--password")
    parser.add_argument("scripts", nargs="+")
    world = World(options := parser.parse_args())
    failed = sum(run_script(world, path) for path in options.scripts)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
