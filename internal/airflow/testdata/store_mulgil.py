# Made by mulgil export airflow from workflows/hist_retail_dailybatch.asl.json: change that and export again.
#
# Tasks call mulgil on this machine. Let `mulgil up` run beside Airflow: tasks that
# run at the same time then share one owner of the project.
#
# What Airflow does differently:
# - Airflow retries after any error, not only Glue.ConcurrentRunsExceededException (Extract products, Extract orders, Sum orders, Extract sales, Sum sales, Sum day, Sum week and month)
# - a crawl that fails fails the DAG's task; the state machine only waits for its end (Crawl products, Crawl orders, Crawl sums of orders, Crawl sales, Crawl hours, Crawl subcategories, Crawl sold products, Crawl gold)
# - Airflow retries after any error, not only Glue.CrawlerRunningException (Crawl products, Crawl orders, Crawl sums of orders, Crawl sales, Crawl hours, Crawl subcategories, Crawl sold products, Crawl gold)
# - Airflow doubles the delay between retries; BackoffRate 1.5 is not kept (Crawl products, Crawl orders, Crawl sums of orders, Crawl sales, Crawl hours, Crawl subcategories, Crawl sold products, Crawl gold)
from __future__ import annotations

import json
import os
import shlex
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from airflow.timetables.trigger import CronTriggerTimetable

try:  # Airflow 3
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.providers.standard.operators.empty import EmptyOperator
    from airflow.providers.standard.sensors.bash import BashSensor
    from airflow.sdk import DAG, Param, TaskGroup
except ImportError:  # Airflow 2.10
    from airflow.models.dag import DAG
    from airflow.models.param import Param
    from airflow.operators.bash import BashOperator
    from airflow.operators.empty import EmptyOperator
    from airflow.sensors.bash import BashSensor
    from airflow.utils.task_group import TaskGroup

MULGIL = "mulgil --project " + shlex.quote(os.environ.get("MULGIL_PROJECT", "/srv/mulgil/store"))

ANY = ["null", "string", "number", "boolean", "object", "array"]


def text(value):
    """A value as a command takes it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def scheduled(dag_run):
    """The input that the schedule gives."""
    at = (dag_run.logical_date or dag_run.run_after).astimezone(ZoneInfo("Asia/Seoul"))
    return {"EXTRACT_DATE": (at + timedelta(days=-1)).strftime("%Y-%m-%d")}


def given(params, dag_run, *path):
    """A part of the run's input: what it was given, else what the schedule gives."""
    value = {**scheduled(dag_run), **{k: v for k, v in params.items() if v is not None}}
    for name in path:
        value = value[name]
    return value


with DAG(
    dag_id="hist_retail_dailybatch",
    description="A day of the convenience store: raw, silver and gold",
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Seoul"),
    start_date=datetime(2015, 1, 2, 0, 0, 0, tzinfo=ZoneInfo("Asia/Seoul")),
    catchup=True,
    max_active_runs=1,
    default_args={"retries": 0},
    params={"EXTRACT_DATE": Param(None, type=ANY)},
    user_defined_macros={"given": given, "text": text},
) as dag:
    extract_products = BashOperator(
        task_id="extract_products",
        task_display_name="Extract products",
        bash_command=MULGIL + " job run jb_retail_dimension_products_d2s",
        retries=3,
        retry_delay=timedelta(seconds=5),
        retry_exponential_backoff=True,
    )
    crawl_products = BashOperator(
        task_id="crawl_products",
        task_display_name="Crawl products",
        bash_command=MULGIL + " crawler run cr_retail_dimension_products",
        retries=10,
        retry_delay=timedelta(seconds=2),
        retry_exponential_backoff=True,
    )
    # with products crawled?, Wait for products
    look_at_products = BashSensor(
        task_id="look_at_products",
        task_display_name="Look at products",
        bash_command="answer=$(" + MULGIL + " crawler get cr_retail_dimension_products --json) || exit 1; case \"$answer\" in *'\"State\": \"READY\"'*) ;; *) exit 99 ;; esac",
        retry_exit_code=99,
        poke_interval=1,
    )
    with TaskGroup("sales_and_orders", tooltip="Sales and orders") as sales_and_orders:
        extract_orders = BashOperator(
            task_id="extract_orders",
            task_display_name="Extract orders",
            bash_command=MULGIL + ' job run jb_retail_factdata_d2s --arg "EXTRACT_DATE=$ARG_EXTRACT_DATE" --arg TARGET_DATA=balju',
            env={"ARG_EXTRACT_DATE": '{{ text(given(params, dag_run, "EXTRACT_DATE")) }}'},
            append_env=True,
            retries=3,
            retry_delay=timedelta(seconds=5),
            retry_exponential_backoff=True,
        )
        crawl_orders = BashOperator(
            task_id="crawl_orders",
            task_display_name="Crawl orders",
            bash_command=MULGIL + " crawler run cr_retail_factdata_balju",
            retries=10,
            retry_delay=timedelta(seconds=2),
            retry_exponential_backoff=True,
        )
        # with orders crawled?, Wait for orders
        look_at_orders = BashSensor(
            task_id="look_at_orders",
            task_display_name="Look at orders",
            bash_command="answer=$(" + MULGIL + " crawler get cr_retail_factdata_balju --json) || exit 1; case \"$answer\" in *'\"State\": \"READY\"'*) ;; *) exit 99 ;; esac",
            retry_exit_code=99,
            poke_interval=1,
        )
        sum_orders = BashOperator(
            task_id="sum_orders",
            task_display_name="Sum orders",
            bash_command=MULGIL + ' job run jb_retail_silver_dailybalju_s2s --arg "EXTRACT_DATE=$ARG_EXTRACT_DATE"',
            env={"ARG_EXTRACT_DATE": '{{ text(given(params, dag_run, "EXTRACT_DATE")) }}'},
            append_env=True,
            retries=3,
            retry_delay=timedelta(seconds=5),
            retry_exponential_backoff=True,
        )
        crawl_sums_of_orders = BashOperator(
            task_id="crawl_sums_of_orders",
            task_display_name="Crawl sums of orders",
            bash_command=MULGIL + " crawler run cr_retail_silver_balju",
            retries=10,
            retry_delay=timedelta(seconds=2),
            retry_exponential_backoff=True,
        )
        extract_orders >> crawl_orders
        crawl_orders >> look_at_orders
        look_at_orders >> sum_orders
        sum_orders >> crawl_sums_of_orders

        extract_sales = BashOperator(
            task_id="extract_sales",
            task_display_name="Extract sales",
            bash_command=MULGIL + ' job run jb_retail_factdata_d2s --arg "EXTRACT_DATE=$ARG_EXTRACT_DATE" --arg TARGET_DATA=sales',
            env={"ARG_EXTRACT_DATE": '{{ text(given(params, dag_run, "EXTRACT_DATE")) }}'},
            append_env=True,
            retries=3,
            retry_delay=timedelta(seconds=5),
            retry_exponential_backoff=True,
        )
        crawl_sales = BashOperator(
            task_id="crawl_sales",
            task_display_name="Crawl sales",
            bash_command=MULGIL + " crawler run cr_retail_factdata_sales",
            retries=10,
            retry_delay=timedelta(seconds=2),
            retry_exponential_backoff=True,
        )
        # with sales crawled?, Wait for sales
        look_at_sales = BashSensor(
            task_id="look_at_sales",
            task_display_name="Look at sales",
            bash_command="answer=$(" + MULGIL + " crawler get cr_retail_factdata_sales --json) || exit 1; case \"$answer\" in *'\"State\": \"READY\"'*) ;; *) exit 99 ;; esac",
            retry_exit_code=99,
            poke_interval=1,
        )
        sum_sales = BashOperator(
            task_id="sum_sales",
            task_display_name="Sum sales",
            bash_command=MULGIL + ' job run jb_retail_silver_dailysales_s2s --arg "EXTRACT_DATE=$ARG_EXTRACT_DATE"',
            env={"ARG_EXTRACT_DATE": '{{ text(given(params, dag_run, "EXTRACT_DATE")) }}'},
            append_env=True,
            retries=3,
            retry_delay=timedelta(seconds=5),
            retry_exponential_backoff=True,
        )
        with TaskGroup("crawl_sums_of_sales", tooltip="Crawl sums of sales") as crawl_sums_of_sales:
            crawl_hours = BashOperator(
                task_id="crawl_hours",
                task_display_name="Crawl hours",
                bash_command=MULGIL + " crawler run cr_retail_silver_sales_dailytime",
                retries=10,
                retry_delay=timedelta(seconds=2),
                retry_exponential_backoff=True,
            )

            crawl_subcategories = BashOperator(
                task_id="crawl_subcategories",
                task_display_name="Crawl subcategories",
                bash_command=MULGIL + " crawler run cr_retail_silver_sales_dailysubcate",
                retries=10,
                retry_delay=timedelta(seconds=2),
                retry_exponential_backoff=True,
            )

            crawl_sold_products = BashOperator(
                task_id="crawl_sold_products",
                task_display_name="Crawl sold products",
                bash_command=MULGIL + " crawler run cr_retail_silver_sales_dailyproduct",
                retries=10,
                retry_delay=timedelta(seconds=2),
                retry_exponential_backoff=True,
            )
        extract_sales >> crawl_sales
        crawl_sales >> look_at_sales
        look_at_sales >> sum_sales
        sum_sales >> crawl_sums_of_sales
    sum_day = BashOperator(
        task_id="sum_day",
        task_display_name="Sum day",
        bash_command=MULGIL + ' job run jb_retail_gold_daily_s2s --arg "EXTRACT_DATE=$ARG_EXTRACT_DATE"',
        env={"ARG_EXTRACT_DATE": '{{ text(given(params, dag_run, "EXTRACT_DATE")) }}'},
        append_env=True,
        retries=3,
        retry_delay=timedelta(seconds=5),
        retry_exponential_backoff=True,
    )
    sum_week_and_month = BashOperator(
        task_id="sum_week_and_month",
        task_display_name="Sum week and month",
        bash_command=MULGIL + ' job run jb_retail_gold_periods_s2s --arg "EXTRACT_DATE=$ARG_EXTRACT_DATE"',
        env={"ARG_EXTRACT_DATE": '{{ text(given(params, dag_run, "EXTRACT_DATE")) }}'},
        append_env=True,
        retries=3,
        retry_delay=timedelta(seconds=5),
        retry_exponential_backoff=True,
    )
    crawl_gold = BashOperator(
        task_id="crawl_gold",
        task_display_name="Crawl gold",
        bash_command=MULGIL + " crawler run cr_retail_gold",
        retries=10,
        retry_delay=timedelta(seconds=2),
        retry_exponential_backoff=True,
    )
    # with gold crawled?, Wait for gold
    look_at_gold = BashSensor(
        task_id="look_at_gold",
        task_display_name="Look at gold",
        bash_command="answer=$(" + MULGIL + " crawler get cr_retail_gold --json) || exit 1; case \"$answer\" in *'\"State\": \"READY\"'*) ;; *) exit 99 ;; esac",
        retry_exit_code=99,
        poke_interval=1,
    )
    done = EmptyOperator(
        task_id="done",
        task_display_name="Done",
    )
    extract_products >> crawl_products
    crawl_products >> look_at_products
    look_at_products >> sales_and_orders
    sales_and_orders >> sum_day
    sum_day >> sum_week_and_month
    sum_week_and_month >> crawl_gold
    crawl_gold >> look_at_gold
    look_at_gold >> done
