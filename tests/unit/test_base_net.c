/* Addresses of peers, and sets of them */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "base/net.h"

static struct net_address
address_of(const char *text)
{
	struct net_address address;

	if (net_parse(&address, text, strlen(text)) != 0)
		fail_msg("'%s' is no address", text);
	return address;
}

static void
addresses_are_read_and_written(void **state)
{
	static const char *const same[] = {"192.0.2.1", "2001:db8::1", "::",
	    "::1", "255.255.255.255", "fe80::1:2:3:4"};
	struct net_address address;
	char text[NET_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(same); i++) {
		address = address_of(same[i]);
		net_write(text, &address);
		assert_string_equal(text, same[i]);
	}
	address = address_of("[2001:DB8:0::1]");
	net_write(text, &address);
	assert_string_equal(text, "2001:db8::1");
	address = address_of("::ffff:192.0.2.1");
	net_write(text, &address);
	assert_string_equal(text, "192.0.2.1");
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"", "1.2.3", "1.2.3.4.5", "256.1.1.1",
	    "1.2.3.4 ", " 1.2.3.4", "0x7f.0.0.1", "127.1", "localhost", "::g",
	    "[::1", "::1]", "[]", "::1%lo", "1.2.3.4:80", "unix",
	    "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"};
	struct net_address address = {{7}, true}, before = address;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(bad); i++)
		if (net_parse(&address, bad[i], strlen(bad[i])) != -1)
			fail_msg("'%s' was taken for an address", bad[i]);
	assert_int_equal(net_parse(&address, "127.0.0.1\0x", 11), -1);
	assert_memory_equal(&address, &before, sizeof(before));
}

static void
sockets_addresses_are_told_apart(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct net_address address;
	char text[NET_TEXT];

	(void)state;
	in.sin_addr.s_addr = htonl(0xc0000201);
	net_from_sockaddr(&address, (struct sockaddr *)&in);
	net_write(text, &address);
	assert_string_equal(text, "192.0.2.1");
	/* a v4 client of a v6 listener is the same client */
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &in6.sin6_addr);
	net_from_sockaddr(&address, (struct sockaddr *)&in6);
	net_write(text, &address);
	assert_string_equal(text, "127.0.0.1");
	assert_true(net_is_loopback(&address));
	net_from_sockaddr(&address, (struct sockaddr *)&un);
	net_write(text, &address);
	assert_string_equal(text, "unix");
	assert_false(net_is_loopback(&address));
	assert_true(net_is_private(&address));
}

static void
private_addresses_are_known(void **state)
{
	static const char *const private[] = {"127.0.0.1", "127.255.0.9",
	    "192.0.0.8", "198.19.1.1", "2002:7f00:1::", "64:ff9b:1::a00:1",
	    "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.7.7",
	    "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
	    "255.255.255.255", "::", "::1", "fe80::1", "febf::1", "fec0::1",
	    "fc00::1", "fdff::1", "ff02::1", "::ffff:10.0.0.1",
	    "64:ff9b::7f00:1"};
	static const char *const public[] = {"8.8.8.8", "172.32.0.1",
	    "172.15.255.255", "192.167.1.1", "11.0.0.0", "100.128.0.1",
	    "128.0.0.1", "2001:4860::8888", "::ffff:8.8.8.8"};
	struct net_address address;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(private); i++) {
		address = address_of(private[i]);
		if (!net_is_private(&address))
			fail_msg("%s is private", private[i]);
		assert_int_equal(net_is_loopback(&address),
		    i < 2 || strcmp(private[i], "::1") == 0);
	}
	for (i = 0; i < COUNT_OF(public); i++) {
		address = address_of(public[i]);
		if (net_is_private(&address))
			fail_msg("%s is public", public[i]);
	}
}

static void
assert_has(const struct nets *nets, const char *text, bool expected)
{
	struct net_address address = address_of(text);

	if (nets_have(nets, &address) != expected)
		fail_msg("%s: %d", text, !expected);
}

static void
a_set_holds_what_its_prefixes_cover(void **state)
{
	struct net_address unix_peer = {{0}, true};
	struct nets *nets = nets_new();
	struct err err;

	(void)state;
	assert_has(nets, "127.0.0.1", false);
	assert_int_equal(nets_add(nets, "10.0.0.0/9", &err), 0);
	assert_int_equal(nets_add(nets, "192.0.2.7", &err), 0);
	assert_int_equal(nets_add(nets, "2001:db8::/33", &err), 0);
	assert_has(nets, "10.0.0.0", true);
	assert_has(nets, "10.127.255.255", true);
	assert_has(nets, "10.128.0.0", false);
	assert_has(nets, "192.0.2.7", true);
	assert_has(nets, "192.0.2.6", false);
	assert_has(nets, "2001:db8:7fff::1", true);
	assert_has(nets, "2001:db8:8000::1", false);
	assert_has(nets, "::", false);
	assert_false(nets_have(nets, &unix_peer));
	assert_int_equal(nets_add(nets, "unix", &err), 0);
	assert_true(nets_have(nets, &unix_peer));
	assert_has(nets, "::", false);
	assert_int_equal(nets_add(nets, "0.0.0.0/0", &err), 0);
	assert_has(nets, "8.8.8.8", true);
	assert_has(nets, "::", false);
	assert_int_equal(nets_add(nets, "::/0", &err), 0);
	assert_has(nets, "::", true);
	nets_free(&nets);
	assert_null(nets);
	nets_free(&nets);
}

static void
a_bad_prefix_is_refused_with_its_reason(void **state)
{
	static const char *const bad[] = {"", "/8", "10.0.0.0/", "10.0.0.0/33",
	    "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8x",
	    "::/129", "unix/8", "example.org", "10.0.0.0/8/8",
	    "::/99999999999999999999"};
	struct nets *nets = nets_new();
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT_OF(bad); i++) {
		err.text[0] = '\0';
		assert_int_equal(nets_add(nets, bad[i], &err), -1);
		assert_non_null(strstr(err.text, bad[i]));
	}
	assert_has(nets, "10.0.0.1", false);
	nets_free(&nets);
}

static void
who_is_denied_is_not_in_the_set(void **state)
{
	struct nets *nets = nets_new(), *other = nets_new();
	struct net_address near, far;
	struct err err;

	(void)state;
	assert_int_equal(net_parse(&near, "10.1.2.3", 8), 0);
	assert_int_equal(net_parse(&far, "10.2.0.1", 8), 0);
	assert_int_equal(nets_deny(nets, "10.1.0.0/16", &err), 0);
	assert_int_equal(nets_add(nets, "10.0.0.0/8", &err), 0);
	assert_int_equal(nets_add(other, "10.0.0.0/8", &err), 0);
	assert_false(nets_have(nets, &near));
	assert_true(nets_have(nets, &far));
	assert_false(nets_same(nets, other));
	assert_int_equal(nets_deny(other, "10.1.0.0/16", &err), 0);
	assert_true(nets_same(nets, other));
	assert_int_equal(nets_deny(nets, "nobody", &err), -1);
	nets_free(&nets);
	nets_free(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_read_and_written),
	    cmocka_unit_test(what_is_no_address_is_refused),
	    cmocka_unit_test(sockets_addresses_are_told_apart),
	    cmocka_unit_test(private_addresses_are_known),
	    cmocka_unit_test(a_set_holds_what_its_prefixes_cover),
	    cmocka_unit_test(who_is_denied_is_not_in_the_set),
	    cmocka_unit_test(a_bad_prefix_is_refused_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
