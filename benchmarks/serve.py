"""A peer's long-lived process: prepares rows and measures them when told so.

    python -m benchmarks.serve PEER [--tiny]

It reads one command a line and answers each with one line of JSON: `prepare ROW`, `measure`,
`versions`, `quit`. What libraries print goes to the standard error.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import os
import sys
import traceback

from benchmarks.peers import PEERS, Framework
from benchmarks.rows import ROWS


def main() -> None:
    name, tiny = sys.argv[1], "--tiny" in sys.argv
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    framework = Framework(name)
    measure = None
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "quit":
            break
        try:
            if command == "prepare":
                measure = None
                gc.collect()
                measure = ROWS[argument].makers[name](framework, tiny)
                answer = {"ok": True}
            elif command == "measure":
                answer = {"ok": True, "seconds": measure()}
            else:
                answer = {"ok": True, "versions": _versions(name)}
        except Exception as error:
            traceback.print_exc()
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


def _versions(name: str) -> dict[str, str]:
    found = {}
    for module in PEERS[name].needs:
        try:
            found[module] = importlib.metadata.version(module)
        except importlib.metadata.PackageNotFoundError:  # tensorflow-cpu is another package
            found[module] = getattr(sys.modules.get(module), "__version__", "?")
    return found


if __name__ == "__main__":
    main()
