# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with run
# tern: a stand-in; neither Debian nor npm has it. PostgreSQL alone.

engines=(postgresql)
tables=(schema_version)
reader=tern
times=

begin_history() {
    echo 'CREATE TABLE public.schema_version (version int4 NOT NULL PRIMARY KEY);
        INSERT INTO public.schema_version VALUES (0);'
}

note() { echo "UPDATE public.schema_version SET version = $1;"; }
