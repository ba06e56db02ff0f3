/*
 * A text inside another language.
 */
#ifndef GRADER_TEXTS_H
#define GRADER_TEXTS_H

#include <stdio.h>

/* As a string of JSON (RFC 8259), with its quotation marks. What is no UTF-8 becomes "?". */
void print_json(FILE *out, const char *text);

/* As character data, or an attribute's value, of XML 1.0. What XML cannot hold becomes "?". */
void print_xml(FILE *out, const char *text);

#endif
