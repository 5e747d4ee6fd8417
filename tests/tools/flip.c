/* tests/tools/flip.c - damage a file: flip FILE COUNT [SEED]
 *
 * Changes one bit in each of COUNT random places and prints where, so that a
 * scenario can show what a damaged cache file does. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
flip(int fd, off_t at, unsigned char by)
{
	unsigned char byte;

	if (pread(fd, &byte, 1, at) != 1)
		return -1;
	byte ^= by;
	if (pwrite(fd, &byte, 1, at) != 1)
		return -1;
	printf("%lld\n", (long long)at);
	return 0;
}

int
main(int argc, char **argv)
{
	unsigned seed = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;
	struct stat st;
	int fd;

	if (argc < 3) {
		fputs("usage: flip FILE COUNT [SEED]\n", stderr);
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0) {
		perror(argv[1]);
		return 1;
	}
	for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
		off_t at = (off_t)(((unsigned long long)rand_r(&seed) << 24 ^
		    (unsigned long long)rand_r(&seed)) %
		    (unsigned long long)st.st_size);

		if (flip(fd, at, (unsigned char)(1 << rand_r(&seed) % 8)) !=
		    0) {
			perror(argv[1]);
			return 1;
		}
	}
	return close(fd) != 0;
}
