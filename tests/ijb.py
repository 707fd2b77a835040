"""Writes small files in the form of IJB-C's and what eval-ijb should find, evaluated directly.

usage: ijb.py SEED   in an empty directory: meta, detections, pairs, G1, G2, probe, plain.frame and
mirrored.frame (arguments for frame.pl, one a line), expected and, by that convention, dropped
(switches measure at value, and of TAR the threshold)
"""
import math
import random
import sys

random.seed(int(sys.argv[1]))
D, SUBJECTS = 6, 12


def unit(x):
    length = math.sqrt(sum(a * a for a in x))
    return [a / length for a in x]


centre = [[random.gauss(0, 1) for _ in range(D)] for _ in range(SUBJECTS)]
images, templates = [], {}  # (template, medium, detected, plain, mirrored); template: subject
for t in range(40):
    template, subject = 3 * t + 5, t % SUBJECTS
    templates[template] = subject
    for _ in range(random.randint(1, 5)):
        x = [[c + random.gauss(0, .9) for c in centre[subject]] for _ in range(2)]
        x = [[float("%.5g" % a) for a in y] for y in x]
        images.append((template, random.randint(1, 3), round(random.random(), 3), *x))
random.shuffle(images)
with open("meta", "w") as f, open("detections", "w") as g:
    for i, (template, medium, detected, _, _) in enumerate(images):
        print(i + 1, end=".jpg ", file=f)
        print(template, medium, file=f)
        print(f"{i + 1}.jpg", *range(10), detected, file=g)
order = list(range(len(images)))
for name, side in ("plain", 3), ("mirrored", 4):
    random.shuffle(order)
    keys = [f"loose_crop/{i + 1}.jpg" for i in order]
    ends = [sum(map(len, keys[:k + 1])) for k in range(len(keys))]
    values = ",".join(repr(a) for i in order for a in images[i][side])
    with open(name + ".frame", "w") as f:
        print(f"embedding:F32:{len(keys)},{D}:{values}", file=f)
        print(f"key:U8:{ends[-1]}:={''.join(keys)}", file=f)
        print(f"key_end:I64:{len(keys)}:{','.join(map(str, ends))}", file=f)
names = sorted(templates)
pairs = [(a, b, templates[a] == templates[b]) for a in names for b in names if a < b]
random.shuffle(pairs)
with open("pairs", "w") as f:
    for a, b, same in pairs:
        print(a, b, int(same), file=f)
galleries = {"G1": [t for t in names[:12] if templates[t] < 8],
             "G2": [t for t in names[:12] if templates[t] >= 8]}
probe = names[12:]
for name, members in *galleries.items(), ("probe", probe):
    with open(name, "w") as f:
        print("TEMPLATE_ID,SUBJECT_ID,FILENAME", file=f)
        for t in members * 2:  # a line an image
            print(f"{t},{templates[t]},x.jpg", file=f)


def pool(template, norm, detected, flip):
    media = {}
    for t, medium, score, plain, mirrored in images:
        if t != template:
            continue
        x = [a + b for a, b in zip(plain, mirrored)] if flip else plain
        x = x if norm else unit(x)
        media.setdefault(medium, []).append([a * (score if detected else 1) for a in x])
    return unit([sum(sum(x[k] for x in m) / len(m) for m in media.values()) for k in range(D)])


def curve(genuine, impostor, drop):
    """the points (FAR, TAR, threshold) of scikit-learn's roc_curve"""
    points = [(sum(s >= t for s in impostor), sum(s >= t for s in genuine), t)
              for t in sorted(set(genuine + impostor), reverse=True)]
    if drop:
        straight = [i for i in range(1, len(points) - 1)
                    if all(points[i][k] * 2 == points[i - 1][k] + points[i + 1][k] for k in (0, 1))]
        points = [p for i, p in enumerate(points) if i not in set(straight)]
    return [(0, 0, math.inf)] + [(f / len(impostor), t / len(genuine), at) for f, t, at in points]


def nearest(far, genuine, impostor, drop):
    best = None
    for fpr, tpr, threshold in curve(genuine, impostor, drop):
        if best is None or abs(fpr - far) <= best[0]:
            best = (abs(fpr - far), tpr, threshold)
    return best[1:]


def search(score, gallery):
    """(rank or None, best mate, best of all) of each probe, and all scores not with a mate"""
    found, others = [], []
    for p in probe:
        mates = [score[p, g] for g in gallery if templates[g] == templates[p]]
        wrong = [score[p, g] for g in gallery if templates[g] != templates[p]]
        rank = 1 + sum(s > max(mates) for s in wrong) if mates else None
        found.append((rank, max(mates, default=None), max(mates + wrong)))
        others += wrong
    return found, others


def identification(score, gallery):
    """rank 1, rank 5, TPIR at FPIR 0.1"""
    found, _ = search(score, gallery)
    mated = [f for f in found if f[0]]
    top = sorted((f[2] for f in found if not f[0]), reverse=True)
    threshold = top[round(.1 * len(top)) - 1]
    return ([sum(f[0] <= rank for f in mated) / len(mated) for rank in (1, 5)] +
            [sum(f[0] == 1 and f[1] >= threshold for f in mated) / len(mated)])


def joined(score):
    """the same of both galleries as one, by the rule of InsightFace"""
    found, others = search(score, galleries["G1"] + galleries["G2"])
    threshold = sorted(others, reverse=True)[math.ceil(.1 * len(probe)) - 1]
    return ([sum(f[0] <= rank for f in found) / len(found) for rank in (1, 5)] +
            [sum(f[1] > threshold for f in found) / len(found)])


with open("expected", "w") as out, open("dropped", "w") as dropped:
    for i in range(8):
        on = (i & 1, i >> 1 & 1, i >> 2 & 1)
        switches = "N%dD%dF%d" % on
        x = {t: pool(t, *on) for t in names}
        score = {(a, b): sum(p * q for p, q in zip(x[a], x[b])) for a in names for b in names}
        genuine = [score[a, b] for a, b, same in pairs if same]
        impostor = [score[a, b] for a, b, same in pairs if not same]
        for far in .01, .1:
            print(switches, "tar", far, *nearest(far, genuine, impostor, False), file=out)
            print(switches, "tar", far, *nearest(far, genuine, impostor, True), file=dropped)
        rates = {name: identification(score, gallery) for name, gallery in galleries.items()}
        rates["mean"] = [(a + b) / 2 for a, b in zip(rates["G1"], rates["G2"])]
        rates["joined"] = joined(score)
        for name, (first, fifth, tpir) in rates.items():
            print(switches, f"rank:{name}", 1, first, file=out)
            print(switches, f"rank:{name}", 5, fifth, file=out)
            print(switches, f"tpir:{name}", .1, tpir, file=out)
