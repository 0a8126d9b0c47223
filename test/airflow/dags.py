"""Imports exported DAGs with a real Airflow and looks for each Task state.

usage: dags.py FOLDER DAG_ID=DEFINITION.asl.json ...
"""

import json
import logging
import sys

logging.disable(logging.WARNING)
try:  # Airflow 3
    from airflow.dag_processing.dagbag import DagBag
except ImportError:  # Airflow 2.10
    from airflow.models.dagbag import DagBag


def tasks(flow):
    """The names of all Task states, those in branches included."""
    for name, state in flow["States"].items():
        if state["Type"] == "Task":
            yield name
        for branch in state.get("Branches", []):
            yield from tasks(branch)


bag = DagBag(sys.argv[1], include_examples=False)
wrong = [f"{file}: {error}" for file, error in bag.import_errors.items()]
seen = 0
for arg in sys.argv[2:]:
    dag_id, file = arg.split("=", 1)
    with open(file, encoding="utf-8") as f:
        want = set(tasks(json.load(f)))
    dag = bag.dags.get(dag_id)
    have = {t.task_display_name for t in dag.tasks} if dag else set()
    wrong += [f"{dag_id}: no task for the state {name}" for name in sorted(want - have)]
    seen += len(want)
if wrong:
    sys.exit("\n".join(wrong))
print(f"{len(sys.argv) - 2} DAGs, {seen} Task states")
