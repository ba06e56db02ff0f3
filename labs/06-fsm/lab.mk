# The second part has states whose names are in no header of the server. Which ones, is chosen per
# term: VARIANT=a, b or c, or the letter in the file `term`. Without, there is the first part only.

VARIANT ?= $(shell cat labs/06-fsm/term 2>/dev/null)
ifneq ($(strip $(VARIANT)),)
ifeq ($(wildcard labs/06-fsm/variant_$(strip $(VARIANT))/term.h),)
$(error VARIANT is a, b or c, and not $(VARIANT))
endif
CPPFLAGS := -Ilabs/06-fsm/include -Ilabs/06-fsm/variant_$(strip $(VARIANT)) $(CPPFLAGS)
endif
