#!/usr/bin/env python3
"""Print the hash of a row of the history, made without the extension.

The constants in test_event.c were made by this.  The form: each column in
order, NULL as -1, a number as 1 and itself, a text as its length in bytes
times two and its bytes; every number in eight bytes, the highest first.
"""
import hashlib
import struct


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


NOW = 1763712000123456
first = row_hash("default", "", 1, NOW, "apply", "0001", "créer", "ok", 1500,
                 "alice", "test on host", "c" * 64, None, None)
second = row_hash("default", "", 2, NOW, "config", None, "", "failed", None,
                  "alice", "test on host", None, "why", first)
print(first)
print(second)
