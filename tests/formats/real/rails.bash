# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# Rails' migrations (ActiveRecord), from Debian. What is loaded is the dump of the
# schema, one migration; Rails has applied all that is in it.

first=1
all=1
times=
back=
tables=(schema_migrations ar_internal_metadata)

obtain() {
    ruby -e 'require "active_record"; require "sqlite3"; require "pg"' \
        2>/dev/null && return 0
    debian_install_file /usr/share/doc/ruby-activerecord/copyright \
        ruby-activerecord || return 1
    debian_install_file /usr/share/doc/ruby-sqlite3/copyright ruby-sqlite3 ||
        return 1
    debian_install_file /usr/share/doc/ruby-pg/copyright ruby-pg
}

call_rails() {
    local script=$work/rails.rb

    cat >"$script" <<'END'
require "active_record"
kind, place, folder, dump = ARGV
config = if kind == "sqlite"
  { adapter: "sqlite3", database: place }
else
  { adapter: "postgresql", database: place, host: ENV["PGHOST"],
    port: ENV["PGPORT"], username: "postgres" }
end
ActiveRecord::Base.establish_connection(config)
if dump
  tasks = ActiveRecord::Tasks::DatabaseTasks
  tasks.root = tasks.db_dir = folder
  tasks.structure_dump(config, dump)
  File.open(dump, "a") do |file|
    file.puts ActiveRecord::Base.connection.dump_schema_information
  end
else
  ActiveRecord::MigrationContext.new([folder + "/migrate"],
                                     ActiveRecord::SchemaMigration).migrate
end
END
    ruby -W0 "$script" "$engine" "$place" "$@"
}

apply() {
    local place=$database
    [[ $engine == postgresql ]] || place=$file
    call_rails "$directory"
}

produce() {
    local place=$database
    [[ $engine == postgresql ]] || place=$file
    call_rails "$directory" "$1/structure.sql"
}

source_of() { echo "$work/made"; }
