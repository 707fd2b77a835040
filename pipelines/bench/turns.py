"""turns.py WARM ROUNDS CONTENDER...: seconds of contenders that take turns.

A contender is NAME=COMMAND, a shell command that is run anew each time, or NAME@COMMAND, which is
started once and then does its work for each line on its standard input, answering with a line. The
first WARM rounds are not measured. Prints a line for each: name, median seconds of the measured
rounds, the least and the most, seconds of the first unmeasured round, MiB at the peak, and the median of
processor seconds (NA for those that stay), separated by tabs.
"""
import os
import statistics
import subprocess
import sys
import time


class Anew:
    def __init__(self, command):
        self.command = ["bash", "-eu", "-o", "pipefail", "-c", command]
        self.mib = 0

    def round(self):
        process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"turns.py: failed: {self.command[-1]}")
        self.mib = max(self.mib, usage.ru_maxrss >> 10)
        return usage.ru_utime + usage.ru_stime

    def close(self):
        pass


class Staying:
    def __init__(self, command):
        self.command = command
        self.process = subprocess.Popen(["bash", "-c", f"exec {command}"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answer()

    def answer(self):
        if not self.process.stdout.readline():
            sys.exit(f"turns.py: failed: {self.command}")

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.answer()

    def close(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as lines:
            self.mib = next(int(x.split()[1]) >> 10 for x in lines if x.startswith("VmHWM:"))
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"turns.py: failed: {self.command}")


def contender(text):
    name, kind, command = min((text.partition(kind) for kind in "=@" if kind in text),
                              key=lambda parts: len(parts[0]))
    return name, (Anew if kind == "=" else Staying)(command)


def main():
    warm, rounds = int(sys.argv[1]), int(sys.argv[2])
    contenders = dict(map(contender, sys.argv[3:]))
    seconds, used = ({name: [] for name in contenders} for _ in range(2))
    for i in range(warm + rounds):
        for name, one in contenders.items():
            start = time.perf_counter()
            used[name].append(one.round())
            seconds[name].append(time.perf_counter() - start)
            print(f"{name}, {'warm-up' if i < warm else 'round'} {i + 1 if i < warm else i + 1 - warm}: "
                  f"{seconds[name][-1]:.2f} s", file=sys.stderr)
    for name, one in contenders.items():
        one.close()
        measured, busy = seconds[name][warm:], used[name][warm:]
        print(name, f"{statistics.median(measured):.3f}", f"{min(measured):.3f}",
              f"{max(measured):.3f}", f"{seconds[name][0]:.3f}", one.mib,
              "NA" if None in busy else f"{statistics.median(busy):.3f}", sep="\t")


main()
