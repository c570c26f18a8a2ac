"""Reports and pages of a graph without building its firmware: code and stack are made-up numbers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyc.costs.footprint import Costs
from tinyc.costs.memory_map import memory_map
from tinyc.costs.report_json import compile_report
from tinyc.frontends import load_tflite
from tinyc.frontends.source import ModelFile
from tinyc.ir import Graph
from tinyc.options import Options
from tinyc.passes import optimize
from tinyc.report.html import report_page
from tinyc.report.memory import MemoryMap
from tinyc.schedule import Plan, pareto_plans
from tinyc.target.boards import load_board
from tinyc.target.elf import Footprint

ISAS = ("dsp", "ref")


@dataclass(frozen=True)
class Page:
    report: dict[str, Any]
    memory: MemoryMap
    html: str

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script works on."""
        found = re.search(r'<script type="application/json" id="data">(.*?)</script>', self.html, re.DOTALL)
        assert found
        data: dict[str, Any] = json.loads(found[1])
        return data


def page_of_model(model: Path, *, rows_in: bool = False, pick: int = 0) -> Page:
    graph = optimize(load_tflite(model.read_bytes(), model.name, "litert"))
    return page_of(graph, model.name, rows_in=rows_in, pick=pick)


def page_of(graph: Graph, file: str, *, rows_in: bool = False, pick: int = 0) -> Page:
    """pick: which plan of the Pareto set."""
    plans = pareto_plans(graph, ISAS, rows_in=rows_in)
    report = report_of(graph, plans[pick], plans, file)
    memory = memory_map(plans[pick])
    return Page(report, memory, render(report, memory))


def report_of(graph: Graph, plan: Plan, plans: tuple[Plan, ...], file: str) -> dict[str, Any]:
    options = Options(
        load_board("mps2-an386"),
        input_mode="rows" if plan.rows_in else "resident",
        command=f"tinyc compile {file} --board mps2-an386",
    )
    weights = sum(low.weights_bytes for low in plan.lowerings)
    costs = Costs(
        Footprint(weights, 6000, 16, 100, plan.arena), 480, {"tc_conv2d_s8_dsp": 1234, "tc_dot": 56}
    )
    return compile_report(
        graph, plan, plans, ModelFile(Path(file), b"model", "0" * 64), "model", options, costs, "-O2"
    )


def render(
    report: dict[str, Any],
    memory: MemoryMap | None,
    ram: int | None = 65_536,
    flash: int | None = 1_048_576,
    run: dict[str, Any] | None = None,
) -> str:
    return report_page(report, memory, ram, flash, "tinyc test", run)
