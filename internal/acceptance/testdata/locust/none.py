from locust import HttpUser, constant, task


class Caller(HttpUser):
    wait_time = constant(1)

    def on_start(self):
        with open(self.environment.parsed_options.sample) as f:
            self.body = f.read()

    @task
    def predict(self):
        self.client.post("/predict", data=self.body)
