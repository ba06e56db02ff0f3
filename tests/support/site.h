/*
 * A site: a tree to serve and a server that serves it. What nearly every integration test needs.
 *
 * Opened in an unchecked fixture, one site serves all tests of a test case; each test runs in a
 * process of its own, so that none can spoil it but by what it does to the server.
 */
#ifndef SUPPORT_SITE_H
#define SUPPORT_SITE_H

#include "support/docroot_fixture.h"
#include "support/server_process.h"

struct site {
    struct docroot docroot;
    struct server *server;
};

/* Makes the whole tree and starts a server with these options (ended by NULL; or NULL). */
void site_open(struct site *site, const char *const *options);

/* Ends the server and removes the tree. Returns the server's exit status, see server_stop(). */
int site_close(struct site *site);

#endif
