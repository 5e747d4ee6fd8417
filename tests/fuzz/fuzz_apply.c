/* Any content under fixed rules that do all kinds of work: two files with
 * XSLT in them (one by documentation, one as the code has it), and a ruleset
 * of Deliverance; the last byte says which. A page is dressed, or left alone,
 * or it is said why not; and a second time the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "theme/theme.h"

#define DIAZO "http://namespaces.plone.org/diazo"

static const char xsl[] =
    "<rules xmlns='" DIAZO "' xmlns:css='" DIAZO "/css'"
    " xmlns:xsl='http://www.w3.org/1999/XSL/Transform'"
    " xmlns:regexp='http://exslt.org/regular-expressions'"
    " xmlns:str='http://exslt.org/strings'>"
    "<xsl:strip-space elements='ul'/>"
    "<xsl:variable name='links' select='//a[@href]'/>"
    "<xsl:key name='by-class' match='*[@class]' use='@class'/>"
    "<notheme css:if-content='.plain'/>"
    "<replace css:theme='title' css:content='title'/>"
    "<copy attributes='*' css:theme='body' css:content='body'/>"
    "<replace css:theme='nav'><ul><xsl:for-each select='$links'>"
    "<xsl:sort select='.'/><xsl:variable name='item'><b><xsl:copy-of "
    "select='node()'/></b></xsl:variable><li class='{@class} n{position()}'>"
    "<xsl:choose><xsl:when test=\"regexp:test(@href, '^(h+t?)*p', 'i')\">"
    "<xsl:copy-of select='$item'/></xsl:when><xsl:otherwise><xsl:value-of "
    "select=\"str:replace(., 'a', 'b')\"/></xsl:otherwise></xsl:choose></li>"
    "</xsl:for-each></ul></replace>"
    "<before css:theme-children='main'><i n='{count(key(\"by-class\", \"x\"))}'"
    "><xsl:apply-templates select='//h2' mode='toc'/></i></before>"
    "<replace css:theme-children='main' css:content-children='body'/>"
    "<after css:theme-children='main'><include css:content='li'/></after>"
    "<drop css:content='.gone'/>"
    "<strip css:content='span'/>"
    "<replace css:content='h1'><h1 class='t {@class}'><xsl:apply-templates "
    "select='node()'/></h1></replace>"
    "<drop attributes='style' css:content='p'/>"
    "<xsl:template match='h2' mode='toc'><u><xsl:value-of "
    "select=\"normalize-space(.)\"/></u></xsl:template>"
    "<xsl:template match='table[not(@class)]'><table class='t'>"
    "<xsl:apply-templates select='@*|node()'/></table></xsl:template>"
    "<xsl:template match='em//text()'><xsl:copy/>!</xsl:template>"
    "<xsl:template match='img/@src'><xsl:attribute name='src'>/x<xsl:value-of "
    "select='.'/></xsl:attribute></xsl:template>"
    "<xsl:template match='dl'><xsl:element name='{name(*[1])}'><xsl:comment>"
    "<xsl:value-of select='.'/></xsl:comment></xsl:element></xsl:template>"
    "</rules>";

static const char deliverance[] =
    "<ruleset><match path='/' class='default'/><rule>"
    "<replace theme='children:nav' content='elements://ul || children:ol'"
    " nocontent='ignore'/>"
    "<append theme='children:main' content='elements:p, table'"
    " manycontent='last'/>"
    "<prepend theme='children:main' content='children:body' move='0'/>"
    "<append theme='attributes:body' content='attributes:body'/>"
    "<replace theme='tag:i' content='tag:em' nocontent='ignore'/>"
    "<drop content='attributes(style):p' nocontent='ignore'/>"
    "<drop content='.gone' if-content='not:.keep' nocontent='ignore'/>"
    "<replace theme='attributes(class):main' content='attributes(class,id):div'"
    " nocontent='ignore' if-content='#a'/>"
    "</rule></ruleset>";

static const char page[] =
    "<!DOCTYPE html><html><head><title>t</title></head><body class='k'>"
    "<nav><ul><li>x</li></ul></nav><main>old<i>i</i></main></body></html>";

static struct theme *themes[3];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct theme *
load(const char *text, bool compat)
{
	const struct rules_opts opts = {.compat = compat};
	const struct theme_opts theme_opts = {.compat = compat};
	const struct theme_page theme_page = {
	    .bytes = page, .len = strlen(page)};
	char path[] = "/tmp/fuzz_apply.XXXXXX";
	int fd = mkstemp(path);
	struct rules *rules = NULL;
	struct theme *theme = NULL;
	struct err err;

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	if (rules_load(&rules, path, &opts, &err) != 0 ||
	    theme_build(&theme, rules, &theme_page, 1, &theme_opts, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	unlink(path);
	rules_unref(&rules);
	return theme;
}

static void
dress(struct theme *theme, const char *content, size_t len)
{
	static struct dresser *dresser;
	const struct dress_ask ask = {
	    .bytes = content,
	    .len = len,
	    .path = "/",
	    .out_max = 4 * 1024 * 1024,
	    .xpath_max_ops = 200000,
	};
	struct buf first, second;
	struct err err = {""};
	enum dressed a, b;

	if (!dresser)
		dresser = dresser_new();
	buf_init(&first, 8 * 1024 * 1024);
	buf_init(&second, 8 * 1024 * 1024);
	a = theme_dress(theme, dresser, &ask, &first, &err);
	must(a != DRESSED_WANTS && (a != DRESSED_FAILED || *err.text));
	b = theme_dress(theme, dresser, &ask, &second, &err);
	must(a == b && (a != DRESSED || first.len == second.len));
	must(a != DRESSED || first.len == 0 ||
	     memcmp(first.data, second.data, first.len) == 0);
	buf_fini(&first);
	buf_fini(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!themes[0]) {
		themes[0] = load(xsl, false);
		themes[1] = load(xsl, true);
		themes[2] = load(deliverance, false);
	}
	if (size > 0)
		dress(themes[data[size - 1] % 3], (const char *)data, size - 1);
	return 0;
}
