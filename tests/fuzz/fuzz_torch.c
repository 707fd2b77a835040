/* PyTorch's checkpoints, of both forms, mutated: nothing may crash, hang, or ask for much memory.
 */
#include "../unit/torch_seed.h"
#include "base/out.h"
#include "format/torch_internal.h"
#include "format/zip_internal.h"
#include "model/net.h"
#include "mutate.h"

/* Sanitizers stop the program when it asks for more than this at once. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_allocation_size_mb=64";
}

static void member(ZipWriter *zip, const char *name, const void *bytes, size_t size)
{
    Err err = {0};
    if (zip_begin(zip, name, 0, &err) != 0 || zip_write(zip, bytes, size, &err) != 0 ||
        zip_end(zip, "", &err) != 0)
        exit(1);
}

static Blob make_zip(void)
{
    char path[] = "/tmp/fuzz.XXXXXX";
    Blob seed = {malloc(MUTANT_ROOM), 0};
    Err err = {0};
    Out out;
    close(mkstemp(path));
    if (seed.at == NULL || out_open(&out, path, &err) != 0)
        exit(1);
    ZipWriter zip = {.out = &out};
    member(&zip, "net/data.pkl", object, sizeof object - 1);
    member(&zip, "net/byteorder", "little", 6);
    member(&zip, "net/data/0", numbers, sizeof numbers);
    member(&zip, "net/data/1", halves, sizeof halves);
    member(&zip, "net/version", "3\n", 2);
    if (zip_finish(&zip, &err) != 0 || out_commit(&out, &err) != 0)
        exit(1);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        exit(1);
    seed.size = fread(seed.at, 1, MUTANT_ROOM, f);
    fclose(f);
    unlink(path);
    return seed;
}

static Blob make_bare(void)
{
    Blob seed = {malloc(MUTANT_ROOM), 0};
    if (seed.at == NULL)
        exit(1);
    seed.size = torch_bare(seed.at, object, sizeof object - 1);
    return seed;
}

static volatile unsigned sum;

static bool read_all(const TorchFile *file, size_t size, Err *err)
{
    size_t bytes = 0;
    for (int i = 0; i < torchfile_entries(file); i++) {
        Frame frame = {0}, outline = {0};
        Err ignored = {0};
        int rc = torchfile_read(&frame, file, i, err);
        int names = torchfile_outline(&outline, file, i, &ignored);
        for (size_t t = 0; rc == 0 && t < frame.tensors; t++)
            for (size_t b = 0; b < frame.tensor[t].bytes; b++, bytes++)
                sum += ((const uint8_t *)frame.tensor[t].data)[b];
        if (rc == 0 && (names != 0 || outline.tensors != frame.tensors))
            abort();
        frame_release(&frame);
        frame_release(&outline);
        if (rc != 0)
            return false;
    }
    if (bytes > TORCH_ENTRIES * (8 * size + (1 << 20)))
        abort();
    return true;
}

static bool try(const char *path, const Blob *input, uint64_t run)
{
    Err err = {0};
    uint8_t *exact = malloc(input->size + 1); /* so that a byte beyond the end is noticed */
    if (exact == NULL)
        exit(1);
    memcpy(exact, input->at, input->size);
    uint8_t *bytes = realloc(exact, input->size > 0 ? input->size : 1);
    TorchFile *file = torchfile_open(bytes, input->size, &err);
    bool sound = file != NULL && read_all(file, input->size, &err);
    if (sound == err_is_set(&err))
        abort();
    torchfile_close(file);
    free(bytes);
    if (run % 256 == 0) {
        const ImportOptions options = {0};
        Err why = {0};
        Graph *graph = net_read(path, &options, &why);
        if (graph != NULL || !err_is_set(&why))
            abort();
    }
    return sound;
}

int main(int argc, char **argv)
{
    Blob seeds[] = {make_bare(), make_zip()};
    for (size_t i = 0; i < 2; i++) {
        Err err = {0};
        TorchFile *file = torchfile_open(seeds[i].at, seeds[i].size, &err);
        if (file == NULL || torchfile_entries(file) != 1 || torchfile_tensors(file, 0) != 3 ||
            !read_all(file, seeds[i].size, &err)) {
            printf("not ok 1 - seed %zu: %s\n1..1\n", i, err.text);
            return 1;
        }
        torchfile_close(file);
    }
    int rc = fuzz("PyTorch's checkpoints", try, seeds, 2, argc, argv);
    free(seeds[0].at);
    free(seeds[1].at);
    return rc;
}
