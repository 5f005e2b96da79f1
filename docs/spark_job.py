"""Deadlines for a Parquet file of tickets: spark-submit spark_job.py TICKETS OUT"""

import sys
from datetime import datetime

from pyspark.sql import SparkSession

from kolmisla import columns

spark = SparkSession.builder.appName("deadlines").getOrCreate()
tickets = spark.read.parquet(sys.argv[1])
measured = columns.measure(tickets, at=datetime.fromisoformat("2026-07-07T08:10+03:00"), errors="null")
measured.write.mode("overwrite").parquet(sys.argv[2])
