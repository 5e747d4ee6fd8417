/* theme/program.c - how a program grows while a theme is compiled */
#include "theme/program.h"

#include <string.h>

#include "dom/sieve.h"
#include "theme/pattern.h"

struct label_use {
	uint32_t op;
	struct label_use *next;
};

/* Room for one more in an array of the program. */
#define GROW(p, list)                                                          \
	((p)->list = grow((p)->arena, (p)->list, (p)->list##_count,            \
	     &(p)->list##_room, sizeof(*(p)->list)))

static void *
grow(struct arena *arena, void *list, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return list;
	must(count < UINT32_MAX / 2);
	*room = *room ? 2 * *room : 32;
	more = arena_get(arena, *room * size);
	if (count)
		memcpy(more, list, count * size);
	return more;
}

struct program *
program_new(struct arena *arena, bool compat)
{
	struct program *program = arena_get(arena, sizeof(*program));

	program->arena = arena;
	program->compat = compat;
	buf_init(&program->text, PROGRAM_TEXT_MAX);
	GROW(program, documents);
	program->documents[program->documents_count++] = NULL;
	return program;
}

void
program_fini(struct program *program)
{
	buf_fini(&program->text);
	sieve_free(&program->sieve);
}

void
program_ready(struct program *program)
{
	program->sieve = sieve_new();
	for (size_t i = 0; i < program->exprs_count; i++) {
		struct expr *expr = &program->exprs[i];

		if (!expr->is_path && expr->is_absolute && !expr->document &&
		    !expr->needs_xslt)
			expr->is_sifted = sieve_add(
			    program->sieve, expr->text, (uint32_t)i);
	}
}

uint32_t
program_op(struct program *program, enum op_kind kind, uint32_t a, uint32_t b)
{
	struct op op = {(uint8_t)kind, 0, a, b};

	GROW(program, ops);
	program->ops[program->ops_count] = op;
	return (uint32_t)program->ops_count++;
}

void
program_text(struct program *program, size_t from)
{
	struct op *last =
	    program->ops_count ? &program->ops[program->ops_count - 1] : NULL;
	size_t len = program->text.len - from;

	if (len == 0)
		return;
	if (last && last->kind == OP_TEXT &&
	    program->ops_count > program->barrier && last->a + last->b == from)
		last->b += (uint32_t)len;
	else
		program_op(program, OP_TEXT, (uint32_t)from, (uint32_t)len);
}

void
program_puts(struct program *program, const char *text)
{
	size_t from = program->text.len;

	buf_puts(&program->text, text);
	program_text(program, from);
}

uint32_t
program_here(struct program *program)
{
	program->barrier = (uint32_t)program->ops_count;
	return program->barrier;
}

static void
use(struct program *program, struct label *label, uint32_t op)
{
	struct label_use *one = arena_get(program->arena, sizeof(*one));

	one->op = op;
	one->next = label->uses;
	label->uses = one;
}

void
program_jump(struct program *program, struct label *label)
{
	use(program, label, program_op(program, OP_JUMP, 0, 0));
}

void
program_if(struct program *program, uint32_t condition, struct label *label)
{
	if (condition == NO_CONDITION)
		program_jump(program, label);
	else
		use(program, label, program_op(program, OP_IF, 0, condition));
}

void
program_unless(struct program *program, uint32_t condition, struct label *label)
{
	if (condition != NO_CONDITION)
		use(program, label,
		    program_op(program, OP_UNLESS, 0, condition));
}

void
program_land(struct program *program, struct label *label)
{
	uint32_t here;

	if (!label->uses)
		return;
	here = program_here(program);
	for (struct label_use *u = label->uses; u; u = u->next)
		program->ops[u->op].a = here;
	label->uses = NULL;
}

static uint32_t
intern_expr(
    struct program *program, const char *text, bool path, uint32_t document)
{
	struct expr *expr;

	for (size_t i = 0; i < program->exprs_count; i++)
		if (program->exprs[i].is_path == path &&
		    program->exprs[i].document == document &&
		    strcmp(program->exprs[i].text, text) == 0)
			return (uint32_t)i;
	GROW(program, exprs);
	expr = &program->exprs[program->exprs_count];
	expr->text = arena_strdup(program->arena, text);
	expr->is_path = path;
	expr->is_absolute = path || document || pattern_is_absolute(text);
	expr->document = document;
	expr->needs_xslt = !path && pattern_needs_xslt(text);
	return (uint32_t)program->exprs_count++;
}

uint32_t
program_expr(struct program *program, const char *text, bool path)
{
	return intern_expr(program, text, path, 0);
}

static uint32_t
intern_document(struct program *program, const char *href)
{
	if (!href)
		return 0;
	for (size_t i = 1; i < program->documents_count; i++)
		if (strcmp(program->documents[i], href) == 0)
			return (uint32_t)i;
	GROW(program, documents);
	program->documents[program->documents_count] =
	    arena_strdup(program->arena, href);
	return (uint32_t)program->documents_count++;
}

uint32_t
program_expr_of(struct program *program, const char *text, const char *href)
{
	return intern_expr(
	    program, text, false, intern_document(program, href));
}

static bool
same_terms(const struct program *program, const struct condition *known,
    const struct condition_term *terms, size_t count)
{
	if (known->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct condition_term *t =
		    &program->terms[known->first + i];

		if (t->expr != terms[i].expr || t->negate != terms[i].negate)
			return false;
	}
	return true;
}

static uint32_t
intern_condition(
    struct program *program, const struct condition_term *terms, size_t count)
{
	struct condition *condition;

	for (size_t i = 0; i < program->conditions_count; i++)
		if (same_terms(program, &program->conditions[i], terms, count))
			return (uint32_t)i;
	GROW(program, conditions);
	condition = &program->conditions[program->conditions_count];
	condition->first = (uint32_t)program->terms_count;
	condition->count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		GROW(program, terms);
		program->terms[program->terms_count++] = terms[i];
	}
	return (uint32_t)program->conditions_count++;
}

uint32_t
program_condition(struct program *program, const struct terms *terms)
{
	struct condition_term *list;

	if (terms->count == 0)
		return NO_CONDITION;
	list = arena_get(program->arena, terms->count * sizeof(*list));
	for (size_t i = 0; i < terms->count; i++) {
		const struct term *term = terms->list[i];

		list[i].negate = term->negate;
		list[i].expr =
		    program_expr(program, term->text, term->kind == TERM_PATH);
	}
	return intern_condition(program, list, terms->count);
}

uint32_t
program_name(struct program *program, const char *text)
{
	GROW(program, names);
	program->names[program->names_count] =
	    text ? arena_strdup(program->arena, text) : NULL;
	return (uint32_t)program->names_count++;
}

uint32_t
program_attributes(struct program *program, const struct attribute_op *op)
{
	GROW(program, attributes);
	program->attributes[program->attributes_count] = *op;
	return (uint32_t)program->attributes_count++;
}

struct template *
program_template(struct program *program)
{
	GROW(program, templates);
	return &program->templates[program->templates_count++];
}
