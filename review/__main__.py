"""`python -m review`: what a change does to every stage, in one of five formats; the exit code is the verdict."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NoReturn

from review.acknowledgements import FILE, AcknowledgementsError, to_acknowledge, unacknowledgeable
from review.assumptions import AssumptionsError
from review.command import ASSUMPTIONS, BASES, Answer, Asked, answer, repository_of
from review.lint import LintError
from review.masking import masked
from review.model import Verdict
from review.render import FORMATS, coloured, rendered
from review.render_terminal import WIDTH
from review.revision import GitError
from review.sources import SNAPSHOTS, WORKTREE, SourceError
from review.wording import SYMBOLS, headline

EXIT = {Verdict.HARMLESS: 0, Verdict.LOOK: 1, Verdict.DANGER: 2, Verdict.BLOCKED: 2}
FAILED = 3
_EXPECTED = (SourceError, AcknowledgementsError, AssumptionsError, LintError, GitError, OSError, ModuleNotFoundError)


class Parser(argparse.ArgumentParser):
    """A parser whose exit code says that the tool failed, and not that a change is blocked."""

    def error(self, message: str) -> NoReturn:
        self.exit(FAILED, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None, *, today: date | None = None) -> int:
    """Reviews, writes, and returns 0 for nothing or harmless, 1 to look, 2 blocked, 3 where the tool failed."""
    options = _parser().parse_args(arguments)
    today = today or datetime.now(UTC).date()
    try:
        found = answer(_asked(options), today)
        _write(options, found, today)
    except BrokenPipeError:
        # Whoever read it has closed the pipe, like `head`; the next write at the end would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except _EXPECTED as error:
        return _failed(str(error))
    except KeyboardInterrupt:
        return _failed("interrupted")
    except Exception as error:
        if options.debug:
            raise
        return _failed(f"{type(error).__name__}: {error}; this is a defect of the review, --debug shows where")
    return EXIT[found.review.verdict]


def _failed(text: str) -> int:
    print(f"review: {' '.join(text.split())}", file=sys.stderr)
    return FAILED


def _asked(options: argparse.Namespace) -> Asked:
    return Asked(
        repository=repository_of(Path.cwd()),
        base=options.base or "",
        head=options.head,
        snapshots=options.snapshots,
        stages=tuple(options.stage),
        acknowledgements=options.acknowledgements,
        assumptions=options.assumptions,
        tables=tuple(options.tables),
        lint=options.lint,
    )


def _write(options: argparse.Namespace, found: Answer, today: date) -> None:
    review = found.review
    if options.acknowledge:
        shown = masked(review)
        access = [item for group in shown.access for item in group.same]
        blocks = [*to_acknowledge(shown.changes, access, today=today), *unacknowledgeable(shown.changes, access)]
        text = "\n\n".join(blocks or ["# Nothing needs to be acknowledged."]) + "\n"
    elif options.format == "terminal" and options.out is None and _shows_colours():
        # Some terminals say that they have no columns at all.
        text = coloured(review, min(os.get_terminal_size().columns or WIDTH, WIDTH))
    else:
        text = rendered(review, options.format, found.files)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")
        print(f"{SYMBOLS[review.verdict]} {review.verdict.word}  {headline(review)}  {options.out}")
    else:
        sys.stdout.write(text)
    sys.stdout.flush()


def _shows_colours() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _parser() -> Parser:
    parser = Parser(
        prog="python -m review",
        description="What a change of templates does to every stage.",
        epilog="Exit codes: 0 nothing or harmless, 1 changes to look at, 2 blocked, 3 the review failed. A side is "
        f"{WORKTREE}, a revision, a folder of snapshots (STAGE/STACK.template.json) or a cdk.out folder.",
    )
    parser.add_argument("--base", metavar="SIDE", help=f"what is deployed ({BASES[0]}, else {', '.join(BASES[1:])})")
    parser.add_argument("--head", metavar="SIDE", default=WORKTREE, help=f"what is to be deployed ({WORKTREE})")
    parser.add_argument("--format", choices=list(FORMATS), default="terminal", help="how to show it (terminal)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it (standard output)")
    parser.add_argument("--stage", action="append", default=[], metavar="NAME", help="only this stage; may be repeated")
    parser.add_argument(
        "--snapshots", default=SNAPSHOTS, metavar="PATH", help=f"the repository's snapshots ({SNAPSHOTS})"
    )
    parser.add_argument("--acknowledgements", type=Path, metavar="FILE", help=f"({FILE} of the head side)")
    parser.add_argument("--acknowledge", action="store_true", help="print the lines to paste into that file instead")
    parser.add_argument(
        "--assumptions", type=Path, metavar="FILE", help=f"how much is used, for the cost ({ASSUMPTIONS})"
    )
    parser.add_argument(
        "--tables", action="append", default=[], metavar="MODULE", help="descriptions of tables; may be repeated"
    )
    parser.add_argument("--lint", action="store_true", help="compare cfn-lint's findings too")
    parser.add_argument("--debug", action="store_true", help="show where an unexpected error came from")
    return parser


if __name__ == "__main__":
    sys.exit(main())
