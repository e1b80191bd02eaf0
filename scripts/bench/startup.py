"""Measure how fast commands start, against importing what they cannot do without.

Runs every command in turn, round after round, so that a machine whose speed drifts
slows all of them alike, and prints medians and ratios.

usage: python scripts/bench/startup.py ARTICLE [--rounds N] [--json FILE]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

BASELINES = {
    "import numpy": "import numpy",
    "import numpy, click": "import numpy, click",
}


def seconds(command: list[str]) -> float:
    """Run a command to its end and return the wall time in seconds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("article", help="a text file to tag")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    options = parser.parse_args()

    # An installation has its compiled files, also where an environment forbids them.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    program = str(Path(sys.executable).with_name("classifier"))
    commands = {
        **{name: [sys.executable, "-c", code] for name, code in BASELINES.items()},
        "classifier --help": [program, "--help"],
        "classifier tag ARTICLE": [program, "tag", options.article],
    }
    for command in commands.values():  # warm the file cache and the bytecode
        seconds(command)
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            times[name].append(seconds(command))

    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{'median of ' + str(options.rounds):28}  seconds", *BASELINES, sep="  / ")
    for name, median in medians.items():
        ratios = [
            f"{median / medians[base]:.2f}".rjust(len(base)) for base in BASELINES
        ]
        print(f"{name:28}  {median:7.3f}", *ratios, sep="    ")
    if options.json:
        options.json.write_text(json.dumps({"medians": medians, "times": times}) + "\n")


if __name__ == "__main__":
    main()
