"""Writes small sets for eval-id and what it should find, evaluated directly.

usage: identify.py SEED   in an empty directory:
    split.frame, gallery, probe, split.expected
    probes.frame, distractors.frame, noise, distractor-noise, megaface.expected
frames as arguments for frame.pl, one a line; expected: measure, at, value, apart by tabs
"""
import math
import random
import sys

random.seed(int(sys.argv[1]))
D = 6


def unit(x):
    length = math.sqrt(sum(a * a for a in x))
    return [a / length for a in x]


def cosine(x, y):
    return sum(a * b for a, b in zip(unit(x), unit(y)))


def vector(centre, spread):
    return [float("%.6g" % (c + random.gauss(0, spread))) for c in centre]


def write_frame(name, keys, labels, vectors):
    ends = [sum(map(len, keys[:k + 1])) for k in range(len(keys))]
    with open(name + ".frame", "w") as f:
        print(f"embedding:F32:{len(keys)},{D}:{','.join(repr(a) for x in vectors for a in x)}", file=f)
        print(f"label:I64:{len(keys)}:{','.join(map(str, labels))}", file=f)
        print(f"key:U8:{ends[-1]}:={''.join(keys)}", file=f)
        print(f"key_end:I64:{len(keys)}:{','.join(map(str, ends))}", file=f)


def lines(name, rows):
    with open(name, "w") as f:
        f.writelines(row + "\n" for row in rows)


def split():
    people = [[random.gauss(0, 1) for _ in range(D)] for _ in range(30)]
    rows = [(p, f"{p}/{k}.png", vector(people[p], .5)) for p in range(30) for k in range(4)]
    random.shuffle(rows)
    write_frame("split", [r[1] for r in rows], [r[0] for r in rows], [r[2] for r in rows])
    gallery = [r for r in rows if r[0] < 20 and r[1][-5] in "01"]
    probes = [r for r in rows if r[1][-5] in "23"]
    lines("gallery", (r[1] for r in gallery))
    lines("probe", (r[1] for r in probes))
    rank, own, top = [], [], []
    for p in probes:
        score = [(cosine(p[2], g[2]), g[0] == p[0]) for g in gallery]
        if p[0] >= 20:
            top.append(max(s for s, _ in score))
            continue
        own.append(max(s for s, same in score if same))
        rank.append(1 + sum(s > own[-1] for s, same in score if not same))
    top.sort(reverse=True)
    with open("split.expected", "w") as out:
        for k in range(1, 8):
            print("rank", k, sum(r <= k for r in rank) / len(rank), sep="\t", file=out)
        for fpir in .05, .1, .3:
            threshold = top[round(fpir * len(top)) - 1]
            dir_ = sum(r == 1 and s >= threshold for r, s in zip(rank, own)) / len(rank)
            print("dir", fpir, dir_, sep="\t", file=out)
            print("fnir", fpir, 1 - dir_, sep="\t", file=out)


def megaface():
    people = [[random.gauss(0, 1) for _ in range(D)] for _ in range(9)]
    probes = [(p, f"facescrub/{p}/{p}_{k}.png", vector(people[p], .6))
              for p in range(9) for k in range(1 + p % 6)]
    others = [(f"a/{i % 7}/{i}.jpg", vector([0] * D, 1)) for i in range(1234)]
    random.shuffle(probes)
    write_frame("probes", [r[1] for r in probes], [r[0] for r in probes], [r[2] for r in probes])
    write_frame("distractors", [r[0] for r in others], [-1] * len(others), [r[1] for r in others])
    bad = {r[1].split("/")[-1] for r in probes if r[1][-5] == "2"}
    wrong = {r[0] for r in others[3:1000:17]}
    lines("noise", ["# wrong labels"] + sorted(bad) + ["nobody_1.png"])
    lines("distractor-noise", ["# wrong"] + [f"{i}\t{name}" for i, name in enumerate(sorted(wrong))])

    mended = []
    for p, name, x in probes:
        if name.split("/")[-1] in bad:
            clean = [unit(y) for q, n, y in probes if q == p and n.split("/")[-1] not in bad]
            x = [sum(column) for column in zip(*clean)]
        mended.append((p, x))
    crowd = [x for name, x in others if name not in wrong]
    against = [[cosine(x, y) for y in crowd] for _, x in mended]
    own = [(j, cosine(mended[i][1], mended[j][1])) for i in range(len(mended))
           for j in range(len(mended)) if i != j and mended[i][0] == mended[j][0]]
    with open("megaface.expected", "w") as out:
        for n in 10, 100, 1000, len(crowd):
            rank = [1 + sum(s > mate for s in against[j][:n]) for j, mate in own]
            for k in 1, 2, 5, 30:
                print(f"rank:{n}", k, sum(r <= k for r in rank) / len(rank), sep="\t", file=out)
        impostor = sorted((s for scores in against for s in scores), reverse=True)
        for far in .1, .01, .001:
            threshold = impostor[round(far * len(impostor)) - 1]
            print("tar", far, sum(s >= threshold for _, s in own) / len(own), sep="\t", file=out)
        for name, value in (("searches", len(own)), ("distractors", len(crowd)),
                            ("noisy_distractors", len(wrong)), ("noisy_probes", len(bad))):
            print(name, "NA", value, sep="\t", file=out)


split()
megaface()
