# SPDX-License-Identifier: Apache-2.0
"""A home of `./minzheng up`: its own data, ports and processes, started and stopped by the front door as a person would."""
import glob
import json
import os
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.append(os.path.join(TOP, "tests/scripts"))
from bureau import all_services, free_ports  # noqa: E402

SERVICES = all_services()
UP_S = 300
RECOVERY_S, NO_CONNECTION = 60, 2


def process_lines():
    """(pid, parent, command line) of all processes."""
    for path in glob.glob("/proc/[0-9]*"):
        try:
            with open(path + "/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
            with open(path + "/cmdline", "rb") as file:
                yield int(path[6:]), int(fields[1]), file.read().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue


class Home:
    def __init__(self, folder, preset, port=None):
        self.dir, self.preset, self.port = folder, preset, port or free_ports()
        self.environment = dict(os.environ, MINZHENG_HOME=folder, MINZHENG_PRESET=preset, MINZHENG_FIRST_PORT=str(self.port))

    # -- the front door

    def front(self, *arguments, timeout=UP_S, **environment):
        """What it printed, and how it ended."""
        return subprocess.run([os.path.join(TOP, "minzheng"), *arguments], env=dict(self.environment, **environment), text=True,
                              check=False, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)

    def up(self):
        done = self.front("up", "--no-sample")
        if done.returncode:
            raise RuntimeError(f"up: {(done.stdout + done.stderr)[-2000:]}")

    def down(self):
        self.front("down")

    def mz(self, *arguments, user=None):
        """A command of mz that has been started."""
        return subprocess.Popen([os.path.join(self.dir, "bin/mz"), *arguments], env=self.environment, text=True, user=user,
                                group=user, extra_groups=[] if user else None, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    # -- the database

    def psql(self, *arguments, wait=True):
        """Lines of unaligned rows, as the owner of the schemas; can wait for a database that is recovering."""
        deadline = time.monotonic() + RECOVERY_S
        while True:
            done = subprocess.run(
                ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.dir + "/run", "-p", "54329", "-U", "owner",
                 "-d", "minzheng", *arguments], text=True, capture_output=True, check=False,
                env=dict(os.environ, PGPASSFILE=self.dir + "/keys/owner.pgpass"))
            if done.returncode == 0:
                return done.stdout.splitlines()
            if not wait or done.returncode != NO_CONNECTION or time.monotonic() > deadline:
                raise RuntimeError(done.stderr)
            time.sleep(0.2)

    def sql(self, query, wait=True):
        """The rows of a query of one column."""
        return self.psql("-c", query, wait=wait)

    def rows(self, query):
        return [json.loads(line) for line in self.sql(f"SELECT row_to_json(t) FROM ({query}) t")]

    # -- processes

    def service(self, name):
        """The process that `up` started."""
        with open(f"{self.dir}/run/{name}.pid", encoding="ascii") as file:
            return int(file.read())

    def workers(self, name):
        parent = self.service(name)
        return sorted(pid for pid, above, _ in process_lines() if above == parent)

    def postmaster(self):
        with open(self.dir + "/pg/postmaster.pid", encoding="ascii") as file:
            return int(file.readline())

    def backends(self, name):
        """Processes of PostgreSQL that serve a service."""
        return [int(pid) for pid in self.sql(f"SELECT pid FROM pg_stat_activity WHERE usename = '{name}'")]

    def mine(self):
        """All processes of the home that still run."""
        return [pid for pid, _, line in process_lines() if self.dir + "/" in line and pid != os.getpid()]

    def end(self):
        self.down()
        for pid in self.mine():
            os.kill(pid, signal.SIGKILL)
