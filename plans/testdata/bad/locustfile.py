from locust import HttpUser, task


class Visitor(HttpUser):
    @task
    def predict(self):
        self.client.post("/predict", json={"inputs": [[5.1, 3.5, 1.4, 0.2]]})
