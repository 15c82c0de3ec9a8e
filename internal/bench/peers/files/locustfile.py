"""CLIENT: fast or http. MODEL: closed, thinking or open. At the end what Locust
measured is printed as JSON."""
import json
import os
import sys

from locust import FastHttpUser, HttpUser, constant, constant_throughput, events, task

with open(os.environ["BODY"], encoding="utf-8") as file:
    BODY = file.read()
HEADERS = {"Content-Type": "application/json"}
WAIT = {"closed": constant(0), "thinking": constant(1), "open": constant_throughput(1)}


class Caller(FastHttpUser if os.environ["CLIENT"] == "fast" else HttpUser):
    wait_time = WAIT[os.environ["MODEL"]]

    @task
    def predict(self):
        self.client.post(os.environ["TARGET"], data=BODY, headers=HEADERS)


@events.quitting.add_listener
def tell(environment, **_):
    total = environment.stats.total
    at = lambda share: total.get_response_time_percentile(share) / 1e3
    sys.__stdout__.write(json.dumps({
        "p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "max": total.max_response_time / 1e3, "errors": total.num_failures,
    }) + "\n")
    sys.__stdout__.flush()
