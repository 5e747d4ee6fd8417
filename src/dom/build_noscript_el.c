/* dom/build_noscript_el.c - what elements do in a noscript of a body (contract:
 * dom/build_noscript_el.h) */
#include "dom/build_noscript_el.h"

bool
noscript_never_fits(enum el el)
{
	switch (el) {
	case EL_BODY:
	case EL_FORM:
	case EL_FRAME:
	case EL_FRAMESET:
	case EL_HEAD:
	case EL_HTML:
	case EL_IMAGE:
	case EL_MATH:
	case EL_NOFRAMES:
	case EL_NOSCRIPT:
	case EL_OPTGROUP:
	case EL_OPTION:
	case EL_PLAINTEXT:
	case EL_RB:
	case EL_RP:
	case EL_RT:
	case EL_RTC:
	case EL_SELECT:
	case EL_SELECTEDCONTENT:
	case EL_SVG:
	case EL_TEMPLATE:
	case EL_XMP:
		return true;
	default:
		return el_names[el].flags & (EL_GRID | EL_TABLE_PART);
	}
}

/* Special elements whose start tag ends no p. */
static bool
keeps_p(enum el el)
{
	switch (el) {
	case EL_APPLET:
	case EL_AREA:
	case EL_BASE:
	case EL_BASEFONT:
	case EL_BGSOUND:
	case EL_BR:
	case EL_BUTTON:
	case EL_EMBED:
	case EL_IFRAME:
	case EL_IMG:
	case EL_INPUT:
	case EL_KEYGEN:
	case EL_LINK:
	case EL_MARQUEE:
	case EL_META:
	case EL_NOEMBED:
	case EL_OBJECT:
	case EL_PARAM:
	case EL_SCRIPT:
	case EL_SOURCE:
	case EL_STYLE:
	case EL_TEXTAREA:
	case EL_TITLE:
	case EL_TRACK:
	case EL_WBR:
		return true;
	default:
		return false;
	}
}

bool
noscript_el_ends_p(enum el el)
{
	return el == EL_DIALOG || el == EL_SEARCH ||
	       ((el_names[el].flags & EL_SPECIAL) && !keeps_p(el));
}
