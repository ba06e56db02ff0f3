/*
 * Writes down what the server says on standard error.
 *
 * It goes to the file that holds slowdisk's log, so that the messages tell in which order things
 * happened. But the log is evidence, and the server's words are not: the server gets only a pipe,
 * and a line of its own that looks like one of slowdisk's is made to look otherwise.
 */
#ifndef GRADER_SCRIBE_H
#define GRADER_SCRIBE_H

/* Makes the pipe for a new server; returns the end that it is to have, and that it inherits. */
int scribe_open(void);

/* From now on, if not already so, a thread writes what comes to this file. */
void scribe_begin(int file);

/* Waits until a server that has ended has no words left; for one that runs, a moment only. */
void scribe_settle(void);

#endif
