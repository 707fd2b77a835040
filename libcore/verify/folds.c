#include "verify/folds_internal.h"

#include <math.h>

Accuracy folds_mean(const FoldAccuracy *fold, int folds, int ddof)
{
    Accuracy a = {0, NAN, NAN};
    double sum = 0, squares = 0;
    for (int k = 0; k < folds; k++)
        if (!isnan(fold[k].accuracy)) {
            sum += fold[k].accuracy;
            a.folds++;
        }
    if (a.folds == 0)
        return a;
    a.mean = sum / a.folds;
    for (int k = 0; k < folds; k++)
        if (!isnan(fold[k].accuracy))
            squares += (fold[k].accuracy - a.mean) * (fold[k].accuracy - a.mean);
    if (a.folds > ddof)
        a.spread = sqrt(squares / (a.folds - ddof));
    return a;
}
