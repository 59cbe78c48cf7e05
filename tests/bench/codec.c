/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reading and writing messages costs, beside protobuf-c's own functions: nanoseconds of CPU a
 * message, the best of several interleaved rounds. A development tool; `./minzheng bench rpc`
 * measures whole calls.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/wire.h"
#include "unit_schema.h"
#include "json/json_read.h"
#include "json/json_write.h"

enum { ROUNDS = 7, BUDGET = 64 << 20 };

struct sample {
	const char *name;
	const ProtobufCMessageDescriptor *type;
	struct buf bytes, json;
	int loops;
};

struct bench {
	const struct schema *schema;
	struct arena *arena;
	struct buf out;
};

static void
read_ours(struct bench *b, const struct sample *s)
{
	ProtobufCMessage *message;

	if (wire_read(s->type, s->bytes.data, s->bytes.length, b->arena, &message, NULL) !=
	    PROTO_OK)
		abort();
	arena_reset(b->arena);
}

static void
read_theirs(struct bench *b, const struct sample *s)
{
	ProtobufCMessage *message = protobuf_c_message_unpack(s->type, NULL, s->bytes.length,
							      (const uint8_t *)s->bytes.data);

	(void)b;
	protobuf_c_message_free_unpacked(message, NULL);
}

static void
echo_ours(struct bench *b, const struct sample *s)
{
	ProtobufCMessage *message;

	if (wire_read(s->type, s->bytes.data, s->bytes.length, b->arena, &message, NULL) !=
	    PROTO_OK)
		abort();
	buf_clear(&b->out);
	wire_write(message, &b->out);
	arena_reset(b->arena);
}

static void
echo_theirs(struct bench *b, const struct sample *s)
{
	ProtobufCMessage *message = protobuf_c_message_unpack(s->type, NULL, s->bytes.length,
							      (const uint8_t *)s->bytes.data);
	size_t size = protobuf_c_message_get_packed_size(message);

	buf_clear(&b->out);
	protobuf_c_message_pack(message, buf_extend(&b->out, size));
	protobuf_c_message_free_unpacked(message, NULL);
}

static void
echo_json(struct bench *b, const struct sample *s)
{
	ProtobufCMessage *message;

	if (json_read(b->schema, schema_message_of(b->schema, s->type), s->json.data,
		      s->json.length, NULL, b->arena, &message, NULL) != PROTO_OK)
		abort();
	buf_clear(&b->out);
	if (json_write(b->schema, message, NULL, b->arena, &b->out, NULL) != PROTO_OK)
		abort();
	arena_reset(b->arena);
}

static const struct {
	const char *name;
	void (*run)(struct bench *b, const struct sample *s);
} measures[] = {
    {"read", read_ours},
    {"read, protobuf-c", read_theirs},
    {"read and write", echo_ours},
    {"read and write, protobuf-c", echo_theirs},
    {"read and write JSON", echo_json},
};

enum { N_MEASURES = sizeof measures / sizeof *measures };

static double
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
measure(struct bench *b, const struct sample *s)
{
	double best[N_MEASURES];

	for (int round = 0; round < ROUNDS; round++) {
		for (int m = 0; m < N_MEASURES; m++) {
			double start = now_ns(), each;

			for (int i = 0; i < s->loops; i++)
				measures[m].run(b, s);
			each = (now_ns() - start) / s->loops;
			best[m] = round == 0 || each < best[m] ? each : best[m];
		}
	}
	for (int m = 0; m < N_MEASURES; m++)
		printf("%-24s %6zu bytes  %-28s %10.0f ns\n", s->name, s->bytes.length,
		       measures[m].name, best[m]);
}

/* The sample from its JSON. */
static void
add_sample(struct bench *b, const char *name, const ProtobufCMessageDescriptor *type,
	   const char *json, int loops)
{
	struct sample s = {.name = name, .type = type, .loops = loops};
	ProtobufCMessage *message;

	buf_init(&s.json, NULL, BUDGET);
	buf_puts(&s.json, json);
	buf_init(&s.bytes, NULL, BUDGET);
	if (json_read(b->schema, schema_message_of(b->schema, type), json, strlen(json), NULL,
		      b->arena, &message, NULL) != PROTO_OK)
		abort();
	wire_write(message, &s.bytes);
	arena_reset(b->arena);
	measure(b, &s);
	buf_free(&s.json);
	buf_free(&s.bytes);
}

static const char person[] = "{\"id\":\"0191d3a2-4c1e-7b3a-9f00-1234567890ab\",\"name\":\"张三丰\","
			     "\"idNumber\":\"500239199001011234\","
			     "\"phones\":{\"home\":\"02379312345\",\"mobile\":\"13812345678\"},"
			     "\"addresses\":[\"重庆市黔江区城东街道文汇社区3组\"]}";

int
main(void)
{
	struct bench b = {.schema = unit_schema(), .arena = arena_new(BUDGET)};
	struct buf json;
	double start = now_ns();
	struct schema *again;

	if (schema_new(&unit_schema_source, &again) < 0)
		return 1;
	printf("schema of %zu bytes built in %.0f us\n", unit_schema_source.sets[0].size,
	       (now_ns() - start) / 1e3);
	schema_free(again);
	buf_init(&b.out, NULL, BUDGET);
	add_sample(
	    &b, "echo of 100 B", &unit_plain__descriptor,
	    "{\"text\":\"0123456789012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345678901234567\"}",
	    1000000);
	add_sample(&b, "person", &unit_person__descriptor, person, 200000);
	buf_init(&json, NULL, BUDGET);
	buf_puts(&json, "{\"children\":[");
	for (int i = 0; i < 100; i++)
		buf_printf(&json, "%s%s", i ? "," : "", person);
	buf_puts(&json, "]}");
	add_sample(&b, "100 persons", &unit_person__descriptor, json.data, 2000);
	buf_clear(&json);
	buf_puts(&json, "{\"numbers\":[1");
	for (int i = 0; i < 10000; i++)
		buf_printf(&json, ",%d", i * 37);
	buf_puts(&json, "]}");
	add_sample(&b, "10,000 numbers", &unit_kinds__descriptor, json.data, 500);
	buf_free(&json);
	buf_free(&b.out);
	arena_free(b.arena);
	return 0;
}
