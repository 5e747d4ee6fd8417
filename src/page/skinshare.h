/* page/skinshare.h - a theme that several processes keep, on one cache file
 *
 * One of them is in charge of it (cache/charge.h): it asks for the theme when
 * it is due and stores what came, as ever. The others wait for that as for an
 * answer, and take it from the file: they read their own rules, weave, judge
 * and go live as after a fetch, and store nothing. Who is in charge and fails
 * leaves the others what they have; who is in charge and ends is followed by
 * the next who finds the theme due, within a second. What was purged, or HUP,
 * wants it asked for anew: then whoever is told takes charge, unless it is
 * being asked for since.
 *
 * A process that is alone waits for nobody and nothing. So does one whose file
 * is in trouble, or whose writer does not answer for some seconds. Themes that
 * are files are read by each process itself.
 *
 * The skin thread only. */
#ifndef PAGE_SKINSHARE_H
#define PAGE_SKINSHARE_H

#include <stdbool.h>
#include <stdint.h>

struct skin;

/* In a skin. */
struct sharing_skin {
	bool waits;         /* its refresh, for its turn or for another's */
	bool in_charge;
	bool takes;         /* what another stored is being made live */
	int64_t urgent_ms;  /* of the refresh that waits; 0 */
	int64_t refused_ms; /* when what could not go live was answered; 0 */
	uint64_t asked_at_ms;
};

/* A refresh begins. True: it waits here, and goes on with
 * skin_share_go_on(). */
bool skin_share_waits(struct skin *skin);
/* Look after a refresh that waits, and after news. *next_ms: when to come back,
 * if that is earlier. */
void skin_share_go_on(struct skin *skin, bool news, uint64_t *next_ms);
/* The refresh is over, and its end is set. */
void skin_share_ended(struct skin *skin);
/* When what this refresh brought was asked for, wall clock. */
int64_t skin_share_asked_ms(const struct skin *skin);

#endif
