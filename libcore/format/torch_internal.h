/* PyTorch's checkpoints: what torch.save() writes, a ZIP of a pickle and raw numbers, or, before
 * PyTorch 1.6, pickles and raw numbers back to back.
 *
 * A checkpoint is anything around one or more state_dicts, dictionaries from names to tensors,
 * which are found here wherever they lie; optimisers are passed over. Views of storages, however
 * offset, transposed or shared, become tensors of their own. The pickle is read by a closed list of
 * names (pickle_names.c), nothing in it is called. Memory is bounded by the size of the file. */
#ifndef FORMAT_TORCH_INTERNAL_H
#define FORMAT_TORCH_INTERNAL_H

#include "stream/frame.h"

typedef struct TorchFile TorchFile;

enum { TORCH_ENTRIES = 16, TORCH_ENTRY = 128 };

/* Whether a file that begins so may be one: a ZIP, or a pickle. */
bool torchfile_known(const uint8_t *bytes, size_t size);

/* The bytes must outlive the file. What is a ZIP or a pickle and no checkpoint with a state_dict is
 * said to be what it is, and what to do. NULL on failure; messages do not name the file. */
TorchFile *torchfile_open(const uint8_t *bytes, size_t size, Err *err);
void torchfile_close(TorchFile *file); /* NULL is fine */

/* The state_dicts, in the order of the file, at least one, and the keys under which they lie:
 * "state_dict", or "model.backbone", or "" for one that is all there is. */
int torchfile_entries(const TorchFile *file);
const char *torchfile_entry(const TorchFile *file, int entry);
int torchfile_tensors(const TorchFile *file, int entry);

/* The names and shapes of a state_dict in a zeroed frame, with no data. */
int torchfile_outline(Frame *frame, const TorchFile *file, int entry, Err *err);

/* The tensors in a zeroed frame, which the caller releases, also on failure. F16, BF16 and F64
 * become F32, other types stay as they are. */
int torchfile_read(Frame *frame, const TorchFile *file, int entry, Err *err);

#endif
