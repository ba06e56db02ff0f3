# Lab 08 builds the students' tests, and many wrong servers to try them on: those of samples/, and,
# where the drawer is (no handout has it), all that are in there.

MY_TESTS := $(WORK)/my_tests.c
TESTER := $(BUILD)/tester
DRAWER := tests/mutants/08-test-the-testers/servers
WRONG_PATCHES := $(wildcard labs/08-test-the-testers/samples/*.patch $(DRAWER)/*.patch) \
                 $(shell cat $(DRAWER)/borrowed 2>/dev/null)
patched_server = $(BUILD)/patched/$(basename $(notdir $(1)))
RIGHT_PATCHES := $(wildcard tests/mutants/08-test-the-testers/right/*.patch)
PATCHED_SERVERS := $(foreach patch,$(RIGHT_PATCHES) $(WRONG_PATCHES),$(call patched_server,$(patch)))
AIO := --model event --disk aio

LAB_BEGINS = :
LAB_ALSO := $(TESTER)
LAB_TRIES := $(BUILD)/verdicts
LAB_SETTINGS := SERVERS=$(BUILD)/servers VERDICTS=$(BUILD)/verdicts
LAB_SAYS = echo 'Your tests can be compiled: $(MY_TESTS). Now: make grade $(AGAIN)'

TESTER_OBJECTS := $(BUILD)/obj/labs/08-test-the-testers/tester.o $(BUILD)/my_tests.o

$(MY_TESTS):
	@mkdir -p $(@D)
	cp labs/08-test-the-testers/starter.c $@

# With the grader's own runner, but for its tests.
$(TESTER): $(TESTER_OBJECTS) $(BUILD)/grader
	@echo "  LINK $@"
	@$(LINK) -o $@ $(TESTER_OBJECTS) $(GRADER_OBJECTS) $(CHECK_LIBS) $(SYSTEM_LIBS) -pthread

.PHONY: anew
$(BUILD)/my_tests.o: $(MY_TESTS) anew
	@echo "  CC $<"
	@$(COMPILE) -Wno-format-zero-length -D_GNU_SOURCE $(CHECK_CFLAGS) -Itests -Ilabs \
	    -Ilabs/08-test-the-testers -c -o $@ $<

define PATCHED_SERVER
$(call patched_server,$(1)): $(1) $(BUILD)/threeways
	@mkdir -p $$(@D)
	@echo "  PATCH $$(@F)"
	@COMPILE="$$(COMPILE) $$(POSIX)" LINK="$$(LINK)" LIBRARIES="$$(LDLIBS) $$(SYSTEM_LIBS) -pthread" \
	    OBJECTS="$$(OBJECTS) $$(BUILD)/obj/server/main.o" OBJECT_ROOT=$$(BUILD)/obj/server \
	    labs/08-test-the-testers/build-server $$@ $$<
endef
$(foreach patch,$(RIGHT_PATCHES) $(WRONG_PATCHES),$(eval $(call PATCHED_SERVER,$(patch))))

# Tells how a patched server is run: as its patch says ("Run: ..."), or as lab 05's is.
define TELL_SERVERS
for patch in $(2); do \
    name=$$(basename $$patch .patch); run=$$(sed -n 's/^Run: //p' $$patch); \
    echo "$(1) $$name $(BUILD)/patched/$$name $${run:-$(AIO)}"; \
done
endef

# The servers, one in a line.
$(BUILD)/servers: $(PATCHED_SERVERS)
	@{ echo 'right signalfd $(BUILD)/threeways $(AIO)'; \
	   echo 'right selfpipe $(BUILD)/threeways $(AIO) --wakeup selfpipe'; \
	   echo 'right helpers $(BUILD)/threeways --model event --disk helpers'; \
	   echo 'right threads $(BUILD)/threeways --model threads'; \
	   $(call TELL_SERVERS,right,$(RIGHT_PATCHES)); \
	   $(call TELL_SERVERS,wrong,$(WRONG_PATCHES)); } >$@

$(BUILD)/verdicts: $(TESTER) $(BUILD)/servers $(BUILD)/cage $(BUILD)/canary $(BUILD)/slowdisk anew
	@SLOWDISK=$(BUILD)/slowdisk CAGE=$(BUILD)/cage CANARY=$(BUILD)/canary \
	    INTERPOSE=$(BUILD)/interpose labs/08-test-the-testers/try $(TESTER) $(BUILD)/servers $@
