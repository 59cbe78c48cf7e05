# SPDX-License-Identifier: Apache-2.0
"""What the measures share: the five services on a PostgreSQL as `./minzheng up` makes it, persons, yardsticks, and a meter.

House is the bureau of the scripts (tests/scripts/bureau.py) with two differences: PostgreSQL keeps its promises (the settings of
tools/front/postgres.sh), and the programs are those of the release build.
"""
import concurrent.futures
import contextlib
import hashlib
import os
import random
import re
import resource
import signal
import statistics
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "tests/scripts")]
import bureau  # noqa: E402
import run as scripts  # noqa: E402

scripts.TIMEOUT_S = 1800
PG_BIN = "/usr/lib/postgresql/15/bin/"
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICKS = os.sysconf("SC_CLK_TCK")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华建国文玉红梅春云飞波辉鑫宇浩凯琴雪莲凤珍荣贵福祥林森山川海江河清远志成功学思德仁义礼智信"


def front_settings():
    """PostgreSQL's settings in tools/front/postgres.sh, as NAME=VALUE."""
    with open(os.path.join(TOP, "tools/front/postgres.sh"), encoding="utf-8") as file:
        lines = re.search(r"postgresql\.conf\" <<EOF\n(.*?)^EOF", file.read(), re.S | re.M).group(1).splitlines()
    pairs = [line.replace(" ", "").replace("'", "").split("=") for line in lines if " = " in line]
    return {name: value for name, value in pairs if name not in ("port", "listen_addresses")}


def person_key(number):
    """The same as `SELECT md5(number::text)::uuid`, so that a yardstick in SQL finds the person too."""
    text = hashlib.md5(str(number).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_number(number):
    """The ID number of a person: region 500199, 20,000 birth dates from 1940 on, and a check character (GB 11643)."""
    born = time.gmtime((number * 7919 % 20000 - 10958) * 86400)
    digits = f"500199{born.tm_year:04d}{born.tm_mon:02d}{born.tm_mday:02d}{number // 20000 + 1:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, weights)) % 11]


def name_of(number):
    dice = random.Random(number)
    return dice.choice(SURNAMES) + "".join(dice.choice(GIVEN) for _ in range(dice.choice((1, 2, 2))))


def cpu_of(pid):
    """CPU seconds of a process, its children, and those of its children that have ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            ticks = sum(int(word) for word in file.read().rpartition(")")[2].split()[11:15])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return ticks / TICKS + sum(map(cpu_of, children(pid)))


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def halves(first, last):
    middle = (first + last) // 2
    return (first, middle), (middle, last)


def at_once(call, things):
    """Calls for all of them at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(call, things))


def kilobytes(pid, name):
    """The lines of smaps_rollup that begin with name, summed."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(kb) for kb in re.findall(rf"^{name}:? +(\d+)", file.read(), re.M))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def be_deaf():
    """From here on nothing may break off what tidies up."""
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)


class House(bureau.Bureau):
    flags = ("--call-timeout", "30m", "--log-level", "warning")  # jobs run inside of a call here

    def __init__(self, build, options):
        super().__init__(build)
        self.seconds, self.rounds, self.persons, self.wanted = options.seconds, options.rounds, 0, options.persons
        self.settings = [f"{name}={value}" for name, value in {
            **front_settings(), "max_connections": 620, "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
        }.items()]
        self.metadata = {}

    def open(self):
        self.say("starting PostgreSQL and the services")
        os.makedirs(os.path.join(self.dir, "home/keys"))
        super().open()
        self.villages = self.sql("SELECT v.division_id || ' ' || v.code FROM registry.division_version v WHERE v.tenant = 1"
                                 " AND char_length(v.code) = 12 AND upper_inf(v.known)").split("\n")

    def close(self):
        be_deaf()
        super().close()

    @staticmethod
    def say(text):
        if sys.stderr.isatty() or os.environ.get("VERBOSE"):
            print("… " + text, file=sys.stderr, flush=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    @staticmethod
    def run(*words):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
        return done.stdout

    # -- PostgreSQL

    def psql(self, *arguments, user="postgres", schema=""):
        done = subprocess.run([PG_BIN + "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.database(user), *arguments],
                              capture_output=True, text=True, check=False, env=dict(os.environ, PGOPTIONS=f"-c search_path={schema}"))
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def sql(self, text):
        return self.psql("-c", text)

    def sql_file(self, text, **more):
        return self.psql("-f", self.write("script.sql", text.encode()), **more)

    def database(self, name):
        return self.conninfo if name == "postgres" else super().database(name)

    def pgbench(self, sql, clients, *more, user="postgres", seconds=None):
        """Transactions a second, connecting not counted."""
        seconds = (seconds or self.seconds) + clients // 60  # the 500 take some to connect
        done = subprocess.run([PG_BIN + "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), *more,
                               "-f", self.write("pgbench.sql", sql.encode()), self.database(user)],
                              capture_output=True, text=True, check=False, env=dict(os.environ, PGOPTIONS=f"-c search_path={user},public"))
        if done.returncode or "number of failed transactions: 0" not in done.stdout:
            raise RuntimeError(done.stderr[-2000:] + done.stdout)
        return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))

    def watched(self, call):
        """The statements of a call, by sessions: lists of (SQL with $n, parameters), from PostgreSQL's own log."""
        log = self.path("pg/run/postgres.log")
        self.sql("ALTER SYSTEM SET log_statement = 'all'; ")
        self.sql("SELECT pg_reload_conf()")
        time.sleep(0.5)
        begin = os.path.getsize(log)
        call()
        time.sleep(0.2)
        self.sql("ALTER SYSTEM RESET log_statement")
        self.sql("SELECT pg_reload_conf()")
        with open(log, "rb") as file:
            file.seek(begin)
            return statements(file.read().decode())

    # -- the services

    def call_as(self, account, path, value, **metadata):
        pairs = [("authorization", "Bearer " + self.world.tokens.of(account)), *metadata.items()]
        outcome = self.world.call(path, value, [(key.replace("_", "-"), text) for key, text in pairs])
        if outcome.code != "OK":
            raise RuntimeError(f"{path}: {outcome}")
        return outcome.reply

    def requests(self, path, values):
        """A file of packed requests, as bench-calls reads them."""
        method = self.world.contract.method(path)
        return self.packed(path.rpartition("/")[2], (self.world.request(method, value).SerializeToString() for value in values))

    def packed(self, name, messages):
        return self.write(name, b"".join(struct.pack("<I", len(one)) + one for one in messages))

    def calls(self, account, path, requests, in_flight, connections=8, once=False):
        """(calls a second, calls, p50, p95, p99 in ms), for a service of the house."""
        return self.calls_at(self.ports[path.split(".")[1]], path, requests, in_flight, connections, once, (
            "authorization=Bearer " + self.world.tokens.of(account), "x-minzheng-purpose=bench"))

    def calls_at(self, port, path, requests, in_flight, connections=8, once=False, metadata=()):
        rate, calls, _, p50, p95, p99 = self.run(
            os.path.join(self.build, "tests/bench/bench-calls"), f"127.0.0.1:{port}", "/" + path, requests, str(in_flight),
            str(connections), str(self.seconds), "once" if once else "again", *metadata).split()
        return float(rate), int(calls), int(p50) / 1000, int(p95) / 1000, int(p99) / 1000

    @contextlib.contextmanager
    def server(self, *words):
        """A program that prints its port and serves until the end."""
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
            self.running[words[0] + words[1]] = child  # its CPU time counts
            try:
                yield int(child.stdout.readline())
            finally:
                child.kill()
                del self.running[words[0] + words[1]]

    def mz(self, *words):
        done = subprocess.run([os.path.join(self.build, "bin/mz"), *words], capture_output=True, text=True, check=False,
                              env=dict(os.environ, MINZHENG_PASSWORD=bureau.PASSWORD, MINZHENG_HOME=self.path("home"),
                                       MINZHENG_FIRST_PORT=str(self.first_port)))
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:] + done.stdout[-2000:])
        return done.stdout

    # -- persons

    def persons_file(self, first, last):
        lines = ["人员编号,身份证号,姓名,民族,村（社区）代码,联系电话,地址"]
        for number in range(first, last):
            village = self.villages[number % len(self.villages)].split()[1]
            lines.append(f"{person_key(number)},{id_number(number)},{name_of(number)},15,{village},138{number:08d},"
                         f"黔江区某镇某村{number % 9 + 1}组{number % 300 + 1}号")
        return self.write(f"persons-{first}.csv", "\n".join(lines).encode() + b"\n")

    def load_persons(self, last):
        """Imports the persons up to last the way two clerks do, a file each at once; the seconds it took."""
        files = [self.persons_file(*part) for part in halves(self.persons, last)]
        begun = time.monotonic()
        at_once(lambda path: self.mz("load", "persons", path, "--as", "importer@500114"), files)
        took = time.monotonic() - begun
        self.persons = last
        for path in files:
            os.unlink(path)
        return took

    def need_persons(self):
        """For measures that need a full registry, and not how it was filled."""
        while self.persons < self.wanted:
            self.say(f"importing persons: {self.persons} of {self.wanted}")
            self.load_persons(min(self.persons + 100000, self.wanted))
        self.sql("VACUUM ANALYZE")
        self.sql("CHECKPOINT")

    # -- the meter

    def cpu(self):
        """CPU seconds of everything that belongs to the bench: services, PostgreSQL, and the clients that have ended."""
        clients = resource.getrusage(resource.RUSAGE_CHILDREN)
        return sum(map(cpu_of, self.roots())) + clients.ru_utime + clients.ru_stime

    def roots(self):
        with open(self.path("pg/data/postmaster.pid"), encoding="ascii") as file:
            return [int(file.readline()), *(process.pid for process in self.running.values())]

    def memory_mb(self):
        """Proportional set size of all processes with PostgreSQL."""
        return sum(kilobytes(pid, "Pss") for root in self.roots() for pid in [root, *children(root)]) / 1000

    def metered(self, side):
        """What a side returns, and the CPU seconds it took with all its helpers."""
        before = self.cpu()
        figure = side()
        return figure, self.cpu() - before

    def paired(self, what, *sides):
        """The sides in turn, round by round: for each the median figure and the median CPU seconds."""
        rounds = []
        for n in range(self.rounds):
            self.say(f"{what}: round {n + 1} of {self.rounds}")
            rounds.append([self.metered(side) for side in sides])
        return [tuple(statistics.median(values) for values in zip(*side)) for side in zip(*rounds)]


def statements(log):
    """PostgreSQL's log as {session: [(SQL, [parameter or None])]}."""
    sessions = {}
    for pid, kind, text in re.findall(r"^\S+ \S+ \S+ \[(\d+)\] (LOG|DETAIL):  (.*(?:\n\t.*)*)", log, re.M):
        text = text.replace("\n\t", "\n")
        done = sessions.setdefault(pid, [])
        if kind == "LOG" and re.match(r"(execute|statement)[^:]*: ", text):
            done.append((text.split(": ", 1)[1], []))
        elif kind == "DETAIL" and done and text.startswith("parameters: "):
            done[-1][1].extend(None if quoted is None or quoted == "" and null else quoted.replace("''", "'") for null, quoted in
                               re.findall(r"\$\d+ = (?:(NULL)|'((?:[^']|'')*)')", text))
    return sessions


def transaction_with(text, sessions):
    """From BEGIN to COMMIT, the one that has a statement with text."""
    for done in sessions.values():
        begin = 0
        for end, (sql, _) in enumerate(done):
            if sql.startswith("BEGIN"):
                begin = end
            if sql.startswith("COMMIT") and any(text in one for one, _ in done[begin:end]):
                return done[begin:end + 1]
    raise RuntimeError("no transaction with " + text)


def literal(value):
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def filled(sql, parameters, instead):
    """SQL with its parameters in their places; those that must differ from call to call as `instead` says."""
    return re.sub(r"\$(\d+)", lambda match: instead.get(parameters[int(match[1]) - 1]) or literal(parameters[int(match[1]) - 1]), sql)
