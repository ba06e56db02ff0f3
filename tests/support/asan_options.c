/*
 * How the runner behaves under AddressSanitizer; without it, this function is never called.
 *
 * Each test is a process of its own, and looking for leaks at the end of each takes longer than the
 * test. The servers under test have no such function: their leaks are looked for when they end.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "detect_leaks=0:quarantine_size_mb=1";
}
