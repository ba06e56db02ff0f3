# Threeways: a web server built in three ways. `make help` lists what can be made.
#
# Everything that is made goes below $(BUILD). The server needs a C11 compiler and libc, nothing
# else; the tests need Check, and install it where they can.

BUILD ?= build
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror=switch
VARIANT_FLAGS =# coverage and sanitizers put theirs here

.DEFAULT_GOAL := all

# --- for which system ----------------------------------------------------------------------------

SYSTEM := $(shell uname -s)

CPPFLAGS += -Iserver -D_FILE_OFFSET_BITS=64

# On Linux the headers show POSIX.1-2008, and no more. Elsewhere they show all they have: asked for
# POSIX alone, macOS would hide O_NOFOLLOW and FreeBSD SA_RESTART, which are POSIX all the same.
ifeq ($(SYSTEM),Linux)
POSIX := -D_POSIX_C_SOURCE=200809L
SYSTEM_LIBS := -lrt
endif

# $(call can,FILE,NAME) is NAME if server/FILE_NAME.c can be compiled here, and nothing if not: ask
# the compiler, not the system's name.
$(shell mkdir -p $(BUILD))
can = $(if $(shell $(CC) -std=c11 $(CPPFLAGS) $(POSIX) -c -o $(BUILD)/can.o server/$(1)_$(2).c \
        2>/dev/null && echo yes),$(2))

# --- what is linked ------------------------------------------------------------------------------
# One file per choice. These lists say what is linked, in which order --help shows it, and (the
# first) what is taken by default. To swap a part, swap its file here.

MODELS := event threads single
POLLERS := select
DISKS := aio helpers blocking
WAKEUPS := $(call can,core/wakeup,signalfd) selfpipe
BENEATHS := $(call can,core/beneath,openat2) walk

# Twins: the same functions, made of what the system has. One of them is linked.
DISK_SIGNAL := $(or $(call can,core/disk_signal,realtime),doorbell)
FILE_TIMES := $(or $(call can,core/file_times,posix),darwin)
SEND_FLAGS := $(or $(call can,core/send_flags,nosignal),plain)
AIO_HELPERS := $(or $(call can,event/aio_helpers,gnu),none)
AIO_LIMIT := $(or $(call can,event/aio_limit,darwin),none)
NOWAIT := $(or $(call can,event/nowait,linux),none)
CONDITION := $(or $(call can,models/condition,posix),darwin)

# What the models are made of.
MODEL_PARTS := blocking conversation crew hall reception watchman

# In a lab's handout some of these files are missing; this says which.
-include handout.mk

# slowdisk is made of Linux, and of its headers, which a C library's own compiler may lack.
SLOWDISK := $(if $(call can,tools/slow,gate),$(BUILD)/slowdisk)

CORE := buffers cache descriptors docroot exchange http_body http_conditions http_date http_reply \
        http_request http_status listener listing log mime options representation request_state \
        request_status server signals target totals trace work
EVENT := actions deadlines disk door ending fetch fsm fsm_print fsm_table fsm_trace holdings loop \
         opening ready replies report request_table seats

SOURCES := $(CORE:%=core/%.c) $(BENEATHS:%=core/beneath_%.c) $(WAKEUPS:%=core/wakeup_%.c) \
           $(EVENT:%=event/%.c) $(POLLERS:%=event/poller_%.c) $(DISKS:%=event/disk_%.c) \
           core/disk_signal_$(DISK_SIGNAL).c core/file_times_$(FILE_TIMES).c \
           core/send_flags_$(SEND_FLAGS).c event/aio_helpers_$(AIO_HELPERS).c \
           event/aio_limit_$(AIO_LIMIT).c event/nowait_$(NOWAIT).c \
           models/condition_$(CONDITION).c \
           $(MODEL_PARTS:%=models/%.c) $(MODELS:%=models/%.c)
SLOWDISK_SOURCES := $(patsubst %,tools/%.c,slowdisk slow_gate slow_reads slow_strace) core/options.c
TRACE := $(BUILD)/threeways-trace
TRACE_SOURCES := $(patsubst %,tools/%.c,trace trace_chrome trace_json trace_lives trace_reader \
                                        trace_summary trace_text)
SEND := $(BUILD)/threeways-send
SEND_SOURCES := tools/send.c tools/send_crowd.c tools/send_order.c core/options.c
OBSERVE := $(BUILD)/threeways-observe
OBSERVE_SOURCES := $(patsubst %,tools/%.c,observe observe_disks observe_pages observe_place \
                     observe_query observe_sender observe_tally observe_text observe_watched \
                     send_order trace_json trace_reader)
OBJECTS := $(SOURCES:%.c=$(BUILD)/obj/server/%.o) $(BUILD)/obj/choices.o
SERVER := $(BUILD)/threeways
PAGE_FILES := $(wildcard server/observer/*)
PAGE_COPIES := $(PAGE_FILES:server/%=$(BUILD)/%)

# The labs: a lab's build takes files of the server from elsewhere, and may have flags of its own.
include labs/labs.mk

# --- how it is compiled --------------------------------------------------------------------------

COMPILE = $(CC) -std=c11 $(CPPFLAGS) $(WARNINGS) $(CFLAGS) $(VARIANT_FLAGS) -MMD -MP
LINK = $(CC) $(CFLAGS) $(VARIANT_FLAGS) $(LDFLAGS)

# Objects of another compiler, or of other flags, are of no use: they are made anew.
HOW := $(BUILD)/how
ifneq ($(shell cat $(HOW) 2>/dev/null),$(strip $(COMPILE)))
$(shell echo '$(strip $(COMPILE))' > $(HOW))
endif

.PHONY: all
all: $(SERVER) $(SLOWDISK) $(TRACE) $(SEND) $(OBSERVE) ## build the server, build/threeways, its tools, and (Linux) build/slowdisk

.PHONY: objects
objects: $(OBJECTS) $(BUILD)/obj/server/main.o ## compile the server, link nothing (for another system)

# What other systems have to do with, as far as it runs here. Who counts signals, or sends them as
# the disk would, is left out.
TWINS := DISK_SIGNAL=doorbell SEND_FLAGS=plain AIO_HELPERS=none
TWIN_SUITES := disk event_model event_timeouts loop_faults client_faults slowdisk nonblocking \
               http_cases http_semantics
.PHONY: twins
twins: setup ## run the server's tests with the twins that macOS takes, on this system
	$(MAKE) --no-print-directory BUILD=$(BUILD)/twins $(TWINS) SUITE="$(TWIN_SUITES)" run-checks

$(SERVER): $(OBJECTS) $(BUILD)/obj/server/main.o
	@echo "  LINK $@"
	@$(LINK) -o $@ $^ $(LDLIBS) $(SYSTEM_LIBS) -pthread

$(SLOWDISK): $(SLOWDISK_SOURCES:%.c=$(BUILD)/obj/server/%.o)
	@echo "  LINK $@"
	@$(LINK) -o $@ $^

$(TRACE): $(TRACE_SOURCES:%.c=$(BUILD)/obj/server/%.o)
	@echo "  LINK $@"
	@$(LINK) -o $@ $^

$(SEND): $(SEND_SOURCES:%.c=$(BUILD)/obj/server/%.o)
	@echo "  LINK $@"
	@$(LINK) -o $@ $^

# The observer is a server of ours, with pages of its own. Its files lie beside it.
$(OBSERVE): $(OBJECTS) $(OBSERVE_SOURCES:%.c=$(BUILD)/obj/server/%.o) | $(PAGE_COPIES)
	@echo "  LINK $@"
	@$(LINK) -o $@ $^ $(LDLIBS) $(SYSTEM_LIBS) -pthread

$(PAGE_COPIES): $(BUILD)/observer/%: server/observer/%
	@mkdir -p $(@D)
	cp $< $@

$(BUILD)/obj/server/%.o: server/%.c $(HOW)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(COMPILE) $(POSIX) -c -o $@ $<

$(BUILD)/obj/choices.o: $(BUILD)/choices.c $(HOW)
	@echo "  CC $<"
	@$(COMPILE) $(POSIX) -c -o $@ $<

# The lists of choices, from the lists of files above. $(1) type, $(2) prefix, $(3) names,
# $(4) the list's name; $(5) is not empty where --help shows the list.
define CHOICE_LIST
$(foreach name,$(3),extern const struct $(1) $(2)_$(name);)
const struct $(1) *const $(4)[] = {$(foreach name,$(3),&$(2)_$(name),) NULL};
$(if $(5),const struct choice *const $(5)[] = {$(foreach name,$(3),&$(2)_$(name).choice,) NULL};)

endef
define CHOICES
/* Made by the Makefile from its lists of files. */
#include "core/beneath.h"
#include "core/wakeup.h"
#include "event/disk.h"
#include "event/poller.h"
#include "models/model.h"

$(call CHOICE_LIST,model,model,$(MODELS),models,model_choices)
$(call CHOICE_LIST,poller,poller,$(POLLERS),pollers,poller_choices)
$(call CHOICE_LIST,disk_backend,disk,$(DISKS),disks,disk_choices)
$(call CHOICE_LIST,wakeup,wakeup,$(WAKEUPS),wakeups,wakeup_choices)
$(call CHOICE_LIST,beneath,beneath,$(BENEATHS),beneaths,)
endef
export CHOICES

$(BUILD)/choices.c: Makefile
	@mkdir -p $(@D)
	@echo "$$CHOICES" > $@

# --- running it ----------------------------------------------------------------------------------

include server/www.mk

PORT ?= 8080
.PHONY: run
run: $(SERVER) www ## build, and serve the site of server/www on http://127.0.0.1:8080 (PORT=...)
	$(SERVER) --port $(PORT) --list $(RUN_OPTIONS) $(BUILD)/www

# PORT=N for the page, DELAY=TIME for the disk; SCRIPT=1 plays the scenes by itself.
.PHONY: demo
demo: all www ## the three models side by side on one page (SCRIPT=1: it plays by itself)
	@exec env PORT=$(if $(filter command line environment,$(origin PORT)),$(PORT),0) \
	    SCRIPT=$(SCRIPT) $(if $(DELAY),DELAY=$(DELAY)) server/tools/demo $(BUILD)

PREFIX ?= /usr/local
.PHONY: install
install: all ## install programs and manual pages (PREFIX, DESTDIR)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install $(SERVER) $(SLOWDISK) $(TRACE) $(SEND) $(OBSERVE) $(DESTDIR)$(PREFIX)/bin
	install -d $(DESTDIR)$(PREFIX)/share/threeways/observer
	install -m 644 $(PAGE_FILES) $(DESTDIR)$(PREFIX)/share/threeways/observer
	install -m 644 server/threeways.1 $(wildcard server/tools/*.1) \
	    $(DESTDIR)$(PREFIX)/share/man/man1

# --- tests ---------------------------------------------------------------------------------------

TEST_SOURCES := $(wildcard tests/*.c tests/support/*.c tests/unit/*.c tests/integration/*.c) \
                $(filter-out tests/faults/interpose_%,$(wildcard tests/faults/*.c))
TEST_OBJECTS := $(TEST_SOURCES:%.c=$(BUILD)/obj/%.o)
CHECKS := $(BUILD)/check_threeways
CHECK_CFLAGS = $(shell pkg-config --cflags check 2>/dev/null)
CHECK_LIBS = $(shell pkg-config --libs check 2>/dev/null || echo -lcheck -lsubunit -lm)

.PHONY: check
check: setup ## build and run all tests (SUITE=names or CASE=names for some)
	@$(MAKE) --no-print-directory BUILD=$(BUILD) run-checks

# Shared objects that stand between the server and libc, to make it see faults (ld.so(8)).
INTERPOSERS := $(patsubst tests/faults/interpose_%.c,$(BUILD)/interpose/%.so, \
                          $(wildcard tests/faults/interpose_*.c))

.PHONY: run-checks
run-checks: $(SERVER) $(SLOWDISK) $(TRACE) $(CHECKS) $(INTERPOSERS)
	THREEWAYS=$(SERVER) SLOWDISK=$(SLOWDISK) THREEWAYS_TRACE=$(TRACE) \
	    INTERPOSE=$(BUILD)/interpose \
	    tests/run $(CHECKS) $(or $(CASE),$(SUITE))

# Where no signal can be queued, the sweep must find every read: twice, since glibc loses it first.
.PHONY: unqueued
unqueued: setup ## the tests that ask a server, without a queue for its signals
	THREEWAYS_WRAPPER="prlimit --sigpending=0" SCALE=4 \
	    $(MAKE) --no-print-directory BUILD=$(BUILD) run-checks SUITE="event_model event_timeouts \
	    event_crowds nonblocking client_faults http_cases http_semantics"

# With the server's own CPPFLAGS, so that aio_read() is the same symbol; never sanitized.
$(BUILD)/interpose/%.so: tests/faults/interpose_%.c $(HOW)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) -std=c11 $(CPPFLAGS) -D_GNU_SOURCE $(WARNINGS) -O2 -g -shared -fPIC -o $@ $< -ldl

$(CHECKS): $(TEST_OBJECTS) $(OBJECTS) $(BUILD)/obj/server/tools/slow_reads.o \
           $(patsubst %.c,$(BUILD)/obj/server/%.o,$(filter-out tools/observe.c,$(OBSERVE_SOURCES)))
	@echo "  LINK $@"
	@$(LINK) -o $@ $^ $(CHECK_LIBS) $(SYSTEM_LIBS) -pthread

$(BUILD)/obj/tests/%.o: tests/%.c $(HOW)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(COMPILE) -D_GNU_SOURCE $(CHECK_CFLAGS) -Itests -c -o $@ $<

.PHONY: matrix
matrix: setup ## the server's suites with every model, disk and wake-up (PAIRWISE=1: fewer rows)
	@$(MAKE) --no-print-directory BUILD=$(BUILD) run-matrix

.PHONY: run-matrix
run-matrix: $(SERVER) $(SLOWDISK) $(CHECKS) $(INTERPOSERS)
	THREEWAYS=$(SERVER) SLOWDISK=$(SLOWDISK) INTERPOSE=$(BUILD)/interpose \
	    tests/matrix $(CHECKS) $(SERVER) $(SUITE)

.PHONY: check-browser
check-browser: all www ## drive the observer's page in a headless Chromium (skipped without one)
	@tests/browser/run $(BUILD)

.PHONY: setup
setup: ## install what the tests need (Check), where it is missing
	@sh tests/setup check

COVERAGE_FLOOR = 92
.PHONY: coverage
coverage: ## run the tests with gcovr: build/coverage/index.html, and a summary
	@sh tests/setup check gcovr
	@find $(BUILD)/cov -name '*.gcda' -delete 2>/dev/null || true
	@mkdir -p $(BUILD)/coverage
	THREEWAYS_KEEP_USER=1 $(MAKE) --no-print-directory BUILD=$(BUILD)/cov CFLAGS="-O0 -g" \
	    VARIANT_FLAGS="--coverage -fprofile-abs-path -fprofile-update=atomic" run-checks
	gcovr -r . --object-directory $(BUILD)/cov --filter server/ \
	    --html-details $(BUILD)/coverage/index.html --txt $(BUILD)/coverage/summary.txt \
	    --print-summary --fail-under-line $(COVERAGE_FLOOR)
	@cat $(BUILD)/coverage/summary.txt

# --- sanitizers and valgrind ---------------------------------------------------------------------
# A server in which one of these has found something ends badly, and the tests take note of that.

.PHONY: sanitize
sanitize: ## the tests under asan, tsan, memcheck and helgrind, one after the other
	@set -e; for tool in asan tsan memcheck helgrind; do $(MAKE) --no-print-directory $$tool; done

.PHONY: asan
asan: setup ## all tests under AddressSanitizer and UndefinedBehaviorSanitizer
	$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CFLAGS="-O1 -g -fno-omit-frame-pointer" \
	    VARIANT_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all" run-checks

# Only the server is made anew. glibc makes its helpers for AIO behind ThreadSanitizer's back, and
# a helper that makes another crashes in there; with one place at the disk there is only one.
TSAN_SUITES := http_cases http_semantics event_model client_faults signal_faults
TSAN_THREADS := http_cases http_semantics client_faults

.PHONY: tsan
tsan: ## the suites that ask a server, under ThreadSanitizer
	@sh tests/setup check clang-rt
	@$(MAKE) --no-print-directory BUILD=$(BUILD) $(CHECKS)
	$(MAKE) --no-print-directory BUILD=$(BUILD)/tsan CC=clang CFLAGS="-O1 -g" \
	    VARIANT_FLAGS="-fsanitize=thread" $(BUILD)/tsan/threeways
	export THREEWAYS=$(BUILD)/tsan/threeways SLOWDISK=$(SLOWDISK); \
	    THREEWAYS_OPTIONS="--wakeup signalfd --places 1" tests/run $(CHECKS) $(TSAN_SUITES) && \
	    THREEWAYS_OPTIONS="--disk helpers" tests/run $(CHECKS) $(TSAN_THREADS) && \
	    THREEWAYS_OPTIONS="--model threads" tests/run $(CHECKS) $(TSAN_THREADS) model_threads

# Under valgrind all takes ten times as long, so these must do. The first three try both wake-ups by
# themselves. (Without nonblocking_stuck_read: valgrind waits for a read that is held, for ever.)
VALGRIND_SUITES := event_signals nonblocking_ends nonblocking_one_read event_changes crowds \
                   http_cases conditional ranges bodies

# $(1) the server's options, $(2) the suites. Not every test shows what its server said, so valgrind writes
# its reports to files, where they begin with "==".
define UNDER_VALGRIND
@rm -rf $(BUILD)/$@ && mkdir -p $(BUILD)/$@
SCALE=10 THREEWAYS_OPTIONS="$(1)" THREEWAYS_WRAPPER="valgrind -q --tool=$@ \
    --error-exitcode=9 $(VALGRIND_OPTIONS) --log-file=$(BUILD)/$@/%p" \
    $(MAKE) --no-print-directory BUILD=$(BUILD) SUITE="$(2)" run-checks; \
    status=$$?; ! grep -h "^==" $(BUILD)/$@/* && exit $$status
endef

.PHONY: memcheck helgrind
memcheck: ## some tests under valgrind: memory that was freed, or never set, also in AIO's helpers
helgrind: ## the same tests under valgrind: data shared without a lock, also with AIO's helpers
memcheck: VALGRIND_OPTIONS = --exit-on-first-error=yes# broken memory would break the rest, slowly
memcheck helgrind:
	@sh tests/setup check valgrind
	$(call UNDER_VALGRIND,--wakeup signalfd,$(VALGRIND_SUITES))
	$(call UNDER_VALGRIND,--wakeup selfpipe,http_cases)
	$(call UNDER_VALGRIND,--disk helpers,http_cases)
	$(call UNDER_VALGRIND,--model threads,http_cases)

# --- figures -------------------------------------------------------------------------------------

$(BUILD)/floor: $(BUILD)/obj/tests/compare/floor.o
	@echo "  LINK $@"
	@$(LINK) -o $@ $^

# QUICK and PIN are switches: QUICK=1, PIN=no.
COMPARE = python3 -B tests/compare/compare.py
COMPARE_OPTIONS = --build $(BUILD) $(RUNS:%=--runs %) $(WORKLOAD:%=--workload %) \
                  $(QUICK:%=--quick) $(if $(filter no,$(PIN)),--no-pin)

.PHONY: bench
bench: $(SERVER) $(SLOWDISK) $(BUILD)/floor ## figures beside nginx and the floor (RUNS=9, WORKLOAD=hits, PIN=no)
	@sh tests/setup python3 wrk
	@sh tests/setup nginx || :
	$(COMPARE) bench $(COMPARE_OPTIONS)

.PHONY: compare
compare: $(SERVER) $(SLOWDISK) ## the models and other servers side by side: build/compare/report.html (QUICK=1, WORKLOAD=hot)
	@sh tests/setup python3 wrk gnuplot
	$(COMPARE) compare $(COMPARE_OPTIONS)

$(BUILD)/trace_cost: $(BUILD)/obj/tests/compare/trace_cost.o $(OBJECTS)
	@echo "  LINK $@"
	@$(LINK) -o $@ $^ $(LDLIBS) $(SYSTEM_LIBS) -pthread

.PHONY: trace-cost
trace-cost: $(SERVER) $(BUILD)/trace_cost ## what --trace costs: per record, and per page-cache hit (PAIRS=15)
	@sh tests/setup wrk
	$(BUILD)/trace_cost $(BUILD)/cost.trace
	BUILD=$(BUILD) tests/compare/traced $(PAIRS)

# --- looking after it ----------------------------------------------------------------------------

C_FILES = $(shell find server tests labs -path '*/work/*' -prune -o -name '*.[ch]' -print)

# clang-tidy on the files $(1), some at a time, with the compiler's flags $(2).
define TIDY
@echo "  clang-tidy $(firstword $(1)) ..."
@printf '%s\n' $(1) | xargs -P $$(getconf _NPROCESSORS_ONLN) -n 8 sh -c \
    'clang-tidy --quiet --warnings-as-errors="*" "$$@" -- -std=c11 $(2) $(WARNINGS)' clang-tidy
endef

.PHONY: lint
lint: $(BUILD)/choices.c ## clang-format, clang-tidy and cppcheck
	@sh tests/setup check clang-format clang-tidy cppcheck
	clang-format --dry-run --Werror $(C_FILES)
	cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --suppressions-list=.cppcheck -Iserver -Itests -Ilabs -i tests/mutants \
	    server tests labs
	$(call TIDY,$(sort $(addprefix server/,main.c $(SOURCES) $(SLOWDISK_SOURCES) $(TRACE_SOURCES) \
	    $(SEND_SOURCES) $(OBSERVE_SOURCES))),$(CPPFLAGS) $(POSIX))
	$(call TIDY,$(TEST_SOURCES),$(CPPFLAGS) -D_GNU_SOURCE -Itests)
	$(call TIDY,$(LAB_SOURCES),$(CPPFLAGS) $(LAB_FLAGS))
	$(call TIDY,$(LAB_STARTERS),$(CPPFLAGS) $(POSIX))

.PHONY: format
format: ## lay out all C files by .clang-format
	clang-format -i $(C_FILES)

FIGURES := slides/figures
.PHONY: figures
figures: $(SERVER) ## draw the machine's picture from its table (needs Graphviz)
	@sh tests/setup dot
	@mkdir -p $(FIGURES)
	$(SERVER) --print-fsm=dot > $(FIGURES)/fsm.dot
	timeout 60 dot -Tsvg -o $(FIGURES)/fsm.svg $(FIGURES)/fsm.dot

.PHONY: screenshots
screenshots: all www ## pictures of the observer's page, into slides/figures (needs Chromium)
	@tests/browser/run $(BUILD) screenshots.js

# RESULTS=FILE for another run of make compare than slides/reference/results.json.
MAKE_SLIDES = CHROMIUM="$(CHROMIUM)" NOTES="$(NOTES)" RESULTS="$(RESULTS)" slides/tools/make $(BUILD)

.PHONY: slides
slides: $(SERVER) ## the lectures as HTML and PDF, in build/slides (NOTES=1: with speaker notes; DECK=name)
	@$(MAKE_SLIDES) all $(DECK)

.PHONY: check-slides
check-slides: $(SERVER) ## look at every slide in a headless Chromium: overflow, contrast, notes ...
	@sh tests/setup python3
	python3 -B -m unittest discover -s slides/tools
	@$(MAKE_SLIDES) check $(DECK)

.PHONY: contact-sheets
contact-sheets: $(SERVER) ## each deck on one picture, and each slide as a picture, in build/slides
	@$(MAKE_SLIDES) contact-sheets $(DECK)

.PHONY: clean
clean: ## remove all that was made
	rm -rf $(BUILD)

.PHONY: help
help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' \
	    Makefile $(wildcard labs/*.mk)

-include $(OBJECTS:.o=.d) $(SLOWDISK_SOURCES:%.c=$(BUILD)/obj/server/%.d) \
         $(TRACE_SOURCES:%.c=$(BUILD)/obj/server/%.d) $(TEST_OBJECTS:.o=.d) $(BUILD)/obj/server/main.d
