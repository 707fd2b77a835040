#include "identify/gallery_sizes_internal.h"

#include <stdlib.h>

#include "base/rng_internal.h"
#include "base/sort_internal.h"

enum { FIRST = 10 };

/* Who is enrolled when. */
typedef struct Order {
    int64_t *person; /* [people], ascending */
    int64_t *place;  /* [people], when they are enrolled, from 0 */
    int64_t people;
} Order;

static int compare_labels(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int order_init(Order *o, const Subjects *s, RowSpan gallery, uint64_t seed, Err *err)
{
    *o = (Order){.person = malloc((size_t)gallery.n * sizeof *o->person + 1),
                 .place = malloc((size_t)gallery.n * sizeof *o->place + 1)};
    if (o->person == NULL || o->place == NULL)
        return err_memory(err, "people", (size_t)gallery.n * sizeof *o->person);
    for (int64_t i = 0; i < gallery.n; i++)
        o->person[i] = s->subject[gallery.row[i]];
    sort_array(o->person, (size_t)gallery.n, sizeof *o->person, compare_labels);
    for (int64_t i = 0; i < gallery.n; i++)
        if (i == 0 || o->person[i] != o->person[i - 1])
            o->person[o->people++] = o->person[i];
    for (int64_t i = 0; i < o->people; i++)
        o->place[i] = (int64_t)rng_permute(seed, 0, (uint64_t)o->people, (uint64_t)i);
    return 0;
}

/* When that person is enrolled, -1: never. */
static int64_t place_of(const Order *o, int64_t person)
{
    const int64_t *at =
        bsearch(&person, o->person, (size_t)o->people, sizeof person, compare_labels);
    return at != NULL ? o->place[at - o->person] : -1;
}

/* Of rows those of people enrolled before `people`, and of nobody there if `others`. */
static RowSpan among(int64_t *row, const Order *o, const Subjects *s, RowSpan rows, int64_t people,
                     bool others)
{
    int64_t n = 0;
    for (int64_t i = 0; i < rows.n; i++) {
        int64_t place = place_of(o, s->subject[rows.row[i]]);
        if (place >= 0 ? place < people : others)
            row[n++] = rows.row[i];
    }
    return (RowSpan){row, n};
}

/* The next of 1, 2, 5, 10, 20 ... times FIRST. */
static int64_t next_size(int64_t size)
{
    int64_t power = FIRST;
    while (power * 10 <= size)
        power *= 10;
    return size < 2 * power ? 2 * power : size < 5 * power ? 5 * power : 10 * power;
}

int gallery_sizes_measure(GallerySize *size, const IdentificationAsk *ask, const Subjects *subjects,
                          RowSpan gallery, RowSpan probes, uint64_t seed, Pool *pool, Err *err)
{
    Order order;
    int n = 0;
    int64_t *row = malloc((size_t)(gallery.n + probes.n) * sizeof *row + 1);
    int rc = order_init(&order, subjects, gallery, seed, err);
    if (rc == 0 && row == NULL)
        rc = err_memory(err, "rows", (size_t)(gallery.n + probes.n) * sizeof *row);
    for (int64_t people = FIRST; rc == 0; people = next_size(people)) {
        size[n].people = people < order.people ? people : order.people;
        RowSpan enrolled = among(row, &order, subjects, gallery, size[n].people, false);
        RowSpan searched = among(row + gallery.n, &order, subjects, probes, size[n].people, true);
        if (searched.n > 0)
            rc = identification_measure(&size[n++].found, NULL, ask, subjects, enrolled, searched,
                                        pool, err);
        if (people >= order.people)
            break;
    }
    free(row);
    free(order.person);
    free(order.place);
    return rc == 0 ? n : -1;
}
