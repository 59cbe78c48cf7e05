# SPDX-License-Identifier: Apache-2.0
"""bench rpc [--json] [--rounds N] [MEASURE…]: our echo server beside those of grpc-go, gRPC C++ and tonic, in one interleaved run.

Servers are pinned to one core and the load (h2load) to another; the figure is the server's CPU time a call, which other work
on the machine disturbs less than calls a second (also given). Each peer is built here from its registry; one that cannot be
is skipped with its reason. That each really answers with grpc-status 0 is checked before, since h2load does not look.
"""
import argparse
import json
import os
import re
import resource
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
TOOLS = os.environ.get("MINZHENG_TOOLS", TOP + "/build/tools")
OURS = TOP + "/build/bench/tests/bench/echo-server"
SERVER_CORE, LOAD_CORE = "0", "1"
IDLE = 10000
SETTINGS, ACK, PREFACE = b"\0\0\0\4\0\0\0\0\0", b"\0\0\0\4\1\0\0\0\0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

# measure: (what it is, bytes of a message, calls, streams in flight, messages in a call, TLS, goals by peer)
LOADS = {
    "echo": ("unary, 100 B", 100, 100000, 50, 1, False, {"cpp": 10, "go": 8, "tonic": 3.5}),
    "tls": ("unary, 100 B, TLS", 100, 100000, 50, 1, True, {"cpp": 3, "go": 3, "tonic": 3}),
    "64k": ("unary, 64 KiB", 65536, 6000, 8, 1, False, {"cpp": 2, "go": 2, "tonic": 2}),
    "1m": ("unary, 1 MiB", 1 << 20, 400, 4, 1, False, {"cpp": 1.8, "go": 1.8, "tonic": 1.8}),
    "stream": ("a message of a server stream of 10,000, 100 B", 100, 100, 1, 10000, False, {"cpp": 3, "go": 3, "tonic": 3}),
}
MEASURES = {
    **{name: what for name, (what, *_) in LOADS.items()},
    "serial": "unary, 100 B, one call at a time: p50 and p99",
    "start": "from the start of the program to its first reply",
    "idle": "private memory of an idle connection",
    "size": "of the program and every library it loads",
}


def message(size):
    """A gRPC frame with Payload{body} of size bytes."""
    length, n = b"", size
    while n > 127:
        length, n = length + bytes([n & 127 | 128]), n >> 7
    body = b"\x0a" + length + bytes([n]) + b"x" * size
    return b"\0" + struct.pack(">I", len(body)) + body


COUNT_10000 = b"\0\0\0\0\3\x08\x90\x4e"


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def build_ours():
    """All programs of the bench, by the front door."""
    subprocess.run([TOP + "/minzheng", "build", "bench"], check=True)


def build_go():
    target = TOOLS + "/echo-go"
    run("go", "build", "-o", target, ".", cwd=HERE + "/peers/go", env=dict(os.environ, GOFLAGS=""))
    return [target]


def build_cpp():
    os.makedirs(TOOLS + "/cpp", exist_ok=True)
    run("make", "-s", "-f", HERE + "/peers/cpp/Makefile", cwd=TOOLS + "/cpp")
    return [TOOLS + "/cpp/echo-cpp"]


def build_tonic(runtime):
    run("cargo", "build", "--release", "--locked", cwd=HERE + "/peers/tonic",
        env=dict(os.environ, CARGO_TARGET_DIR=TOOLS + "/tonic-target"))
    return [TOOLS + "/tonic-target/release/echo-tonic", runtime]


BUILDERS = {"go": build_go, "cpp": build_cpp, "tonic": lambda: build_tonic("current"),
            "tonic-multi": lambda: build_tonic("multi")}


def build_peers():
    peers = {"ours": [OURS]}
    for name, build in BUILDERS.items():
        try:
            peers[name] = build()
        except (OSError, subprocess.CalledProcessError) as error:
            reason = (getattr(error, "stderr", None) or str(error)).strip().split("\n")[-1]
            print(f"skip rpc {name}: cannot be built: {reason}", flush=True)
    return peers


class Server:
    def __init__(self, words, *more):
        self.began = time.monotonic()
        self.child = subprocess.Popen(["taskset", "-c", SERVER_CORE, *words, *more], stdout=subprocess.PIPE, text=True)
        self.port = int(self.child.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.communicate()

    def cpu_us(self):
        """Of all threads; in nanoseconds inside, where /proc/PID/stat has hundredths of a second."""
        tasks = f"/proc/{self.child.pid}/task"
        total = 0
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1000

    def memory(self):
        """Private bytes."""
        with open(f"/proc/{self.child.pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(kb) for kb in re.findall(r"^Private_\w+: +(\d+)", file.read(), re.M)) * 1024


def check(server, tls, method, body):
    """The answer of one call, and its status."""
    out = subprocess.run(["curl", "-ksv", "--max-time", "20", "--http2" if tls else "--http2-prior-knowledge", "-o", "/dev/null",
                          "-w", "%{size_download}", "-H", "content-type: application/grpc", "-H", "te: trailers", "--data-binary",
                          "@" + body, f"http{'s' * tls}://127.0.0.1:{server.port}/bench.Echo/{method}"],
                         capture_output=True, text=True, check=True)
    if not re.search("^< grpc-status: 0", out.stderr, re.M):
        sys.exit(f"bench rpc: {server.child.args} does not answer {method} with OK: {out.stderr[-500:]}")
    return int(out.stdout)


def load(server, tls, method, body, n, streams, *more):
    before = server.cpu_us()
    out = run("taskset", "-c", LOAD_CORE, "h2load", "-n", str(n), "-c", "1" if streams == 1 else "2", "-m", str(streams), "-w", "24", "-W", "26",
              "-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers", *more,
              f"http{'s' * tls}://127.0.0.1:{server.port}/bench.Echo/{method}")
    if f"{n} succeeded" not in out:
        sys.exit("bench rpc: calls failed:\n" + out)
    return (server.cpu_us() - before) / n, float(re.search(r"([\d.]+) req/s", out).group(1))


def median(rounds, peer, at):
    return statistics.median(figures[peer][at] for figures in rounds)


class Bench:
    def __init__(self, folder, peers, options):
        self.folder, self.peers, self.options = folder, peers, options
        self.pem = [folder + "/cert.pem", folder + "/key.pem"]
        run(HERE + "/../support/make-certificate", folder)

    def file(self, data):
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            file.write(data)
        return file.name

    def interleaved(self, measure):
        """measure(words of a peer) in turn, there and back; of each round the figures by peer."""
        peers = list(self.peers.items())
        return [{name: measure(words) for name, words in peers[::-1 if turn % 2 else 1]} for turn in range(self.options.rounds)]

    def say(self, name, unit, rounds, goals, at=0, **more):
        """A line a peer; a smaller figure is better, so the ratio is theirs to ours: the median of those of the rounds, which a
        busy spell of the machine does not move as it moves the figures; beside it the least and the largest."""
        medians = {one: median(rounds, one, at) for one in rounds[0]}
        for peer, goal in goals.items():
            candidates = [one for one in medians if one.split("-")[0] == peer]
            if not candidates:
                continue
            best = min(candidates, key=medians.get)
            ratios = sorted(figures[best][at] / figures["ours"][at] for figures in rounds)
            line = {"name": f"rpc.{name}/{peer}", "ours": round(medians["ours"], 2), "yardstick": round(medians[best], 2), "unit": unit,
                    "ratio": round(statistics.median(ratios), 2), "least": round(ratios[0], 2), "most": round(ratios[-1], 2), "goal": goal,
                    **{key: round(value.get(peer, value["ours"])) if isinstance(value, dict) else value for key, value in more.items()}}
            print(json.dumps(line) if self.options.json else "  ".join(f"{key} {value}" for key, value in line.items()), flush=True)

    def throughput(self, name):
        what, size, n, streams, messages, tls, goals = LOADS[name]
        method, body = ("Stream", self.file(COUNT_10000)) if messages > 1 else ("Unary", self.file(message(size)))

        def measure(words):
            with Server(words, *(self.pem if tls else [])) as server:
                got = check(server, tls, method, body)
                assert got >= size * messages, got
                load(server, tls, method, body, max(n // 20, 2), streams)  # warm
                cpu, rate = load(server, tls, method, body, n, streams)
                return cpu / messages, rate * messages

        rounds = self.interleaved(measure)
        rates = {peer: median(rounds, peer, 1) for peer in self.peers}
        self.say(name, f"µs CPU ({what})", rounds, goals, ours_a_s=round(rates["ours"]), yardstick_a_s=rates)

    def serial(self):
        """One call at a time: the median and the 99th percentile of its time."""
        body, log = self.file(message(100)), self.folder + "/log"

        def measure(words):
            with Server(words) as server:
                load(server, False, "Unary", body, 500, 1)
                if os.path.exists(log):
                    os.unlink(log)
                load(server, False, "Unary", body, 5000, 1, "--log-file", log)
            with open(log, encoding="ascii") as file:
                times = sorted(int(line.split("\t")[2]) for line in file)
            return times[len(times) // 2], times[len(times) * 99 // 100]

        rounds = self.interleaved(measure)
        peers = {"cpp": 1, "go": 1, "tonic": 1}
        self.say("serial.p50", "µs", rounds, peers)
        self.say("serial.p99", "µs", rounds, peers, at=1)

    def start(self):
        """From the start of the program to its first reply."""
        body = self.file(message(100))

        def measure(words):
            began = time.monotonic()
            with Server(words) as server:
                run("h2load", "-n", "1", "-c", "1", "-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers",
                    f"http://127.0.0.1:{server.port}/bench.Echo/Unary")
            return ((time.monotonic() - began) * 1000,)

        self.say("start", "ms, with h2load's own start", self.interleaved(measure), {"cpp": 1, "go": 1, "tonic": 1})

    def idle(self):
        """Private memory of an idle connection."""
        usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        def measure(words):
            with Server(words) as server:
                before, peers = server.memory(), []
                for _ in range(IDLE):
                    peer = socket.create_connection(("127.0.0.1", server.port))
                    peer.sendall(PREFACE + SETTINGS + ACK)
                    peers.append(peer)
                for peer in peers:
                    peer.settimeout(20)
                    peer.recv(4096)
                time.sleep(0.5)
                used = (server.memory() - before) / IDLE / 1000
                for peer in peers:
                    peer.close()
                return (used,)

        self.say("idle", f"kB a connection of {IDLE}, private", self.interleaved(measure), {"cpp": 1, "go": 1, "tonic": 1})
        resource.setrlimit(resource.RLIMIT_NOFILE, (usual, most))

    def size(self):
        """The program and every library it loads, but the C library and its loader."""
        def measure(words):
            libraries = re.findall(r"=> (/\S+)", subprocess.run(["ldd", words[0]], capture_output=True, text=True, check=False).stdout)
            files = [words[0]] + [path for path in libraries if not re.search(r"/(libc|libm|ld-linux\S*|libpthread|libdl|librt)\.so", path)]
            return (sum(os.stat(path).st_size for path in files) / 1e6,)

        figures = {name: measure(words) for name, words in self.peers.items()}
        self.say("size", "MB of program and libraries", [figures], {"cpp": 1, "go": 1, "tonic": 1})


def main(arguments):
    parser = argparse.ArgumentParser(prog="./minzheng bench rpc", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="\n".join(f"{name:10} {what}" for name, what in MEASURES.items()))
    parser.add_argument("names", nargs="*", metavar="MEASURE")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in MEASURES]
    if unknown:
        parser.error("no such measure: " + " ".join(unknown) + " (--help)")
    build_ours()
    with tempfile.TemporaryDirectory(prefix="bench-rpc.") as folder:
        bench = Bench(folder, build_peers(), options)
        for name in options.names or MEASURES:
            if name in LOADS:
                bench.throughput(name)
            else:
                getattr(bench, name)()
