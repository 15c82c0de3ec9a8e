from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(1, 3)

    @task(9)
    def predict(self):
        self.client.post("/predict", json={"inputs": [[5.1, 3.5, 1.4, 0.2]]})

    @task(1)
    def health(self):
        self.client.get("/health")
