# Compare two lists of objects (kind, name, definition, divided by tabs), and
# print what differs, with both texts. The contents of tables may differ with
# good reason (times, random keys): they make a remark and no difference.
# Variables: left and right say where each list is from.
# Exit status: 1 when something differs.

BEGIN { FS = "\t" }

function show(text, lines, count, i)
{
    gsub(/\\\\/, "\001", text)
    gsub(/\\t/, "\t", text)
    count = split(text, lines, /\\n/)
    for (i = 1; i <= count; i++) {
        gsub(/\001/, "\\", lines[i])
        if (lines[i] != "")
            print "        " lines[i]
    }
}

function report(key, part)
{
    split(key, part, FS)
    if (part[1] == "contents") {
        remark = remark (remark == "" ? "" : ", ") part[2]
        return
    }
    differs = 1
    if (!(key in second)) {
        print part[1] " " part[2] " is only there " left ":"
        show(first[key])
    } else if (!(key in first)) {
        print part[1] " " part[2] " is only there " right ":"
        show(second[key])
    } else {
        print part[1] " " part[2] " differs:"
        print "    " left ":"
        show(first[key])
        print "    " right ":"
        show(second[key])
    }
}

FNR == NR {
    first[$1 FS $2] = $3
    order[++n] = $1 FS $2
    next
}

{
    second[$1 FS $2] = $3
    if (!(($1 FS $2) in first))
        order[++n] = $1 FS $2
}

END {
    for (i = 1; i <= n; i++) {
        key = order[i]
        if (!(key in first) || !(key in second) || first[key] != second[key])
            report(key)
    }
    if (remark != "")
        print "remark: contents differ (times, random keys?): " remark
    exit differs
}
