# What an instructor hands out, and what a machine needs to grade. Included by labs/labs.mk.
#
# A handout is the tree without some files of server/: those that its lab and later labs swap
# (SWAPS_... in labs/labs.mk), and those of labs named by WITHOUT. Such a file is either left out,
# and with it a choice (a model, a disk, a wake-up: labs/handout/settings.mk sees to that), or,
# where the server cannot be without, a twin ships in its place. A later lab adds a line there, and
# one here only if its file has a twin.

TWIN_event/fsm_table := labs/06-fsm/starter_fsm_table.c
TWIN_event/actions := labs/06-fsm/starter_actions.c

# A lab's own directory always ships, less what is for instructors. This ships with one lab only.
HANDOUT_ALSO_07 := tests/compare

.PHONY: doctor
doctor: ## say whether labs can be graded on this machine, and what to mend
	@-$(MAKE) --no-print-directory BUILD=$(BUILD) $(SLOWDISK) >$(BUILD)/doctor.out 2>&1
	@CC="$(CC)" MAKE="$(MAKE)" SLOWDISK=$(BUILD)/slowdisk labs/doctor

# MINE="03 04": a server with the student's own files of earlier labs, too. Those that are missing or
# cannot be compiled are passed over: an old fault must not stand in the way of a new lab.
mine_of = $(foreach file,$(SWAPS_$(1)),$(call mine_pair,$(file),labs/$(1)/work/$(notdir $(file)).c))
mine_pair = $(if $(call mine_compiles,$(2)),$(1)=$(2),\
              $(warning MINE: $(2) is missing, or cannot be compiled. The shipped file is taken))
mine_compiles = $(shell $(CC) -std=c11 $(CPPFLAGS) $(POSIX) -fsyntax-only $(1) >/dev/null 2>&1 && echo yes)
MINE_SWAPPED := $(strip $(foreach number,$(MINE),$(call mine_of,$(call lab_of,$(number)))))

# The rest is made from the whole tree, not from a handout.
ifneq ($(wildcard labs/handout/pack),)

HANDOUT_LABS := $(sort $(patsubst SWAPS_%,%,$(filter SWAPS_%,$(.VARIABLES))))
HANDOUT_SWAPS = $(foreach lab,$(HANDOUT_LABS),\
                  $(foreach file,$(SWAPS_$(lab)),$(lab)=$(file)=$(TWIN_$(file))))
HANDOUT_NAME = threeways-lab-$(firstword $(subst -, ,$(LAB_NAME)))
HANDOUT_ALSO = $(HANDOUT_ALSO_$(firstword $(subst -, ,$(LAB_NAME))))

.PHONY: handout
handout: ## build/threeways-lab-NN.tar.gz for students (LAB=05, WITHOUT="02 03")
	$(if $(LAB_NAME),,$(error Which lab? Type: make $@ LAB=05))
	@WITHOUT="$(WITHOUT)" ALSO="$(HANDOUT_ALSO)" VARIANT="$(VARIANT)" \
	    labs/handout/pack $(LAB_NAME) $(BUILD)/$(HANDOUT_NAME) $(HANDOUT_SWAPS)

.PHONY: gradescope
gradescope: handout ## build/gradescope-lab-NN.zip, to be uploaded as an autograder (LAB=05)
	@sh tests/setup zip
	@labs/handout/gradescope/pack $(LAB_NAME) $(BUILD)/$(HANDOUT_NAME).tar.gz \
	    $(BUILD)/gradescope-lab-$(firstword $(subst -, ,$(LAB_NAME))).zip \
	    $(notdir $(SWAPS_$(LAB_NAME):%=%.c))

.PHONY: check-handouts
check-handouts: ## unpack every handout and grade it, and test doctor and gradescope (LAB=05: one)
	@sh tests/setup check zip
	@SWAPS="$(HANDOUT_SWAPS)" MAKE="$(MAKE)" tests/handout/check $(BUILD)/handouts \
	    $(if $(LAB),$(LAB_NAME),$(HANDOUT_LABS))

endif
