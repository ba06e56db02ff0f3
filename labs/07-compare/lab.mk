# Lab 07 has no code: `make lab` seals the predictions, and then measures. RESULTS=FILE takes figures
# that have been measured elsewhere.

LAB_BEGINS = test -e $(WORK)/answers.md || labs/07-compare/seal $(WORK) || :
LAB_SAYS = MAKE="$(MAKE)" labs/07-compare/measure $(WORK) $(BUILD) $(RESULTS)
