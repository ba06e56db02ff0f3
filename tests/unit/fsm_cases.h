/*
 * Parts of fsm_suite(), each in a file of its own.
 */
#ifndef UNIT_FSM_CASES_H
#define UNIT_FSM_CASES_H

#include <check.h>

TCase *fsm_table_case(void);
TCase *fsm_print_case(void);

#endif
