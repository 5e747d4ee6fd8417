/* Addresses in an answer's head. The upstream is http://cms:8080/app, ours is
 * https://www.example.org. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "page/headmap.h"

static const char *
address(void *arg, const char *text)
{
	static const char own[] = "http://cms:8080/app";
	struct arena *arena = arg;

	if (strncmp(text, own, sizeof(own) - 1) == 0)
		return arena_printf(
		    arena, "https://www.example.org%s", text + sizeof(own) - 1);
	if (strncmp(text, "/app", 4) == 0)
		return arena_printf(arena, "%s", text[4] ? text + 4 : "/");
	return text;
}

static bool
is_upstreams_host(void *arg, struct slice host)
{
	(void)arg;
	return host.len == 3 && memcmp(host.from, "cms", 3) == 0;
}

static void
becomes(const char *name, const char *value, const char *wanted)
{
	struct arena *arena = arena_new(1024);
	struct headmap map = {address, is_upstreams_host, arena};
	struct head head;

	head_init(&head, arena);
	head_add(&head, name, value);
	headmap_apply(&map, &head);
	assert_string_equal(head_find(&head, name), wanted);
	assert_int_equal(head.fields[0].value_len, strlen(wanted));
	arena_free(&arena);
}

static void
a_location_is_mapped_whole(void **state)
{
	(void)state;
	becomes("Location", "http://cms:8080/app/x?y=1",
	    "https://www.example.org/x?y=1");
	becomes("content-location", "/app/x", "/x");
	becomes(
	    "Location", "http://else.example/app/", "http://else.example/app/");
}

static void
each_target_of_a_link_is_mapped(void **state)
{
	(void)state;
	becomes("Link", "<http://cms:8080/app/s.css>; rel=preload; as=style",
	    "<https://www.example.org/s.css>; rel=preload; as=style");
	becomes("Link",
	    "</app/a>; title=\"x, </app/b>\\\" y\",</app/c>;rel=\"next\" , </d>",
	    "</a>; title=\"x, </app/b>\\\" y\",</c>;rel=\"next\" , </d>");
	becomes(
	    "Link", "<http://cms:8080/app/s.css", "<http://cms:8080/app/s.css");
	becomes("Link", "/app/a; rel=next", "/app/a; rel=next");
	becomes("Link", "", "");
}

static void
a_refresh_leads_to_ours(void **state)
{
	(void)state;
	becomes("Refresh", "5; url=http://cms:8080/app/x",
	    "5; url=https://www.example.org/x");
	becomes("Refresh", "0;URL = '/app/x' y", "0;URL = '/x' y");
	becomes("Refresh", "1.5, \"/app/x\"", "1.5, \"/x\"");
	becomes("Refresh", "5", "5");
	becomes("Refresh", "5;", "5;");
	becomes("Refresh", "5; url=", "5; url=");
	becomes("Refresh", "soon; url=/app/x", "soon; url=/app/x");
}

static void
a_cookie_of_the_upstream_s_host_is_for_ours(void **state)
{
	(void)state;
	becomes("Set-Cookie", "a=b; Domain=cms; Path=/app/x; Secure",
	    "a=b; Path=/x; Secure");
	becomes("Set-Cookie", "a=b;domain=.cms", "a=b");
	becomes("Set-Cookie", "a=b; Domain = cms ; HttpOnly", "a=b; HttpOnly");
	becomes("Set-Cookie", "a=b; path=/app", "a=b; path=/");
	becomes("Set-Cookie", "a=\"/app\"; Domain=example.org; Path=/other",
	    "a=\"/app\"; Domain=example.org; Path=/other");
	becomes("Set-Cookie", "Domain=cms; Path", "Domain=cms; Path");
	becomes("Set-Cookie", "a=b; Path=; Domain=", "a=b; Path=; Domain=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_location_is_mapped_whole),
	    cmocka_unit_test(each_target_of_a_link_is_mapped),
	    cmocka_unit_test(a_refresh_leads_to_ours),
	    cmocka_unit_test(a_cookie_of_the_upstream_s_host_is_for_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
