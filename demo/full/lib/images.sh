# shellcheck shell=bash
# The images, and which image each one is based on:
#
#   minio
#   python - packages - api
#                     - mlflow
#   debian - postgres
#
# They are built without a builder and without a network: an archive is imported,
# or commands run in a container that is then committed. The tag of each image is
# a hash of its sources.

venv=/app/.venv # the default of uv

minio_image() { echo "$kept/minio:$(key_of "$minio_version" "$(declare -f make_minio)")"; }
python_image() { echo "$kept/python:$(key_of "$(rootfs_key "$packages")" "$(declare -f make_python)")"; }
debian_image() { echo "$kept/debian:$(key_of "$(rootfs_key "$database")" "$(declare -f make_debian)")"; }
postgres_image() { echo "$kept/postgres:$(key_of "$(debian_image)" "$(cat "$full/postgres/entrypoint")" "$(declare -f make_postgres)")"; }
packages_image() { echo "$kept/packages:$(key_of "$(wheels_key)" "$(declare -f make_packages layer)")"; }
api_image() { echo "$kept/api:$(key_of "$(packages_image)" "$(cat "$full/api/main.py")" "$model" "$(declare -f make_api)")"; }
mlflow_image() { echo "$kept/mlflow:$(key_of "$(packages_image)" "$(declare -f make_mlflow)")"; }

make_images() {
    image_once minio "$(minio_image)"
    image_once python "$(python_image)"
    image_once packages "$(packages_image)"
    image_once mlflow "$(mlflow_image)"
    image_once api "$(api_image)"
    image_once debian "$(debian_image)"
    image_once postgres "$(postgres_image)"
}

image_once() { there image "$2" || timed "making the image $2" "make_$1" "$2"; }

make_minio() {
    keep_minio
    tar --numeric-owner --owner=0 --group=0 -C "$(minio_folder)" -c minio |
        docker import -c "LABEL $label" -c 'ENV HOME=/data' -c 'ENTRYPOINT ["/minio"]' -c 'CMD ["server", "/data"]' - "$1" >/dev/null
}

make_python() {
    keep_rootfs "$packages"
    docker import -c "LABEL $label" -c 'CMD ["python3"]' "$(rootfs_archive "$packages")" "$1" >/dev/null
}

make_debian() {
    keep_rootfs "$database"
    docker import -c "LABEL $label" "$(rootfs_archive "$database")" "$1" >/dev/null
}

make_postgres() {
    layer "$(debian_image)" "$1" -c "ENV PATH=/usr/lib/postgresql/${database#*-}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        -c 'ENV PGDATA=/var/lib/postgresql/data' -c 'EXPOSE 5432' -c 'VOLUME /var/lib/postgresql/data' \
        -c 'ENTRYPOINT ["entrypoint"]' -c 'CMD []' <<END
        cp /srv/postgres/entrypoint /usr/local/bin/
END
}

make_packages() {
    layer "$(python_image)" "$1" \
        -c "ENV PATH=$venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        -c 'WORKDIR /app' -c 'ENV UV_OFFLINE=1' -c 'ENV PYTHONUNBUFFERED=1' \
        -c 'ENV MLFLOW_DISABLE_TELEMETRY=true' -c 'ENV GIT_PYTHON_REFRESH=quiet' <<END
        python3 -m venv $venv
        $venv/bin/pip install -q --no-index --find-links /mnt -c /srv/packages/lock.txt -r /srv/packages/api.txt
END
}

make_mlflow() {
    layer "$(packages_image)" "$1" -c 'EXPOSE 5000' -c 'CMD ["mlflow", "server"]' <<END
        pip install -q --no-index --find-links /mnt -c /srv/packages/lock.txt -r /srv/packages/mlflow.txt
END
}

make_api() {
    layer "$(packages_image)" "$1" -c "ENV MODEL_URI=$model" -c 'EXPOSE 8000' \
        -c 'CMD ["uv", "run", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]' <<END
        cp /srv/api/main.py /app/
END
}

# layer builds the image NAME: it runs a script from standard input in a container
# of the image BASE and commits it. Arguments: BASE NAME, then options of
# `docker commit`.
layer() {
    local base=$1 name=$2 container
    shift 2
    keep_wheels
    container=$(docker create -i --label "$label" --network none -v "$(wheels_folder):/mnt:ro" -v "$full:/srv:ro" "$base" sh -eu)
    quietly docker start -ai "$container" || fail "cannot build the image $name: see the lines above"
    docker commit "$@" "$container" "$name" >/dev/null
    docker rm "$container" >/dev/null
}
