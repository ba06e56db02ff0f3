#include "support/site.h"

void site_open(struct site *site, const char *const *options)
{
    docroot_make(&site->docroot);
    struct server_setup setup = {.root = site->docroot.root, .options = options};
    site->server = server_start(&setup);
}

int site_close(struct site *site)
{
    int status = server_stop(site->server);
    docroot_remove(&site->docroot);
    return status;
}
