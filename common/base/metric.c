/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metric.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

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

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

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
cells_a_row(const struct metric *metric)
{
	return metric->kind == METRIC_HISTOGRAM ? CELLS_OF_HISTOGRAM : 1;
}

static uint32_t
row_count(const struct metric *metric)
{
	return metric->rows ? metric->n_rows : 1;
}

int
metric_open(unsigned n_workers)
{
	size_t n_slabs = (size_t)n_workers + 1, size = n_slabs * CELLS_A_SLAB * sizeof(int64_t);
	int64_t *slabs = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (slabs == MAP_FAILED)
		return -errno;
	if (region.slabs)
		munmap(region.slabs, region.n_slabs * CELLS_A_SLAB * sizeof(int64_t));
	for (size_t i = 0; i < region.n_metrics; i++)
		region.metrics[i]->cell = 0;
	region.slabs = slabs;
	region.n_slabs = n_slabs;
	region.own = slabs + n_workers * (size_t)CELLS_A_SLAB;
	region.n_metrics = 0;
	region.n_cells = 1; /* cell 0 means: not registered */
	return 0;
}

static int
register_one(struct metric *metric)
{
	uint64_t n_cells = (uint64_t)row_count(metric) * cells_a_row(metric);

	if (metric->cell)
		return 0;
	if (region.n_metrics == METRICS_MAX || n_cells > CELLS_A_SLAB - region.n_cells)
		return -ENOSPC;
	region.metrics[region.n_metrics++] = metric;
	metric->cell = region.n_cells;
	region.n_cells += (uint32_t)n_cells;
	return 0;
}

int
metric_register(struct metric *metrics, size_t count)
{
	int r;

	if (!region.slabs) {
		r = metric_open(0);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < count; i++) {
		r = register_one(&metrics[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

void
metric_become_worker(unsigned worker)
{
	region.own = region.slabs + worker * (size_t)CELLS_A_SLAB;
	for (size_t i = 0; i < region.n_metrics; i++) {
		const struct metric *metric = region.metrics[i];

		if (metric->kind == METRIC_GAUGE)
			memset(region.own + metric->cell, 0, row_count(metric) * sizeof(int64_t));
	}
}

/* The row's cells in this process's slab; NULL when there are none. */
static int64_t *
own_cells(const struct metric *metric, uint32_t row)
{
	if (metric->cell == 0 || row >= row_count(metric))
		return NULL;
	return region.own + metric->cell + (size_t)row * cells_a_row(metric);
}

/* Only this process writes the cell, others may read it: no locked instruction is needed. */
static void
add(int64_t *cell, int64_t amount) /* NOLINT(readability-non-const-parameter) */
{
	__atomic_store_n(cell, *cell + amount, __ATOMIC_RELAXED);
}

void
metric_add_row(const struct metric *metric, uint32_t row, int64_t amount)
{
	int64_t *cell = own_cells(metric, row);

	if (cell)
		add(cell, amount);
}

void
metric_add(const struct metric *metric, int64_t amount)
{
	metric_add_row(metric, 0, amount);
}

void
metric_set(const struct metric *metric, int64_t value)
{
	int64_t *cell = own_cells(metric, 0);

	if (cell)
		__atomic_store_n(cell, value, __ATOMIC_RELAXED);
}

void
metric_observe_row_us(const struct metric *metric, uint32_t row, int64_t us)
{
	int64_t *cells = own_cells(metric, row);
	int bucket = 0;

	if (!cells)
		return;
	while (bucket < N_BOUNDS && us > bounds_us[bucket])
		bucket++;
	if (bucket < N_BOUNDS)
		add(&cells[bucket], 1);
	add(&cells[CELL_COUNT], 1);
	add(&cells[CELL_SUM], us);
}

void
metric_observe_us(const struct metric *metric, int64_t us)
{
	metric_observe_row_us(metric, 0, us);
}

/* Of one cell, over all slabs. */
static int64_t
sum(size_t cell)
{
	int64_t total = 0;

	for (size_t i = 0; i < region.n_slabs; i++)
		total += __atomic_load_n(&region.slabs[i * CELLS_A_SLAB + cell], __ATOMIC_RELAXED);
	return total;
}

int64_t
metric_value_row(const struct metric *metric, uint32_t row)
{
	size_t cell = metric->cell + (size_t)row * cells_a_row(metric);

	if (metric->cell == 0 || row >= row_count(metric))
		return 0;
	return sum(metric->kind == METRIC_HISTOGRAM ? cell + CELL_COUNT : cell);
}

int64_t
metric_value(const struct metric *metric)
{
	return metric_value_row(metric, 0);
}

static void
print_seconds(struct buf *out, int64_t us)
{
	buf_printf(out, "%" PRId64 ".%06" PRId64, us / 1000000, us % 1000000);
}

/* Prometheus buckets are cumulative; ours are not, so that noting touches one of them only. */
static void
print_histogram(struct buf *out, const struct metric *metric, const char *labels, size_t cell)
{
	const char *comma = *labels ? "," : "", *open = *labels ? "{" : "",
		   *close = *labels ? "}" : "";
	int64_t cumulative = 0, count = sum(cell + CELL_COUNT);

	for (int i = 0; i < N_BOUNDS; i++) {
		cumulative += sum(cell + (size_t)i);
		buf_printf(out, "minzheng_%s_bucket{%s%sle=\"", metric->name, labels, comma);
		print_seconds(out, bounds_us[i]);
		buf_printf(out, "\"} %" PRId64 "\n", cumulative);
	}
	buf_printf(out, "minzheng_%s_bucket{%s%sle=\"+Inf\"} %" PRId64 "\n", metric->name, labels,
		   comma, count);
	buf_printf(out, "minzheng_%s_sum%s%s%s ", metric->name, open, labels, close);
	print_seconds(out, sum(cell + CELL_SUM));
	buf_printf(out, "\nminzheng_%s_count%s%s%s %" PRId64 "\n", metric->name, open, labels,
		   close, count);
}

static void
print_row(struct buf *out, const struct metric *metric, uint32_t row)
{
	const char *labels = metric->rows ? metric->rows[row] : "";
	bool labelled = *labels;

	if (metric->kind == METRIC_HISTOGRAM) {
		print_histogram(out, metric, labels,
				metric->cell + (size_t)row * CELLS_OF_HISTOGRAM);
		return;
	}
	buf_printf(out, "minzheng_%s%s%s%s %" PRId64 "\n", metric->name, labelled ? "{" : "",
		   labels, labelled ? "}" : "", metric_value_row(metric, row));
}

void
metric_print(struct buf *out)
{
	for (size_t i = 0; i < region.n_metrics; i++) {
		const struct metric *metric = region.metrics[i];

		buf_printf(out, "# HELP minzheng_%s %s\n# TYPE minzheng_%s %s\n", metric->name,
			   metric->help, metric->name, kind_names[metric->kind]);
		for (uint32_t row = 0; row < row_count(metric); row++)
			print_row(out, metric, row);
	}
}
