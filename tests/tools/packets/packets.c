/* packets/packets.c - two TUN devices, a queue and two threads a direction */
#include "packets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	PACKET_MAX = 2048,
	IP_HEADER = 20,
	FROM_AT = 12, /* of the source's address in it */
	QUEUE_MAX = 32 << 20,
	DEVICE_QUEUE = 20000,
};

struct packet {
	struct packet *next;
	uint64_t due_ns;
	size_t len;
	unsigned char bytes[];
};

struct way {
	int from_fd, to_fd;
	/* Whose packets these are from now on, and whose they become. */
	uint32_t from, to;
	uint64_t free_ns; /* the line is busy until then; its reader's */
	unsigned seed;	  /* its reader's */
	pthread_mutex_t lock;
	pthread_cond_t more;
	/* under lock */
	struct packet *first, **last;
	size_t held;
};

static struct packets_manners (*manners_now)(void);

static void
die(const char *what)
{
	fprintf(stderr, "toxic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* ---- devices ---- */

static void
set_address(int fd, unsigned long what, struct ifreq *ifr, const char *text)
{
	struct sockaddr_in at = {.sin_family = AF_INET};

	inet_pton(AF_INET, text, &at.sin_addr);
	memcpy(&ifr->ifr_addr, &at, sizeof(at));
	if (ioctl(fd, what, ifr) != 0)
		die("address of a device");
}

static void
set_up(const char *name, const char *address)
{
	struct ifreq ifr = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (address) {
		set_address(fd, SIOCSIFADDR, &ifr, address);
		set_address(fd, SIOCSIFNETMASK, &ifr, "255.255.0.0");
		ifr.ifr_qlen = DEVICE_QUEUE;
		if (ioctl(fd, SIOCSIFTXQLEN, &ifr) != 0)
			die("queue of a device");
	}
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) != 0)
		die("starting a device");
	close(fd);
}

static int
open_device(const char *name, const char *address)
{
	struct ifreq ifr = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) != 0)
		die("a TUN device");
	set_up(name, address);
	return fd;
}

/* ---- a direction ---- */

/* When it is out of the line again: it waits for those before it, takes its
 * time, and then travels. */
static uint64_t
due_of(struct way *way, const struct packets_manners *how, size_t len)
{
	uint64_t now = now_ns();

	if (way->free_ns < now)
		way->free_ns = now;
	if (how->rate > 0)
		way->free_ns += len * 1000000000u / (uint64_t)how->rate;
	return way->free_ns + (uint64_t)how->delay_ms * 1000000u;
}

static void
readdress(const struct way *way, unsigned char *bytes)
{
	memcpy(bytes + FROM_AT, &way->from, sizeof(way->from));
	memcpy(bytes + FROM_AT + 4, &way->to, sizeof(way->to));
}

/* False: the queue is full, and the packet is lost, as on a line. */
static bool
enqueue(struct way *way, const unsigned char *bytes, size_t len, uint64_t due)
{
	struct packet *packet = malloc(sizeof(*packet) + len);
	bool fits;

	if (!packet)
		die("malloc");
	packet->next = NULL;
	packet->due_ns = due;
	packet->len = len;
	memcpy(packet->bytes, bytes, len);
	readdress(way, packet->bytes);
	pthread_mutex_lock(&way->lock);
	fits = way->held + len <= QUEUE_MAX;
	if (fits) {
		*way->last = packet;
		way->last = &packet->next;
		way->held += len;
		pthread_cond_signal(&way->more);
	}
	pthread_mutex_unlock(&way->lock);
	if (!fits)
		free(packet);
	return fits;
}

static bool
is_lost(struct way *way, const struct packets_manners *how)
{
	return how->loss > 0 && rand_r(&way->seed) % 10000 < how->loss;
}

static void *
take_in(void *arg)
{
	struct way *way = arg;
	unsigned char bytes[PACKET_MAX];
	struct packets_manners how;
	ssize_t n;

	while ((n = read(way->from_fd, bytes, sizeof(bytes))) > 0) {
		if (n < IP_HEADER || bytes[0] >> 4 != 4)
			continue; /* IPv6 asking who is there */
		how = manners_now();
		if (!is_lost(way, &how))
			enqueue(way, bytes, (size_t)n,
			    due_of(way, &how, (size_t)n));
	}
	die("reading from a TUN device");
	return NULL;
}

static struct packet *
dequeue(struct way *way)
{
	struct packet *packet;

	pthread_mutex_lock(&way->lock);
	while (!(packet = way->first))
		pthread_cond_wait(&way->more, &way->lock);
	way->first = packet->next;
	if (!way->first)
		way->last = &way->first;
	way->held -= packet->len;
	pthread_mutex_unlock(&way->lock);
	return packet;
}

static void *
give_out(void *arg)
{
	struct way *way = arg;

	prctl(PR_SET_TIMERSLACK, 1);
	for (;;) {
		struct packet *packet = dequeue(way);
		struct timespec due = {(time_t)(packet->due_ns / 1000000000u),
		    (long)(packet->due_ns % 1000000000u)};

		while (packet->due_ns > now_ns() &&
		       clock_nanosleep(
			   CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
			;
		/* One that the kernel does not want is lost. */
		if (write(way->to_fd, packet->bytes, packet->len) < 0 &&
		    errno == EBADF)
			die("writing to a TUN device");
		free(packet);
	}
	return NULL;
}

static void
start(struct way *way, int from_fd, int to_fd, const char *from, const char *to)
{
	pthread_t id;

	way->from_fd = from_fd;
	way->to_fd = to_fd;
	inet_pton(AF_INET, from, &way->from);
	inet_pton(AF_INET, to, &way->to);
	way->last = &way->first;
	pthread_mutex_init(&way->lock, NULL);
	pthread_cond_init(&way->more, NULL);
	if (pthread_create(&id, NULL, take_in, way) != 0 ||
	    pthread_create(&id, NULL, give_out, way) != 0)
		die("pthread_create");
}

void packets_start(struct packets_manners (*manners)(void))
{
	static struct way there, back;
	int near_fd, far_fd;

	manners_now = manners;
	set_up("lo", NULL);
	near_fd = open_device("near", PACKETS_NEAR);
	far_fd = open_device("far", PACKETS_FAR);
	start(&there, near_fd, far_fd, PACKETS_NEAR_AS_SEEN, PACKETS_FAR);
	start(&back, far_fd, near_fd, PACKETS_FAR_AS_SEEN, PACKETS_NEAR);
}
