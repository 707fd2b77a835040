"""Files in the form of IJB-C's, and a direct evaluation of them with NumPy and scikit-learn.

usage: ijb_bench.py make DIRECTORY [SHRINK]   meta, detections, pairs, G1.csv, G2.csv, probe.csv,
                                              plain.emb, mirrored.emb; SHRINK divides all sizes
       ijb_bench.py evaluate DIRECTORY FIGURES SWITCHES...   for each line of standard input all of it,
                                              reading included; into FIGURES lines of switches, measure,
                                              at, value, threshold
       ijb_bench.py compare FOUND EXPECTED    the largest differences; fails above the bounds

The sizes are IJB-C's: 469,375 images in 23,124 templates, 3,531 of them enrolled in two galleries,
19,593 of them probes, 19,557 genuine and 15,638,932 impostor pairs. The faces are random: a centre
for each person, farther from it each template, and around that each image.
"""
import contextlib
import sys

import numpy as np

import streams

D, SEED, BLOCK = 512, 7, 1 << 15
SUBJECTS, FIRST_GALLERY, PROBES, IMAGES = 3531, 1772, 19593, 469375
GENUINE, IMPOSTOR = 19557, 15638932
FARS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
# What floats may differ by: TAR by three pairs of the genuine ones, shares of probes by two
BOUNDS = {"tar": 3 / GENUINE, "rank": 2 / PROBES, "tpir": 3 / PROBES, "threshold": 5e-7}


def sizes_of(rng, templates, images):
    """Images in each template: one at least, few mostly, thousands at times."""
    size = rng.pareto(1.3, templates) + .2
    size = 1 + np.floor(size * (images - templates) / size.sum()).astype(int)
    size[:images - size.sum()] += 1
    return size


def write_lists(directory, rng, template, shrink):
    subjects, probes = SUBJECTS // shrink, PROBES // shrink
    subject = np.concatenate([np.arange(subjects), rng.integers(0, subjects, probes)])
    number = 3 * np.arange(len(subject)) + 1
    first = FIRST_GALLERY // shrink
    rows = [(i, x) for i in np.repeat(np.arange(len(subject)), np.bincount(template))
            for x in (f"{number[i]},{subject[i] + 10},x.jpg,1,2,3,4\n",)]
    for name, low, high in (("G1", 0, first), ("G2", first, subjects),
                            ("probe", subjects, len(subject))):
        with open(f"{directory}/{name}.csv", "w") as f:
            f.write("TEMPLATE_ID,SUBJECT_ID,FILENAME,FACE_X,FACE_Y,FACE_WIDTH,FACE_HEIGHT\n")
            f.writelines(x for i, x in rows if low <= i < high)
    return subject, number


def write_pairs(directory, rng, subject, number, shrink):
    """Each enrolled template with probes, as in the published list: ordered by the first."""
    subjects, probes = SUBJECTS // shrink, PROBES // shrink
    own = subjects + np.sort(rng.permutation(probes)[:GENUINE // shrink])
    each = np.full(subjects, IMPOSTOR // shrink // shrink // subjects)
    each[:IMPOSTOR // shrink // shrink - each.sum()] += 1
    with open(f"{directory}/pairs", "w") as f:
        for a in range(subjects):
            of = subject[subjects:] == a
            others = subjects + rng.permutation(np.flatnonzero(~of))[:each[a]]
            second = np.sort(np.concatenate([own[subject[own] == a], others]))
            f.write("".join(f"{number[a]} {n} {s}\n" for n, s in
                            zip(number[second].tolist(), (subject[second] == a).astype(int).tolist())))


def write_embeddings(path, rng, order, centre, spread):
    """Frames of images in that order, with lengths of their own."""
    with open(path, "wb") as f:
        for begin in range(0, len(order), BLOCK):
            image = order[begin:begin + BLOCK]
            x = centre[spread[0][image]] + \
                spread[1][image][:, None] * rng.standard_normal((len(image), D), dtype=np.float32)
            x *= rng.uniform(.5, 2, (len(image), 1)).astype(np.float32)
            names = streams.key_columns(f"loose_crop/{i + 1}.jpg" for i in image.tolist())
            streams.write_frame(f, {"embedding": x, **names}, begin + BLOCK >= len(order))


def make(directory, shrink=1):
    rng = np.random.default_rng(SEED)
    templates, images = SUBJECTS // shrink + PROBES // shrink, IMAGES // shrink
    template = np.repeat(np.arange(templates), sizes_of(rng, templates, images))
    subject, number = write_lists(directory, rng, template, shrink)
    medium = 5 * template + rng.integers(0, 1 + np.minimum(9, np.bincount(template) // 4)[template])
    detected = np.round(rng.uniform(.4, 1, images), 3)
    with open(f"{directory}/meta", "w") as f:
        f.writelines(f"{i + 1}.jpg {t} {m}\n" for i, (t, m) in
                     enumerate(zip(number[template].tolist(), medium.tolist())))
    with open(f"{directory}/detections", "w") as f:
        f.writelines(f"{i + 1}.jpg 38.29 51.69 73.53 51.50 56.02 71.73 41.54 92.36 70.72 92.20 {s}\n"
                     for i, s in enumerate(detected.tolist()))
    write_pairs(directory, rng, subject, number, shrink)
    person = rng.standard_normal((SUBJECTS // shrink, D), dtype=np.float32)
    off = rng.uniform(.3, 4, templates).astype(np.float32)[:, None]
    centre = person[subject] + off * rng.standard_normal((templates, D), dtype=np.float32)
    noise = rng.uniform(.5, 6, images).astype(np.float32)
    # by name, as an archive has them: 1, 10, 100, 1000
    order = np.array(sorted(range(images), key=lambda i: str(i + 1)))
    for side in "plain", "mirrored":
        write_embeddings(f"{directory}/{side}.emb", rng, order, centre, (template, noise))


def load_embeddings(path, images):
    x = np.empty((images, D), np.float32)
    for columns in streams.frames(path):
        row = [int(name.split("/")[1].split(".")[0]) - 1 for name in streams.keys(columns)]
        x[row] = columns["embedding"]
    return x


def pool(plain, mirrored, template, medium, detected, switches, length):
    """InsightFace's way: mean of a medium, sum of the media of a template, length 1."""
    norm, detector, flip = (switches[i] == "1" for i in (1, 3, 5))
    order = np.lexsort((medium, template))
    t, m = template[order], medium[order]
    media = np.flatnonzero(np.r_[True, (t[1:] != t[:-1]) | (m[1:] != m[:-1])])
    templates = np.flatnonzero(np.r_[True, t[media][1:] != t[media][:-1]])
    out = np.empty((len(templates), D))
    for column in range(0, D, 64):
        x = plain[order, column:column + 64].astype(float)
        if flip:
            x += mirrored[order, column:column + 64]
        if not norm:
            if flip not in length:
                length[flip] = lengths(plain, mirrored, flip)
            x /= length[flip][order, None]
        if detector:
            x *= detected[order, None]
        mean = np.add.reduceat(x, media) / np.diff(np.r_[media, len(t)])[:, None]
        out[:, column:column + 64] = np.add.reduceat(mean, templates)
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def lengths(plain, mirrored, flip):
    return np.concatenate([np.linalg.norm(
        plain[i:i + BLOCK].astype(float) + (mirrored[i:i + BLOCK] if flip else 0), axis=1)
        for i in range(0, len(plain), BLOCK)])


def score_pairs(x, a, b):
    """By blocks of the first templates, all cosines of them at once. a is sorted."""
    score = np.empty(len(a))
    for begin in range(0, len(x), 256):
        low, high = np.searchsorted(a, [begin, begin + 256])
        if high > low:
            score[low:high] = (x[begin:begin + 256] @ x.T)[a[low:high] - begin, b[low:high]]
    return score


def verification(switches, x, a, b, same):
    """The nearest point of the curve."""
    from sklearn.metrics import roc_curve
    score = score_pairs(x, a, b)
    fpr, tpr, threshold = roc_curve(same, score, drop_intermediate=False)
    for far in FARS:
        if far * (same == 0).sum() < 1:
            continue
        k = len(fpr) - 1 - int(np.argmin(np.abs(fpr[::-1] - far)))
        print(switches, "tar", f"{far:g}", f"{tpr[k]:.9g}", f"{threshold[k]:.9g}", sep="\t")


def identified(x, gallery, subject, probe, of):
    """Ranks and best scores with a mate of the probes that have one, the best scores of the others,
    all scores that are not of a mate."""
    score = x[probe] @ x[gallery].T
    mate = subject[None, :] == of[:, None]
    own = np.where(mate, score, -2).max(1)
    rank = 1 + ((score > own[:, None]) & ~mate).sum(1)
    mated = mate.any(1)
    return rank[mated], own[mated], np.sort(score[~mated].max(1))[::-1], score[~mate]


def joined(switches, x, lists, place, probe, of):
    """Both galleries as one, every probe with a mate, by the rule of InsightFace's ijb_1n.py."""
    gallery = np.concatenate([lists["G1"], lists["G2"]])
    rank, own, _, others = identified(x, np.searchsorted(place, gallery[:, 0]), gallery[:, 1],
                                      probe, of)
    for k in 1, 5, 10:
        print(switches, "rank:joined", k, f"{(rank <= k).mean():.9g}", "NA", sep="\t")
    need = [int(np.ceil(far * len(probe))) for far in (.01, .1)]
    top = np.sort(np.partition(others, len(others) - max(need))[-max(need):])[::-1]
    for far, k in zip((.01, .1), need):
        print(switches, "tpir:joined", far, f"{(own > top[k - 1]).mean():.9g}",
              f"{top[k - 1]:.9g}", sep="\t")


def identification(switches, x, directory, place):
    lists = {}
    for name in "G1", "G2", "probe":
        rows = np.loadtxt(f"{directory}/{name}.csv", dtype=int, delimiter=",", skiprows=1,
                          usecols=(0, 1))
        lists[name] = np.unique(rows, axis=0)
    probe, of = np.searchsorted(place, lists["probe"][:, 0]), lists["probe"][:, 1]
    found = {}
    for name in "G1", "G2":
        gallery, subject = np.searchsorted(place, lists[name][:, 0]), lists[name][:, 1]
        rank, own, top, _ = identified(x, gallery, subject, probe, of)
        for k in 1, 5, 10:
            found[name, "rank", k] = (rank <= k).mean(), "NA"
        for fpir in .01, .1:
            threshold = top[round(fpir * len(top)) - 1]
            found[name, "tpir", fpir] = ((rank == 1) & (own >= threshold)).mean(), f"{threshold:.9g}"
    for (name, measure, at), (value, threshold) in list(found.items()):
        print(switches, f"{measure}:{directory}/{name}.csv", f"{at:g}", f"{value:.9g}", threshold,
              sep="\t")
        if name == "G2":
            print(switches, f"{measure}:mean", f"{at:g}",
                  f"{(value + found['G1', measure, at][0]) / 2:.9g}", "NA", sep="\t")
    joined(switches, x, lists, place, probe, of)


def evaluate_once(directory, settings):
    meta = np.array([line.split() for line in open(f"{directory}/meta")])
    detected = np.array([float(line.split()[-1]) for line in open(f"{directory}/detections")])
    template, medium = meta[:, 1].astype(int), meta[:, 2].astype(int)
    place = np.unique(template)
    pairs = np.fromfile(f"{directory}/pairs", dtype=int, sep=" ").reshape(-1, 3)
    a, b = np.searchsorted(place, pairs[:, 0]), np.searchsorted(place, pairs[:, 1])
    order = np.argsort(a, kind="stable")
    a, b, same = a[order], b[order], pairs[order, 2]
    plain = load_embeddings(f"{directory}/plain.emb", len(meta))
    mirrored = load_embeddings(f"{directory}/mirrored.emb", len(meta))
    length = {}
    for switches in settings:
        x = pool(plain, mirrored, template, medium, detected, switches, length)
        verification(switches, x, a, b, same)
        identification(switches, x, directory, place)


def evaluate(directory, figures, *settings):
    """Says when it is there, and answers each line when its round is done."""
    print("ready", flush=True)
    for _ in sys.stdin:
        with open(figures, "w") as f, contextlib.redirect_stdout(f):
            evaluate_once(directory, settings)
        print("done", flush=True)


def table(path):
    lines = [line.rstrip("\n").split("\t") for line in open(path)]
    return {tuple(f[:2]) + (float(f[2]),): f[3:5] for f in lines if f[2] not in ("at", "NA")}


def compare(found, expected):
    found, expected = table(found), table(expected)
    worst, others = dict.fromkeys(BOUNDS, 0.), []
    for where, (value, threshold) in expected.items():
        kind = where[1].split(":")[0]
        mine = found[where]
        worst[kind] = max(worst[kind], abs(float(mine[0]) - float(value)))
        if (mine[1] == "NA") != (threshold == "NA"):
            sys.exit(f"{where}: threshold {mine[1]}, not {threshold}")
        if threshold == "NA":
            continue
        # Where another genuine score is the least one accepted, it is another threshold, too.
        if float(mine[0]) == float(value):
            worst["threshold"] = max(worst["threshold"], abs(float(mine[1]) - float(threshold)))
        else:
            others.append(abs(float(mine[1]) - float(threshold)))
    settings = len({where[0] for where in expected})
    print(f"{len(expected)} figures of {settings} settings; largest differences:",
          ", ".join(f"{kind} {value:.2g}" for kind, value in worst.items()))
    if others:
        print(f"{len(others)} TARs differ by a pair or a few; their thresholds by {max(others):.2g}")
    sys.exit(not expected or any(worst[kind] > bound for kind, bound in BOUNDS.items()))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "make":
        make(arguments[0], *map(int, arguments[1:]))
    else:
        {"evaluate": evaluate, "compare": compare}[command](*arguments)
