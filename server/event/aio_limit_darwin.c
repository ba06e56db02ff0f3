/*
 * macOS: as a rule 16 for a process (sysctl kern.aioprocmax) and 90 for all together, and a request
 * counts until aio_return() (XNU, bsd/kern/kern_aio.c). A few are left to whatever else in the
 * process may use AIO.
 */
#include "event/aio_limit.h"

#include <stddef.h>
#include <sys/sysctl.h>

enum { USUAL_LIMIT = 16, LEFT_FREE = 4 };

unsigned aio_limit(void)
{
    int name[] = {CTL_KERN, KERN_AIOPROCMAX};
    int most = USUAL_LIMIT;
    size_t size = sizeof most;
    sysctl(name, sizeof name / sizeof *name, &most, &size, NULL, 0);
    return most > LEFT_FREE ? (unsigned)(most - LEFT_FREE) : 1;
}
