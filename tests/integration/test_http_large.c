/*
 * A file too large for any buffer: does every byte arrive, for one client and for many at once?
 */
#include "integration/asking.h"
#include "support/deadline.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_BYTES = 64 * 1024 * 1024,
    NOISE_SEED = 9112,
    CLIENTS = 16,
    DOWNLOAD_MS = 50000,
};

static struct site site;
static char *noise;

static void open_site(void)
{
    noise = malloc(FILE_BYTES);
    ck_assert_ptr_nonnull(noise);
    docroot_make_noise(noise, FILE_BYTES, NOISE_SEED);
    docroot_make_empty(&site.docroot);
    docroot_write(&site.docroot, "large.bin", noise, FILE_BYTES);
    struct server_setup setup = {.root = site.docroot.root};
    site.server = server_start(&setup);
}

static void close_site(void)
{
    site_close(&site);
    free(noise);
}

/* One client's download. The bytes are compared as they come, and forgotten. */
struct download {
    struct http_connection *talk;
    bool head_is_read;
    size_t compared;
};

static void download_start(struct download *download)
{
    *download = (struct download){.talk = http_open(site.server->port)};
    download->talk->unparsed = true;
    download->talk->deadline = deadline_in(DOWNLOAD_MS);
    http_send_text(download->talk, GET("/large.bin", CLOSE));
}

/* Takes the head away once it is complete. */
static void download_read_head(struct download *download)
{
    static const char end[] = "\r\n\r\n";
    static const char status[] = "HTTP/1.1 200 ";
    struct http_connection *talk = download->talk;
    if (talk->input_length == 0)
        return;
    const char *found = memmem(talk->input, talk->input_length, end, sizeof end - 1);
    if (found == NULL)
        return;
    ck_assert(strncmp(talk->input, status, sizeof status - 1) == 0);
    http_drop_input(talk, (size_t)(found - talk->input) + sizeof end - 1);
    download->head_is_read = true;
}

static void download_compare(struct download *download)
{
    struct http_connection *talk = download->talk;
    ck_assert_uint_le(talk->input_length, FILE_BYTES - download->compared);
    if (talk->input_length > 0 &&
        memcmp(talk->input, noise + download->compared, talk->input_length) != 0)
        ck_abort_msg("a wrong byte within the %zu bytes after byte %zu", talk->input_length,
                     download->compared);
    download->compared += talk->input_length;
    http_drop_input(talk, talk->input_length);
}

/* Takes in what has come for this client. */
static void download_continue(struct download *download)
{
    http_receive(download->talk);
    if (!download->head_is_read)
        download_read_head(download);
    if (download->head_is_read)
        download_compare(download);
}

static void demand_complete(const struct download *download)
{
    ck_assert_msg(!download->talk->reset, "the connection was reset after %zu bytes",
                  download->compared);
    ck_assert_msg(download->compared == FILE_BYTES, "closed after %zu of %d bytes",
                  download->compared, FILE_BYTES);
}

/* Fills what poll() is to watch with the clients that are not done yet; returns their number. */
static nfds_t collect_open(struct download *downloads, size_t count, struct pollfd *watched,
                           struct download **owners)
{
    nfds_t open = 0;
    for (size_t i = 0; i < count; i++)
        if (!downloads[i].talk->closed) {
            watched[open] = (struct pollfd){.fd = downloads[i].talk->fd, .events = POLLIN};
            owners[open++] = &downloads[i];
        }
    return open;
}

static void run_downloads(struct download *downloads, size_t count)
{
    struct pollfd watched[CLIENTS];
    struct download *owners[CLIENTS];
    nfds_t open;
    while ((open = collect_open(downloads, count, watched, owners)) > 0) {
        if (poll(watched, open, deadline_left_ms(downloads[0].talk->deadline)) <= 0)
            ck_abort_msg("%d downloads not done by the deadline", (int)open);
        for (nfds_t i = 0; i < open; i++)
            if (watched[i].revents != 0)
                download_continue(owners[i]);
    }
}

static void demand_downloads(size_t count)
{
    struct download downloads[CLIENTS];
    for (size_t i = 0; i < count; i++)
        download_start(&downloads[i]);
    run_downloads(downloads, count);
    for (size_t i = 0; i < count; i++)
        demand_complete(&downloads[i]);
}

START_TEST(large_file_arrives_intact)
{
    demand_downloads(1);
}
END_TEST

START_TEST(large_file_arrives_intact_for_many_at_once)
{
    demand_downloads(CLIENTS);
}
END_TEST

TCase *http_large_files_case(void)
{
    TCase *tcase = create_site_case("large_files", open_site, close_site);
    tcase_add_test(tcase, large_file_arrives_intact);
    tcase_add_test(tcase, large_file_arrives_intact_for_many_at_once);
    return tcase;
}
