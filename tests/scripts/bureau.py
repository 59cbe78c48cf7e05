#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bureau.py [--keep] BUILD [FOLDER|SCRIPT…]: runs scripts against a bureau of its own; without any, each folder in one.

The bureau is a private PostgreSQL, the services that are built, with the test clock, and the accounts of
services/identity/sample, made the way an operator makes them: Bootstrap with a token of the key file, then proposed by
one administrator and approved by another. One line a script; the exit status is 1 when one failed, and with VERBOSE the
services' logs follow. --keep leaves everything running and says how to reach it.
"""
import argparse
import contextlib
import glob
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import run as scripts

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PASSWORD = "Sample-Password-2024"
ADMINISTRATORS = {"system": "sysadmin@500114", "security": "secadmin@500114", "audit": "auditor@500114"}


def all_services():
    """The list of services/CMakeLists.txt."""
    with open(os.path.join(TOP, "services/CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"^set\(services\s+(.*?)\)", file.read(), re.M | re.S).group(1).split()


def free_ports():
    """The first of so many ports in a row as there are services, free with those 1000 above (metrics). Below those that the kernel
    gives to clients, and each bureau's own: one whose service was just killed is not free."""
    count = len(all_services())
    for first in random.SystemRandom().sample(range(20000, 30000, 10), 100):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + count):
                    for number in (port, port + 1000):
                        held.enter_context(socket.socket()).bind(("127.0.0.1", number))
                return first
            except OSError:
                continue
    raise RuntimeError("no free ports in a row")


class Bureau:
    """Everything that must be there before a script can run; removed at the end."""

    settings = ()  # of PostgreSQL, beside those of tests/support/private-postgres
    flags = ()  # of the services

    def __init__(self, build, keep=False):
        self.build, self.keep = os.path.abspath(build), keep
        self.services = [name for name in all_services() if os.path.exists(self.binary(name))]
        self.first_port = free_ports()
        self.ports = {name: self.first_port + i for i, name in enumerate(all_services()) if name in self.services}
        self.dir = tempfile.mkdtemp(prefix="mz-bureau-")
        os.chmod(self.dir, 0o755)
        self.keys = os.path.join(self.dir, "keys")
        self.running = {}

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        if self.keep:
            print(f"# {self.dir}: {self.conninfo}; {self.ports}; password {PASSWORD}")
        else:
            self.close()

    def open(self):
        # Waited for however this ends: what is half started could not be dropped.
        with subprocess.Popen([self.support(), "start", os.path.join(self.dir, "pg"), *self.settings], text=True,
                              stdout=subprocess.PIPE) as postgres:
            self.conninfo = postgres.stdout.read().strip()
        if postgres.returncode:
            raise RuntimeError("PostgreSQL did not start")
        self.program("mz", "keys", "create", self.keys)
        for name in self.services:
            self.program(name, "--owner-db", self.conninfo, "migrate")
        for name in self.services:
            self.program(name, "--db", self.database(name), "--check")
        for name in self.services:
            self.start(name)
        self.world = scripts.World(self.options())
        self.make_accounts()

    def close(self):
        for name in list(self.running):
            self.stop(name)
        subprocess.run([self.support(), "drop", os.path.join(self.dir, "pg")], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    @staticmethod
    def support():
        return os.path.join(TOP, "tests/support/private-postgres")

    def binary(self, name):
        return os.path.join(self.build, "bin", name)

    def program(self, name, *arguments):
        done = subprocess.run([self.binary(name), *arguments], check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name} {arguments[-1]}: {done.stderr or done.stdout}")
        return done.stdout

    def database(self, name):
        return self.conninfo.replace("user=postgres", f"user={name}")

    # -- services

    def launch(self, name):
        log = open(os.path.join(self.dir, name + ".log"), "ab")
        self.running[name] = subprocess.Popen(
            [self.binary(name), "--listen", f"127.0.0.1:{self.ports[name]}", "--workers", "2", "--db", self.database(name),
             "--key-file", self.keys, "--test-clock", *self.peers(name), *self.flags], stderr=log, stdout=log)

    def wait_healthy(self, name):
        deadline = time.time() + 20
        while time.time() < deadline and self.running[name].poll() is None:
            health = subprocess.run([self.binary(name), "--listen", f"127.0.0.1:{self.ports[name]}", "--health"],
                                    check=False, capture_output=True)
            if health.returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError(f"{name} did not become healthy\n{self.log(name)}")

    def start(self, name):
        self.launch(name)
        self.wait_healthy(name)

    def peers(self, name):
        """The report asks all others for their figures."""
        others = ",".join(f"{other}=127.0.0.1:{port}" for other, port in self.ports.items() if other != name)
        return ["--peers", others] if name == "report" else []

    def stop(self, name):
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()

    def options(self):
        return argparse.Namespace(
            set=[os.path.join(self.build, f"services/{name}.binpb") for name in self.services],
            at=[f"minzheng.{name}.v1=127.0.0.1:{self.ports[name]}" for name in self.services], tokens=None,
            password=PASSWORD, database=self.conninfo)

    # -- accounts

    def call(self, path, value, token):
        outcome = self.world.call(path, value, [("authorization", "Bearer " + token)])
        if outcome.code != "OK":
            raise RuntimeError(f"{path}: {outcome}")
        return outcome.reply

    def make_accounts(self):
        accounts = "minzheng.identity.v1.AccountService/"
        operator = self.program("identity", "--key-file", self.keys, "token").strip()
        self.call(accounts + "Bootstrap", {
            kind: {"login": login, "name": login, "password": PASSWORD, "keep_password": True}
            for kind, login in ADMINISTRATORS.items()}, operator)
        proposed = self.call(accounts + "ProposeAccounts", [{"rows": list(self.rows())}],
                             self.world.tokens.of(ADMINISTRATORS["system"]))
        self.call(accounts + "ApproveAccounts", {"ids": proposed["account_ids"]},
                  self.world.tokens.of(ADMINISTRATORS["security"]))

    @staticmethod
    def rows():
        with open(os.path.join(TOP, "services/identity/sample/accounts.tsv"), encoding="utf-8") as file:
            for line in file:
                if line.startswith("#"):
                    continue
                login, kind, name, department, roles, divisions = line.rstrip("\n").split("\t")
                yield {"password": PASSWORD, "keep_password": True, "account": {
                    "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, login)), "login": login, "kind": kind, "duty": "BUSINESS",
                    "name": name, "department": department, "roles": roles.split(),
                    "divisions": [int(id) for id in divisions.split()]}}


    # -- scripts

    def scripts(self, paths):
        """How many failed."""
        failed = 0
        for path in paths:
            self.forget_jobs()
            failed += scripts.run_script(self.world, path)
        return failed

    def forget_jobs(self):
        """Each script has a clock of its own, which may stand before that of the script before: timed jobs begin anew."""
        self.sql("".join(f"DELETE FROM {name}.job;" for name in self.services))

    def sql(self, text):
        return subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, "-c", text], check=True,
                              capture_output=True, text=True).stdout

    def log(self, name):
        with open(os.path.join(self.dir, name + ".log"), encoding="utf-8", errors="replace") as file:
            return file.read()


def scripts_of(names):
    """Folders of tests/scripts and paths, as paths."""
    paths = []
    for name in names:
        paths += [os.path.join(HERE, name)] if name.endswith(".rt") else sorted(glob.glob(os.path.join(HERE, name, "*.rt")))
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("build")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    # A month is paid once in a bureau, so each folder has one of its own.
    groups = [options.names] if options.names else [[name] for name in all_services()]
    return 1 if sum(run_in_bureau(options, names) for names in groups) else 0


def run_in_bureau(options, names):
    """How many scripts failed."""
    with Bureau(options.build, options.keep) as bureau:
        failed = bureau.scripts(scripts_of(names))
        if failed and os.environ.get("VERBOSE"):
            for name in bureau.services:
                print(f"--- {name}\n{bureau.log(name)[-4000:]}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
