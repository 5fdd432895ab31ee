# SPDX-License-Identifier: MIT
"""Reads the text exposition format 0.0.4 of Prometheus by its grammar, and forgives nothing."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (-?[0-9]+(?:\.[0-9]+)?)")
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def labels_of(text):
    found, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"labels: {text!r} at {at}"
        assert match[1] not in found, f"twice: {match[1]}"
        found[match[1]] = re.sub(r"\\[\\\"n]", lambda escape: ESCAPES[escape[0]], match[2])
        at = match.end()
        if at < len(text):
            assert text[at] == "," and at + 1 < len(text), f"labels: {text!r} at {at}"
            at += 1
    return frozenset(found.items())


def read(text):
    """{name: (type, {labels: value})}; fails where the grammar is broken, a name stands in two places, or a sample is there twice."""
    assert text == "" or text.endswith("\n")
    families, name, helped = {}, None, None
    for line in text.split("\n")[:-1]:
        if line.startswith("# HELP "):
            helped = re.fullmatch(rf"# HELP ({NAME}) \S.*", line)[1]
            assert helped not in families, f"two helps of {helped}"
        elif line.startswith("# TYPE "):
            name, kind = re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge)", line).groups()
            assert name == helped and name not in families, line
            assert (kind == "counter") == name.endswith("_total"), line
            families[name] = (kind, {})
        else:
            match = SAMPLE.fullmatch(line)
            assert match and match[1] == name, line
            labels = labels_of(match[2] or "")
            assert labels not in families[name][1], f"twice: {line}"
            families[name][1][labels] = float(match[3])
            assert families[name][0] == "gauge" or float(match[3]) >= 0, line
    return families


def value(families, name, /, **labels):
    return families[name][1][frozenset(labels.items())]
