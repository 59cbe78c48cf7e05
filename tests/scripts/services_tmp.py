#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""services.py BUILD [SCRIPT…]: the bureau's services on a PostgreSQL of their own, and the scripts of tests/scripts.

Without scripts: every .rt below the folders of the services. Accounts are those of ACCOUNTS; their tokens stand in a
file that run.py reads. The services run with the test clock.
"""
import glob
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SERVICES = ["identity", "registry", "relief", "payment", "report"]

# login, duty, roles, divisions; 1 is the district, 101 and 102 two of its townships
ACCOUNTS = [
    ("clerk@500114", "BUSINESS", "bureau_clerk sample_operator", "1"),
    ("second@500114", "BUSINESS", "bureau_clerk sample_operator", "1"),
    ("approver@500114", "BUSINESS", "bureau_approver sample_operator", "1"),
    ("accountant@500114", "BUSINESS", "accountant sample_operator", "1"),
    ("importer@500114", "BUSINESS", "data_importer sample_operator", "1"),
    ("policy@500114", "BUSINESS", "policy_keeper sample_operator", "1"),
    ("clerk@500114001", "BUSINESS", "township_clerk sample_operator", "101"),
    ("clerk@500114002", "BUSINESS", "township_clerk sample_operator", "102"),
    ("auditor@500114", "AUDIT", "auditor", "1"),
]


def free_ports(count):
    """Ports whose port + 1000 is free too; all are held until the last is found."""
    held, ports = [], []
    while len(ports) < count:
        a, b = socket.socket(), socket.socket()
        a.bind(("127.0.0.1", 0))
        port = a.getsockname()[1]
        held += [a, b]
        try:
            if port < 60000:
                b.bind(("127.0.0.1", port + 1000))
                ports.append(port)
        except OSError:
            pass
    for one in held:
        one.close()
    return ports


class Bureau:
    """Database, accounts and running services; removed at the end."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.services = [name for name in SERVICES if os.path.exists(self.binary(name))]
        self.ports = dict(zip(self.services, free_ports(len(self.services))))
        self.dir = tempfile.mkdtemp(prefix="mz-bureau-")
        os.chmod(self.dir, 0o755)
        self.keys, self.tokens = os.path.join(self.dir, "keys"), os.path.join(self.dir, "tokens")
        self.running = []

    def binary(self, name):
        return os.path.join(self.build, "bin", name)

    def __enter__(self):
        support = os.path.join(TOP, "tests/support/private-postgres")
        self.conninfo = subprocess.run([support, "start", os.path.join(self.dir, "pg")], check=True, text=True,
                                       capture_output=True).stdout.strip()
        subprocess.run([self.binary(self.services[0]), "--key-file", self.keys, "new-keys"], check=True,
                       capture_output=True)
        for name in self.services:
            self.must(self.binary(name), "--owner-db", self.conninfo, "migrate")
        self.add_accounts()
        self.sql("grant select on all tables in schema registry to minzheng")
        for name in os.environ["START"].split():
            self.start(name)
        self.sql("alter system set log_min_messages=debug1; "); self.sql("alter system set log_error_verbosity=verbose"); self.sql("select pg_reload_conf()")
        for i in range(1,30):
            self.sql(f"insert into registry.person(tenant,id,id_type,name,name_key,name_terms,sex,born_on,division_id,recorded_at) values (1,'00000000-0000-4000-8000-{i:012d}','TEMPORARY','张三{i}','z','{{z}}','MALE','{1950+i}-01-01',{20000+i},now())")
        return self

    def __exit__(self, *_):
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(30)
        subprocess.run([os.path.join(TOP, "tests/support/private-postgres"), "drop", os.path.join(self.dir, "pg")],
                       check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    @staticmethod
    def must(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def sql(self, text):
        return self.must("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.conninfo, "-c", text)

    def add_accounts(self):
        """Accounts as identity keeps them, each with a session whose token is known here."""
        with open(self.tokens, "w", encoding="utf-8") as file:
            for number, (login, duty, roles, divisions) in enumerate(ACCOUNTS, 1):
                account = f"01900000-0000-7000-8000-{number:012d}"
                token = f"token-of-{login}"
                file.write(f"{login} {token}\n")
                self.sql(f"""
                    INSERT INTO identity.account (tenant, id, login, kind, duty, name, state, must_change,
                        proposed_at)
                    VALUES (1, '{account}', '{login}', 'STAFF', '{duty}', '{login}', 'ACTIVE', false, now());
                    INSERT INTO identity.account_role
                    SELECT 1, '{account}', r, '{duty}' FROM unnest(string_to_array('{roles}', ' ')) r;
                    INSERT INTO identity.account_division
                    SELECT 1, '{account}', d::bigint FROM unnest(string_to_array('{divisions}', ' ')) d;
                    INSERT INTO identity.session (tenant, id, account_id, token_hash, kind, created_at, expires_at,
                        absolute_until)
                    VALUES (1, gen_random_uuid(), '{account}', '\\x{hashlib.new("sm3", token.encode()).hexdigest()}',
                        'SESSION', now(), now() + interval '1 day', now() + interval '1 day')""")

    def start(self, name):
        log = os.path.join(self.dir, f"{name}.log")
        database = self.conninfo.replace("user=postgres", f"user={name}")
        with open(log, "ab") as out:
            process = subprocess.Popen(
                [self.binary(name), "--listen", f"127.0.0.1:{self.ports[name]}", "--workers", "1", "--db", database,
                 "--key-file", self.keys, "--test-clock"], stderr=out, stdout=out)
        self.running.append(process)
        deadline = time.time() + 30
        while time.time() < deadline and process.poll() is None:
            done = subprocess.run([self.binary(name), "--listen", f"127.0.0.1:{self.ports[name]}", "--health"],
                                  capture_output=True, check=False)
            if done.returncode == 0:
                return
            time.sleep(0.1)
        with open(log, encoding="utf-8", errors="replace") as file:
            raise RuntimeError(f"{name} did not become healthy\n{file.read()}")

    def log(self, name):
        with open(os.path.join(self.dir, f"{name}.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def scripts(self, paths):
        """Exit status of run.py over the scripts."""
        command = [os.path.join(HERE, "run.py"), "--tokens", self.tokens]
        for name in self.services:
            command += ["--set", os.path.join(self.build, f"services/{name}.binpb")]
        for name in self.services:
            command += ["--at", f"minzheng.{name}.v1=127.0.0.1:{self.ports[name]}"]
        return subprocess.run([*command, *paths], check=False).returncode


def main():
    build, paths = sys.argv[1], sys.argv[2:]
    with Bureau(build) as bureau:
        if not paths:
            paths = sorted(path for name in bureau.services for path in glob.glob(os.path.join(HERE, name, "*.rt")))
        status = bureau.scripts(paths)
        import subprocess as sp; print(sp.run("find %s/pg -name \"*log*\" | head; tail -30 %s/pg/data/log/* %s/pg/run/*log*"%(bureau.dir,bureau.dir,bureau.dir),shell=True,capture_output=True,text=True).stdout[-3000:])
        if status and os.environ.get("VERBOSE"):
            for name in bureau.services:
                print(f"--- {name}\n{bureau.log(name)[-6000:]}") if name in os.environ["START"] else 0
    return status


if __name__ == "__main__":
    sys.exit(main())
