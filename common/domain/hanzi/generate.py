#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes pinyin.txt and variants.txt from the Unihan database (Debian package unicode-data).

    generate.py [/usr/share/unicode]

pinyin.txt: a line a syllable without tone (ü as v): the syllable, a tab, the characters that can be read so; a
character stands first among those whose usual reading it is, behind `|` where it is another one.
variants.txt: a line a common character (one of GB 2312): the character, then those that are searched as it: its
traditional form and variants that GB 2312 does not have.
"""
import bz2
import pathlib
import re
import sys
import unicodedata

unihan = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode")
here = pathlib.Path(__file__).parent


def fields(name, *wanted):
    with bz2.open(unihan / f"Unihan_{name}.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) == 3 and parts[1] in wanted:
                yield chr(int(parts[0][2:], 16)), parts[1], parts[2]


def toneless(syllable):
    text = unicodedata.normalize("NFD", syllable.replace("ü", "v").replace("Ü", "v"))
    text = text.replace("u\u0308", "v")
    return "".join(c for c in text if c.isascii() and c.isalpha()).lower()


def syllables(field, value):
    if field == "kXHC1983":  # 0123.010,0456.020:dān 0789.030:shàn
        value = " ".join(part.split(":")[1] for part in value.split())
    elif field == "kHanyuPinlu":  # dān(123) dan(4)
        value = re.sub(r"\(\d+\)", "", value)
    for part in value.split():
        # Only what is a syllable: no bare consonants (ń, ng, hm).
        text = toneless(unicodedata.normalize("NFC", part))
        if re.search("[aeiouv]", text):
            yield text


def write_pinyin():
    readings = {}
    for field in ("kMandarin", "kXHC1983", "kHanyuPinlu"):
        for char, name, value in fields("Readings", field):
            known = readings.setdefault(char, [])
            known += [s for s in dict.fromkeys(syllables(name, value)) if s not in known]
    usual, other = {}, {}
    for char, known in sorted(readings.items()):
        for rank, syllable in enumerate(known[:4]):
            (other if rank else usual).setdefault(syllable, []).append(char)
    with open(here / "pinyin.txt", "w", encoding="utf-8") as out:
        for syllable in sorted({*usual, *other}):
            tail = "|" + "".join(other[syllable]) if syllable in other else ""
            print(f"{syllable}\t{''.join(usual.get(syllable, []))}{tail}", file=out)


def write_variants():
    common = {char for char, _, _ in fields("OtherMappings", "kGB0")}
    target = {}
    for field in ("kSimplifiedVariant", "kZVariant", "kSemanticVariant", "kSpecializedSemanticVariant"):
        for char, _, value in fields("Variants", field):
            forms = [chr(int(v.split("<")[0][2:], 16)) for v in value.split()]
            forms = [v for v in forms if v in common and v != char]
            if char not in common and char not in target and forms:
                target[char] = forms[0]
    # A variant of a variant is one too: 昇 is 陞, which is 升.
    for char, _, value in fields("Variants", "kSemanticVariant"):
        forms = [target.get(chr(int(v.split("<")[0][2:], 16))) for v in value.split()]
        if char not in common and char not in target and any(forms):
            target[char] = next(filter(None, forms))
    groups = {}
    for char, form in sorted(target.items()):
        groups.setdefault(form, []).append(char)
    with open(here / "variants.txt", "w", encoding="utf-8") as out:
        for form in sorted(groups):
            print(form + "".join(groups[form]), file=out)


write_pinyin()
write_variants()
