# SPDX-License-Identifier: Apache-2.0
"""One household less, one grant more, by rpc at days of 2024: the figures move by exactly that."""
import sums

AID_FEN = 123400
STOP_ON, STOP_APPROVED_ON = "2024-11-20", "2024-11-21"
AID_ON, AID_CONFIRMED_ON, AID_PAID_ON, AID_BOOKED_ON = "2024-12-16", "2024-12-25", "2024-12-30", "2024-12-31"


def difference(before, after):
    """What moved: figure -> (value, numerator, denominator), each by how much."""
    moved = {}
    for figure, old in before.items():
        step = tuple(None if a is None else b - a for a, b in zip(old, after[figure]))
        if any(step):
            moved[figure] = step
    return moved


def compare(moved, expected):
    for figure in sorted(moved.keys() | expected.keys()):
        if moved.get(figure) != expected.get(figure):
            yield f"{figure}: moved by {moved.get(figure)}, expected {expected.get(figure)}"


def count_rows(house):
    return len(house.front("report", "2024", "--rows", "15.households").stdout.splitlines())


def stop(house):
    """one household stopped at a day of 2024 is one household less, and its members"""
    before, listed, tagged = house.figures(), count_rows(house), set(house.records("20.persons"))
    award = house.call("clerk", "relief.AwardService/GetAward", {"id": house.records("15.households")[0]})
    members = [share["person_id"] for share in award["shares"]]
    change = house.call("clerk", "relief.AwardService/ProposeAwardChange", {
        "award_id": award["id"], "award_version": award["version"], "kind": "STOP", "cause": "OWN_REQUEST",
        "text": "本人申请退出"}, STOP_ON)
    house.call("approver", "relief.AwardService/ApproveAwardChange", {"id": change["id"], "version": 1}, STOP_APPROVED_ON)
    house.stopped = award
    yield from compare(difference(before, house.figures()), {
        figure: step for figure, step in {
            "15.households": (-1, None, None),
            "15.persons": (-len(members), None, None),
            "17.share": (None, 0, -len(members)),
            "20.persons": (-len(tagged.intersection(members)), None, None),
        }.items() if any(step)})
    if (listed, count_rows(house)) != (before["15.households"][0], before["15.households"][0] - 1):
        yield f"--rows 15.households lists {listed} and then {count_rows(house)}"


def edge_applicant(house):
    """Somebody with an account who has had no temporary aid: (person, village, area)."""
    return house.query("""
        SELECT w.applicant_person_id, w.division, w.area FROM relief.award w
         WHERE w.programme = 'EDGE' AND NOT EXISTS (SELECT FROM relief.temp_aid t WHERE t.person_id = w.applicant_person_id)
           AND EXISTS (SELECT FROM registry.bank_account b WHERE b.person_id = w.applicant_person_id AND b.state = 'ACTIVE')
         ORDER BY w.id LIMIT 1""")[0]


def carry_aid(house):
    """From the window to the decision."""
    person, division, area = edge_applicant(house)
    record = house.call("clerk", "registry.PersonService/GetPerson", {"id": person})
    service = "relief.ApplicationService/"
    application = house.call("clerk", service + "CreateApplication", {"submit": True, "application": {
        "kind": "TEMPORARY", "division": int(division), "applicant_person_id": person, "channel": "WINDOW",
        "check_consent": "SQ-1", "aid_type": "URGENT", "cause": "房屋失火", "need_fen": AID_FEN, "file": {
            "area": area, "members": [{"person_id": person, "name": record["name"], "relation": "SELF",
                                       "born_on": record["born_on"]}]}}}, AID_ON)
    step = {"id": application["id"]}
    house.call("clerk", service + "AcceptApplication", dict(step, version=1), AID_ON)
    house.call("clerk", service + "StartCheck", dict(step, version=2, sources=["社保"], legal_basis="社会救助暂行办法第五十八条"), AID_ON)
    (check,), = house.query(f"SELECT id FROM relief.economic_check WHERE application_id = '{application['id']}'")
    house.call("clerk", "relief.CheckService/RecordCheckResults", [{"results": [
        {"check_id": check, "person_id": person, "source": "社保", "outcome": "CONSISTENT"}]}], AID_ON)
    house.call("clerk", service + "RecordSurvey", dict(
        step, version=3, surveyed_on=AID_ON, investigators=["甲", "乙"], signed_by_family=True, signed_by_investigators=True,
        findings="属实"), AID_ON)
    house.call("clerk", service + "GiveFirstOpinion", dict(step, version=4, favourable=True), AID_ON)
    house.call("clerk", service + "PubliciseApplication", dict(step, version=5), AID_ON)
    house.call("approver", service + "ConfirmApplication", dict(step, version=6), AID_CONFIRMED_ON)


def pay(house, programme, month, supplement, day, booked_on):
    """To settlement; the bank is played by mz."""
    house.run_mz("pay", programme, month, "--supplement", str(supplement), "--maker", "accountant@500114", "--checker",
             "checker@500114", "--approver", "approver@500114", "--booked-on", booked_on, "--at", day + "T10:00:00+08:00")


def aid(house):
    """one more temporary aid, carried to settlement in 2024, is one grant more and its amount"""
    before = house.figures()
    carry_aid(house)
    pay(house, "TEMP_AID", "2024-12", 1, AID_PAID_ON, AID_BOOKED_ON)
    yield from compare(difference(before, house.figures()), {
        "11.amount_fen": (AID_FEN, None, None),
        "14.household_times": (1, None, None),
        "14.person_times": (1, None, None),
        "18.amount_fen": (AID_FEN, None, None),
        "18.average": (None, AID_FEN, 1),
        "18.granted_fen": (AID_FEN, None, None),
        "18.grants": (1, None, None),
        "24.applications": (1, None, None),
        "24.rate": (None, 0, 1),
    })


def payroll(house):
    """the next payroll claims back what the stopped household had, and all figures are sums of the tables again"""
    pay(house, "DIBAO", "2025-01", 0, "2025-01-10", "2025-01-12")
    cases = house.query("SELECT award_id, amount_fen, months, cause FROM payment.recovery_case")
    expected = [[house.stopped["id"], str(house.stopped["amount_fen"]), "{2024-12-01}", "STOPPED"]]
    if cases != expected:
        yield f"recovery cases {cases}, expected {expected}"
    yield from sums.all_figures(house)
    yield from sums.printed(house)
    yield from sums.ledgers(house)


CHECKS = [stop, aid, payroll]
