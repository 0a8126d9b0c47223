# Made by mulgil export airflow from workflows/every_state.asl.json: change that and export again.
#
# Tasks call mulgil on this machine. Let `mulgil up` run beside Airflow: tasks that
# run at the same time then share one owner of the project.
#
# What Airflow does differently:
# - a crawl that fails fails the DAG's task; the state machine only waits for its end (Crawl)
from __future__ import annotations

import json
import os
import re
import shlex
from datetime import datetime, timedelta, timezone

from airflow.exceptions import AirflowFailException, AirflowSkipException

try:  # Airflow 3
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
    from airflow.providers.standard.sensors.bash import BashSensor
    from airflow.sdk import DAG, Param, TaskGroup
except ImportError:  # Airflow 2.10
    from airflow.models.dag import DAG
    from airflow.models.param import Param
    from airflow.operators.bash import BashOperator
    from airflow.operators.empty import EmptyOperator
    from airflow.operators.python import BranchPythonOperator, PythonOperator
    from airflow.sensors.bash import BashSensor
    from airflow.utils.task_group import TaskGroup

MULGIL = "mulgil --project " + shlex.quote(os.environ.get("MULGIL_PROJECT", "/srv/mulgil/store")) + " --target " + shlex.quote("prod")

ANY = ["null", "string", "number", "boolean", "object", "array"]


def text(value):
    """A value as a command takes it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def given(params, dag_run, *path):
    """A part of the run's input: what it was given, else what the schedule gives."""
    value = {k: v for k, v in params.items() if v is not None}
    for name in path:
        value = value[name]
    return value


def fail(error, cause):
    raise AirflowFailException(f"{error}: {cause}")


def caught(ti, dag_run, roots, leaves, then, handler, **_):
    """Goes on with then, or with handler if what lies from roots to leaves failed."""
    ids = roots + leaves
    if hasattr(ti, "get_task_states"):  # Airflow 3
        states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[dag_run.run_id], task_ids=ids)[dag_run.run_id]
    else:
        states = {t.task_id: t.state for t in dag_run.get_task_instances() if t.task_id in ids}
    began = {str(states[id]) for id in roots}
    ended = {str(states[id]) for id in leaves}
    if began == {"upstream_failed"}:
        raise AirflowFailException("a task before it failed")
    if ended & {"failed", "upstream_failed"}:
        return handler
    if "success" not in ended:
        raise AirflowSkipException("it was not run")
    return then


def present(value):
    """Whether a path leads somewhere."""
    try:
        value()
    except (KeyError, TypeError):
        return False
    return True


def holds(value, operator, other):
    """One comparison of a Choice; a value of another type is never equal."""
    number = lambda v: isinstance(v, (int, float)) and not isinstance(v, bool)

    def moment(v):
        try:
            return datetime.fromisoformat(v.replace("Z", "+00:00"))
        except (AttributeError, ValueError):
            return None

    if operator.startswith("Is"):
        kinds = {
            "IsNull": value is None,
            "IsString": isinstance(value, str),
            "IsNumeric": number(value),
            "IsBoolean": isinstance(value, bool),
            "IsTimestamp": moment(value) is not None,
        }
        return kinds[operator] == other
    if operator == "StringMatches":
        parts = re.findall(r"\\.|\*|[^*\\]+|\\", other)
        pattern = "".join(".*" if p == "*" else re.escape(p[1:] if p[:1] == "\\" and len(p) > 1 else p) for p in parts)
        return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None
    kind, name = re.fullmatch("(String|Numeric|Boolean|Timestamp)(.*)", operator).groups()
    if kind == "Timestamp":
        value, other = moment(value), moment(other)
        fits = value is not None and other is not None
    else:
        fits = {"String": lambda v: isinstance(v, str), "Numeric": number, "Boolean": lambda v: isinstance(v, bool)}[kind]
        fits = fits(value) and fits(other)
    return fits and {
        "Equals": lambda: value == other,
        "LessThan": lambda: value < other,
        "LessThanEquals": lambda: value <= other,
        "GreaterThan": lambda: value > other,
        "GreaterThanEquals": lambda: value >= other,
    }[name]()


def which_day_goes(params, dag_run, **_):
    if (present(lambda: given(params, dag_run, "Day")) and not holds(given(params, dag_run, "Day"), "StringMatches", "2015-*")):
        return "wait_a_moment"
    if holds(given(params, dag_run, "Rows"), "NumericGreaterThan", 100):
        return "refuse"
    return "both"


with DAG(
    dag_id="every_state",
    description="Each kind of state once",
    schedule=None,
    start_date=datetime(2000, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0},
    dagrun_timeout=timedelta(seconds=3600),
    params={"Day": Param(None, type=ANY), "Rows": Param(None, type=ANY)},
    user_defined_macros={"given": given, "text": text},
) as dag:
    준비 = EmptyOperator(
        task_id="준비",
        task_display_name="준비",
    )
    which_day = BranchPythonOperator(
        task_id="which_day",
        task_display_name="Which day?",
        python_callable=which_day_goes,
    )
    wait_a_moment = BashOperator(
        task_id="wait_a_moment",
        task_display_name="Wait a moment",
        bash_command="sleep 1",
    )
    refuse = PythonOperator(
        task_id="refuse",
        task_display_name="Refuse",
        python_callable=fail,
        op_kwargs={"cause": '{{ text("".join([text(given(params, dag_run, "Rows")), text(" rows")])) }}', "error": "TooMuch"},
    )
    with TaskGroup("both", tooltip="Both") as both:
        load = BashOperator(
            task_id="load",
            task_display_name="Load",
            bash_command=MULGIL + ' job run load --arg "DAY=$ARG_DAY" --arg "RUN=$ARG_RUN" --arg TABLE=sales',
            env={"ARG_DAY": '{{ text(given(params, dag_run, "Day")) }}', "ARG_RUN": '{{ text("".join([text(dag_run.run_id), text(" of "), text(given(params, dag_run, "Day"))])) }}'},
            append_env=True,
            doc="May fail",
            trigger_rule="none_failed_min_one_success",
            execution_timeout=timedelta(seconds=600),
            retries=1,
            retry_delay=timedelta(seconds=1),
        )
        load_done = EmptyOperator(
            task_id="load_done",
        )
        load_caught = BranchPythonOperator(
            task_id="load_caught",
            python_callable=caught,
            op_kwargs={"roots": ["both.load"], "leaves": ["both.load"], "then": "both.load_done", "handler": "both.load_again"},
            trigger_rule="all_done",
        )
        load >> load_caught
        load_caught >> load_done
        load_again = BashOperator(
            task_id="load_again",
            task_display_name="Load again",
            bash_command=MULGIL + ' job run load_slowly --arg "DAY=$ARG_DAY"',
            env={"ARG_DAY": '{{ text(given(params, dag_run, "Day")) }}'},
            append_env=True,
        )
        load_caught >> load_again

        crawl = BashOperator(
            task_id="crawl",
            task_display_name="Crawl",
            bash_command=MULGIL + " crawler run cr_sales",
            trigger_rule="none_failed_min_one_success",
        )
        # with Crawled?, Wait for it
        look = BashSensor(
            task_id="look",
            task_display_name="Look",
            bash_command="answer=$(" + MULGIL + " crawler get cr_sales --json) || exit 1; case \"$answer\" in *'\"State\": \"READY\"'*|*'\"State\": \"STOPPING\"'*) ;; *) exit 99 ;; esac",
            retry_exit_code=99,
            poke_interval=5,
        )
        crawl_done = EmptyOperator(
            task_id="crawl_done",
            task_display_name="Crawl done",
        )
        crawl >> look
        look >> crawl_done
    both_caught = BranchPythonOperator(
        task_id="both_caught",
        python_callable=caught,
        op_kwargs={"roots": ["both.load", "both.crawl"], "leaves": ["both.load_done", "both.load_again", "both.crawl_done"], "then": "sum", "handler": "tell"},
        trigger_rule="all_done",
    )
    both >> both_caught
    sum_ = BashOperator(
        task_id="sum",
        task_display_name="Sum",
        bash_command=MULGIL + ' job run sum --arg "DAY=$ARG_DAY"',
        env={"ARG_DAY": '{{ text(given(params, dag_run, "Day")) }}'},
        append_env=True,
        trigger_rule="none_failed_min_one_success",
    )
    tell = BashOperator(
        task_id="tell",
        task_display_name="Tell",
        bash_command=MULGIL + " job run tell",
        trigger_rule="none_failed_min_one_success",
    )
    준비 >> which_day
    which_day >> wait_a_moment
    which_day >> refuse
    which_day >> both
    wait_a_moment >> both
    both_caught >> sum_
    both_caught >> tell
