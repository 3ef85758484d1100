"""The verb `evaluate`: how good are the models on likes they have not seen."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.__main__ import examples, show
from training.inputs import locally
from training.options import add_data_options, add_settings, chosen_settings, read_data

if TYPE_CHECKING:
    from training.here import Here
    from training.prepare import Prepared
    from training.progress import Steps
    from training.settings import Settings


def register(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Declare it; the libraries it needs are imported only when it runs."""
    evaluate = verbs.add_parser(
        "evaluate",
        help="ask for likes that training has not seen; beside six baselines",
        **examples(
            "kindred evaluate ratings.csv --movies movies.csv --report report.html",
            "kindred evaluate ratings.csv --protocol time-split --seeds 1 --method item2vec --vector-size 32",
        ),
    )
    add_data_options(evaluate)
    add_settings(evaluate)
    evaluate.add_argument(
        "--protocol",
        default="leave-last-one",
        choices=("leave-last-one", "time-split"),
        help="what is held out (leave-last-one)",
    )
    evaluate.add_argument("--seeds", type=int, default=3, metavar="N", help="trainings, for the stability (3)")
    evaluate.add_argument("--report", type=Path, metavar="FILE", help="also write a page with plots (.html)")
    evaluate.set_defaults(run=locally(_evaluate))
    return evaluate


def _evaluate(options: argparse.Namespace) -> int:
    from training.evaluation.report import table, write_report
    from training.evaluation.run import evaluate
    from training.progress import Steps

    settings, steps = chosen_settings(options), Steps()
    prepared = read_data(options, settings, steps)
    found = evaluate(
        prepared.engine,
        prepared.catalogue,
        settings,
        workers=max(1, options.workers),
        steps=steps,
        protocol=options.protocol,
        seeds=max(1, options.seeds),
    )
    found = replace(found, cold=_cold(options, prepared, settings, steps))
    if options.report is not None:
        write_report(options.report, found, prepared.facts)
        steps.say(f"report: {options.report}")
    return show(options, found.to_json(), table(found))


def _cold(
    options: argparse.Namespace, prepared: "Prepared[Here]", settings: "dict[str, Settings]", steps: "Steps"
) -> dict[str, Any] | None:
    """The table of films made cold; None where nothing is known of films, or too few are liked."""
    from training.errors import DataError
    from training.evaluation.cold import evaluate_cold

    if options.movies is None:
        steps.say("cold start: not measured without --movies")
        return None
    data = prepared.engine.ratings, prepared.engine.row_of, prepared.catalogue
    try:
        return evaluate_cold(*data, settings, workers=max(1, options.workers), steps=steps)
    except DataError as error:
        steps.say(f"cold start: not measured: {error}")
        return None
