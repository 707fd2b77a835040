/* The state of a run of npc-train. */
#ifndef CMD_NPC_TRAIN_STATE_H
#define CMD_NPC_TRAIN_STATE_H

#include "comm/comm_internal.h"
#include "recipe.h"
#include "report.h"
#include "train/saved_internal.h"
#include "train/teacher_internal.h"
#include "validating.h"

enum { NOT_KEPT = -1 };

typedef struct Run {
    Options *options;
    Comm *comm;           /* of several processes, or NULL */
    SavedTraining *saved; /* the model to resume from, or NULL */
    Recipe recipe;        /* of that model */
    Graph *net;           /* the net of --init, or NULL */
    Pool *pool;
    Kernels *kernels;
    Training *training;
    Feed feed;
    Report report;
    Progress progress;
    int64_t *label;  /* of the current batch */
    int64_t resumed; /* steps done by earlier runs */
    int signal;      /* that some process had, or 0 */
    int64_t kept;    /* the step that the last checkpoint was written after, or NOT_KEPT */
    Validating validating;
    int rewinds; /* after divergences, and "from:to,..." of each */
    char rewound[RECIPE_VALUE];
    char data[FEED_PRINT];  /* the fingerprint of the data */
    Teacher teacher;        /* zeroed where there is none */
    float *target;          /* its embeddings of a batch, or NULL */
    char teacher_print[16]; /* its fingerprint, or "none" */
    bool other_data;        /* than those the model was trained on */
    bool total_given;       /* not counted from the batches */
    bool went_back;         /* in this run: what it resumes from is not what it was */
    bool left_out;          /* a batch was, and that was reported */
} Run;

#endif
