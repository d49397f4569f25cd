"""Random schemas, each of which can be written in many ways.

A schema is a list of statements, a statement a list of tokens, a token a pair
of its kind and its text:

    k  key word, sign, type: case is no matter
    d  name that is given: its case counts, its quotes do not
    n  name that is referred to: neither does
    e  the same in a view or trigger, where "a" could be a string
    x  as it is: a literal

What is written for one schema has one fingerprint; what has been mutated has
another.
"""

import re

PLAIN = ["a", "b", "Abc", "col_1", "ünï", "id", "key", "x9", "_z"]
ODD = ["my col", "order", "a.b", "select", 'q"q', "b`b", "it's", "1st", "null",
       "", "a-b", "current_date"]
TYPES = ["", "INT", "INTEGER", "TEXT", "VARCHAR(10)", "DECIMAL (10, 2)", "BLOB",
         "DOUBLE PRECISION", "ANYTHING"]
RESERVED = {"order", "select", "null", "current_date"}


def k(text):
    return [("k", word) for word in re.findall(r"\w+|[^\w\s]", text)]


def x(text):
    return [("x", text)]


def literal(random):
    return x(random.choice(["1", "-1.5e-3", "0x1F", "'Abc'", "'it''s'", "x'AB'",
                            "NULL", "'  two  '", "'-- no'", "'a\nb'", "7"]))


def string(random):
    return x(random.choice(["'Abc'", "'aBC'", "'it''s'", "'/* no */'"]))


def name(kind, text):
    return [(kind, text)]


def expression(random, columns, kind="n"):
    """Something over columns that is allowed everywhere."""
    shape = random.randrange(5)
    column = name(kind, random.choice(columns))
    if shape == 0:
        return column + k("IS NOT") + literal(random)
    if shape == 1:
        return k("LENGTH (") + column + k(") <") + x(str(random.randrange(99)))
    if shape == 2:
        return (column + k("IN (") + literal(random) + k(",") + literal(random)
                + k(")"))
    if shape == 3:
        return (k("CASE WHEN") + column + k("THEN") + literal(random)
                + k("ELSE") + string(random) + k("END"))
    return column + k("= 1 OR") + column + k("BETWEEN 1 AND") + literal(random)


def names(random, count):
    pool = PLAIN + ODD if random.random() < 0.4 else PLAIN
    return random.sample(pool, count)


def column(random, own, columns, tables):
    """A column's definition behind its name."""
    tokens = k(random.choice(TYPES))
    for _ in range(random.randrange(3)):
        tokens += random.choice([
            lambda: k("NOT NULL"),
            lambda: k("UNIQUE"),
            lambda: k("DEFAULT") + literal(random),
            lambda: k("DEFAULT (") + literal(random) + k("+ 1 )"),
            lambda: k("COLLATE") + name("n", "nocase"),
            lambda: k("NOT NULL ON CONFLICT IGNORE"),
            lambda: k("CHECK (") + expression(random, [own]) + k(")"),
            lambda: (k("CONSTRAINT") + name("d", random.choice(PLAIN))
                     + k("CHECK (") + expression(random, columns) + k(")")),
            lambda: (k("REFERENCES") + name("n", random.choice(tables))
                     + k("ON DELETE") + k(random.choice(["CASCADE",
                                                         "SET NULL"]))),
            lambda: (k("REFERENCES") + name("n", random.choice(tables))
                     + k("DEFERRABLE INITIALLY DEFERRED"))])()
    return tokens


def generated(random, columns):
    """The definition of a column that is computed from others."""
    return (k("INT") + k(random.choice(["", "GENERATED ALWAYS"])) + k("AS (")
            + expression(random, columns) + k(")")
            + k(random.choice(["", "VIRTUAL", "STORED"])))


def primary_key(random, columns):
    """One column or two, and how the table may be kept then."""
    some = random.sample(columns, min(len(columns), random.choice([1, 1, 2])))
    key = k("PRIMARY KEY (") + joined(
        [name("n", each) + k(random.choice(["", "DESC"])) for each in some])
    return key + k(")"), k(random.choice(["", "WITHOUT ROWID", "STRICT",
                                          "WITHOUT ROWID , STRICT"]))


def constraint(random, columns, tables):
    tokens = []
    some = random.choice(columns)
    if random.random() < 0.5:
        tokens += k("CONSTRAINT") + name("d", random.choice(PLAIN + ODD[:3]))
    return tokens + random.choice([
        lambda: k("UNIQUE (") + name("n", some) + k(")"),
        lambda: k("CHECK (") + expression(random, columns) + k(")"),
        lambda: (k("FOREIGN KEY (") + name("n", some) + k(") REFERENCES")
                 + name("n", random.choice(tables)) + k("(") + name("n", "id")
                 + k(")"))])()


def joined(parts):
    tokens = []
    for number, part in enumerate(parts):
        tokens += (k(",") if number > 0 else []) + part
    return tokens


def table(random, own, tables):
    """A table, and the names of its columns."""
    columns = names(random, random.randrange(1, 6))
    parts = [name("d", each) + column(random, each, columns, tables)
             for each in columns]
    options = []
    if random.random() < 0.3:
        parts[0] = name("d", columns[0]) + k("INTEGER PRIMARY KEY") + k(
            random.choice(["", "AUTOINCREMENT"]))
    elif random.random() < 0.5:
        key, options = primary_key(random, columns)
        parts.append(key)
    elif len(columns) > 1 and random.random() < 0.3:
        parts[-1] = name("d", columns[-1]) + generated(random, columns[:-1])
    parts += [constraint(random, columns, tables)
              for _ in range(random.randrange(3))]
    return (k("CREATE TABLE") + name("d", own) + k("(") + joined(parts) + k(")")
            + options, columns)


def virtual(random, own):
    """A virtual table, each of whose arguments is as it is."""
    module, some = random.choice([
        ("fts5", ["title", "body", "tokenize = 'porter ascii'"]),
        ("fts5", ["title", "body UNINDEXED"]), ("fts4", ["title", "body"]),
        ("rtree", ["id", "low", "high"]),
        ("rtree", ["id", "low", "high", "left", "right"])])
    return (k("CREATE VIRTUAL TABLE") + name("d", own) + k("USING")
            + name("n", module) + k("(") + joined([x(each) for each in some])
            + k(")"))


def index(random, own, of, columns):
    items = [random.choice([
        lambda: name("n", each),
        lambda: name("n", each) + k("COLLATE") + name("n", "nocase"),
        lambda: name("n", each) + k("DESC"),
        lambda: expression(random, columns)])()
        for each in random.sample(columns, random.randrange(1, 1 + len(columns)))]
    where = random.random() < 0.3
    return (k("CREATE") + k(random.choice(["", "UNIQUE"])) + k("INDEX")
            + name("d", own) + k("ON") + name("n", of) + k("(") + joined(items)
            + k(")") + (k("WHERE") + expression(random, columns) if where
                        else []))


def view(random, own, of, columns):
    some = random.choice(columns)
    given = (k("(") + name("d", "Given") + k(")") if random.random() < 0.3
             else [])
    return (k("CREATE VIEW") + name("d", own) + given + k("AS SELECT")
            + name("e", some) + k("AS") + name("d", random.choice(PLAIN + ODD[:2]))
            + k("FROM") + name("n", of) + k("AS") + name("d", "m")
            + k("WHERE") + expression(random, columns, "e") + k("AND")
            + name("n", "m") + k(".") + name("n", some) + k("IS NOT CAST (")
            + literal(random) + k("AS TEXT )"))


def trigger(random, own, of, columns):
    some = random.choice(columns)
    when = (k("WHEN NEW .") + name("n", some) + k(">") + literal(random)
            if random.random() < 0.5 else [])
    return (k("CREATE TRIGGER") + name("d", own) + k("AFTER UPDATE OF")
            + name("n", some) + k("ON") + name("n", of) + when
            + k("BEGIN UPDATE") + name("n", of) + k("SET") + name("e", some)
            + k("=") + literal(random) + k("WHERE")
            + expression(random, columns, "e") + k("; SELECT RAISE ( ABORT ,")
            + string(random) + k(") ; END"))


def schema(random):
    """A list of (statement, numbers of those that it needs)."""
    tables = random.sample(["t", "Tab", "t_2", "my table", "order", "u.v"],
                           random.randrange(1, 4))
    made = []
    for own in tables:
        number = len(made)
        statement, columns = table(random, own, tables)
        made.append((statement, []))
        for kind, make in (("i", index), ("v", view), ("g", trigger)):
            for each in range(random.choice([0, 0, 1, 2])):
                made.append((make(random, f"{kind} {number}{each}" if
                                  random.random() < 0.1 else
                                  f"{kind}{number}{each}", own, columns),
                             [number]))
    if random.random() < 0.2:
        made.append((virtual(random, "words"), []))
    return made


def quoted(random, text, styles):
    style = random.choice([each for each in styles
                           if each != "[" or "]" not in text])
    close = "]" if style == "[" else style
    return style + text.replace(close, close * 2) + close


def any_case(random, text):
    """ASCII letters alone, as SQLite does."""
    return "".join(random.choice([c.upper(), c.lower()]) if c.isascii() else c
                   for c in text)


def token_text(random, token):
    kind, text = token
    if kind == "x":
        return text
    if kind == "k":
        return any_case(random, text)
    styles = "[`" if kind == "e" else '["`'
    if kind != "d":
        text = any_case(random, text)
    plain = re.fullmatch(r"[^\W\d]\w*", text) and text.lower() not in RESERVED
    return (text if plain and random.random() < 0.5
            else quoted(random, text, styles))


def gap(random, needed):
    gaps = [" ", "  ", "\n", "\t", " /* x ' */ ", " -- \"y\n"]
    return random.choice(gaps if needed else gaps + ["", ""])


def written(random, statement):
    """A statement as text, in one of its ways."""
    text = ""
    for token in statement:
        piece = token_text(random, token)
        wordy = text[-1:].isalnum() or text[-1:] in "_'\"`]"
        # A number must not run into a point, a word not into the next one.
        text += gap(random, wordy and piece[:1] not in "(),;") + piece
    return text.strip()


def in_any_order(random, made):
    """The statements, each behind those that it needs."""
    left = list(range(len(made)))
    done = []
    while left:
        ready = [i for i in left if all(n in done for n in made[i][1])]
        done.append(random.choice(ready))
        left.remove(done[-1])
    return [made[i][0] for i in done]


LITERALS = ["1", "2", "'Abc'", "'ABC'", "x'AC'", "0x1E", "NULL", "'a  b'"]


def mutated(random, made):
    """The same schema with one token changed, or a statement less."""
    made = [(list(statement), needs) for statement, needs in made]
    number = random.randrange(len(made))
    statement = made[number][0]
    at = random.randrange(len(statement))
    kind, text = statement[at]
    if random.random() < 0.1 and len(made[number][1]) > 0:
        made[number] = ([("x", "SELECT 1")], made[number][1])
    elif kind == "x":
        others = [each for each in LITERALS if each.lower() != text.lower()
                  or "'" in each and each != text and each[0] == "'"]
        statement[at] = (kind, random.choice(others))
    elif kind == "d":
        changed = text.swapcase() if random.random() < 0.5 else text + "_2"
        if changed == text:
            return None
        statement[at] = (kind, changed)
    elif kind == "k":
        swaps = {"text": "blob", "int": "integer", "unique": "", "desc": "asc",
                 "cascade": "restrict", "10": "11", "after": "before",
                 "not": "", "is": "is not", "or": "and", "then": "not",
                 "autoincrement": "", "stored": "virtual", "strict": "",
                 "ignore": "replace", "deferred": "immediate",
                 "update": "delete", "length": "lower", "=": "<>", "<": "<="}
        if text.lower() not in swaps:
            return None
        statement[at:at + 1] = k(swaps[text.lower()])
    else:
        return None
    return made
