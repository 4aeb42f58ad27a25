/* Histograms of latencies: as HDR's, 64 steps in each power of two. */
#include "load.h"
#include <stdio.h>

void count(uint32_t *histogram, uint64_t value) {
    int shift = value < 128 ? 0 : 57 - __builtin_clzll(value);
    size_t bucket = (size_t)shift * 64 + (value >> shift);
    histogram[bucket < BUCKETS ? bucket : BUCKETS - 1]++;
}

void print_histogram(const char *name, const uint32_t *histogram) {
    const char *comma = "";
    printf(",\"%s\":[", name);
    for (uint64_t bucket = 0; bucket < BUCKETS; bucket++) {
        uint64_t shift = bucket < 128 ? 0 : bucket / 64 - 1;
        if (!histogram[bucket]) continue;
        printf("%s[%llu,%u]", comma, (unsigned long long)((bucket - shift * 64) << shift), histogram[bucket]);
        comma = ",";
    }
    printf("]");
}
