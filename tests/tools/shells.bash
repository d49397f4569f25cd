# How suites of SQL talk to both engines; sourced by them.
#
# They set root (of the project), work (a folder) and database (of PostgreSQL,
# made anew for each script).

# psql, as all its users here want it.
ask() {
    PGOPTIONS='-c client_min_messages=error' \
        psql -X -A -t -q -v VERBOSITY=terse "$@"
}

# Make the files that a test describes, below a folder.
make_files() {
    local test=$1 folder=$2 file='' line

    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '--@ '*)
            file=$folder/${line#--@ }
            mkdir -p "$(dirname "$file")"
            : > "$file"
            ;;
        '--|') printf '\n' >> "$file" ;;
        '--| '*) printf '%s\n' "${line#--| }" >> "$file" ;;
        '--% '*) printf '%b' "${line#--% }" >> "$file" ;;
        esac
    done < "$test"
}

# Print a test's SQL as the engine's shell reads it.  $3 is how that shell calls
# a command; each has a file of its own, since the two quote differently.  $4
# is how it writes to a file, and ends that, $5 how it runs one.
make_script() {
    local test=$1 folder=$2 call=$3 into=$4 from=$5
    local line commands=0

    sed -e '/^--[@|%]/d' -e "s|@DIR@|$folder|g" \
        -e "s|@DATABASE@|$database|g" -e "s|@ROOT@|$root|g" "$test" |
        while IFS= read -r line; do
            if [ "${line#--! }" != "$line" ]; then
                commands=$((commands + 1))
                printf '%s\n' "${line#--! }" > "$work/command.$commands"
                line="$call sh $work/command.$commands"
            fi
            case $line in
            '--> '*)
                line=${line#--> }
                printf '%s\n' "$into ${line%% *}" "${line#* }"
                line=$into
                ;;
            '--< '*) line="$from ${line#--< }" ;;
            esac
            printf '%s\n' "$line"
        done
}

# Leave of an error what the engines have in common.
strip_sqlite() {
    awk '
        # The shell puts the result code behind the last line of a message.
        function last() {
            if (held != "") {
                if (lines == 1)
                    sub(/ \([0-9]+\)$/, "", held)
                print held
            }
            held = ""
        }
        # "Error: near line" in 3.34, "Error near line" in 3.53, which names a
        # file that .read has opened, too.
        /^((Runtime|Parse) error|Error:?) near line [0-9]+( of [^:]+)?: / {
            last()
            sub(/^[A-Za-z]+( error|:)? near line [0-9]+( of [^:]+)?: /,
                "error: ")
            held = $0
            lines = 1
            next
        }
        held != "" && /^  / { lines++; next }
        { last(); print }
        END { last() }'
}

strip_postgresql() {
    sed -e 's/^ERROR:  /error: /' -e 's/^psql:[^ ]*: error: /error: /' \
        -e 's/^psql:.*:[0-9]*: ERROR:  /error: /'
}

# SQLITE3 may put another program before the shell, such as valgrind.
read -r -a sqlite3 <<< "${SQLITE3:-sqlite3}"

run_sqlite() {
    make_script "$1" "$2" .shell .output .read |
        stdbuf -oL "${sqlite3[@]}" -batch -list -init /dev/null \
            -cmd ".load ${MIGRATE:-$root/build/migrate}" \
            "$work/$database" 2>&1 | strip_sqlite
    rm -f "$work/$database"*
}

run_postgresql() {
    ask -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database" \
        "${PGDATABASE:-postgres}"
    ask -c 'CREATE EXTENSION migrate' "$database"
    make_script "$1" "$2" '\!' '\o' '\i' | ask "$database" 2>&1 | strip_postgresql
}
