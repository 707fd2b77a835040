/* InsightFace's verification sets (lfw.bin): the images of pairs and whether each is one person.
 *
 * The file is a Python pickle of (bins, issame_list). It is read by a closed table of the opcodes
 * that occur in such files, of Python 2 and 3, protocols 0 to 5, lists or tuples, images as str,
 * bytes or NumPy arrays of bytes, truths also as one array; any other name is refused,
 * nothing is ever called. Memory is bounded by the size of the file and by PICKLE_MAX
 * objects. */
#ifndef FORMAT_VERIFICATION_INTERNAL_H
#define FORMAT_VERIFICATION_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct VerificationImage {
    const uint8_t *bytes; /* an image file */
    size_t size;
    size_t offset; /* of the opcode that made it */
} VerificationImage;

typedef struct VerificationSet {
    VerificationImage *image; /* [2 * pairs]: 2 k and 2 k + 1 are pair k */
    bool *same;               /* [pairs] */
    int64_t pairs;
    struct Pickle *pickle; /* what images may lie in */
} VerificationSet;

/* Whether a file that begins so may be one: 3 bytes tell. */
bool verification_known(const uint8_t *bytes, size_t size);

/* The bytes must outlive the set. Messages begin with "byte N: " and do not name the file. */
int verification_parse(VerificationSet *set, const uint8_t *bytes, size_t size, Err *err);
void verification_release(VerificationSet *set); /* safe on a zeroed one */

/* The name under which image i becomes a face: STEM_0001.jpg for the first one. */
enum { VERIFICATION_NAME = 300 };
void verification_name(char out[VERIFICATION_NAME], const char *stem, int64_t i);

/* Writes the pairs as a list of those names, in LFW's form (folds and pairs of a kind a fold, then
 * "STEM 1 2" and "STEM 3 STEM 4") where the order allows it, as that of lfw.bin does, else as
 * build_eval_pack.py's "NAME NAME 1". *folds is 0 then. */
int verification_write_pairs(const VerificationSet *set, const char *stem, const char *file,
                             int64_t *folds, Err *err);

#endif
