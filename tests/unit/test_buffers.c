/*
 * The pool of blocks.
 */
#include "core/buffers.h"
#include "unit/unit.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

enum { BLOCKS = 8, BLOCK_BYTES = 100 };

static struct buffers pool;

static void make_pool(void)
{
    ck_assert(buffers_create(&pool, BLOCKS, BLOCK_BYTES));
}

static void destroy_pool(void)
{
    buffers_destroy(&pool);
}

static void take_all(void *blocks[BLOCKS])
{
    for (size_t i = 0; i < BLOCKS; i++) {
        ck_assert_uint_eq(buffers_left(&pool), BLOCKS - i);
        ck_assert_ptr_nonnull(blocks[i] = buffers_take(&pool));
    }
    ck_assert_uint_eq(buffers_left(&pool), 0);
}

START_TEST(an_empty_pool_gives_nothing)
{
    void *blocks[BLOCKS];
    take_all(blocks);
    ck_assert_ptr_null(buffers_take(&pool));
    buffers_give(&pool, blocks[3]);
    ck_assert_uint_eq(buffers_left(&pool), 1);
    ck_assert_ptr_eq(buffers_take(&pool), blocks[3]);
    ck_assert_ptr_null(buffers_take(&pool));
}
END_TEST

/* Each is filled with a byte of its own: if two shared memory, one would find another's. */
START_TEST(blocks_do_not_overlap)
{
    void *blocks[BLOCKS];
    char expected[BLOCK_BYTES];
    take_all(blocks);
    for (int i = 0; i < BLOCKS; i++)
        memset(blocks[i], 'a' + i, BLOCK_BYTES);
    for (int i = 0; i < BLOCKS; i++) {
        memset(expected, 'a' + i, BLOCK_BYTES);
        ck_assert_mem_eq(blocks[i], expected, BLOCK_BYTES);
    }
}
END_TEST

START_TEST(blocks_are_aligned_for_anything)
{
    void *blocks[BLOCKS];
    take_all(blocks);
    for (int i = 0; i < BLOCKS; i++)
        ck_assert_uint_eq((uintptr_t)blocks[i] % alignof(max_align_t), 0);
}
END_TEST

START_TEST(the_block_given_back_last_is_taken_first)
{
    void *one = buffers_take(&pool), *other = buffers_take(&pool);
    buffers_give(&pool, one);
    buffers_give(&pool, other);
    ck_assert_ptr_eq(buffers_take(&pool), other);
    ck_assert_ptr_eq(buffers_take(&pool), one);
    ck_assert_uint_eq(buffers_left(&pool), BLOCKS - 2);
}
END_TEST

START_TEST(giving_back_nothing_is_ignored)
{
    buffers_give(&pool, NULL);
    ck_assert_uint_eq(buffers_left(&pool), BLOCKS);
    ck_assert_ptr_nonnull(buffers_take(&pool));
}
END_TEST

START_TEST(a_pool_may_have_no_blocks)
{
    struct buffers none;
    ck_assert(buffers_create(&none, 0, BLOCK_BYTES));
    ck_assert_uint_eq(buffers_left(&none), 0);
    ck_assert_ptr_null(buffers_take(&none));
    buffers_destroy(&none);
}
END_TEST

Suite *buffers_suite(void)
{
    Suite *suite = suite_create("buffers");
    TCase *tcase = unit_add_case(suite, "buffers");
    tcase_add_checked_fixture(tcase, make_pool, destroy_pool);
    tcase_add_test(tcase, an_empty_pool_gives_nothing);
    tcase_add_test(tcase, blocks_do_not_overlap);
    tcase_add_test(tcase, blocks_are_aligned_for_anything);
    tcase_add_test(tcase, the_block_given_back_last_is_taken_first);
    tcase_add_test(tcase, giving_back_nothing_is_ignored);
    tcase_add_test(tcase, a_pool_may_have_no_blocks);
    return suite;
}
