/* conf/file.c - libconfuse, driven by the schema
 *
 * Every option is a text to libconfuse (or a list of texts); what it means is
 * value.c's business. First scan.c looks over the whole file and finds what
 * libconfuse would not tell, then libconfuse reads it, then each block's
 * values are put into its struct, then the blocks are held against each
 * other. */
#include "conf/file.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "conf/check.h"
#include "conf/cross.h"
#include "conf/defaults.h"
#include "conf/scan.h"
#include "conf/value.h"

enum { FILE_MAX = 1 << 20 };

struct reading {
	struct conf *conf;
	struct mistakes *mistakes;
	const char *folder;
	struct scan_block *blocks;
	cfg_t *cfg;
};

/* ---- the bytes ---- */

static int
read_fd(int fd, struct buf *out, struct err *err)
{
	char block[8192];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		if (buf_add(out, block, (size_t)n) != 0)
			return err_set(err, "is larger than %d bytes",
				       FILE_MAX);
	if (n < 0)
		return err_set(err, "cannot be read: %s", strerror(errno));
	if (memchr(out->data ? out->data : "", '\0', out->len))
		return err_set(err, "is no text file");
	/* libconfuse wants a line's end at the end, and a file that is not
	 * empty. */
	return buf_putc(out, '\n');
}

static int
read_bytes(const char *path, struct buf *out, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return err_set(err, "cannot be opened: %s", strerror(errno));
	rc = read_fd(fd, out, err);
	close(fd);
	return rc;
}

/* ---- libconfuse ---- */

/* Its error function gets no argument of ours, and its lexer is global anyway:
 * one file is read at a time. */
static struct mistakes *confuse_mistakes;

__attribute__((format(printf, 2, 0))) static void
on_confuse_error(cfg_t *cfg, const char *format, va_list args)
{
	char text[256];

	vsnprintf(text, sizeof(text), format, args);
	mistake_tell(confuse_mistakes, cfg->line, "%s", text);
}

static cfg_opt_t
confuse_option(const struct option *option)
{
	cfg_opt_t list = CFG_STR_LIST((char *)0, NULL, CFGF_NODEFAULT);
	cfg_opt_t one = CFG_STR((char *)0, NULL, CFGF_NODEFAULT);
	cfg_opt_t out = option_is_list(option) ? list : one;

	out.name = option->name;
	return out;
}

/* The options of one block, and behind those of the whole file the blocks. */
static cfg_opt_t *
confuse_options(enum block block, struct arena *arena)
{
	static const cfg_opt_t end = CFG_END();
	cfg_opt_t *options =
	    arena_get(arena, (schema_count + BLOCKS + 1) * sizeof(*options));
	size_t n = 0;

	for (size_t i = 0; i < schema_count; i++)
		if (schema[i].block == block)
			options[n++] = confuse_option(&schema[i]);
	for (int b = BLOCK_TOP + 1; block == BLOCK_TOP && b < BLOCKS; b++) {
		cfg_opt_t section = CFG_SEC((char *)0, NULL, CFGF_NONE);

		section.name = schema_blocks[b].name;
		section.subopts = confuse_options((enum block)b, arena);
		if (schema_blocks[b].is_named)
			section.flags = CFGF_MULTI | CFGF_TITLE;
		options[n++] = section;
	}
	options[n] = end;
	return options;
}

static int
confuse_parse(struct reading *reading, const char *text)
{
	reading->cfg = cfg_init(
	    confuse_options(BLOCK_TOP, reading->conf->arena), CFGF_NONE);
	must(reading->cfg);
	confuse_mistakes = reading->mistakes;
	cfg_set_error_function(reading->cfg, on_confuse_error);
	return cfg_parse_buf(reading->cfg, text) == CFG_SUCCESS ? 0 : -1;
}

/* ---- values into structs ---- */

static void
fill_option(struct reading *reading, const struct option *option,
	    const struct scan_block *where, cfg_opt_t *found, void *base)
{
	unsigned count = cfg_opt_size(found);
	struct arena *arena = reading->conf->arena;
	const char **texts = arena_get(arena, (count + 1) * sizeof(*texts));
	bool adds = where->adds[option - schema];
	struct err err;
	int rc;

	for (unsigned i = 0; i < count; i++)
		texts[i] = cfg_opt_getnstr(found, i);
	rc = adds ? value_add(option, base, texts, count, arena,
			      reading->folder, &err)
		  : value_set(option, base, texts, count, arena,
			      reading->folder, &err);
	if (rc != 0)
		mistake_tell(reading->mistakes, scan_line(where, option->name),
			     "%s: %s", option->name, err.text);
}

static void
fill_block(struct reading *reading, enum block block, cfg_t *section,
	   void *base)
{
	const struct scan_block *where = scan_find(
	    reading->blocks, block,
	    schema_blocks[block].is_named ? cfg_title(section) : NULL);
	cfg_opt_t *found;

	for (size_t i = 0; i < schema_count; i++) {
		if (schema[i].block != block)
			continue;
		found = cfg_getopt(section, schema[i].name);
		/* A list that was written and is empty counts too. */
		if (where && where->lines[i] != 0)
			fill_option(reading, &schema[i], where, found, base);
	}
}

/* A named block's name, copied. */
static const char *
fill_name(struct reading *reading, enum block block, cfg_t *section)
{
	const char *name = cfg_title(section);
	struct err err;

	if (check_name(name, &err) != 0)
		mistake_tell(
		    reading->mistakes,
		    scan_line(scan_find(reading->blocks, block, name), ""),
		    "%s %s", schema_blocks[block].name, err.text);
	return arena_strdup(reading->conf->arena, name);
}

static void
fill_upstreams(struct reading *reading)
{
	struct conf *conf = reading->conf;
	cfg_t *section;

	conf->upstreams_count = cfg_size(reading->cfg, "upstream");
	conf->upstreams = arena_get(conf->arena, (conf->upstreams_count + 1) *
						     sizeof(*conf->upstreams));
	for (unsigned i = 0; i < conf->upstreams_count; i++) {
		section = cfg_getnsec(reading->cfg, "upstream", i);
		defaults_upstream(&conf->upstreams[i]);
		fill_block(reading, BLOCK_UPSTREAM, section,
			   &conf->upstreams[i]);
		conf->upstreams[i].name =
		    fill_name(reading, BLOCK_UPSTREAM, section);
	}
}

static void
fill_themes(struct reading *reading)
{
	struct conf *conf = reading->conf;
	cfg_t *section;

	conf->themes_count = cfg_size(reading->cfg, "theme");
	conf->themes = arena_get(conf->arena, (conf->themes_count + 1) *
						  sizeof(*conf->themes));
	for (unsigned i = 0; i < conf->themes_count; i++) {
		section = cfg_getnsec(reading->cfg, "theme", i);
		defaults_theme(&conf->themes[i]);
		fill_block(reading, BLOCK_THEME, section, &conf->themes[i]);
		conf->themes[i].name = fill_name(reading, BLOCK_THEME, section);
	}
}

static void
fill_sites(struct reading *reading)
{
	struct conf *conf = reading->conf;
	cfg_t *section;

	conf->sites_count = cfg_size(reading->cfg, "site");
	conf->sites = arena_get(conf->arena,
				(conf->sites_count + 1) * sizeof(*conf->sites));
	for (unsigned i = 0; i < conf->sites_count; i++) {
		section = cfg_getnsec(reading->cfg, "site", i);
		defaults_site(&conf->sites[i]);
		fill_block(reading, BLOCK_SITE, section, &conf->sites[i]);
		conf->sites[i].site.name =
		    fill_name(reading, BLOCK_SITE, section);
	}
}

/* One file may hold both. */
static void
fill_certs(struct reading *reading)
{
	struct conf *conf = reading->conf;
	cfg_t *section;

	conf->certs_count = cfg_size(reading->cfg, "certificate");
	conf->certs = arena_get(conf->arena,
				(conf->certs_count + 1) * sizeof(*conf->certs));
	for (unsigned i = 0; i < conf->certs_count; i++) {
		struct cert_opts *cert = &conf->certs[i];

		section = cfg_getnsec(reading->cfg, "certificate", i);
		fill_block(reading, BLOCK_CERTIFICATE, section, cert);
		cert->name = fill_name(reading, BLOCK_CERTIFICATE, section);
		if (!cert->key)
			cert->key = cert->file;
	}
}

static void
fill_all(struct reading *reading)
{
	for (int b = BLOCK_TOP; b < BLOCKS; b++)
		if (!schema_blocks[b].is_named)
			fill_block(reading, (enum block)b,
				   b == BLOCK_TOP
				       ? reading->cfg
				       : cfg_getsec(reading->cfg,
						    schema_blocks[b].name),
				   reading->conf);
	fill_upstreams(reading);
	fill_themes(reading);
	fill_sites(reading);
	fill_certs(reading);
}

static void
read_text(struct reading *reading, char *text)
{
	struct conf *conf = reading->conf;

	if (scan_file(text, conf->arena, &reading->blocks, reading->mistakes) !=
	    0)
		return;
	if (confuse_parse(reading, text) == 0) {
		fill_all(reading);
		cross_check(conf, reading->blocks, reading->mistakes);
	}
	cfg_free(reading->cfg);
}

/* The folder that relative paths in the file are taken from. */
static const char *
folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path
		   ? "/"
		   : arena_strndup(arena, path, (size_t)(slash - path));
}

void
file_read(struct conf *conf, const char *path, struct mistakes *mistakes)
{
	struct reading reading = {.conf = conf, .mistakes = mistakes};
	struct buf text;
	struct err err;

	reading.folder = folder_of(conf->arena, path);
	buf_init(&text, FILE_MAX);
	if (read_bytes(path, &text, &err) != 0)
		mistake_tell(mistakes, 0, "%s", err.text);
	else
		read_text(&reading, text.data);
	buf_fini(&text);
}
