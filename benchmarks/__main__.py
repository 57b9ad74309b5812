"""Measure nyala beside its peers in one run."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import report
from benchmarks.peers import PEERS
from benchmarks.rows import ROWS
from benchmarks.run import run_rows, versions_of


def main() -> None:
    arguments = _parse()
    peers = [name for name in arguments.only if PEERS[name].installed]
    print(report.machine())
    for name in arguments.only:
        if name not in peers:
            print(f"{name}: not installed ({', '.join(PEERS[name].needs)})")
    versions = versions_of(peers) if arguments.json or arguments.write else {}
    results = []
    for result in run_rows(arguments.rows, peers, arguments.rounds, arguments.tiny):
        print(report.line(result, peers), flush=True)
        results.append(result)
        # After every row: a run that is broken off has not measured in vain.
        if arguments.json:
            Path(arguments.json).write_text(report.as_json(results, versions, arguments.rounds))
        if arguments.write:
            table = report.as_markdown(results, peers, versions, arguments.rounds)
            report.write_between_marks(arguments.write, table)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="row", help=f"of {', '.join(ROWS)}; all")
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=list(PEERS),
        metavar="PEER,...",
        help=f"of {', '.join(PEERS)}; all installed",
    )
    parser.add_argument("--rounds", type=int, default=7, help="measurements of each peer (7)")
    parser.add_argument("--json", metavar="FILE", help="write every measurement there")
    parser.add_argument(
        "--write", metavar="FILE", help="put the table between the marks of a Markdown file"
    )
    parser.add_argument("--tiny", action="store_true",
                        help="two steps a row: shows that rows run, not how fast")  # fmt: skip
    arguments = parser.parse_args()
    arguments.rows = arguments.rows or list(ROWS)
    for kind, names, known in (("row", arguments.rows, ROWS), ("peer", arguments.only, PEERS)):
        for name in names:
            if name not in known:
                parser.error(f"there is no {kind} {name!r}; there are {', '.join(known)}")
    return arguments


if __name__ == "__main__":
    main()
