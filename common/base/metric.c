/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metric.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

#include "base/clock.h"

/* Cells of a slab: 128 KiB of address space a worker, of which only touched pages are memory. */
enum { CELLS_A_SLAB = 16384, METRICS_MAX = 512 };

/* Upper bounds of a histogram's buckets in microseconds. Its cells are these, all notes, their sum.
 */
static const int64_t bounds_us[] = {100,     250,     500,     1000,    2500,   5000,
				    10000,   25000,   50000,   100000,  250000, 500000,
				    1000000, 2500000, 5000000, 10000000};
enum {
	N_BOUNDS = sizeof bounds_us / sizeof bounds_us[0],
	CELL_COUNT = N_BOUNDS,
	CELL_SUM,
	CELLS_OF_HISTOGRAM,
};

static const char *const kind_names[] = {"counter", "histogram"};

/* One process registers; the workers inherit this and only change `own`. */
static struct {
	int64_t *slabs; /* shared; NULL until opened */
	size_t n_slabs;
	int64_t *own; /* this process's slab: the last one is the parent's */
	uint32_t n_cells;
	struct metric *metrics[METRICS_MAX];
	size_t n_metrics;
} region;

static uint32_t
cell_count(const struct metric *metric)
{
	if (metric->kind == METRIC_HISTOGRAM)
		return CELLS_OF_HISTOGRAM;
	return metric->rows ? metric->n_rows : 1;
}

int
metric_open(unsigned n_workers)
{
	size_t n_slabs = (size_t)n_workers + 1;
	int64_t *slabs =
	    mmap(NULL, n_slabs * CELLS_A_SLAB * sizeof(int64_t), PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (slabs == MAP_FAILED)
		return -errno;
	region.slabs = slabs;
	region.n_slabs = n_slabs;
	region.own = slabs + n_workers * (size_t)CELLS_A_SLAB;
	region.n_cells = 1; /* cell 0 means: not registered */
	return 0;
}

int
metric_register(struct metric *metrics, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t n_cells = cell_count(&metrics[i]);

		if (region.n_metrics == METRICS_MAX || n_cells > CELLS_A_SLAB - region.n_cells)
			return -ENOSPC;
		region.metrics[region.n_metrics++] = &metrics[i];
		metrics[i].cell = region.n_cells;
		region.n_cells += n_cells;
	}
	return 0;
}

void
metric_become_worker(unsigned worker)
{
	region.own = region.slabs + worker * (size_t)CELLS_A_SLAB;
}

/* Only this process writes the cell, others may read it: no locked instruction is needed. */
void
metric_add_row(const struct metric *metric, uint32_t row, int64_t amount)
{
	int64_t *at;

	if (metric->cell == 0 || row >= cell_count(metric))
		return;
	at = region.own + metric->cell + row;
	__atomic_store_n(at, *at + amount, __ATOMIC_RELAXED);
}

void
metric_add(const struct metric *metric, int64_t amount)
{
	metric_add_row(metric, 0, amount);
}

void
metric_observe_us(const struct metric *metric, int64_t us)
{
	uint32_t bucket = 0;

	while (bucket < N_BOUNDS && us > bounds_us[bucket])
		bucket++;
	if (bucket < N_BOUNDS)
		metric_add_row(metric, bucket, 1);
	metric_add_row(metric, CELL_COUNT, 1);
	metric_add_row(metric, CELL_SUM, us);
}

/* Of one cell, over all slabs. */
static int64_t
sum(const struct metric *metric, uint32_t cell)
{
	const int64_t *at = region.slabs + metric->cell + cell;
	int64_t total = 0;

	for (size_t i = 0; i < region.n_slabs; i++, at += CELLS_A_SLAB)
		total += __atomic_load_n(at, __ATOMIC_RELAXED);
	return total;
}

static void
print_rows(struct buf *out, const struct metric *metric)
{
	for (uint32_t row = 0; row < cell_count(metric); row++) {
		buf_printf(out, "minzheng_%s", metric->name);
		if (metric->rows)
			buf_printf(out, "{%s}", metric->rows[row]);
		buf_printf(out, " %" PRId64 "\n", sum(metric, row));
	}
}

/* Prometheus buckets are cumulative; ours are not, so that noting touches one of them only. */
static void
print_histogram(struct buf *out, const struct metric *metric)
{
	int64_t cumulative = 0, count = sum(metric, CELL_COUNT);

	for (uint32_t i = 0; i < N_BOUNDS; i++) {
		cumulative += sum(metric, i);
		buf_printf(out, "minzheng_%s_bucket{le=\"%.6f\"} %" PRId64 "\n", metric->name,
			   (double)bounds_us[i] / CLOCK_US_PER_SECOND, cumulative);
	}
	buf_printf(out, "minzheng_%s_bucket{le=\"+Inf\"} %" PRId64 "\n", metric->name, count);
	buf_printf(out, "minzheng_%s_sum %.6f\n", metric->name,
		   (double)sum(metric, CELL_SUM) / CLOCK_US_PER_SECOND);
	buf_printf(out, "minzheng_%s_count %" PRId64 "\n", metric->name, count);
}

void
metric_print(struct buf *out)
{
	for (size_t i = 0; i < region.n_metrics; i++) {
		const struct metric *metric = region.metrics[i];

		buf_printf(out, "# HELP minzheng_%s %s\n# TYPE minzheng_%s %s\n", metric->name,
			   metric->help, metric->name, kind_names[metric->kind]);
		if (metric->kind == METRIC_HISTOGRAM)
			print_histogram(out, metric);
		else
			print_rows(out, metric);
	}
}
