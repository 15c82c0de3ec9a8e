# shellcheck shell=bash
# MinIO and MLflow on the workshop's network, and the model in them. The cache
# keeps their data, so the model is trained once.

model_folder() { echo "$cache/model-$(key_of "$minio_version" "$model" "$(cat "$full/packages/lock.txt" "$full/model/train.py")")"; }

start_network() {
    if there network "$network"; then
        say "using the existing network $network"
        return
    fi
    docker network create --label "$label" "$network" >/dev/null
    say "made the network $network"
}

start_minio() {
    docker run -d --name "$minio" --label "$label" --network "$network" --network-alias minio \
        -e "MINIO_ROOT_USER=$access_key" -e MINIO_ROOT_PASSWORD -v "$(model_folder)/minio:/data" \
        "$(minio_image)" >/dev/null
}

start_mlflow() {
    docker run -d --name "$mlflow" --label "$label" --network "$network" --network-alias mlflow \
        -e "MLFLOW_S3_ENDPOINT_URL=$store" -e "AWS_ACCESS_KEY_ID=$access_key" -e AWS_SECRET_ACCESS_KEY \
        -v "$(model_folder)/mlflow:/data" "$(mlflow_image)" \
        mlflow server --host 0.0.0.0 --port 5000 --workers 1 --allowed-hosts 'mlflow:5000,localhost:5000' \
        --backend-store-uri sqlite:////data/mlflow.db --default-artifact-root "s3://$bucket" --no-serve-artifacts >/dev/null
}

# start_services starts both and waits until they respond. It uses them like the
# API: by name, from inside the network.
start_services() {
    [ -e "$(model_folder)/trained" ] || rm -rf "$(model_folder)"
    mkdir -p "$(model_folder)/minio" "$(model_folder)/mlflow"
    MINIO_ROOT_PASSWORD=$AWS_SECRET_ACCESS_KEY start_minio
    start_mlflow
    await "$minio" "$store/minio/health/live"
    await "$mlflow" "$tracking/health"
}

# await waits until a service responds: CONTAINER URL
await() {
    local deadline=$((SECONDS + 120))
    until ask "$2" >/dev/null 2>&1; do
        if ((SECONDS >= deadline)) || [ "$(docker inspect -f '{{.State.Running}}' "$1")" != true ]; then
            docker logs --tail 20 "$1" >&2
            fail "$1 does not respond at $2: its log ends with the lines above"
        fi
        sleep 0.5
    done
}

# ask prints the response of a URL, requested from inside the network: URL [BODY]
ask() { docker exec -i "$mlflow" python3 - "$@" <"$full/lib/ask.py"; }

# train_model trains the model in the environment in which the API loads it: with
# the packages and on the network of the API.
train_model() {
    [ ! -e "$(model_folder)/trained" ] || return 0
    docker run --rm --name plan-demo-full-training --label "$label" --network "$network" \
        -e "MLFLOW_TRACKING_URI=$tracking" -e "MLFLOW_S3_ENDPOINT_URL=$store" \
        -e "AWS_ACCESS_KEY_ID=$access_key" -e AWS_SECRET_ACCESS_KEY \
        -e "MODEL_URI=$model" -e "BUCKET=$bucket" -v "$full/model:/srv:ro" \
        "$(packages_image)" nice python3 /srv/train.py
    touch "$(model_folder)/trained"
}
