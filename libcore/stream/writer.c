#include "stream/writer.h"

#include <stdlib.h>
#include <string.h>

int writer_open(StreamWriter *writer, const char *path, const char *by, Err *err)
{
    *writer = (StreamWriter){0};
    if (out_is_terminal(path))
        return err_set(err, "will not write a binary stream to a terminal: use -o FILE or a pipe");
    writer->by = strdup(by);
    if (writer->by == NULL)
        return err_memory(err, "provenance", strlen(by));
    if (out_open(&writer->out, path, err) == 0)
        return 0;
    writer_abort(writer);
    return -1;
}

int writer_put(StreamWriter *writer, Frame *frame, bool last, Err *err)
{
    size_t size;
    if (!writer->begun && writer->by[0] != '\0' &&
        frame_set_meta(frame, "by", writer->by, err) != 0)
        return -1;
    char *header = frame_header(frame, last, &size, err);
    if (header == NULL)
        return -1;
    int rc = out_write(&writer->out, header, size, err);
    free(header);
    for (size_t i = 0; rc == 0 && i < frame->tensors; i++)
        rc = out_write(&writer->out, frame->tensor[i].data, frame->tensor[i].bytes, err);
    if (rc == 0 && writer->out.direct && fflush(writer->out.f) != 0)
        rc = err_errno(err, "cannot write %s", writer->out.path);
    writer->begun = true;
    writer->ended = last;
    return rc;
}

int writer_close(StreamWriter *writer, Err *err)
{
    int rc = 0;
    if (!writer->ended) {
        Frame end = {0};
        rc = writer_put(writer, &end, true, err);
        frame_release(&end);
    }
    if (rc == 0)
        rc = out_commit(&writer->out, err);
    writer_abort(writer);
    return rc;
}

void writer_abort(StreamWriter *writer)
{
    out_abort(&writer->out);
    free(writer->by);
    *writer = (StreamWriter){0};
}

int writer_write(const char *path, const char *by, Frame *frame, Err *err)
{
    StreamWriter writer = {0};
    int rc = writer_open(&writer, path, by, err);
    if (rc == 0)
        rc = writer_put(&writer, frame, true, err);
    if (rc == 0)
        rc = writer_close(&writer, err);
    writer_abort(&writer);
    return rc;
}
