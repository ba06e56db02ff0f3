# Lab 09 takes the files of the event server from $(WORK), where five bugs are planted: SEED=name says
# which. More files than have bugs, so that their names say nothing.

HUNTED := $(shell cat labs/09-bug-hunt/files)

$(foreach stem,$(HUNTED),$(eval $(call SWAP,$(stem)=$(WORK)/$(notdir $(stem)).c)))

# Objects of another WORK are of no use.
ifneq ($(shell cat $(BUILD)/hunted 2>/dev/null),$(WORK))
$(shell mkdir -p $(BUILD); echo '$(WORK)' >$(BUILD)/hunted; \
        rm -f $(foreach stem,$(HUNTED),$(BUILD)/obj/server/$(stem).[do]))
endif

POKE := $(BUILD)/poke
LAB_BEGINS = test -e $(WORK)/disk.c || labs/09-bug-hunt/plant "$(SEED)" $(WORK)
LAB_ALSO := $(POKE)
LAB_SAYS = echo 'The complaints: $(WORK)/reports.md. SERVER=$(BUILD)/threeways POKE=$(POKE)'

$(POKE): $(BUILD)/obj/labs/09-bug-hunt/poke.o
	@echo "  LINK $@"
	@$(LINK) -o $@ $^
