# SPDX-License-Identifier: Apache-2.0
"""A home of `./minzheng up` with a sample year, seen as a person sees it (the front door), as another department does (gRPC by
python3-grpcio) and as an auditor does (its tables)."""
import argparse
import json
import os
import re
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "fault"))
from home import SERVICES, TOP, Home  # noqa: E402
import run as scripts  # noqa: E402

LOAD_S = 1800
YEAR = {"from": "2024-01-01", "to": "2024-12-31"}


def default_port():
    """Where a home is that was started without saying."""
    with open(os.path.join(TOP, "services/CMakeLists.txt"), encoding="utf-8") as file:
        return int(os.environ.get("MINZHENG_FIRST_PORT") or re.search(r"first_port (\d+)", file.read()).group(1))


class House(Home):
    def __init__(self, folder, preset, port=None):
        super().__init__(folder, preset, port)
        self.build = os.path.join(TOP, "build", preset)
        self._world = self.stopped = None

    # -- the front door

    def load(self, seed, percent):
        """`up` says no at the end, since these figures are not the summary's; what counts is that the year is there."""
        done = self.front("up", timeout=LOAD_S, MINZHENG_SAMPLE=f"--seed {seed} --scale {percent}")
        if not os.path.exists(os.path.join(self.dir, "sample/published.done")):
            raise RuntimeError(f"the year of seed {seed} was not loaded:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")

    def report(self):
        """The figures as they are printed, by id."""
        lines = self.front("report", "2024", "--json").stdout.splitlines()
        return {figure["id"]: figure for figure in map(json.loads, lines)}

    def run_mz(self, *arguments):
        process = self.mz(*arguments)
        said, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"mz {arguments[0]}: {said}")
        return said

    # -- gRPC

    @property
    def world(self):
        if not self._world:
            with open(os.path.join(self.dir, "keys/sample-password"), encoding="ascii") as file:
                password = file.read().strip()
            self._world = scripts.World(argparse.Namespace(
                set=[os.path.join(self.build, f"services/{name}.binpb") for name in SERVICES], tokens=None, password=password,
                at=[f"minzheng.{name}.v1=127.0.0.1:{self.port + i}" for i, name in enumerate(SERVICES)]))
        return self._world

    def ask(self, account, method, value, day=None, text="核对样本年"):
        """How a call ended. `relief.AwardService/GetAward` is of package minzheng.relief.v1; `relief:svc.X/Y` of the house's own."""
        program, _, method = method.rpartition(":")
        package, _, rest = method.partition(".")
        metadata = [("authorization", "Bearer " + self.world.tokens.of(account + "@500114")),
                    ("x-minzheng-purpose", urllib.parse.quote(text))]
        if day:
            metadata.append(("x-minzheng-now", day + "T10:00:00+08:00"))
        path = f"minzheng.{package}.v1.{rest}"
        return self.world.call(f"{program}:{path}" if program else path, value, metadata)

    def call(self, account, method, value, day=None):
        """The reply of a call that must succeed."""
        outcome = self.ask(account, method, value, day)
        if outcome.code != "OK":
            raise RuntimeError(f"{method} as {account}: {outcome}")
        return outcome.reply

    def figures(self):
        """All figures of the year, by id: (value, numerator, denominator)."""
        found = {}
        for program in ("relief", "payment"):
            for figure in self.call("policy", f"{program}:svc.IndicatorService/ListFigures", YEAR)["figures"]:
                found[figure["id"]] = (figure["value"] if figure["denominator"] is None else None, figure["numerator"],
                                       figure["denominator"])
        return found

    def records(self, figure):
        """Ids of the records behind a figure of relief."""
        return [row["id"] for row in self.call("policy", "relief:svc.IndicatorService/ListFigureRows", dict(YEAR, id=figure))]

    # -- tables

    def query(self, text):
        """Rows of text."""
        return [line.split("|") for line in self.sql(text)]

    def file(self, name):
        return [line.split("|") for line in self.psql("-f", os.path.join(HERE, name))]
