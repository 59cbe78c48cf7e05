/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The annual summary. Every service offers figures and sentences; here they are put together,
 * printed, and held against the text that the bureau has published. Nothing of any business line is
 * known here.
 */
#include <stdlib.h>
#include <string.h>

#include "match.h"
#include "minzheng/report/v1/report.pb-c.h"
#include "report/facts.pb-c.h"
#include "svc/method.h"
#include "template.h"

/* A figure with its definition. */
struct known_figure {
	const Indicator *indicator;
	const Figure *figure;
};

static struct known_figure
find_figure(const GetSummaryFacts *facts, const char *id, size_t length)
{
	struct known_figure known = {0};

	for (size_t i = 0; i < facts->n_offers; i++)
		for (size_t j = 0; j < facts->offers[i]->n_indicators; j++) {
			const Indicator *indicator = facts->offers[i]->indicators[j];

			if (strlen(indicator->id) == length &&
			    memcmp(indicator->id, id, length) == 0)
				known.indicator = indicator;
		}
	for (size_t i = 0; i < facts->n_figures; i++)
		for (size_t j = 0; j < facts->figures[i]->n_figures; j++) {
			const Figure *figure = facts->figures[i]->figures[j];

			if (strlen(figure->id) == length && memcmp(figure->id, id, length) == 0)
				known.figure = figure;
		}
	return known;
}

static SummaryFigure *
add_figure(struct svc_call *c, SummarySection *section, const struct known_figure *known,
	   const char *printed)
{
	SummaryFigure *out = SVC_ADD(c, section, figures, summary_figure);
	const GetSummaryRequest *req = c->request;

	out->id = known->indicator->id;
	if (known->figure->_denominator_case == FIGURE___DENOMINATOR_DENOMINATOR) {
		out->_numerator_case = SUMMARY_FIGURE___NUMERATOR_NUMERATOR;
		out->numerator = known->figure->numerator;
		out->_denominator_case = SUMMARY_FIGURE___DENOMINATOR_DENOMINATOR;
		out->denominator = known->figure->denominator;
	} else {
		out->_value_case = SUMMARY_FIGURE___VALUE_VALUE;
		out->value = known->figure->value;
	}
	out->unit = known->indicator->unit;
	out->printed = svc_copy_text(c, printed);
	out->definition = known->indicator->definition;
	out->basis =
	    svc_copy_text(c, protobuf_c_enum_descriptor_get_value(&indicator__basis__descriptor,
								  (int)known->indicator->basis)
				 ->name);
	if (known->indicator->basis == INDICATOR__BASIS__STOCK)
		out->as_of = req->to;
	out->records = known->figure->records;
	out->note = known->indicator->note;
	return out;
}

/* What the published text has in the place of the figure before this literal. */
static void
take_published(struct svc_call *c, struct match *match, const struct template_piece *piece,
	       SummaryFigure *before)
{
	const char *text;
	size_t length;

	if (!match_literal(match, piece->literal, piece->literal_length, &text, &length) || !before)
		return;
	before->published = svc_text(c, "%.*s", (int)length, text);
	before->match = strcmp(before->published, before->printed) == 0;
}

/* Prints one sentence; appends to *text. */
static enum rpc_code
add_sentence(struct svc_call *c, SummarySection *section, const Sentence *sentence)
{
	const GetSummaryFacts *facts = c->facts;
	const char *at = sentence->template_;
	SummaryFigure *before = NULL;
	struct template_piece piece;
	enum template_result result;
	struct match match;

	match_begin(&match, facts->published);
	while ((result = template_next(&at, &piece)) == TEMPLATE_PIECE) {
		char printed[TEMPLATE_TEXT_SIZE] = "";
		struct known_figure known = {0};

		take_published(c, &match, &piece, before);
		if (piece.has_place) {
			known = find_figure(facts, piece.id, piece.id_length);
			if (!known.figure || !known.indicator ||
			    !template_print(&piece, known.figure, printed))
				return svc_fail(c, FAILED_PRECONDITION, "NO_FIGURE",
						"句子 %s 需要的指标 %.*s 没有服务提供",
						sentence->id, (int)piece.id_length, piece.id);
			before = add_figure(c, section, &known, printed);
		}
		section->text = svc_text(c, "%s%.*s%s", section->text, (int)piece.literal_length,
					 piece.literal, printed);
	}
	if (result == TEMPLATE_MALFORMED)
		return svc_fail(c, INTERNAL, "BAD_TEMPLATE", "句子 %s 的模板写错了", sentence->id);
	return RPC_OK;
}

struct sentence_item {
	const Sentence *sentence;
};

struct sentence_list {
	struct sentence_item *sentences;
	size_t count;
};

static int
section_of(const Sentence *sentence)
{
	return (int)strtol(sentence->id, NULL, 10); /* "2.10" is of section 2 */
}

/* By section, then by place: "2.9" before "2.10". */
static int
compare_sentences(const void *a, const void *b)
{
	const struct sentence_item *left = a, *right = b;

	return strverscmp(left->sentence->id, right->sentence->id);
}

static struct sentence_list
sorted_sentences(struct svc_call *c)
{
	const GetSummaryFacts *facts = c->facts;
	const GetSummaryRequest *req = c->request;
	struct sentence_list list = {0};

	for (size_t i = 0; i < facts->n_offers; i++)
		list.count += facts->offers[i]->n_sentences;
	list.sentences = svc_alloc(c, (list.count + 1) * sizeof *list.sentences);
	list.count = 0;
	for (size_t i = 0; i < facts->n_offers; i++)
		for (size_t j = 0; j < facts->offers[i]->n_sentences; j++) {
			const Sentence *sentence = facts->offers[i]->sentences[j];

			if (!req->section || section_of(sentence) == req->section)
				list.sentences[list.count++].sentence = sentence;
		}
	qsort(list.sentences, list.count, sizeof *list.sentences, compare_sentences);
	return list;
}

static bool
all_match(const Summary *summary)
{
	for (size_t i = 0; i < summary->n_sections; i++)
		for (size_t j = 0; j < summary->sections[i]->n_figures; j++) {
			const SummaryFigure *figure = summary->sections[i]->figures[j];

			if (!figure->match && !figure->note[0])
				return false;
		}
	return true;
}

/* A period of which nothing has been loaded: its sentences are all 0 and —. */
static bool
is_empty(const Summary *summary)
{
	for (size_t i = 0; i < summary->n_sections; i++)
		for (size_t j = 0; j < summary->sections[i]->n_figures; j++)
			if (summary->sections[i]->figures[j]->records > 0)
				return false;
	return summary->n_sections > 0;
}

static enum rpc_code
get_summary(struct svc_call *c)
{
	const GetSummaryRequest *req = c->request;
	GetSummaryEffects *out = c->effects;
	struct sentence_list list = sorted_sentences(c);
	SummarySection *section = NULL;

	out->reply = svc_message(c, &summary__descriptor);
	out->reply->year = req->from->year;
	out->reply->made_at = svc_instant(c, c->now);
	for (size_t i = 0; i < list.count; i++) {
		enum rpc_code code;

		if (!section || section->number != section_of(list.sentences[i].sentence)) {
			section = SVC_ADD(c, out->reply, sections, summary_section);
			section->number = section_of(list.sentences[i].sentence);
		}
		code = add_sentence(c, section, list.sentences[i].sentence);
		if (code != RPC_OK)
			return code;
	}
	out->reply->matches = all_match(out->reply);
	if (is_empty(out->reply))
		out->reply->notice = svc_text(
		    c, "%d年没有载入任何记录，没有可以统计的数字；请先导入或办理该年的业务",
		    (int)req->from->year);
	return RPC_OK;
}

static int
count_characters(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += (*text & 0xC0) != 0x80;
	return count;
}

static enum rpc_code
put_published_text(struct svc_call *c)
{
	const PutPublishedTextRequest *req = c->request;
	PutPublishedTextEffects *out = c->effects;

	out->reply = svc_message(c, &published_text__descriptor);
	out->reply->year = req->year;
	out->reply->characters = count_characters(req->text);
	return RPC_OK;
}

const struct svc_decision svc_methods[] = {
    SVC_DECISION(get_summary),
    SVC_DECISION(put_published_text),
    SVC_END,
};
