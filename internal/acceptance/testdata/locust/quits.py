from locust import HttpUser, constant, task


class Caller(HttpUser):
    wait_time = constant(0.2)
    sent = 0

    @task
    def predict(self):
        self.client.get("/health")
        Caller.sent += 1
        if Caller.sent > 4:
            self.environment.runner.quit()
