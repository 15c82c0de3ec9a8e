from locust import HttpUser, between, task


class User(HttpUser):
    wait_time = between(1, 3)

    @task
    def predict(self):
        self.client.post("/predict", json={"inputs": [[5.1, 3.5, 1.4, 0.2]]})
