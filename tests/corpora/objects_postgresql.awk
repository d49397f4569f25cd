# Divide a dump of pg_dump --schema-only into its objects: one row for each,
# with its kind, name and definition on one line. pg_dump leaves out what
# belongs to an extension.

function finish()
{
    gsub(/^(\\n)+|(\\n)+$/, "", text)
    if (kind != "" && text != "")
        print kind "\t" name "\t" text
    text = ""
}

# -- Name: users; Type: TABLE; Schema: public; Owner: postgres
/^-- Name: .*; Type: .*; Schema: .*; Owner: / {
    finish()
    line = substr($0, 10)
    match(line, /; Type: [A-Z ]*; Schema: /)
    name = substr(line, 1, RSTART - 1)
    kind = tolower(substr(line, RSTART + 8, RLENGTH - 18))
    schema = substr(line, RSTART + RLENGTH)
    sub(/; Owner: .*/, "", schema)
    if (schema != "-")
        name = schema "." name
    if (name ~ /^(EXTENSION )?migrate$/ && kind ~ /^(extension|comment)$/)
        kind = ""
    next
}

# What pg_dump says between objects.
/^SET (default_tablespace|default_table_access_method) = / { next }
/^\\(un)?restrict / { next }
/^--$|^-- PostgreSQL database dump complete$/ { next }

{
    gsub(/\\/, "&&")
    gsub(/\t/, "\\t")
    text = text $0 "\\n"
}

END { finish() }
