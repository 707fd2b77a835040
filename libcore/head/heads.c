/* The table of heads. */
#include <string.h>

#include "head/rule_internal.h"

extern const HeadRule head_softmax, head_normface, head_sphereface, head_cosface, head_arcface,
    head_mv_am, head_mv_arc, head_arcnegface, head_curricularface, head_adacos, head_circleloss,
    head_magface, head_adaface, head_adam_softmax, head_npcface, head_center, head_uniformface,
    head_triplet, head_contrastive, head_combined, head_elasticface, head_elasticface_cos,
    head_sphereface_r, head_li_arcface, head_sface, head_uniface, head_sphereface2,
    head_sphereface2_m, head_vpl;

static const HeadRule *const rules[] = {
    &head_softmax,         &head_normface,     &head_sphereface,
    &head_cosface,         &head_arcface,      &head_mv_am,
    &head_mv_arc,          &head_arcnegface,   &head_curricularface,
    &head_adacos,          &head_circleloss,   &head_magface,
    &head_adaface,         &head_adam_softmax, &head_npcface,
    &head_center,          &head_uniformface,  &head_triplet,
    &head_contrastive,     &head_combined,     &head_elasticface,
    &head_elasticface_cos, &head_sphereface_r, &head_li_arcface,
    &head_sface,           &head_uniface,      &head_sphereface2,
    &head_sphereface2_m,   &head_vpl,
};

const HeadRule *head_rule(int i)
{
    return i >= 0 && i < (int)(sizeof rules / sizeof rules[0]) ? rules[i] : NULL;
}

const HeadRule *head_rule_of(const HeadInfo *info)
{
    int i = 0;
    while (&head_rule(i)->info != info)
        i++;
    return head_rule(i);
}

const HeadInfo *head_info(int i)
{
    const HeadRule *rule = head_rule(i);
    return rule == NULL ? NULL : &rule->info;
}

bool head_has_margin(const HeadInfo *info)
{
    return (head_rule_of(info)->margins | head_rule_of(info)->factors) != 0;
}

HeadTraits head_traits(const HeadInfo *info)
{
    const HeadRule *rule = head_rule_of(info);
    bool learned = rule->aux != NULL && strcmp(rule->aux, "margin") == 0;
    return (HeadTraits){.margin = rule->margins != 0 || learned,
                        .angle = rule->angle,
                        .hard = rule->mines,
                        .softmax = !rule->sums && !rule->bare,
                        .pairs = rule->bare};
}
