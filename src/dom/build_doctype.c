/* dom/build_doctype.c - the DOCTYPE, and whether it asks for quirks (WHATWG
 * 13.2.6.4.1) */
#include "dom/build_inside.h"

#include <string.h>
#include <strings.h>

static bool
begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

static bool
has_old_public_id(const char *public_id)
{
	static const char *const old[] = {
	    "+//Silmaril//dtd html Pro v0r11 19970101//",
	    "-//AS//DTD HTML 3.0 asWedit + extensions//",
	    "-//AdvaSoft Ltd//DTD HTML 3.0 asWedit + extensions//",
	    "-//IETF//DTD HTML 2.0 Level 1//",
	    "-//IETF//DTD HTML 2.0 Level 2//",
	    "-//IETF//DTD HTML 2.0 Strict Level 1//",
	    "-//IETF//DTD HTML 2.0 Strict Level 2//",
	    "-//IETF//DTD HTML 2.0 Strict//",
	    "-//IETF//DTD HTML 2.0//",
	    "-//IETF//DTD HTML 2.1E//",
	    "-//IETF//DTD HTML 3.0//",
	    "-//IETF//DTD HTML 3.2 Final//",
	    "-//IETF//DTD HTML 3.2//",
	    "-//IETF//DTD HTML 3//",
	    "-//IETF//DTD HTML Level 0//",
	    "-//IETF//DTD HTML Level 1//",
	    "-//IETF//DTD HTML Level 2//",
	    "-//IETF//DTD HTML Level 3//",
	    "-//IETF//DTD HTML Strict Level 0//",
	    "-//IETF//DTD HTML Strict Level 1//",
	    "-//IETF//DTD HTML Strict Level 2//",
	    "-//IETF//DTD HTML Strict Level 3//",
	    "-//IETF//DTD HTML Strict//",
	    "-//IETF//DTD HTML//",
	    "-//Metrius//DTD Metrius Presentational//",
	    "-//Microsoft//DTD Internet Explorer 2.0 HTML Strict//",
	    "-//Microsoft//DTD Internet Explorer 2.0 HTML//",
	    "-//Microsoft//DTD Internet Explorer 2.0 Tables//",
	    "-//Microsoft//DTD Internet Explorer 3.0 HTML Strict//",
	    "-//Microsoft//DTD Internet Explorer 3.0 HTML//",
	    "-//Microsoft//DTD Internet Explorer 3.0 Tables//",
	    "-//Netscape Comm. Corp.//DTD HTML//",
	    "-//Netscape Comm. Corp.//DTD Strict HTML//",
	    "-//O'Reilly and Associates//DTD HTML 2.0//",
	    "-//O'Reilly and Associates//DTD HTML Extended 1.0//",
	    "-//O'Reilly and Associates//DTD HTML Extended Relaxed 1.0//",
	    "-//SQ//DTD HTML 2.0 HoTMetaL + extensions//",
	    "-//SoftQuad Software//DTD HoTMetaL PRO "
	    "6.0::19990601::extensions to HTML 4.0//",
	    "-//SoftQuad//DTD HoTMetaL PRO "
	    "4.0::19971010::extensions to HTML 4.0//",
	    "-//Spyglass//DTD HTML 2.0 Extended//",
	    "-//Sun Microsystems Corp.//DTD HotJava HTML//",
	    "-//Sun Microsystems Corp.//DTD HotJava Strict HTML//",
	    "-//W3C//DTD HTML 3 1995-03-24//",
	    "-//W3C//DTD HTML 3.2 Draft//",
	    "-//W3C//DTD HTML 3.2 Final//",
	    "-//W3C//DTD HTML 3.2//",
	    "-//W3C//DTD HTML 3.2S Draft//",
	    "-//W3C//DTD HTML 4.0 Frameset//",
	    "-//W3C//DTD HTML 4.0 Transitional//",
	    "-//W3C//DTD HTML Experimental 19960712//",
	    "-//W3C//DTD HTML Experimental 970421//",
	    "-//W3C//DTD W3 HTML//",
	    "-//W3O//DTD W3 HTML 3.0//",
	    "-//WebTechs//DTD Mozilla HTML 2.0//",
	    "-//WebTechs//DTD Mozilla HTML//",
	};

	for (size_t i = 0; i < COUNT_OF(old); i++)
		if (begins(public_id, old[i]))
			return true;
	return strcasecmp(public_id, "-//W3O//DTD W3 HTML Strict 3.0//EN//") ==
		   0 ||
	       strcasecmp(public_id, "-/W3C/DTD HTML 4.0 Transitional/EN") ==
		   0 ||
	       strcasecmp(public_id, "HTML") == 0;
}

static bool
is_quirky(const struct token *token)
{
	const char *public_id = token->public_id;
	const char *system_id = token->system_id;

	if (token->force_quirks || !token->doctype ||
	    strcmp(token->doctype, "html") != 0)
		return true;
	if (system_id &&
	    strcasecmp(system_id, "http://www.ibm.com/data/dtd/v11/"
				  "ibmxhtml1-transitional.dtd") == 0)
		return true;
	if (!public_id)
		return false;
	if (has_old_public_id(public_id))
		return true;
	return !system_id &&
	       (begins(public_id, "-//W3C//DTD HTML 4.01 Frameset//") ||
		   begins(public_id, "-//W3C//DTD HTML 4.01 Transitional//"));
}

bool
build_initial(struct build *build, struct token *token)
{
	struct token space;

	if (token->kind == TOKEN_COMMENT) {
		build_insert_comment(
		    build, (xmlNode *)&build->tree->doc, token);
		return false;
	}
	if (token->kind == TOKEN_DOCTYPE) {
		tree_doctype(build->tree, token->doctype, token->public_id,
		    token->system_id);
		build->tree->quirks = is_quirky(token);
		build->mode = MODE_BEFORE_HTML;
		return false;
	}
	if (token->kind == TOKEN_TEXT &&
	    build_cut_space(build, token, &space) && token->len == 0)
		return false;
	build->tree->quirks = true;
	build->mode = MODE_BEFORE_HTML;
	return true;
}
