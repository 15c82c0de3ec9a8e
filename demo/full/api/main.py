"""The API of the workshop: one model out of MLflow, behind two paths.

The model is loaded before the first request is taken, so /health answers only
once the API can predict. MLflow says where the model's files are; they come
from MinIO. Where either is missing, the API does not start.
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
