"""As many users as one process cannot serve."""

from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(0.05, 0.15)

    @task
    def predict(self):
        self.client.post("/predict", json={"inputs": [[5.1, 3.5, 1.4, 0.2]]})
