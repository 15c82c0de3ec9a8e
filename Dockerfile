# The command in an image of its own: one static binary, nothing else.
#
#   make image
#   docker run --rm --volume /var/run/docker.sock:/var/run/docker.sock \
#     --volume "$PWD:$PWD" --workdir "$PWD" plan run my-plan.hcl
#
# The folder is mounted at its own path, because paths of volumes in a plan are
# paths of the engine's machine. Add `--volume /etc/ssl/certs:/etc/ssl/certs:ro`
# for URLs with https, `--volume "$HOME/.docker:/root/.docker:ro" --env HOME=/root`
# for the credentials of registries.
#
# In a container `plan` has no root on the engine's machine: it makes no control
# group of its own and evicts no cached files, and says so.
FROM scratch
WORKDIR /tmp
WORKDIR /
COPY bin/plan /usr/local/bin/plan
ENTRYPOINT ["/usr/local/bin/plan"]
