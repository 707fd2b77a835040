#include "face-pack/told.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/counted_internal.h"
#include "cli/cli.h"

/* Two sets number their people independently, and may give folders the same names. Shards of
 * WebDataset are one set. */
static int count_person(Told *told, const Photo *photo, Err *err)
{
    char text[24];
    int64_t number;
    const char *before;
    if (photo->label < 0)
        return 0;
    snprintf(text, sizeof text, "%" PRId64, photo->label);
    if (keys_add(&told->people, text, photo->operand, &number, &before, err) != 0)
        return -1;
    bool one_set =
        told->numbered || (photo->form != NULL && strcmp(photo->form, "WebDataset") == 0);
    if (one_set || before == NULL || before[0] == '\0' || strcmp(before, photo->operand) == 0)
        return 0;
    if (told->mixed++ == 0)
        snprintf(told->first, sizeof told->first, "%s, of %.300s and %.300s", text, before,
                 photo->operand);
    told->people.operand[number] = ""; /* counted */
    told->own |= photo->labelled;
    return 0;
}

/* Points outside the picture, as of faces cut by its border, are reported from one face in a
 * hundred on. */
static bool is_told(const Told *told, LandmarkDoubt doubt)
{
    return doubt != LANDMARKS_FINE &&
           (doubt != LANDMARKS_OUTSIDE || told->doubts[doubt] * 100 >= told->faces);
}

int told_take(Told *told, const Photo *photo, const char *path, Err *err)
{
    told->faces++;
    told->doubts[photo->doubt]++;
    if (photo->doubt != LANDMARKS_OUTSIDE && photo->doubt != LANDMARKS_FINE &&
        told->doubts[photo->doubt] == 1)
        cli_warn("%s: the points of %s are %s", told->landmarks, path, landmarks_say(photo->doubt));
    return count_person(told, photo, err);
}

void told_finish(const Told *told, int64_t unnamed)
{
    for (int doubt = 0; doubt < LANDMARKS_DOUBTS; doubt++)
        if (told->doubts[doubt] > 0 && is_told(told, (LandmarkDoubt)doubt))
            cli_warn("%s: the points of %" PRId64 " of %s are %s", told->landmarks,
                     told->doubts[doubt], counted(told->faces, "face", "faces").text,
                     landmarks_say((LandmarkDoubt)doubt));
    if (unnamed > 0)
        cli_warn("%s not in the index beside %s ignored (--reindex makes a new index)",
                 counted(unnamed, "record is", "records are").text,
                 unnamed == 1 ? "it and was" : "them and were");
    if (told->mixed > 0)
        (told->own ? cli_warn : cli_note)(
            "%s in more than one operand and now %s (the first: %s)",
            counted(told->mixed, "label occurs", "labels occur").text,
            told->mixed == 1 ? "means one person" : "mean one person each", told->first);
}

void told_release(Told *told)
{
    keys_release(&told->people);
}
