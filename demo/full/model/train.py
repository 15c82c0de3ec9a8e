"""Trains the forest of the workshop and registers it with MLflow.

It learns from iris flowers, drawn again and again with measuring errors. The
errors make the trees deep and the model large: some hundred MB, which the API
has to hold in memory. The same seed gives the same forest.
"""

import os

import boto3
import mlflow
import numpy as np
from botocore.exceptions import ClientError
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier

FLOWERS = 800_000
TREES = 40
ERROR_CM = 0.6  # standard deviation of a measure


def flowers() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    measures, species = load_iris(return_X_y=True)
    drawn = random.integers(0, len(measures), FLOWERS)
    return measures[drawn] + random.normal(0, ERROR_CM, (FLOWERS, 4)), species[drawn]


def make_bucket(name: str) -> None:
    store = boto3.client("s3", endpoint_url=os.environ["MLFLOW_S3_ENDPOINT_URL"])
    try:
        store.create_bucket(Bucket=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise


def main() -> None:
    make_bucket(os.environ["BUCKET"])
    measures, species = flowers()
    forest = RandomForestClassifier(TREES, n_jobs=-1, random_state=0).fit(measures, species)
    forest.n_jobs = 1  # one request is answered by one thread
    nodes = sum(tree.tree_.node_count for tree in forest.estimators_)
    print(f"trained {TREES} trees of {nodes} nodes on {FLOWERS} flowers")

    name, alias = os.environ["MODEL_URI"].removeprefix("models:/").split("@")
    mlflow.set_experiment(name)
    with mlflow.start_run():
        mlflow.log_metric("accuracy", forest.score(*load_iris(return_X_y=True)))
        logged = mlflow.sklearn.log_model(
            forest,
            name="model",
            registered_model_name=name,
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn"],
        )
    version = logged.registered_model_version
    mlflow.MlflowClient().set_registered_model_alias(name, alias, version)
    print(f"registered {name} version {version} as {alias}")


if __name__ == "__main__":
    main()
