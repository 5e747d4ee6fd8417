/* packets/packets.h - a line with delay, packet by packet
 *
 * A relay of streams acknowledges what it takes at once, so nobody sees how
 * far the other end is. Here TCP is left to the kernel on both ends: two TUN
 * devices, and whatever is sent into one comes out of the other so much later.
 * For a network namespace of its own (unshare -n), as root.
 *
 * Near and far live in that one namespace, so each knows the other by an
 * address that is not its own, and addresses are changed on the way:
 *   near is PACKETS_NEAR and calls the other side PACKETS_FAR_AS_SEEN
 *   far  is PACKETS_FAR  and calls the other side PACKETS_NEAR_AS_SEEN
 * Who connects to PACKETS_FAR_AS_SEEN gets who listens at PACKETS_FAR. They are
 * such that no checksum changes with them. */
#ifndef TOOLS_PACKETS_H
#define TOOLS_PACKETS_H

#define PACKETS_NEAR	     "10.1.0.1"
#define PACKETS_FAR_AS_SEEN  "10.1.1.4"
#define PACKETS_FAR	     "10.2.0.1"
#define PACKETS_NEAR_AS_SEEN "10.2.1.2"

/* How a packet that comes now is treated. */
struct packets_manners {
	long delay_ms; /* each way */
	long rate;     /* bytes a second, each way; 0: any */
	long loss;     /* of 10,000 packets so many are lost */
};

/* Make the devices and carry on in threads; manners is called for each packet.
 * Exits the process, saying why, when it cannot be done. */
void packets_start(struct packets_manners (*manners)(void));

#endif
