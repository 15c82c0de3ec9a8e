"""The API of the workshop: one model from MLflow, and two paths.

The model is loaded before the API accepts requests, so /health responds only
when the API can predict. MLflow returns the location of the model's files,
which are in MinIO. The API does not start without either of them.
"""

import os
from contextlib import asynccontextmanager

import mlflow.sklearn
from fastapi import FastAPI, Request
from pydantic import BaseModel


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.model = mlflow.sklearn.load_model(os.environ["MODEL_URI"])
    yield


app = FastAPI(lifespan=lifespan)


class Rows(BaseModel):
    """Rows of four measures in cm: sepal length and width, petal length and width."""

    inputs: list[tuple[float, float, float, float]]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/predict")
def predict(rows: Rows, request: Request) -> dict[str, list[int]]:
    return {"predictions": request.app.state.model.predict(rows.inputs).tolist()}
