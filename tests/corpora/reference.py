#!/usr/bin/python3
"""Read a directory of migrations as its tool does, without the extension.

    reference.py FORMAT DIRECTORY OUT [NAME=VALUE...]

writes the way up of each migration to OUT/<number>.up.sql and its way back to
OUT/<number>.down.sql, as plain SQL, and prints one line for each in the order
of the tool: version, file with the way up, file with the way back or "-",
divided by tabs.  What it cannot read ends it with the reason.  ${NAME}, and with
graphile-migrate :NAME, is replaced by VALUE.

It is written for tests/corpora/run, to hold the extension's readers against:
short, and by other means than they are.
"""

import json
import os
import re
import sys


def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return file.read().replace("\r\n", "\n")


def files(folder, pattern, deep=False):
    """The files whose names match, with the match, by path."""
    found = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        if not deep:
            folders.clear()
        for name in sorted(names):
            match = re.fullmatch(pattern, name)
            if match:
                found.append((os.path.join(parent, name), match))
    return found


def divide(text, marks):
    """Parts of a text by the lines that begin them: {part: text}.

    marks is a list of a pattern and the part that begins behind such a line,
    or None where the line is only left out.
    """
    parts = {}
    part = None
    for line in text.splitlines(keepends=True):
        for pattern, name in marks:
            if re.match(pattern, line):
                part = name or part
                break
        else:
            if part:
                parts[part] = parts.get(part, "") + line
    return parts


def goose(folder):
    foreign = [p for p, m in files(folder, r"(\d+)_.*(?<!_test)\.go")]
    if foreign:
        sys.exit("Go code is needed: " + ", ".join(
            os.path.basename(p) for p in foreign[:5]))
    for path, match in sorted(files(folder, r"(\d+)_.*\.sql"),
                              key=lambda f: int(f[1][1])):
        parts = divide(read(path), [
            (r"(?i)--\s*\+goose\s+up\s*$", "up"),
            (r"(?i)--\s*\+goose\s+down\s*$", "down"),
            (r"(?i)--\s*\+goose\b", None)])
        yield match[1], parts.get("up", ""), parts.get("down")


def sql_migrate(folder):
    def key(found):
        number = re.match(r"\d+", os.path.basename(found[0]))
        return (int(number[0]) if number else -1, os.path.basename(found[0]))
    for path, _ in sorted(files(folder, r".*\.sql"), key=key):
        parts = divide(read(path), [
            (r"-- \+migrate Up\b", "up"), (r"-- \+migrate Down\b", "down"),
            (r"-- \+migrate ", None)])
        yield os.path.basename(path), parts.get("up", ""), parts.get("down")


def flyway(folder):
    def parts(version):
        numbers = [int(n) for n in re.split(r"[._]", version)]
        while numbers and not numbers[-1]:
            numbers.pop()
        return numbers
    for path, match in sorted(files(folder, r"V([\d._]+?)__(.*)\.sql", True),
                              key=lambda f: parts(f[1][1])):
        undo = os.path.join(os.path.dirname(path),
                            "U" + os.path.basename(path)[1:])
        yield (match[1], read(path),
               read(undo) if os.path.exists(undo) else None)
    for path, match in sorted(files(folder, r"R__(.*)\.sql", True),
                              key=lambda f: f[1][1]):
        yield "R__" + match[1], read(path), None


def refinery(folder):
    for path, match in sorted(files(folder, r"[UV](\d+)__\w+\.sql", True),
                              key=lambda f: int(f[1][1])):
        yield match[1], read(path), None


def atlas(folder):
    found = files(folder, r"([^_]+)(_.*)?\.sql")
    points = [i for i, (path, _) in enumerate(found)
              if re.match(r"(?m)-- atlas:checkpoint", read(path))]
    for path, match in found[points[-1] if points else 0:]:
        yield match[1], read(path), None


def prisma(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name, "migration.sql")
        if os.path.exists(path):
            yield name, read(path), None


def drizzle(folder):
    with open(os.path.join(folder, "meta", "_journal.json"),
              encoding="utf-8") as file:
        for entry in json.load(file)["entries"]:
            yield (entry["tag"],
                   read(os.path.join(folder, entry["tag"] + ".sql")), None)


def supabase(folder):
    for path, match in files(folder, r"(\d+)_(.*)\.sql"):
        yield match[1], read(path), None


def sqlx(folder):
    ups, downs = {}, {}
    for path, match in files(folder, r"(\d+)_(.*?)(\.(up|down))?\.sql"):
        (downs if match[4] == "down" else ups)[int(match[1])] = path
    for version in sorted(ups):
        down = downs.get(version)
        yield str(version), read(ups[version]), down and read(down)


def golang_migrate(folder):
    downs = {m[1]: p for p, m in files(folder, r"(\d+)_.*\.down\..*")}
    for path, match in sorted(files(folder, r"(\d+)_.*\.up\..*"),
                              key=lambda f: int(f[1][1])):
        down = downs.get(match[1])
        yield match[1], read(path), down and read(down)


def diesel(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name, "up.sql")
        down = os.path.join(folder, name, "down.sql")
        if os.path.exists(path):
            yield (name.split("_")[0].replace("-", ""), read(path),
                   read(down) if os.path.exists(down) else None)


def tern(folder):
    for path, match in sorted(files(folder, r"(\d+)_.+\.sql"),
                              key=lambda f: int(f[1][1])):
        text = read(path)
        if "{{" in text:
            sys.exit("a Go template: " + path)
        up, _, down = text.partition("---- create above / drop below ----")
        yield match[1], up, down.strip() and down


def mybatis(folder):
    for path, match in sorted(files(folder, r"(\d+)_(.*)\.sql", True),
                              key=lambda f: int(f[1][1])):
        text = re.sub(r"(?ms)^-- //@DELIMITER (\S+)$(.*?)^-- //@DELIMITER ;$",
                      lambda m: m[2].replace("\n" + m[1] + "\n", "\n;\n"),
                      read(path))
        parts = re.split(r"(?m)^.*(?:--|//)\s*//\s*@UNDO.*$", text, 1)
        yield match[1], parts[0], parts[1] if len(parts) > 1 else None


def node_pg_migrate(folder):
    for path, match in sorted(files(folder, r"((\d+).*)\.sql"),
                              key=lambda f: int(f[1][2])):
        text = read(path)
        if not re.search(r"(?im)^\s*--[\s-]*up\s+migration", text):
            yield match[1], text, None
            continue
        parts = divide(text, [(r"(?i)\s*--[\s-]*up\s+migration", "up"),
                              (r"(?i)\s*--[\s-]*down\s+migration", "down")])
        yield match[1], parts.get("up", ""), parts.get("down")


def yoyo(folder):
    found = {m[1]: read(p) for p, m in files(folder, r"(.*?)\.sql")}
    done = set()

    def visit(name):
        if name in done or name not in found:
            return
        done.add(name)
        depends = re.search(r"(?m)^--\s*depends:(.*)$", found[name])
        for other in depends[1].split() if depends else ():
            yield from visit(other)
        yield name, found[name], found.get(name + ".rollback")

    for name in sorted(found):
        if not name.endswith(".rollback"):
            yield from visit(name)


def graphile_migrate(folder):
    folder = os.path.join(folder, "committed")
    for path, match in files(folder, r"(\d+)(-.*)?\.sql"):
        yield match[1], re.sub(r"(?m)\A(--!.*\n)+\n?", "", read(path)), None


def sqitch(folder):
    plan = []
    for line in read(os.path.join(folder, "sqitch.plan")).splitlines():
        line = line.split(" #")[0].strip()
        if line.startswith("@"):
            # A change that comes again keeps what it was under the tag.
            plan.append((line.split()[0], None))
        elif line and line[0] not in "%#":
            plan.append((line.split()[0], True))
    for number, (name, change) in enumerate(plan):
        if not change:
            continue
        script, tags = name, []
        for other, is_change in plan[number + 1:]:
            if not is_change:
                tags.insert(0, name + other)
            elif other == name and tags:
                # The last tag before it comes again, for which there is a file.
                script = next((s for s in tags if os.path.exists(
                    os.path.join(folder, "deploy", s + ".sql"))), tags[0])
                break
        down = os.path.join(folder, "revert", script + ".sql")
        yield (script, read(os.path.join(folder, "deploy", script + ".sql")),
               read(down) if os.path.exists(down) else None)


def liquibase(folder):
    for path, _ in files(folder, r".*\.sql", True):
        text = read(path)
        if not re.match(r"\s*--\s*liquibase\s+formatted", text):
            continue
        pieces = re.split(
            r"(?mi)^\s*--\s*changeset\s+([^:\n]+:\S+)(.*)$", text)
        for name, options, body in zip(pieces[1::3], pieces[2::3],
                                       pieces[3::3]):
            back = re.findall(r"(?mi)^\s*--\s*rollback (.*)$", body)
            end = re.search(r"endDelimiter:(\S+)", options)
            if end:
                body = body.replace(end[1], ";")
            yield name, body, "\n".join(back) or None


def main():
    name, folder, out = sys.argv[1:4]
    values = dict(value.split("=", 1) for value in sys.argv[4:])
    reader = globals().get(name.replace("-", "_"))
    if not callable(reader) or name in ("read", "files", "divide", "main"):
        sys.exit(f'there is no reader of "{name}"')
    for number, (version, up, down) in enumerate(reader(folder)):
        base = os.path.join(out, f"{number:06}")
        for kind, text in (("up", up), ("down", down)):
            for variable, value in values.items() if text else ():
                mark = (":" + variable if name.startswith("graphile")
                        else "${" + variable + "}")
                text = text.replace(mark, value)
            if text is not None:
                with open(f"{base}.{kind}.sql", "w", encoding="utf-8",
                          newline="") as file:
                    file.write(text)
        print(version, base + ".up.sql",
              base + ".down.sql" if down and down.strip() else "-", sep="\t")


main()
