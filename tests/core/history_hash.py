#!/usr/bin/env python3
"""The hashes of the history, made without the extension.

    history_hash.py            prints the constants of test_event.c
    history_hash.py FILE       checks what migrate_export_history() has written

The form that is hashed: each column in order, NULL as -1, a number as 1 and
itself, a text as its length in bytes times two and its bytes; every number in
eight bytes, the highest first.
"""
import hashlib
import json
import struct
import sys

COLUMNS = ("project target seq at action version name outcome duration_us actor "
           "client checksum detail previous_hash").split()


def pack(columns):
    form = b""
    for column in columns:
        if column is None:
            form += struct.pack(">q", -1)
        elif isinstance(column, int):
            form += struct.pack(">qq", 1, column)
        else:
            text = column.encode()
            form += struct.pack(">q", len(text) * 2) + text
    return form


def row_hash(*columns):
    return hashlib.sha256(pack(columns)).hexdigest()


def check(lines):
    """Yield what is wrong with an export."""
    newest = {}
    heads = {}
    for line in lines:
        if not line.strip():
            continue
        event = json.loads(line)
        chain = event["project"], event["target"]
        if event.get("head"):
            heads[chain] = event["seq"], event["hash"]
            continue
        seq, previous = newest.get(chain, (0, None))
        if event["seq"] != seq + 1 or event["previous_hash"] != previous:
            yield f"event {event['seq']} does not follow the one before"
        if event["hash"] != row_hash(*(event[c] for c in COLUMNS)):
            yield f"event {event['seq']} does not have its hash"
        newest[chain] = event["seq"], event["hash"]
    if heads != newest:
        yield "the heads are not the newest events"


def print_constants():
    now = 1763712000123456
    first = row_hash("default", "", 1, now, "apply", "0001", "créer", "ok",
                     1500, "alice", "test on host", "c" * 64, None, None)
    second = row_hash("default", "", 2, now, "config", None, "", "failed",
                      None, "alice", "test on host", None, "why", first)
    print(first)
    print(second)


def main():
    if len(sys.argv) == 1:
        print_constants()
        return 0
    with open(sys.argv[1], encoding="utf-8") as file:
        problems = list(check(file))
    print("\n".join(problems) or "the history is whole")
    return len(problems) > 0


if __name__ == "__main__":
    sys.exit(main())
