# The labs: which files of server/ each of them swaps for the student's, and what is made of them.
# LAB=05 and LAB=05-aio mean the same.

SWAPS_01-single := models/blocking
SWAPS_02-threads := models/threads
SWAPS_03-loop := models/event
SWAPS_04-wakeup := core/wakeup_selfpipe
SWAPS_05-aio := event/disk_aio
SWAPS_06-fsm := event/fsm_table event/actions

# $(call lab_of,05) is 05-aio.
lab_of = $(notdir $(firstword $(wildcard labs/$(1) labs/$(1)-*)))

LAB_NAME := $(if $(LAB),$(call lab_of,$(LAB)))
WORK = labs/$(LAB_NAME)/work
LAB_BUILD = $(BUILD)/labs/$(LAB_NAME)

# A lab's build takes some files of the server from elsewhere: SWAPPED="event/disk_aio=PATH ...".
swapped_file = $(word 1,$(subst =, ,$(1)))
swapped_path = $(word 2,$(subst =, ,$(1)))
define SWAP
$(BUILD)/obj/server/$(call swapped_file,$(1)).o: $(call swapped_path,$(1)) $(HOW)
	@mkdir -p $$(@D)
	@echo "  CC $$<"
	@$$(COMPILE) $$(POSIX) -c -o $$@ $$<
endef
$(foreach pair,$(SWAPPED),$(eval $(call SWAP,$(pair))))
