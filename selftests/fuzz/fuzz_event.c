// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event decoder: the check that the module and rrctl share, then text and
 * JSON. The input is a byte that says what the events may refer to, then events.
 */
#include <stdlib.h>

#include "../../userland/rrctl/decode.h"
#include "../../kmod/logdev/event_check.h"
#include "fuzz.h"

#define CHECK(x)	do { if (!(x)) abort(); } while (0)

static void decode(const struct rr_log_event *ev, struct rr_tasks *tasks)
{
	struct json_object *json;
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	CHECK(to && !rr_tasks_see(tasks, ev));
	rr_event_text(to, ev, tasks);
	json = rr_event_json(ev, tasks);
	fputs(json_object_to_json_string(json), to);
	json_object_put(json);
	fclose(to);
	rr_fuzz_harmless(text, len);
	free(text);
	rr_fuzz_events++;
}

static void decode_all(const u8 *data, u32 size, const struct rr_event_ctx *ctx)
{
	struct rr_tasks tasks = { 0 };
	struct rr_log_event ev = { .lane = ctx->lane };
	struct rr_reason why;

	while (size >= sizeof(*ev.e)) {
		/* A copy that ends where the event may end at most. */
		void *copy = memcpy(malloc(size), data, size);
		u32 len;

		ev.e = copy;
		why.text[0] = '\0';
		if (rr_event_check(ev.e, size, ctx, &why)) {
			CHECK(why.text[0]);
			free(copy);
			break;
		}
		len = ev.e->len;
		CHECK(len >= sizeof(*ev.e) && len <= size && len % 8 == 0);
		decode(&ev, &tasks);
		free(copy);
		ev.nr++;
		data += len;
		size -= len;
	}
	rr_tasks_free(&tasks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rr_event_ctx ctx;

	if (!size)
		return 0;
	ctx.nr_lanes = 1 + (data[0] & 3);
	ctx.lane = (data[0] >> 2) % ctx.nr_lanes;
	ctx.pageins = data[0] >> 4;
	decode_all(data + 1, size - 1, &ctx);
	return 0;
}
