/* tests/unit/test_fetch_folder.c - a folder as an upstream */
#include "fetch_rig.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct rig rig;
static char folder[] = "/tmp/fetch-folder-XXXXXX";

static void
put(const char *path, const char *text)
{
	char full[300];
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", folder, path);
	file = fopen(full, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
put_big(const char *path, size_t len)
{
	char full[300];
	int fd;

	snprintf(full, sizeof(full), "%s/%s", folder, path);
	fd = open(full, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	close(fd);
}

static void
in_folder(char *out, size_t room, const char *path)
{
	snprintf(out, room, "%s/%s", folder, path);
}

static int
set_up(void **state)
{
	struct upstream_opts opts;
	struct resolver_opts resolver;
	char path[300];
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(folder));
	in_folder(path, sizeof(path), "www");
	mkdir(path, 0755);
	in_folder(path, sizeof(path), "www/sub");
	mkdir(path, 0755);
	in_folder(path, sizeof(path), "www/none");
	mkdir(path, 0755);
	put("secret", "not yours");
	put("www/index.html", "<p>front</p>");
	put("www/sub/index.html", "<p>sub</p>");
	put("www/a b.css", "b { }");
	put("www/.hidden", "no");
	put_big("www/big.bin", 3000000);
	in_folder(path, sizeof(path), "www/out");
	assert_int_equal(symlink("../secret", path), 0);
	in_folder(path, sizeof(path), "www/root");
	assert_int_equal(symlink("/etc/passwd", path), 0);
	in_folder(path, sizeof(path), "www/in");
	assert_int_equal(symlink("sub/index.html", path), 0);
	in_folder(path, sizeof(path), "www/pipe");
	assert_int_equal(mkfifo(path, 0644), 0);
	rig_defaults(&rig);
	resolver_opts_default(&resolver);
	assert_int_equal(resolver_new(&rig.resolver, &resolver, &err), 0);
	rig.opts.resolver = rig.resolver;
	assert_int_equal(fetch_start(&rig.fetch, &rig.opts, &err), 0);
	upstream_opts_default(&opts);
	in_folder(path, sizeof(path), "www");
	opts.url = path;
	assert_int_equal(upstream_new(&rig.up, &opts, &err), 0);
	return 0;
}

static int
tear_down(void **state)
{
	static const char *const files[] = {"www/pipe", "www/in", "www/root",
	    "www/out", "www/big.bin", "www/.hidden", "www/a b.css",
	    "www/sub/index.html", "www/index.html", "secret"};
	static const char *const folders[] = {"www/none", "www/sub", "www", ""};
	char path[300];

	(void)state;
	rig_stop(&rig);
	for (size_t i = 0; i < COUNT_OF(files); i++) {
		in_folder(path, sizeof(path), files[i]);
		assert_int_equal(unlink(path), 0);
	}
	for (size_t i = 0; i < COUNT_OF(folders); i++) {
		in_folder(path, sizeof(path), folders[i]);
		assert_int_equal(rmdir(path), 0);
	}
	return 0;
}

static void
get(struct ask *ask, struct page *page, int status)
{
	page_init(page, ask);
	page_ask(&rig, page);
	assert_int_equal(page_wait(page), EVENT_DONE);
	if (page->answer->status != status)
		fail_msg("%s: %d", ask->target, page->answer->status);
	wait_for_end(ask);
}

static void
check(const char *target, int status, const char *type, const char *body)
{
	struct ask ask = {.target = target, .plan = PLAN_GATHER};
	struct page page;
	char *got;

	get(&ask, &page, status);
	assert_string_equal(
	    head_find(&page.answer->head, "Content-Type"), type);
	got = flow_flatten(page.answer->flow);
	if (body)
		assert_string_equal(got, body);
	else
		assert_non_null(strstr(got, "<main"));
	free(got);
	page_fini(&page);
}

static void
files_are_served(void **state)
{
	(void)state;
	check("/", 200, "text/html; charset=utf-8", "<p>front</p>");
	check(
	    "/index.html?x=1", 200, "text/html; charset=utf-8", "<p>front</p>");
	check("/sub/", 200, "text/html; charset=utf-8", "<p>sub</p>");
	check("/a%20b.css", 200, "text/css; charset=utf-8", "b { }");
	check("/in", 200, "application/octet-stream", "<p>sub</p>");
}

static void
nothing_outside_the_folder_is_read(void **state)
{
	static const char *const targets[] = {"/../secret", "/sub/../../secret",
	    "/%2e%2e/secret", "/..%2fsecret", "/%2e%2e%2fsecret", "//../secret",
	    "/out", "/root", "/pipe", "/.hidden", "/none/", "/nothing",
	    "/index.html/", "/a%00b", "/%zz", "/sub/..", "/.%2e/secret",
	    "/..\\secret", "/sub/%2e%2e/%2e%2e/secret", NULL};

	(void)state;
	for (int i = 0; targets[i]; i++)
		check(targets[i], 404, "text/html; charset=utf-8", NULL);
}

static void
a_directory_gets_its_slash(void **state)
{
	static const char *const rows[][2] = {
	    {"/sub", "/sub/"}, {"/sub?a=b", "/sub/?a=b"}, {"//sub", "/sub/"}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct ask ask = {.target = rows[i][0], .plan = PLAN_GATHER};
		struct page page;

		get(&ask, &page, 301);
		assert_string_equal(
		    head_find(&page.answer->head, "Location"), rows[i][1]);
		page_fini(&page);
	}
}

static void
an_unchanged_file_is_not_sent_again(void **state)
{
	struct ask first = {.target = "/", .plan = PLAN_GATHER};
	struct page page;
	char etag[100], modified[100];

	(void)state;
	get(&first, &page, 200);
	strcpy(etag, head_find(&page.answer->head, "ETag"));
	strcpy(modified, head_find(&page.answer->head, "Last-Modified"));
	assert_int_equal(page.answer->length, 12);
	page_fini(&page);
	for (int i = 0; i < 2; i++) {
		struct ask again = {.target = "/",
		    .plan = PLAN_GATHER,
		    .field = i ? "If-Modified-Since" : "If-None-Match",
		    .value = i ? modified : etag};

		get(&again, &page, 304);
		assert_int_equal(flow_len(page.answer->flow), 0);
		assert_string_equal(
		    head_find(&page.answer->head, "ETag"), etag);
		page_fini(&page);
	}
}

static void
head_has_a_length_and_no_body(void **state)
{
	struct ask ask = {.method = "HEAD", .target = "/", .plan = PLAN_GATHER};
	struct page page;

	(void)state;
	get(&ask, &page, 200);
	assert_string_equal(
	    head_find(&page.answer->head, "Content-Length"), "12");
	assert_int_equal(flow_len(page.answer->flow), 0);
	page_fini(&page);
}

static void
a_folder_is_only_for_reading(void **state)
{
	struct ask ask = {
	    .method = "POST", .target = "/", .plan = PLAN_GATHER_ALONE};
	struct page page;

	(void)state;
	get(&ask, &page, 405);
	assert_string_equal(
	    head_find(&page.answer->head, "Allow"), "GET, HEAD");
	page_fini(&page);
}

static void
a_large_file_streams_through_a_small_window(void **state)
{
	struct ask ask = {.target = "/big.bin", .plan = PLAN_STREAM};
	struct page page;
	bool whole;
	size_t len;

	(void)state;
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_HEAD);
	usleep(20000);
	free(page_body(&page, &len, &whole));
	assert_true(whole);
	assert_int_equal(len, 3000000);
	wait_for_end(&ask);
	page_fini(&page);
}

static void
a_missing_folder_is_down(void **state)
{
	struct ask ask = {.target = "/", .plan = PLAN_GATHER};
	struct upstream_opts opts;
	struct page page;
	struct err err;

	(void)state;
	upstream_opts_default(&opts);
	opts.url = "/tmp/there/is/no/such/folder";
	assert_int_equal(upstream_new(&ask.up, &opts, &err), 0);
	page_init(&page, &ask);
	page_ask(&rig, &page);
	assert_int_equal(page_wait(&page), EVENT_FAILED);
	assert_int_equal(page.answer->outcome, FETCH_REFUSED);
	assert_non_null(strstr(page.answer->reason, "No such file"));
	wait_for_end(&ask);
	page_fini(&page);
	upstream_unref(&ask.up);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(files_are_served),
	    cmocka_unit_test(nothing_outside_the_folder_is_read),
	    cmocka_unit_test(a_directory_gets_its_slash),
	    cmocka_unit_test(an_unchanged_file_is_not_sent_again),
	    cmocka_unit_test(head_has_a_length_and_no_body),
	    cmocka_unit_test(a_folder_is_only_for_reading),
	    cmocka_unit_test(a_large_file_streams_through_a_small_window),
	    cmocka_unit_test(a_missing_folder_is_down),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
