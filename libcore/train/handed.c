#include "train/handed_internal.h"

#include <stdlib.h>

/* The 8 bytes of the length before a frame's JSON. */
enum { LENGTH = 8 };

typedef struct Parcel {
    int64_t rc;
    uint64_t header, data;
} Parcel;

static int hand_out(Comm *comm, Frame *frame, int rc, Err *err)
{
    size_t size = 0;
    Parcel parcel = {.rc = rc};
    char *header = rc == 1 ? frame_header(frame, frame->last, &size, err) : NULL;
    if (rc == 1 && header == NULL)
        parcel.rc = -1;
    parcel.header = size;
    for (size_t i = 0; parcel.rc == 1 && i < frame->tensors; i++)
        parcel.data += frame->tensor[i].bytes;
    comm_share(comm, &parcel, sizeof parcel);
    if (parcel.rc == 1)
        comm_share(comm, header, size);
    for (size_t i = 0; parcel.rc == 1 && i < frame->tensors; i++)
        comm_share(comm, frame->tensor[i].data, frame->tensor[i].bytes);
    free(header);
    return (int)parcel.rc;
}

static int take(Comm *comm, Frame *frame, Err *err)
{
    Parcel parcel;
    FrameLayout layout;
    Err inner = {0};
    comm_share(comm, &parcel, sizeof parcel);
    if (parcel.rc == -1)
        return err_set(err, "the first process could not read a batch");
    if (parcel.rc != 1)
        return (int)parcel.rc;
    *frame = (Frame){0};
    char *header = malloc(parcel.header), *block = malloc(parcel.data + 1);
    if (header == NULL || block == NULL) {
        free(header);
        free(block);
        return err_memory(err, "a batch", parcel.data);
    }
    comm_share(comm, header, parcel.header);
    int rc = frame_parse(frame, &layout, header + LENGTH, parcel.header - LENGTH, &inner);
    free(header);
    if (rc != 0 || layout.data_bytes != parcel.data) {
        free(block);
        return err_set(err, "a batch from the first process: %s", inner.text);
    }
    frame->block = block;
    frame_rebase(frame, block);
    for (size_t i = 0; i < frame->tensors; i++)
        comm_share(comm, frame->tensor[i].data, frame->tensor[i].bytes);
    return 1;
}

int handed_frame(Comm *comm, Frame *frame, int rc, Err *err)
{
    if (comm_size(comm) == 1)
        return rc;
    return comm_rank(comm) == 0 ? hand_out(comm, frame, rc, err) : take(comm, frame, err);
}
