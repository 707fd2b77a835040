"""eval-roc's rates beside the published definitions of bob.measure and pyeer, written out in NumPy.

usage: roc_rates.py SETS [SEED]     with eval-roc in PATH

bob.measure: farfrr (a negative at or above the threshold is accepted, a positive below it rejected), HTER, the
least HTER, a threshold for a FAR that is not exceeded, EPC, Cllr, min-Cllr by pooling adjacent violators.
pyeer: ZeroFMR, ZeroFNMR, FMR100, FMR1000, FMR10000, d', Youden's J. Every threshold there is is tried. Of the
EER there are as many definitions as programs: eval-roc's is where the ROC, its points joined by lines, has equal
rates; pyeer's (the mean of both rates at the point of the least difference) is printed beside it.
"""
import json
import subprocess
import sys
import tempfile

import numpy as np

from streams import key_columns, write_frame

FARS = [.5, .1, .03, .01, .001]


def run(*words):
    done = subprocess.run(["eval-roc", "-q", *map(str, words)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout


class Scores:
    def __init__(self, negative, positive):
        self.negative, self.positive = np.sort(negative), np.sort(positive)
        every = np.unique(np.r_[negative, positive])
        self.thresholds = np.r_[every, np.nextafter(every[-1], np.float32(np.inf))]
        self.fmr, self.fnmr = np.array([self.farfrr(t) for t in self.thresholds]).T

    def farfrr(self, threshold):
        return np.mean(self.negative >= threshold), np.mean(self.positive < threshold)

    def least(self, alpha):
        """alpha FMR + (1 - alpha) FNMR; the counts make whole numbers of it, so that ties are ties. Of these the
        least FMR + FNMR, then the highest genuine score; if there is none, nobody is accepted."""
        n, p = len(self.negative), len(self.positive)
        a = round(100 * alpha)
        fmr, fnmr = np.rint(self.fmr * n) * p, np.rint(self.fnmr * p) * n
        cost = a * fmr + (100 - a) * fnmr
        best = np.flatnonzero(cost == cost.min())
        best = best[(fmr + fnmr)[best] == (fmr + fnmr)[best].min()]
        genuine = best[np.isin(self.thresholds[best], self.positive)]
        return self.thresholds[(genuine if len(genuine) else best)[-1]], cost.min() / (100 * n * p)

    def eer(self):
        gap = self.fnmr - self.fmr  # ascends with the threshold
        i = np.flatnonzero(gap >= 0)[0]
        if gap[i] == 0:
            return self.fmr[i]
        part = -gap[i - 1] / (gap[i] - gap[i - 1])
        return self.fmr[i - 1] + part * (self.fmr[i] - self.fmr[i - 1])

    def eer_of_pyeer(self):
        i = np.argmin(np.abs(self.fmr - self.fnmr))
        return (self.fmr[i] + self.fnmr[i]) / 2

    def eer_threshold(self):
        """The highest score with which FMR is at least FNMR"""
        return self.thresholds[np.flatnonzero(self.fmr >= self.fnmr)[-1]]

    def far_threshold(self, far):
        """bob's: the least threshold whose FAR is not above it, among those behind an impostor"""
        at = np.nextafter(np.unique(self.negative), np.float32(np.inf))
        good = [t for t in at if self.farfrr(t)[0] <= far * (1 + 1e-15)]
        return good[0]

    def marks(self):
        fmr, fnmr, n = self.fmr, self.fnmr, len(self.negative)
        marks = {"zero-fmr": fnmr[fmr == 0].min(), "zero-fnmr": fmr[fnmr == 0].min()}
        for of in 100, 1000, 10000:
            marks[f"fmr{of}"] = fnmr[fmr <= 1 / of].min() if n >= of else None
        return marks

    def d_prime(self):
        n, p = self.negative.astype(np.float64), self.positive.astype(np.float64)
        return (p.mean() - n.mean()) / np.sqrt(.5 * (n.var() + p.var()))

    def min_cllr(self):
        """Isotonic regression of what is positive, equal scores as one; its odds by those of the numbers"""
        every = np.unique(np.r_[self.negative, self.positive])
        count = lambda x: np.searchsorted(x, every, "right") - np.searchsorted(x, every, "left")
        steps = []
        for p, n in zip(count(self.positive), count(self.negative)):
            steps.append([p, n])
            while len(steps) > 1 and steps[-2][0] * steps[-1][1] >= steps[-1][0] * steps[-2][1]:
                p, n = steps.pop()
                steps[-1][0] += p
                steps[-1][1] += n
        p, n = np.array(steps, np.float64).T
        with np.errstate(divide="ignore"):
            ratio = np.log(p) - np.log(n) - np.log(len(self.positive) / len(self.negative))
        return cllr(np.repeat(ratio, n.astype(int)), np.repeat(ratio, p.astype(int)))


def cllr(negative, positive):
    bits = lambda x: np.mean(np.logaddexp(0, x)) / np.log(2)
    return (bits(-positive) + bits(negative)) / 2


class Largest:
    """The largest difference of each figure, of figures above 1 by their share"""

    def __init__(self):
        self.of, self.compared = {}, 0

    def __call__(self, name, ours, theirs):
        if theirs is None or ours is None:
            if ours is not theirs:
                sys.exit(f"{name}: {ours}, not {theirs}")
            return
        difference = abs(float(ours) - float(theirs)) / max(1, abs(float(theirs)))
        if not difference < 1e-12:
            sys.exit(f"{name}: {ours}, not {theirs}")
        self.of[name] = max(self.of.get(name, 0), difference)
        self.compared += 1


def draw(rng):
    """Scores of both kinds, from few different ones to none that ties; some are separated, some say nothing"""
    n, p = int(rng.integers(1, rng.choice([8, 300, 20000]))), int(rng.integers(1, rng.choice([8, 300])))
    apart, levels = rng.choice([0, .5, 2, 6]), rng.choice([3, 20, 300, 0])
    score = np.r_[rng.normal(0, 1, n), rng.normal(apart, rng.choice([.5, 1, 2]), p)]
    if levels > 0:
        score = np.rint(score * levels / 6) * 6 / levels
    score = score.astype(np.float32)
    return Scores(score[:n], score[n:])


def write_scores(scores, path):
    with open(path, "w") as out:
        for kind, of in enumerate((scores.negative, scores.positive)):
            out.writelines(f"{kind} {x:.9g}\n" for x in of)


def rates(text):
    return {f[0]: float(f[1]) if f[1] != "NA" else None
            for f in (line.split("\t") for line in text.splitlines()[1:])}


def check_fixed(same, dev, other, folder, words, threshold):
    got = rates(run("--from", "scores", "--tsv", "--dev", f"{folder}/dev", *words, f"{folder}/eval"))
    same("threshold", got["threshold"], threshold)
    for of, prefix in (dev, "set-"), (other, ""):
        fmr, fnmr = of.farfrr(threshold)
        same("FMR", got[f"{prefix}fmr"], fmr)
        same("FNMR", got[f"{prefix}fnmr"], fnmr)
        same("HTER", got[f"{prefix}hter"], (fmr + fnmr) / 2)
    return got


def check_thresholds(same, rng, dev, other, folder):
    check_fixed(same, dev, other, folder, ["--at", "eer"], dev.eer_threshold())
    least, cost = dev.least(.5)
    got = check_fixed(same, dev, other, folder, ["--at", "min-hter"], least)
    same("least HTER", got["set-hter"], cost)
    score = rng.choice(dev.thresholds)
    check_fixed(same, dev, other, folder, ["--at", f"score={float(score):.17g}"], score)
    for far in FARS:
        if far * len(dev.negative) >= 1 + 1e-9:
            check_fixed(same, dev, other, folder, ["--at", far, "--convention", "conservative"],
                        dev.far_threshold(far))


def check_curve(same, dev, other, folder):
    run("--from", "scores", "--dev", f"{folder}/dev", "--epc", f"{folder}/epc", f"{folder}/eval")
    for point in np.genfromtxt(f"{folder}/epc", names=True):
        threshold, cost = dev.least(point["alpha"])
        fmr, fnmr = other.farfrr(np.float32(point["threshold"]))
        same("EPC: the least cost", point["set_cost"], cost)
        same("EPC: HTER", point["hter"], (fmr + fnmr) / 2)
        same("EPC: threshold", np.float32(point["threshold"]), threshold)


def check_figures(same, scores, path):
    got = json.loads(run("--from", "scores", "--json", path))
    same("EER", got["eer"]["value"], scores.eer())
    same.of["(EER of pyeer)"] = max(same.of.get("(EER of pyeer)", 0),
                                    abs(scores.eer() - scores.eer_of_pyeer()))
    got = json.loads(run("--from", "scores", "--json", "--operating-points", path))
    for name, value in scores.marks().items():
        same(name, got["marks"][name]["value"], value)
    if scores.negative.std() > 0 or scores.positive.std() > 0:
        same("d'", got["d_prime"], scores.d_prime())
    same("Youden's J", got["youden"], np.max(1 - scores.fmr - scores.fnmr))
    same("min-Cllr", got["min_cllr"], scores.min_cllr())


def make_people(rng, folder, name):
    """Embeddings of some people, and all their pairs as a list"""
    people, each, d = int(rng.integers(10, 20)), int(rng.integers(2, 6)), int(rng.integers(3, 9))
    label = np.repeat(np.arange(people), each)
    x = rng.normal(0, 1, (people, d))[label] + rng.normal(0, rng.uniform(.3, 1), (len(label), d))
    if rng.random() < .5:
        x = np.rint(x)  # so that scores tie
        x[(x == 0).all(1)] = 1
    with open(f"{folder}/{name}.emb", "wb") as out:
        keys = key_columns([f"f/{i:04d}.jpg" for i in range(len(label))])
        write_frame(out, {"embedding": x.astype(np.float32), "label": label.astype(np.int64), **keys}, True)
    with open(f"{folder}/{name}.txt", "w") as out:
        for i in range(len(label)):
            for j in range(i):
                print(f"f/{i:04d}.jpg f/{j:04d}.jpg {int(label[i] == label[j])}", file=out)


def listed(folder, name):
    f = np.genfromtxt(f"{folder}/{name}.scores", skip_header=1, usecols=(2, 3))
    score = f[:, 1].astype(np.float32)
    return Scores(score[f[:, 0] == 0], score[f[:, 0] == 1])


def score_people(rng, folder, name):
    """Their scores; what says nothing about people cannot be calibrated, and is drawn again"""
    while True:
        make_people(rng, folder, name)
        run("--pairs", f"{folder}/{name}.txt", "--scores", f"{folder}/{name}.scores", f"{folder}/{name}.emb")
        scores = listed(folder, name)
        if scores.positive.mean() > scores.negative.mean() + .2:
            return scores


def check_calibration(same, rng, folder):
    score_people(rng, folder, "dev")
    scores = score_people(rng, folder, "eval")
    calibration = f"{folder}/calibration"
    run("--pairs", f"{folder}/dev.txt", "--fit-calibration", calibration, f"{folder}/dev.emb")
    got = json.loads(run("--pairs", f"{folder}/eval.txt", "--json", "--threshold", calibration, f"{folder}/eval.emb"))
    with open(calibration) as file:
        rule = json.load(file)["calibration"]
    ratio = lambda x: rule["slope"] * x.astype(np.float64) + rule["offset"]
    same("Cllr", got["calibration"]["cllr"], cllr(ratio(scores.negative), ratio(scores.positive)))
    same("min-Cllr", got["calibration"]["min_cllr"], scores.min_cllr())
    threshold = np.float32(got["threshold"])
    for name, value in zip(("fmr", "fnmr"), scores.farfrr(threshold)):
        same(name.upper(), got["here"][name]["value"], value)


def main(sets, seed):
    rng, same = np.random.default_rng(seed), Largest()
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(sets):
            dev, other = draw(rng), draw(rng)
            write_scores(dev, f"{folder}/dev")
            write_scores(other, f"{folder}/eval")
            check_thresholds(same, rng, dev, other, folder)
            check_curve(same, dev, other, folder)
            check_figures(same, other, f"{folder}/eval")
            check_calibration(same, rng, folder)
    for name, difference in sorted(same.of.items()):
        print(f"{name:24}{difference:.2g}")
    largest = max(d for name, d in same.of.items() if not name.startswith("("))
    print(f"{same.compared} figures of {sets} sets, the largest difference {largest:.2g}")


main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
