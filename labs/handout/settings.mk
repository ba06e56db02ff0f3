# What is in this handout. The Makefile includes this file after its lists of choices.
#
# Some files of server/ are not here: this lab's, which you write, and those of later labs. A choice
# whose file is not here is none. A lab's build brings your file along, and tells by SWAPPED.

.DEFAULT_GOAL := lab

# $(call here,models/,single threads) are those of these names whose file is here.
here = $(foreach name,$(2),$(if $(wildcard server/$(1)$(name).c)$(filter $(1)$(name)=%,$(SWAPPED)),\
         $(name)))

MODELS := $(strip $(call here,models/,$(MODELS)))
POLLERS := $(strip $(call here,event/poller_,$(POLLERS)))
DISKS := $(strip $(call here,event/disk_,$(DISKS)))
WAKEUPS := $(strip $(call here,core/wakeup_,$(WAKEUPS)))
BENEATHS := $(strip $(call here,core/beneath_,$(BENEATHS)))
MODEL_PARTS := $(strip $(call here,models/,$(MODEL_PARTS)))

# Two models are made of the same straight-line code.
ifeq ($(filter blocking,$(MODEL_PARTS)),)
MODELS := $(filter-out single threads,$(MODELS))
endif

ifeq ($(MODELS),)
ifneq ($(filter all run demo install,$(MAKECMDGOALS)),)
$(error No model is here yet: the first is the one that you write. Type: make lab)
endif
endif
