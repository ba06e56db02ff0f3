/*
 * A program that is started has the three standard descriptors, and none that we happen to have.
 */
#ifndef GRADER_DESCRIPTORS_H
#define GRADER_DESCRIPTORS_H

/* Sees to it that the next execv() closes all descriptors but the first three. */
void descriptors_keep_from_children(void);

#endif
