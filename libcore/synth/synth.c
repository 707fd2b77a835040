#include "synth/synth_internal.h"

#include <stdlib.h>

#include "synth/camera_internal.h"
#include "synth/express_internal.h"
#include "synth/picture_internal.h"
#include "synth/shade_internal.h"
#include "synth/skin_internal.h"
#include "synth/skull_internal.h"
#include "synth/trace_internal.h"

struct Synth {
    SynthConfig config;
    Grid grid;
    Trace trace;
    Atlas rest, face; /* the person's head, and as it is on the picture */
    int64_t person;   /* whose head rest is; -1 nobody's */
    Identity identity;
    float *light[3]; /* [size,size] each */
    float *scratch;  /* 2 rows and their borders */
};

Synth *synth_new(const SynthConfig *config, Err *err)
{
    if (config->size < SYNTH_SMALLEST || config->size > SYNTH_LARGEST) {
        err_set(err, "faces of %d pixels: must be %d to %d", config->size, SYNTH_SMALLEST,
                SYNTH_LARGEST);
        return NULL;
    }
    size_t size = (size_t)config->size, pixels = size * size;
    Synth *synth = calloc(1, sizeof *synth);
    float *planes = calloc(3 * pixels + 2 * (size + 2), sizeof *planes);
    if (synth == NULL || planes == NULL) {
        free(synth);
        free(planes);
        err_memory(err, "a face", 3 * pixels * sizeof *planes);
        return NULL;
    }
    synth->config = *config;
    synth->person = -1;
    for (size_t k = 0; k < 3; k++)
        synth->light[k] = planes + k * pixels;
    synth->scratch = planes + 3 * pixels;
    float texels = (float)config->size * (config->photo ? .21f : .28f);
    if (trace_init(&synth->trace, config->size, err) != 0 ||
        grid_init(&synth->grid, texels, err) != 0 ||
        atlas_init(&synth->rest, &synth->grid, err) != 0 ||
        atlas_init(&synth->face, &synth->grid, err) != 0) {
        synth_free(synth);
        return NULL;
    }
    return synth;
}

void synth_free(Synth *synth)
{
    if (synth == NULL)
        return;
    atlas_release(&synth->rest);
    atlas_release(&synth->face);
    grid_release(&synth->grid);
    trace_release(&synth->trace);
    free(synth->light[0]);
    free(synth);
}

static void draw_person(Synth *synth, int64_t person)
{
    Identity *id = &synth->identity;
    identity_draw(id, synth->config.seed, person, synth->config.hardness);
    skull_shape(&synth->rest, id);
    skin_paint(&synth->rest, id);
    hair_paint(&synth->rest, id);
    synth->person = person;
}

static void draw_picture(Synth *synth, uint8_t *image, const Camera *camera, const View *view)
{
    int size = synth->config.size;
    float *const *light = synth->light;
    for (int y = 0; y < size; y++) {
        float *red = light[0] + y * size, *green = light[1] + y * size, *blue = light[2] + y * size;
        int left, right;
        trace_hidden(&left, &right, &synth->trace, y);
        picture_back(red, green, blue, 0, left, y, camera, view);
        picture_back(red, green, blue, right, size, y, camera, view);
        trace_draw(red, green, blue, y, &synth->trace, &synth->face);
        if (view->bar)
            picture_bar(red, green, blue, size, y, view);
    }
    for (int k = 0; k < 3; k++)
        picture_blur(light[k], synth->scratch, size, view->blur * (float)size / 112);
    for (int y = 0; y < size; y++)
        picture_develop(image + (size_t)(3 * y) * (size_t)size, light[0] + y * size,
                        light[1] + y * size, light[2] + y * size, size, y, view);
}

void synth_face(Synth *synth, uint8_t *image, float landmarks[10], int64_t person, int64_t picture)
{
    const Identity *id = &synth->identity;
    const SynthConfig *config = &synth->config;
    Atlas *face = &synth->face;
    View view;
    Camera camera;
    float marks[5][2], points[5][3];
    if (synth->person != person)
        draw_person(synth, person);
    view_draw(&view, config->seed, person, picture, config->hardness);
    express_face(face, &synth->rest, id, &view);
    express_landmarks(marks, id, &view);
    for (int i = 0; i < 5; i++)
        atlas_point(points[i], face, marks[i][0], marks[i][1]);
    express_eyes(face, id, &view);
    express_mouth(face, id, &view);
    express_wear(face, id, &view);
    camera_place(&camera, landmarks, points, &view, config->size, config->photo);
    trace_head(&synth->trace, &camera, face);
    shade_head(face, trace_box(&synth->trace, face), &view, camera.turn);
    draw_picture(synth, image, &camera, &view);
}
