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
MINE_SWAPPED := $(strip $(foreach number,$(MINE),$(call mine_of,$(or $(call lab_of,$(number)),\
                  $(warning MINE: labs/$(number)-... is missing: copy it from your earlier handout)))))

# The rest is made from the whole tree, not from a handout.
ifneq ($(wildcard labs/handout/pack),)

LABS := $(sort $(notdir $(wildcard labs/[0-9]*)))
LAB_NUMBER = $(firstword $(subst -, ,$(LAB_NAME)))
HANDOUT_NAME = threeways-lab-$(LAB_NUMBER)
HANDOUT_SWAPS = $(foreach lab,$(LABS),$(foreach file,$(SWAPS_$(lab)),$(lab)=$(file)=$(TWIN_$(file))))

# $(call pack_handout,DIR,ALSO) makes DIR/threeways-lab-05.tar.gz.
define pack_handout
$(demand_lab)
@WITHOUT="$(WITHOUT)" VARIANT="$(VARIANT)" SEED="$(SEED)" \
    ALSO="$(HANDOUT_ALSO_$(LAB_NUMBER)) $(2)" \
    labs/handout/pack $(LAB_NAME) $(1)/$(HANDOUT_NAME) $(HANDOUT_SWAPS)
endef

.PHONY: handout
handout: ## build/threeways-lab-NN.tar.gz for students (LAB=05, WITHOUT="02 03")
	$(call pack_handout,$(BUILD))

# What students upload: the files that the lab swaps, or these. Lab 08 is graded with wrong servers,
# which no student gets; lab 09 with any seed, since all files that have bugs are uploaded.
GRADED_08 := my_tests.c
GRADED_09 = $(notdir $(shell sed 's/$$/.c/' labs/09-bug-hunt/files))
GRADED = $(GRADED_$(LAB_NUMBER)) $(notdir $(SWAPS_$(LAB_NAME):%=%.c))
GRADESCOPE_ALSO_08 := tests/mutants

.PHONY: gradescope
gradescope: ## build/gradescope-lab-NN.zip, to be uploaded as an autograder (LAB=05)
	@sh tests/setup zip
	$(call pack_handout,$(BUILD)/gradescope,$(GRADESCOPE_ALSO_$(LAB_NUMBER)))
	@labs/handout/gradescope/pack $(LAB_NAME) $(BUILD)/gradescope/$(HANDOUT_NAME).tar.gz \
	    $(BUILD)/gradescope-lab-$(LAB_NUMBER).zip $(GRADED)

.PHONY: check-handouts
check-handouts: ## unpack every handout and grade it, and try doctor and gradescope (LAB=05: one)
	@sh tests/setup check zip unzip python3
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/handouts $(BUILD)/handouts/slowdisk
	@SWAPS="$(HANDOUT_SWAPS)" MAKE="$(MAKE)" tests/handout/check $(BUILD)/handouts \
	    $(or $(WHAT),$(LAB_NAME),$(LABS) without mine doctor gradescope)

endif
