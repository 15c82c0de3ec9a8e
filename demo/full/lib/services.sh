# shellcheck shell=bash
# PostgreSQL, MinIO and MLflow on the workshop's network, and the model in them. Volumes keep
# their data, so the model is trained once. The volumes have the names of compose.yaml.

model_key() { key_of "$(postgres_image)" "$minio_version" "$model" "$(cat "$full/packages/lock.txt" "$full/model/train.py")"; }
trained() { echo "$cache/trained-$(model_key)"; } # a file that exists when the model is in the volumes

# make_volumes keeps the volumes if they have the model, and makes new ones otherwise.
make_volumes() {
    local volume
    [ ! -e "$(trained)" ] || for volume in "${volumes[@]}"; do
        [ "$(docker volume inspect -f '{{index .Labels "plan-demo-model"}}' "$volume" 2>/dev/null)" = "$(model_key)" ] || rm -f "$(trained)"
    done
    [ ! -e "$(trained)" ] || return 0
    for volume in "${volumes[@]}"; do
        ! there volume "$volume" || docker volume rm "$volume" >/dev/null
        docker volume create --label "$label" --label "plan-demo-model=$(model_key)" "$volume" >/dev/null
    done
}

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
        -e "MINIO_ROOT_USER=$access_key" -e MINIO_ROOT_PASSWORD -v "${volumes[0]}:/data" \
        "$(minio_image)" >/dev/null
}

start_postgres() {
    docker run -d --name "$postgres" --label "$label" --network "$network" --network-alias postgres \
        -e POSTGRES_USER=mlflow -e POSTGRES_PASSWORD -v "${volumes[1]}:/var/lib/postgresql/data" \
        "$(postgres_image)" >/dev/null
}

start_mlflow() {
    docker run -d --name "$mlflow" --label "$label" --network "$network" --network-alias mlflow \
        -e "MLFLOW_S3_ENDPOINT_URL=$store" -e "AWS_ACCESS_KEY_ID=$access_key" -e AWS_SECRET_ACCESS_KEY \
        "$(mlflow_image)" \
        mlflow server --host 0.0.0.0 --port 5000 --workers 1 --allowed-hosts 'mlflow:5000,localhost:5000' \
        --backend-store-uri "postgresql+psycopg2://mlflow:$POSTGRES_PASSWORD@postgres:5432/mlflow" --default-artifact-root "s3://$bucket" --no-serve-artifacts >/dev/null
}

# start_services starts them and waits until they respond. It uses MinIO and MLflow like the
# API: by name, from inside the network.
start_services() {
    make_volumes
    start_postgres
    local deadline=$((SECONDS + 60))
    until docker exec "$postgres" pg_isready -q -h 127.0.0.1 -U mlflow -d mlflow; do
        ((SECONDS < deadline)) || fail "PostgreSQL does not accept connections: see docker logs $postgres"
        sleep 0.5
    done
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
    [ ! -e "$(trained)" ] || return 0
    docker run --rm --name plan-demo-full-training --label "$label" --network "$network" \
        -e "MLFLOW_TRACKING_URI=$tracking" -e "MLFLOW_S3_ENDPOINT_URL=$store" \
        -e "AWS_ACCESS_KEY_ID=$access_key" -e AWS_SECRET_ACCESS_KEY \
        -e "MODEL_URI=$model" -e "BUCKET=$bucket" -v "$full/model:/srv:ro" \
        "$(packages_image)" nice python3 /srv/train.py
    touch "$(trained)"
}
