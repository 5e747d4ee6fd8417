/* page/cookies.h - cookie names that sites know without being told; globs */
#ifndef PAGE_COOKIES_H
#define PAGE_COOKIES_H

/* A request with one of these belongs to somebody: never from the cache. The
 * log-ins and sessions of Plone and Zope, WordPress, Drupal (SESS..., SSESS...),
 * MediaWiki (...Session, ...UserID, ...Token), Joomla, TYPO3, Django, Rails,
 * Laravel, PHP, Java, ASP.NET. NULL-ended. */
extern const char *const cookies_of_logins[];
/* What analytics, advertising and consent banners set: the page does not
 * depend on them, so they count as absent. NULL-ended. */
extern const char *const cookies_of_nothing[];

#endif
