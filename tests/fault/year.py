# SPDX-License-Identifier: Apache-2.0
"""The work of a small bureau's first months: imports, what clerks did, facts that became known late, monthly runs.

Every step is a command of mz, so it goes on by itself where a service was away. Whatever has to be chosen by hand, such as
the proposal to approve, is chosen by what it is about and asked for with a request_id made from that: the same in every
home.
"""
import glob
import json
import os
import pwd
import subprocess
import time
import uuid

from home import TOP

IMPORTS = [("persons", "persons.csv"), ("households", "households.csv"), ("bank_accounts", "bank_accounts.csv"),
           ("awards", "awards.jsonl"), ("temp_aids", "temp_aids_2023.csv"), ("tags", "tags.csv"),
           ("other_awards", "other_lines.csv")]
STEPS = [kind for kind, _ in IMPORTS] + ["2024-01", "2024-02", "facts", "proposals", "2024-03"]
CLERK, APPROVER, IMPORTER = "clerk@500114", "approver@500114", "importer@500114"
ASK_S, UNAVAILABLE = 300, 14


def named(text):
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text))


def day(text):
    year, month, of_month = map(int, text.split("-"))
    return {"year": year, "month": month, "day": of_month}


def prepare(home, files, seed, percent):
    """Accounts, and the files of the sample year in `files`."""
    with open(home.dir + "/keys/sample-password", "w", encoding="ascii") as file:
        file.write("Mz-of-the-fault-tests\n")
    owner = pwd.getpwnam("minzheng") if os.getuid() == 0 else None
    if owner:
        os.chown(file.name, owner.pw_uid, owner.pw_gid)
    os.chmod(file.name, 0o600)
    finish(home.mz("accounts", "bootstrap", "--sample", user=owner and owner.pw_uid))
    finish(home.mz("accounts", "load", TOP + "/services/identity/sample/accounts.tsv"))
    with open(files + ".divisions", "w", encoding="utf-8") as file:
        token = ""
        while True:
            page = ask(home, "minzheng.registry.v1.DivisionService/ListDivisions",
                       {"pageSize": 200, "pageToken": token}, IMPORTER)
            file.write(json.dumps(page) + "\n")
            token = page.get("nextPageToken", "")
            if not token:
                break
    subprocess.run([home.dir + "/bin/year2024", "--seed", seed, "--scale", str(percent), file.name, files], check=True)


def finish(process):
    said, _ = process.communicate(timeout=ASK_S)
    if process.returncode:
        raise RuntimeError(f"{process.args}: {said[-2000:]}")
    return said


def ask(home, method, request, account, *options):
    """One call, until it succeeds: mz call has no patience of its own, since a person sits before it."""
    deadline = time.monotonic() + ASK_S
    while True:
        process = home.mz("call", method, json.dumps(request), "--as", account, *options)
        said, _ = process.communicate(timeout=ASK_S)
        if process.returncode == 0:
            return json.loads(said)
        if process.returncode != UNAVAILABLE or time.monotonic() > deadline:
            raise RuntimeError(f"{method}: {said}")
        time.sleep(0.3)


class Year:
    """The steps in one home. `watch` is called again and again while a step runs; seconds[step] is how long it took."""

    def __init__(self, home, files, watch=lambda step, seconds: None):
        self.home, self.files, self.watch = home, files, watch
        self.seconds, self.requests = {}, {}

    def run(self):
        for kind, name in IMPORTS:
            self.step(kind, "load", kind, f"{self.files}/{name}", "--as", IMPORTER, "--at", "2024-01-02T09:00:00+08:00")
        self.replay("2024-01", f"{self.files}/2024-01.calls")
        self.replay("2024-02", f"{self.files}/2024-02.calls")
        self.replay("facts", self.write("facts", self.facts()))
        self.replay("facts", self.write("corrections", self.corrections()))
        self.take_facts()
        self.replay("proposals", self.write("proposals", self.proposals()))
        self.replay("2024-03", f"{self.files}/2024-03.calls")

    def step(self, name, *arguments):
        process = self.home.mz(*arguments)
        while process.poll() is None:
            began = time.monotonic()
            time.sleep(0.01)
            self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - began
            self.watch(name, self.seconds[name])
        if process.returncode:
            raise RuntimeError(f"{name}: {process.stdout.read()[-3000:]}")
        process.stdout.close()

    def replay(self, name, path):
        """mz has said that all is done: every request of the file is acknowledged."""
        self.step(name, "replay", path)
        with open(path, encoding="utf-8") as file:
            for line in map(json.loads, file):
                if "call" in line:
                    service = line["call"].split(".")[1]
                    self.requests.setdefault(service, set()).add(line["request"]["requestId"])

    def write(self, name, lines):
        path = f"{self.home.dir}/sample-{name}.calls"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return path

    # -- facts that become known late

    def awards(self):
        """Awards that the sample's clerks do not change: (programme, award, members)."""
        touched = ""
        for path in glob.glob(self.files + "/*.calls"):
            with open(path, encoding="utf-8") as file:
                touched += "".join(line for line in file if "/ProposeAwardChange" in line)
        with open(self.files + "/awards.jsonl", encoding="utf-8") as file:
            for line in map(json.loads, file):
                if line["awardId"] not in touched:
                    yield line["programme"], line["awardId"], [member["personId"] for member in line["file"]["members"]]

    def stories(self):
        """What became known at the end of February: (award, person, kind, day told first, right day or None for never)."""
        families = [(award, members) for programme, award, members in self.awards() if programme == "DIBAO" and len(members) > 2]
        elders = [(award, members[0]) for programme, award, members in self.awards() if programme == "TEKUN"]
        for i, (award, members) in enumerate(families[:6]):
            yield award, members[-1], "DEATH", "2024-01-09", [None, "2024-01-09", "2024-02-03"][i % 3]
        for i, (award, elder) in enumerate(elders[:4]):
            yield award, elder, "DEATH", "2024-01-20", ["2024-01-20", "2023-12-30"][i % 2]
        for award, members in families[6:9]:
            yield award, members[0], "JOB_FOUND", "2024-01-15", "2024-01-15"

    def facts(self):
        for award, person, kind, told, _ in self.stories():
            yield {"at": "2024-02-28T09:00:00+08:00", "as": CLERK, "call": "minzheng.registry.v1.FactService/RecordFact",
                   "key": person, "request": {
                       "requestId": named(f"record {award} {person}"), "personId": person, "kind": kind,
                       "effectiveOn": day(told), "evidence": "CERTIFICATE", "source": "区人民医院"}}

    def corrections(self):
        for award, person, _, told, right in self.stories():
            if right == told:
                continue
            listed = ask(self.home, "minzheng.registry.v1.FactService/ListFacts", {"personId": person}, CLERK,
                         "--purpose", "社会救助审核")
            request = {"requestId": named(f"correct {award} {person}"), "id": listed["facts"][0]["id"],
                       "evidence": "CERTIFICATE", "source": "区人民法院"}
            if right:
                request["validFrom"] = day(right)
            yield {"at": "2024-02-29T09:00:00+08:00", "as": CLERK, "key": person, "request": request,
                   "call": "minzheng.registry.v1.FactService/" + ("CorrectFact" if right else "RevokeFact")}

    def take_facts(self):
        """Under the test clock events are taken in when somebody says so: registry orders them, relief proposes."""
        for service in ("registry", "relief"):
            ask(self.home, service + ":minzheng.svc.v1.AdminService/RunDue", {}, CLERK, "--at", "2024-02-29T10:00:00+08:00")

    def proposals(self):
        """One proposal of an award is approved; the others, and mere re-checks, are dismissed."""
        for award, _, _, _, _ in self.stories():
            listed = ask(self.home, "minzheng.relief.v1.AwardService/ListAwardChanges", {"awardId": award, "pageSize": 50},
                         CLERK, "--purpose", "社会救助审核")
            waiting = sorted((change for change in listed.get("changes", []) if change["state"] == "PROPOSED"),
                             key=lambda change: (change["kind"] != "RECHECK", change["fromMonth"], change["text"]))
            for number, change in enumerate(waiting, 1):
                right = number == len(waiting) and change["kind"] != "RECHECK"
                yield {"at": "2024-02-29T15:00:00+08:00", "as": APPROVER, "key": award, "request": {
                    "requestId": named(f"decide {award} {number}"), "id": change["id"], "version": change["version"],
                    "text": "同意" if right else "以另一次报告为准"},
                       "call": "minzheng.relief.v1.AwardService/" + ("ApproveAwardChange" if right else "DismissAwardChange")}
