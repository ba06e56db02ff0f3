# The labs: which files of server/ each of them swaps for the student's, and what is made of them.
# LAB=05 and LAB=05-aio mean the same.
#
# What a lab needs lies in $(BUILD)/labs/NN-name, a build of its own: `make lab` calls make once
# more, with BUILD set to that, SWAPPED to the student's files, and IN_LAB.
#
# The Makefile includes this file before it says how things are compiled, since a lab may have
# flags of its own: labs/NN-name/lab.mk, which is read in the lab's own build only. There a lab
# that needs more than a starter says so, too:
#   LAB_BEGINS   a command that makes $(WORK), instead of copying the starters
#   LAB_ALSO     what else is to be built by `make lab`
#   LAB_TRIES    what is to be made before grading, each time
#   LAB_SETTINGS variables for the grader: NAME=value ...
#   LAB_SAYS     what is told at the end of `make lab`, instead of how to start the server

SWAPS_01-single := models/blocking
SWAPS_02-threads := models/threads
SWAPS_03-loop := models/event
SWAPS_04-wakeup := core/wakeup_selfpipe
SWAPS_05-aio := event/disk_aio
SWAPS_06-fsm := event/fsm_table event/actions

# How the grader and the labs' tests are compiled. (lab_hold("") is what they say, and no mistake.)
LAB_FLAGS := -D_GNU_SOURCE -Itests -Ilabs -Wno-format-zero-length

# For lint: what is made like a test, and what like the server.
LAB_SOURCES := $(sort $(filter-out labs/grader/interpose_%,$(wildcard \
                 labs/grader/*.c labs/*/tests.c labs/0[789]*/*.c tests/grader/*.c)))
LAB_STARTERS := $(wildcard labs/0[1-6]*/starter*.c)

# $(call lab_of,05) is 05-aio.
lab_of = $(notdir $(firstword $(wildcard labs/$(1) labs/$(1)-*)))

LAB_NAME := $(if $(LAB),$(call lab_of,$(LAB)))
LAB_BUILD = $(BUILD)/labs/$(LAB_NAME)
WORK = labs/$(LAB_NAME)/work

# --- a build with files from elsewhere -----------------------------------------------------------

# SWAPPED="event/disk_aio=PATH ...": these files of the server are taken from these paths.
swapped_file = $(word 1,$(subst =, ,$(1)))
swapped_path = $(word 2,$(subst =, ,$(1)))
define SWAP
$(BUILD)/obj/server/$(call swapped_file,$(1)).o: $(call swapped_path,$(1)) $(BUILD)/how $(BUILD)/swapped
	@mkdir -p $$(@D)
	@echo "  CC $$<"
	@$$(COMPILE) $$(POSIX) -c -o $$@ $$<
endef

ifneq ($(SWAPPED)$(IN_LAB),)
# Which paths they are is remembered: of another path the object is of no use.
ifneq ($(shell cat $(BUILD)/swapped 2>/dev/null || echo none),$(strip $(SWAPPED)))
$(shell mkdir -p $(BUILD); for pair in $$(cat $(BUILD)/swapped 2>/dev/null); do \
            rm -f $(BUILD)/obj/server/$${pair%%=*}.[do]; done; \
        echo '$(strip $(SWAPPED))' > $(BUILD)/swapped; \
        rm -f $(foreach pair,$(SWAPPED),$(BUILD)/obj/server/$(call swapped_file,$(pair)).d))
endif
$(foreach pair,$(SWAPPED),$(eval $(call SWAP,$(pair))))
$(BUILD)/choices.c: $(BUILD)/swapped
$(BUILD)/swapped: # a lab may swap nothing
	@touch $@
endif

# --- what is typed -------------------------------------------------------------------------------

# $(call swaps_in,05-aio,DIR): event/disk_aio=DIR/disk_aio.c
swaps_in = $(foreach stem,$(SWAPS_$(1)),$(stem)=$(2)/$(notdir $(stem)).c)

# A command to be typed again: what was said on the command line, but for the test.
said = $(foreach name,BUILD WORK MINE VARIANT,$(if $($(name)),\
         $(if $(filter command,$(firstword $(origin $(name)))),\
           $(name)=$(if $(word 2,$($(name))),"$($(name))",$($(name))))))
AGAIN = $(strip LAB=$(LAB) $(said))

demand_lab = $(if $(LAB_NAME),,$(error Which lab? Type: make $@ LAB=05))

# $(call in_lab,TARGET[,TEST]): if the shell's TEST says so. MINE has been seen to (labs/handout.mk).
define in_lab
$(demand_lab)
+@$(if $(2),! $(2) ||) $(MAKE) --no-print-directory IN_LAB=1 LAB=$(LAB_NAME) WORK="$(WORK)" MINE= BUILD=$(LAB_BUILD) \
    WHOLE_BUILD=$(BUILD) AGAIN='$(AGAIN)' \
    SWAPPED="$(strip $(call swaps_in,$(LAB_NAME),$(WORK)) $(MINE_SWAPPED))" $(1)
endef

# The student's files come first: they must be there when the lab's build is read.
.PHONY: lab
lab: lab-work ## build the server of a lab with the student's file (LAB=05, MINE="03 04")
	$(call in_lab,run-lab)

.PHONY: lab-work
lab-work:
	$(call in_lab,run-lab-work,[ ! -d "$(WORK)" ])

.PHONY: grade
grade: lab-work ## grade a lab (LAB=05, TEST=name, WORK=dir, MINE="03 04")
	@sh tests/setup check
	$(call in_lab,run-grade)
	@$(LAB_BUILD)/grade $(if $(TEST),--test $(TEST)) $(GRADE_OPTIONS)

.PHONY: gdb
gdb: lab-work www ## the student's server of a lab in gdb, where its signals pass (LAB=05)
	$(call in_lab,run-gdb)

# --- grading the grader ---------------------------------------------------------------------------

# Those in which a server is graded, and which have a reference.
REFERENCES := $(sort $(foreach name,$(filter SWAPS_%,$(.VARIABLES)),$(if $($(name)),$(name:SWAPS_%=%))) \
          $(notdir $(patsubst %/,%,$(dir $(wildcard labs/*/files)))))

# ONLY, TIMES, WHOLE, JOBS and MATRIX: see tests/mutants/run.
MUTANTS = $(if $(LAB),$(LAB_NAME),$(notdir $(wildcard tests/mutants/0*)))
VARIANTS_06-fsm := a b c
.PHONY: mutants
mutants: ## wrong servers must fail, right ones must not (LAB=05, TIMES=50, MATRIX=file)
	@sh tests/setup check patch
	@MAKE="$(MAKE)" ONLY="$(ONLY)" TIMES="$(TIMES)" WHOLE="$(WHOLE)" JOBS="$(JOBS)" \
	    MATRIX="$(MATRIX)" tests/mutants/run $(BUILD) \
	    $(foreach lab,$(MUTANTS),$(lab) $(VARIANTS_$(lab):%=$(lab):%))

# Lab 09's server is made of the files in WORK; of the right ones, here.
MUTANT_TOOLS = $(BUILD)/mutants/$(subst :,-,$(MUTANTS_OF))
.PHONY: mutant-tools
mutant-tools:
	@$(call copy_reference,$(MUTANT_TOOLS)/reference)
	@$(MAKE) --no-print-directory IN_LAB=1 BUILD=$(MUTANT_TOOLS) WORK=$(MUTANT_TOOLS)/reference \
	    run-mutant-tools

.PHONY: check-grader
check-grader: ## test the grader itself: every verdict, every format, nothing left
	@sh tests/setup check python3
	@$(MAKE) --no-print-directory IN_LAB=1 LAB= SWAPPED= BUILD=$(BUILD)/check-grader AGAIN=LAB=00 \
	    run-check-grader

# A lab's reference is the server's own files, in one directory, as a student's would be.
copy_reference = mkdir -p $(1); \
    for file in $(or $(SWAPS_$(LAB_NAME)),$(shell cat labs/$(LAB_NAME)/files 2>/dev/null)); do \
        cmp -s server/$$file.c $(1)/$${file\#\#*/}.c || cp server/$$file.c $(1); done
.PHONY: references
references: ## grade every lab with the server's own files: full marks (LAB=05: one)
	@set -e; for lab in $(if $(LAB),$(LAB_NAME),$(REFERENCES)); do \
	    $(MAKE) --no-print-directory LAB=$$lab reference; done

.PHONY: reference
reference:
	@$(call copy_reference,$(LAB_BUILD)/reference)
	@echo "Lab $(LAB_NAME), the reference:"
	@$(MAKE) --no-print-directory WORK=$(LAB_BUILD)/reference grade

# --- in the lab's own build ----------------------------------------------------------------------

ifneq ($(IN_LAB),)

-include labs/$(LAB_NAME)/lab.mk

# Beside the tests' interposers the labs have some of their own.
GRADER_PARTS := $(filter-out interpose_% aio_signal cage canary,\
                  $(patsubst labs/grader/%.c,%,$(wildcard labs/grader/*.c)))
GRADER_OBJECTS := $(GRADER_PARTS:%=$(BUILD)/obj/labs/grader/%.o) \
                  $(patsubst %,$(BUILD)/obj/tests/support/%.o,\
                    deadline docroot_fixture http_client server_process slow_disk)
GRADER := $(BUILD)/grader
LAB_INTERPOSERS := $(patsubst labs/grader/interpose_%.c,$(BUILD)/interpose/%.so,\
                     $(wildcard labs/grader/interpose_*.c)) \
                   $(patsubst tests/faults/interpose_%.c,$(BUILD)/interpose/%.so,\
                     $(wildcard tests/faults/interpose_*.c))
GRADER_TOOLS = $(SLOWDISK) $(BUILD)/cage $(BUILD)/canary $(LAB_INTERPOSERS)

# The starters: starter.c is for the one file that the lab swaps, starter_NAME.c for NAME.c.
starter_of = $(firstword $(wildcard labs/$(LAB_NAME)/starter_$(notdir $(1)).c) \
               labs/$(LAB_NAME)/starter.c)
define STARTER
$(WORK)/$(notdir $(1)).c:
	@mkdir -p $$(@D)
	cp $(call starter_of,$(1)) $$@
endef

.PHONY: run-lab-work
ifeq ($(LAB_BEGINS),)
$(foreach stem,$(SWAPS_$(LAB_NAME)),$(eval $(call STARTER,$(stem))))
run-lab-work: $(foreach stem,$(SWAPS_$(LAB_NAME)),$(WORK)/$(notdir $(stem)).c)
	@:
else
run-lab-work: $(LAB_ALSO)
	@$(LAB_BEGINS)
endif

LAB_SAYS ?= echo 'Your server is $(BUILD)/threeways. Now: make grade $(AGAIN), or make gdb $(AGAIN)'
.PHONY: run-lab
run-lab: $(BUILD)/threeways $(BUILD)/slowdisk $(LAB_ALSO)
	@$(LAB_SAYS)

# The command that grades. Its exit status tells more than that of make, which is 2 for all of them.
GRADE_SETTINGS = THREEWAYS=$${THREEWAYS:-$(BUILD)/threeways} SLOWDISK=$(BUILD)/slowdisk CAGE=$(BUILD)/cage \
                 CANARY=$(BUILD)/canary INTERPOSE=$(BUILD)/interpose WORK=$(WORK) \
                 $(if $(VARIANT),VARIANT=$(VARIANT)) $(LAB_SETTINGS)

# A variable that is set stays as it is: the mutants are graded with servers of their own.
define GRADE_COMMAND
#!/bin/sh
# Made by make grade. Exit status: 0 full marks, 1 less, 2 cannot grade here, 3 machine too slow.
export $(strip $(GRADE_SETTINGS))
exec $(GRADER) --again 'make grade $(AGAIN)' --debug 'make gdb $(AGAIN)' "$$@"
endef

.PHONY: run-grade
run-grade: $(BUILD)/threeways $(GRADER) $(GRADER_TOOLS) $(LAB_ALSO) $(LAB_TRIES)
	@$(file >$(BUILD)/grade,$(GRADE_COMMAND))chmod +x $(BUILD)/grade

# How a server is built of the right one's objects and some of its own: see tests/mutants/one.
define MUTANT_ENVIRONMENT
SWAPS='$(SWAPS_$(LAB_NAME))'
COMPILE='$(COMPILE) $(POSIX)'
LINK='$(LINK)'
LIBRARIES='$(strip $(LDLIBS) $(SYSTEM_LIBS) -pthread)'
OBJECTS='$(OBJECTS) $(BUILD)/obj/server/main.o'
OBJECT_ROOT='$(BUILD)/obj/server'
endef

.PHONY: run-mutant-tools
run-mutant-tools: run-grade
	@$(file >$(BUILD)/mutant.env,$(MUTANT_ENVIRONMENT)):

.PHONY: run-gdb
run-gdb: $(BUILD)/threeways $(GRADER) $(BUILD)/aio_signal
	@gdb -q -ex "handle $$($(BUILD)/aio_signal) nostop noprint pass" \
	    -ex "handle SIGUSR1 nostop noprint pass" $(GDB_OPTIONS) \
	    --args $(BUILD)/threeways --port $(PORT) $$($(GRADER) --options) $(WHOLE_BUILD)/www

# The lab that the grader is graded with.
.PHONY: run-check-grader
run-check-grader: run-grade
	@tests/grader/check $(BUILD)

LAB_TESTS := $(if $(LAB_NAME),labs/$(LAB_NAME)/tests,tests/grader/verdicts)
$(GRADER): $(GRADER_OBJECTS) $(BUILD)/obj/$(LAB_TESTS).o
	@echo "  LINK $@"
	@$(LINK) -o $@ $^ $(CHECK_LIBS) $(SYSTEM_LIBS) -pthread

$(BUILD)/cage: $(BUILD)/obj/labs/grader/cage.o $(BUILD)/obj/labs/grader/descriptors.o
$(BUILD)/canary: $(BUILD)/obj/labs/grader/canary.o
$(BUILD)/aio_signal: $(BUILD)/obj/labs/grader/aio_signal.o \
                     $(BUILD)/obj/server/core/disk_signal_$(DISK_SIGNAL).o
$(BUILD)/cage $(BUILD)/canary $(BUILD)/aio_signal:
	@echo "  LINK $@"
	@$(LINK) -o $@ $^

$(BUILD)/obj/labs/%.o: labs/%.c $(BUILD)/how
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(COMPILE) $(LAB_FLAGS) $(CHECK_CFLAGS) -c -o $@ $<

$(BUILD)/interpose/%.so: labs/grader/interpose_%.c $(BUILD)/how
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) -std=c11 $(CPPFLAGS) -D_GNU_SOURCE $(WARNINGS) -O2 -g -shared -fPIC -o $@ $< -ldl

$(BUILD)/obj/tests/grader/%.o: tests/grader/%.c $(BUILD)/how
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(COMPILE) $(LAB_FLAGS) $(CHECK_CFLAGS) -c -o $@ $<

-include $(wildcard $(BUILD)/obj/labs/*/*.d $(BUILD)/obj/tests/support/*.d)

endif

-include labs/handout.mk
