"""A page of a Parquet file of tickets: spark-submit spark_report.py TICKETS REPORT.html"""

import sys
from datetime import datetime
from pathlib import Path

from pyspark.sql import SparkSession

from kolmisla import report

spark = SparkSession.builder.appName("report").getOrCreate()
tickets = spark.read.parquet(sys.argv[1])
july = report(tickets, at=datetime.fromisoformat("2026-08-01T00:00+03:00"), errors="null")
Path(sys.argv[2]).write_text(july.to_html(), encoding="utf-8")
