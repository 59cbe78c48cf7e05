#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A database, an account file and a running service for the tests of common/svc.

    with World(build_dir) as world: world.start(); world.scripts(paths)
"""
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

ALL = "notes.note.read notes.note.write notes.note.export notes.note.import svc.indicator.read svc.indicator.rows " \
      "svc.event.read svc.audit.read svc.retention.read svc.retention.set svc.reason.read svc.job.run clock.set"
# name, account id, tenant, permissions, roots, hours until the session expires
ACCOUNTS = [
    ("clerk", "01900000-0000-7000-8000-000000000001", 1, ALL, [100], 1),
    ("village", "01900000-0000-7000-8000-000000000002", 1, ALL, [101], 1),
    ("auditor", "01900000-0000-7000-8000-000000000003", 1, ALL + " notes.unmask", [100], 1),
    ("reader", "01900000-0000-7000-8000-000000000004", 1, "notes.note.read clock.set", [100], 1),
    ("visitor", "01900000-0000-7000-8000-000000000007", 1, "notes.note.read", [100], 1),
    ("elsewhere", "01900000-0000-7000-8000-000000000005", 2, ALL, [200], 1),
    ("expired", "01900000-0000-7000-8000-000000000006", 1, ALL, [100], -1),
]


def sm3(text):
    return hashlib.new("sm3", text.encode()).hexdigest()


def free_port():
    """A port whose port + 1000 is free too."""
    while True:
        with socket.socket() as a, socket.socket() as b:
            a.bind(("127.0.0.1", 0))
            port = a.getsockname()[1]
            if port > 60000:
                continue
            try:
                b.bind(("127.0.0.1", port + 1000))
            except OSError:
                continue
            return port


class World:
    """Everything that must be there before a call can be made; removed at the end."""

    def __init__(self, build, program="notes", workers=2):
        self.build, self.program, self.workers = os.path.abspath(build), program, workers
        self.dir = tempfile.mkdtemp(prefix="mz-svc-")
        os.chmod(self.dir, 0o755)
        self.binary = os.path.join(self.build, "bin", program)
        self.port = free_port()
        self.server = None
        self.log = open(os.path.join(self.dir, "service.log"), "ab")

    def __enter__(self):
        try:
            self.prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def prepare(self):
        support = os.path.join(TOP, "tests/support/private-postgres")
        self.conninfo = subprocess.run([support, "start", os.path.join(self.dir, "pg")], check=True, text=True,
                                       capture_output=True).stdout.strip()
        self.sql_file(os.path.join(HERE, "world.sql"))
        self.add_accounts()
        self.keys = os.path.join(self.dir, "keys")
        subprocess.run([os.path.join(self.build, "bin/mz"), "keys", "create", self.keys], check=True, stdout=subprocess.DEVNULL)
        self.run("--owner-db", self.conninfo, "migrate")

    def __exit__(self, *_):
        self.stop()
        subprocess.run([os.path.join(TOP, "tests/support/private-postgres"), "drop", os.path.join(self.dir, "pg")],
                       check=False)
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # -- the database

    def psql(self, *arguments):
        done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.conninfo, *arguments],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def sql(self, text):
        return self.psql("-c", text)

    def sql_file(self, path):
        return self.psql("-f", path)

    def add_accounts(self):
        self.tokens = os.path.join(self.dir, "tokens")
        with open(self.tokens, "w", encoding="utf-8") as file:
            for name, account, tenant, permissions, roots, hours in ACCOUNTS:
                token = f"token-of-{name}"
                file.write(f"{name} {token}\n")
                self.sql(f"INSERT INTO identity.api_session VALUES ('\\x{sm3(token)}', {tenant}, '{account}', '{name}', "
                         f"string_to_array('{permissions}', ' '), '{{{','.join(map(str, roots))}}}', false, "
                         f"now() + interval '{hours} hours')")
            file.write("stranger token-that-nobody-has\n")

    # -- the service

    def service_db(self):
        return self.conninfo.replace("user=postgres", f"user={self.program}")

    def run(self, *arguments, check=True):
        return subprocess.run([self.binary, *arguments], check=check, capture_output=True, text=True)

    def start(self, *arguments):
        self.server = subprocess.Popen(
            [self.binary, "--listen", f"127.0.0.1:{self.port}", "--workers", str(self.workers), "--peers",
             f"notes=127.0.0.1:{self.port}", "--db", self.service_db(),
             "--key-file", self.keys, *arguments], stderr=self.log, stdout=self.log)
        deadline = time.time() + 20
        while time.time() < deadline:
            if self.server.poll() is not None:
                break
            if self.run("--listen", f"127.0.0.1:{self.port}", "--health", *arguments, check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("the service did not become healthy\n" + self.log_text())

    def stop(self):
        if not self.server:
            return None
        self.server.send_signal(signal.SIGTERM)
        try:
            status = self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            status = self.server.wait()
        self.server = None
        return status

    def log_text(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()

    def worker_pids(self):
        path = f"/proc/{self.server.pid}/task/{self.server.pid}/children"
        with open(path, encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + 1000}/metrics", timeout=5) as page:
            return page.read().decode()

    def scripts(self, paths):
        """Exit status of run.py over the scripts."""
        return subprocess.run(
            [os.path.join(TOP, "tests/scripts/run.py"), "--set", os.path.join(self.build, f"tests/svc/{self.program}.binpb"),
             "--at", f"minzheng.{self.program}.v1=127.0.0.1:{self.port}", "--tokens", self.tokens, *paths],
            check=False).returncode
