#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bad_files.py BUILD: what people bring as import files, and what `mz load --dry-run` says of each.

A wrong file is named with line, column and reason, ends with status 1 and sends nothing: no service runs here.
"""
import os
import subprocess
import sys
import tempfile

PERSONS = "身份证号,姓名,村（社区）代码\n"
GOOD = "500199199001011234,张三,500114101001\n"
AWARDS = "待遇编号,版本,待遇项目,人员编号,行政区划,月标准（元）,起始月份,原因\n"
AWARD = "a,1,CHILD_SUPPORT,b,{},{},2024-02,GRANTED\n"


def person(number="500199199001011234", name="张三"):
    return PERSONS + f"{number},{name},500114101001\n"


# kind, what the file is, its bytes, what is said of it; no text: it is good
FILES = [
    ("persons", "UTF-8", (PERSONS + GOOD).encode(), None),
    ("persons", "UTF-8 as a spreadsheet saves it", b"\xef\xbb\xbf" + (PERSONS + GOOD).encode(), None),
    ("persons", "GB18030", (PERSONS + GOOD).encode("gb18030"), None),
    ("persons", "line ends of Windows", (PERSONS + GOOD).replace("\n", "\r\n").encode(), None),
    ("persons", "no last line end", (PERSONS + GOOD).rstrip().encode(), None),
    ("persons", "empty", b"", "是空文件"),
    ("persons", "UTF-16", (PERSONS + GOOD).encode("utf-16"), "第 1 行：是 UTF-16 文件"),
    ("persons", "an unknown column", (PERSONS.rstrip() + ",爱好\n").encode(), "第 1 行，爱好：不认识这一列"),
    ("persons", "a missing column", "姓名\n张三\n".encode(), "第 1 行，身份证号：缺少这一列"),
    ("persons", "a column twice", (PERSONS.rstrip() + ",姓名\n").encode(), "第 1 行，姓名：这一列出现了两次"),
    ("persons", "NUL", person(number="5001\x0099").encode(), "第 2 行，身份证号：含有 NUL 字节"),
    ("persons", "a broken UTF-8 byte", (PERSONS + GOOD).encode() + b"5,\xe5\xbc,500114101001\n", "第 3 行，姓名：有既不是 UTF-8"),
    ("persons", "a broken GB18030 byte", (PERSONS + GOOD).encode("gb18030") + b"5,\x81\x20,5\n", "第 3 行，姓名：有既不是 UTF-8"),
    ("persons", "a formula", person(name="=cmd|' /C calc'!A0").encode(), "第 2 行，姓名：内容像公式"),
    ("persons", "an open quote", person(name='"张三').encode(), "第 2 行：引号不成对"),
    ("persons", "cut in the middle", (PERSONS + GOOD + '5,"张').encode(), "引号不成对，或文件在一行中间断开"),
    ("persons", "too few cells", (PERSONS + "500199199001011234,张三\n").encode(), "第 2 行：列数与表头不符"),
    ("persons", "too many cells", (PERSONS + GOOD.rstrip() + ",多\n").encode(), "第 2 行：列数与表头不符"),
    ("persons", "an overlong cell", person(name="张" * 5000).encode(), "第 2 行，姓名：内容过长"),
    ("other_awards", "an amount", (AWARDS + AWARD.format(10105, "1405.00")).encode(), None),
    ("other_awards", "a fraction of a fen", (AWARDS + AWARD.format(10105, "1.234")).encode(), "第 2 行，月标准（元）："),
    ("other_awards", "an amount beyond all", (AWARDS + AWARD.format(10105, "9" * 20)).encode(), "第 2 行，月标准（元）："),
    ("other_awards", "an amount in words", (AWARDS + AWARD.format(10105, "一百")).encode(), "第 2 行，月标准（元）："),
    ("other_awards", "a division in words", (AWARDS + AWARD.format("城东街道", "1")).encode(), "第 2 行，行政区划：不是整数"),
    ("nothing", "an unknown kind", b"x\n", "没有“nothing”这种文件"),
]


def load(program, kind, path):
    done = subprocess.run([program, "load", kind, path, "--dry-run"], check=False, text=True, capture_output=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def judge(program, folder, kind, what, data, said):
    path = os.path.join(folder, "file.csv")
    with open(path, "wb") as file:
        file.write(data)
    status, text = load(program, kind, path)
    good = status == 0 if said is None else status in (1, 2) and said in text
    print(f"{'ok' if good else 'not ok'} {kind}: {what}" + ("" if good else f"\n    {status} {text}"))
    return good


def judge_huge(program, folder):
    """A file over the limit, which takes no room on the disk, is refused before it is read."""
    path = os.path.join(folder, "huge.csv")
    with open(path, "wb") as file:
        file.truncate(2 << 30)
    status, text = load(program, "persons", path)
    good = status == 1 and "超过上限" in text
    print(f"{'ok' if good else 'not ok'} persons: a file of 2 GiB" + ("" if good else f"\n    {status} {text}"))
    return good


def main():
    program = os.path.join(sys.argv[1], "bin/mz")
    with tempfile.TemporaryDirectory() as folder:
        judged = [judge(program, folder, *file) for file in FILES] + [judge_huge(program, folder)]
    return 0 if all(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
