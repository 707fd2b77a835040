#include "stream-cat/trim.h"

#include <stdlib.h>
#include <string.h>

/* Is `name` one of the comma-separated `list`, itself or (ends of a ragged column) by its stem? */
static bool listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    size_t stem = length > 4 && strcmp(name + length - 4, "_end") == 0 ? length - 4 : length;
    while (*list != '\0') {
        size_t item = strcspn(list, ",");
        if ((item == length || item == stem) && memcmp(list, name, item) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

static int check_selected(const Frame *frame, const char *list, Err *err)
{
    char name[256];
    do {
        size_t item = strcspn(list, ",");
        size_t length = item < sizeof name ? item : sizeof name - 1;
        memcpy(name, list, length);
        name[length] = '\0';
        if (frame_find(frame, name) == NULL)
            return err_set(err, "there is no tensor '%s' to select", name);
        list += item + (list[item] == ',');
    } while (*list != '\0');
    return 0;
}

int trim_columns(Frame *frame, const char *list, Err *err)
{
    size_t kept = 0;
    if (frame->tensors == 0)
        return 0;
    if (check_selected(frame, list, err) != 0)
        return -1;
    for (size_t i = 0; i < frame->tensors; i++) {
        if (listed(list, frame->tensor[i].name)) {
            frame->tensor[kept++] = frame->tensor[i];
            continue;
        }
        free(frame->tensor[i].name);
        if (frame->tensor[i].owned) /* otherwise the data lie in the frame's block */
            free(frame->tensor[i].data);
    }
    frame->tensors = kept;
    return 0;
}

static void cut_tensor(Tensor *tensor, int64_t n)
{
    size_t row = tensor->shape[0] > 0 ? tensor->bytes / (size_t)tensor->shape[0] : 0;
    tensor->bytes = (size_t)n * row;
    tensor->shape[0] = n;
}

void trim_rows(Frame *frame, const Rows *rows, int64_t n)
{
    for (size_t i = 0; i < frame->tensors; i++) {
        const Column *column = rows_find(rows, frame->tensor[i].name);
        size_t size = 0, before = 0;
        if (column != NULL && column->ragged && n > 0)
            before = (size_t)(column_row(column, n - 1, &size) - column->data);
        cut_tensor(&frame->tensor[i],
                   column != NULL && column->ragged ? (int64_t)(before + size) : n);
    }
}
