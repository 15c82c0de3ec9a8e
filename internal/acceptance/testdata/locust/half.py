import itertools

from locust import HttpUser, constant, task

count = itertools.count()


class Caller(HttpUser):
    wait_time = constant(0.2)

    def on_start(self):
        if next(count) % 2:
            raise RuntimeError("no login for this one")

    @task
    def predict(self):
        self.client.get("/health")
