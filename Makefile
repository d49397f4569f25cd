# migrate: schema migrations that live inside the database.
#
# "make help" lists what can be made.  Everything is built under build/.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

PG_CONFIG ?= pg_config
DESTDIR ?=
# How much is built and tested at once
JOBS ?= $(shell nproc)
SQLITE_LIBDIR ?= /usr/local/lib/sqlite3
OBJCOPY ?= objcopy

VERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" pg_ext/migrate.control)
PG_CONFIG_FOUND := $(shell command -v $(PG_CONFIG) 2>/dev/null)
# The client's package has pgxs, too, but not the headers.
PGXS_FOUND := $(and $(PG_CONFIG_FOUND),$(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null)),$(wildcard $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)/postgres.h))

OPTIMISE ?= -O2 -g
WERROR ?=
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	-Wwrite-strings -Wswitch-enum $(WERROR)
# Set by the instrumented builds below.
SANITIZE ?=
BUILD ?= build

C_FLAGS := -std=c99 -D_XOPEN_SOURCE=700 $(WARNINGS) $(OPTIMISE) $(SANITIZE) \
	-Icommon -Isqlite_ext -I$(BUILD)/sqlite -DMIG_VERSION='"$(VERSION)"'

CORE_SOURCES := $(sort $(wildcard common/*.c))
SQLITE_SOURCES := $(sort $(wildcard sqlite_ext/*.c))
CORE_TESTS := $(sort $(wildcard tests/core/test_*.c))
# These load the built extension instead of linking the core.
LOADING_TESTS := $(wildcard tests/core/test_sqlite_*.c) tests/core/test_fleet_memory.c tests/core/test_interrupt.c
UNIT_TESTS := $(filter-out $(LOADING_TESTS),$(CORE_TESTS))
HEADERS := $(wildcard common/*.h sqlite_ext/*.h tests/core/*.h)

STATIC_OBJECTS := $(patsubst %.c,$(BUILD)/static/%.o,$(CORE_SOURCES) $(SQLITE_SOURCES))
SQLITE_OBJECTS := $(patsubst %.c,$(BUILD)/sqlite/%.o,$(CORE_SOURCES) $(SQLITE_SOURCES))
UNIT_OBJECTS := $(patsubst %.c,$(BUILD)/unit/%.o,$(CORE_SOURCES) $(sort $(wildcard tests/core/fake_*.c)))
TEST_PROGRAMS := $(patsubst tests/core/%.c,$(BUILD)/tests/%,$(CORE_TESTS))

## all: build/migrate.so for SQLite, and build/pg/migrate.so where PostgreSQL's headers are
.PHONY: all
all: sqlite $(if $(PGXS_FOUND),pg)

## help: this list
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{printf "make %-14s %s\n", $$1, $$2}'
	@echo
	@echo "PG_CONFIG=/path/to/pg_config chooses the PostgreSQL; now: $(or $(PG_CONFIG_FOUND),none)"

## sqlite: the SQLite extension alone, build/migrate.so
.PHONY: sqlite
sqlite: $(BUILD)/migrate.so

$(BUILD)/migrate.so: $(SQLITE_OBJECTS)
	$(CC) -shared $(SANITIZE) $(LDFLAGS) -o $@ $^ -lnettle -lpthread

## static: the SQLite extension to be linked into a program, build/libmigrate.a
.PHONY: static
static: $(BUILD)/libmigrate.a

# One object, in which only what migrate.h declares is left global.
$(BUILD)/libmigrate.a: $(STATIC_OBJECTS)
	$(LD) -r -o $(BUILD)/static/migrate.o $^
	$(OBJCOPY) --localize-hidden $(BUILD)/static/migrate.o
	@rm -f $@
	$(AR) rc $@ $(BUILD)/static/migrate.o

$(BUILD)/static/%.o: %.c $(HEADERS) $(BUILD)/sqlite/sqlite_catalogue_sql.h
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -DSQLITE_CORE -fPIC -fvisibility=hidden $(CFLAGS) -c -o $@ $<

$(BUILD)/examples/embedded: sql/examples/embedded.c $(BUILD)/libmigrate.a
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) $(CFLAGS) -o $@ $^ -lsqlite3 -lnettle -lpthread

$(BUILD)/sqlite/%.o: %.c $(HEADERS) $(BUILD)/sqlite/sqlite_catalogue_sql.h
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -fPIC -fvisibility=hidden $(CFLAGS) -c -o $@ $<

# The tables' SQL as C strings, each with its file's name.
$(BUILD)/sqlite/sqlite_catalogue_sql.h: sql/sqlite_catalogue.sql sql/sqlite_catalogue_2.sql
	@mkdir -p $(@D)
	@for file in $^; do \
	  echo "static const char $$(basename $$file .sql)_sql[] ="; \
	  sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/    "&\\n"/' $$file; echo '    ;'; \
	done > $@

## pg: the PostgreSQL extension alone, under build/pg/
.PHONY: pg
pg:
	@test -n "$(PGXS_FOUND)" || { echo "make: $(PG_CONFIG) or PostgreSQL's server headers not found: 'make deps' installs them" >&2; exit 1; }
	@mkdir -p $(BUILD)/pg
	$(MAKE) -s -C $(BUILD)/pg -f $(CURDIR)/pg_ext/Makefile PG_CONFIG=$(PG_CONFIG) CC="$(CC)" \
		COPT="$(WERROR) $(SANITIZE)"

## install: both, where each engine looks (SQLITE_LIBDIR, pg_config's folders)
.PHONY: install
install: install-sqlite $(if $(PGXS_FOUND),install-pg)

.PHONY: install-sqlite
install-sqlite: sqlite
	install -d "$(DESTDIR)$(SQLITE_LIBDIR)"
	install -m 755 $(BUILD)/migrate.so "$(DESTDIR)$(SQLITE_LIBDIR)/migrate.so"

.PHONY: install-pg
install-pg: pg
	$(MAKE) -s -C $(BUILD)/pg -f $(CURDIR)/pg_ext/Makefile PG_CONFIG=$(PG_CONFIG) CC="$(CC)" \
		COPT="$(WERROR) $(SANITIZE)" DESTDIR="$(DESTDIR)" install

## uninstall: remove what install put there
.PHONY: uninstall
uninstall:
	rm -f "$(DESTDIR)$(SQLITE_LIBDIR)/migrate.so"
	$(if $(PGXS_FOUND),$(MAKE) -s -C $(BUILD)/pg -f $(CURDIR)/pg_ext/Makefile PG_CONFIG=$(PG_CONFIG) DESTDIR="$(DESTDIR)" uninstall)

## demo: install what is needed, build, and show it on a small shop in SQLite
.PHONY: demo
demo:
	@tests/tools/need sqlite
	@$(MAKE) -s sqlite
	@sql/examples/demo $(BUILD)

## deps: install all that building, testing and linting need (Debian)
.PHONY: deps
deps:
	@tests/tools/need sqlite test lint

## test: install what is needed, build both, run every suite, print the totals
.PHONY: test
test:
	@tests/tools/need sqlite test
	@$(MAKE) -s -j $(JOBS) all check-programs
	@JOBS=$(JOBS) tests/tools/run-suites $(BUILD)

## check: the suites that need no server
.PHONY: check
check: sqlite check-programs
	@JOBS=$(JOBS) tests/tools/run-suites $(BUILD) core conformance-sqlite formats-sqlite adoption-sqlite pages-sqlite sqlite corpora

.PHONY: check-programs
check-programs: $(TEST_PROGRAMS) $(BUILD)/examples/embedded

$(BUILD)/unit/%.o: %.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) $(CFLAGS) -c -o $@ $<

$(patsubst tests/core/%.c,$(BUILD)/tests/%,$(UNIT_TESTS)): $(BUILD)/tests/%: tests/core/%.c $(UNIT_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) $(CFLAGS) -o $@ $^ -lcmocka -lnettle

$(patsubst tests/core/%.c,$(BUILD)/tests/%,$(LOADING_TESTS)): $(BUILD)/tests/%: tests/core/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) $(CFLAGS) -pthread -o $@ $< -lsqlite3 -ldl

## sanitize: core and SQLite suites under AddressSanitizer and UBSan
.PHONY: sanitize
sanitize:
	@tests/tools/need sqlite test
	@$(MAKE) -s -j $(JOBS) BUILD=$(BUILD)/sanitize SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer" \
		OPTIMISE="-O1 -g" sqlite check-programs
	@JOBS=$(JOBS) SANITIZED=1 tests/tools/run-suites $(BUILD)/sanitize core conformance-sqlite formats-sqlite sqlite

## tsan: many connections in many threads under ThreadSanitizer
.PHONY: tsan
tsan:
	@tests/tools/need sqlite
	@$(MAKE) -s -j $(JOBS) BUILD=$(BUILD)/tsan SANITIZE="-fsanitize=thread -fno-omit-frame-pointer" OPTIMISE="-O1 -g" \
		sqlite $(BUILD)/tsan/tests/test_sqlite_threads
	@MIGRATE_BUILD=$(BUILD)/tsan TSAN_OPTIONS="halt_on_error=0 exitcode=66" \
		$(BUILD)/tsan/tests/test_sqlite_threads

## drivers: the extension in npm's better-sqlite3 and in node:sqlite
.PHONY: drivers
drivers: sqlite
	@tests/drivers/run $(BUILD)

## tools: other migration tools build databases, which the extension takes over
.PHONY: tools
tools: all
	@MIGRATE_BUILD=$(BUILD) tests/formats/real/run

## valgrind: core and conformance suites under valgrind
.PHONY: valgrind
valgrind:
	@tests/tools/need sqlite test lint
	@$(MAKE) -s -j $(JOBS) BUILD=$(BUILD)/valgrind OPTIMISE="-O1 -g" sqlite check-programs
	@JOBS=$(JOBS) VALGRIND=1 tests/tools/run-suites $(BUILD)/valgrind core conformance-sqlite formats-sqlite

## fuzz: what strangers write, by libFuzzer for FUZZ_SECONDS (60); FUZZ="json flyway"
.PHONY: fuzz
fuzz:
	@tests/tools/need sqlite fuzz
	@$(MAKE) -s -j $(JOBS) $(BUILD)/fuzz/fuzz $(BUILD)/fuzz/growth
	@tests/fuzz/run $(BUILD)/fuzz $(FUZZ)

FUZZ_SOURCES := $(CORE_SOURCES) tests/fuzz/targets.c
FUZZ_SANITIZE := address,undefined -fno-sanitize-recover=all

# Every piece of memory is a block of its own, so that reading on is noticed.
$(BUILD)/fuzz/fuzz: $(patsubst %.c,$(BUILD)/fuzz/fuzzer/%.o,$(FUZZ_SOURCES) tests/fuzz/fuzz.c)
	clang -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^ -lnettle

$(BUILD)/fuzz/fuzzer/%.o: %.c $(HEADERS) tests/fuzz/targets.h
	@mkdir -p $(@D)
	clang $(C_FLAGS) -O1 -DMIG_BLOCK_SIZE=0 -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -c -o $@ $<

$(BUILD)/fuzz/growth: $(patsubst %.c,$(BUILD)/fuzz/counted/%.o,$(FUZZ_SOURCES)) $(BUILD)/fuzz/growth.o
	$(CC) -o $@ $^ -lnettle

$(BUILD)/fuzz/growth.o: tests/fuzz/growth.c tests/fuzz/steps.h tests/fuzz/targets.h
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -c -o $@ $<

$(BUILD)/fuzz/counted/%.o: %.c $(HEADERS) tests/fuzz/steps.h tests/fuzz/targets.h
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -O1 -fsanitize-coverage=trace-pc -include tests/fuzz/steps.h -c -o $@ $<

## lint: formatting, static analysis, warnings as errors under gcc and clang
.PHONY: lint
lint:
	@tests/tools/need sqlite test lint
	@tests/tools/lint $(BUILD)

## matrix: build and test on Debian 11, 13 and 14, as root; MATRIX="trixie" is one
.PHONY: matrix
matrix:
	@tests/matrix/run $(MATRIX)

## stress: what takes long (under 30 minutes); STRESS="faults kills" are parts
.PHONY: stress
stress:
	@tests/tools/need sqlite test
	@$(MAKE) -s sqlite check-programs
	@tests/stress/run $(BUILD) $(STRESS)

## variants: SQLite's suites with other builds of the library; VARIANTS="nojson"
.PHONY: variants
variants:
	@tests/tools/need sqlite test
	@$(MAKE) -s sqlite check-programs
	@BUILD=$(BUILD) tests/variants/run $(VARIANTS)

## bench: side by side with other tools (many minutes); BENCH="--quick" is short, BENCH="--schema" one part
.PHONY: bench
bench: all
	@tests/bench/run $(BENCH)

## clean: remove build/
.PHONY: clean
clean:
	rm -rf $(BUILD)
