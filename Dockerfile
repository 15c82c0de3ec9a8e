# An image of the command: one static binary.
#
#   make image
#   docker run --rm --volume /var/run/docker.sock:/var/run/docker.sock \
#     --volume "$PWD:$PWD" --workdir "$PWD" plan run my-plan.hcl
#
# The folder is mounted at the same path, because paths of volumes in a plan are
# paths on the engine's machine. Add `--volume /etc/ssl/certs:/etc/ssl/certs:ro`
# for URLs with https, `--volume "$HOME/.docker:/root/.docker:ro" --env HOME=/root`
# for the credentials of registries.
#
# In a container `plan` is not root on the engine's machine. It cannot create
# control groups or evict cached files, and reports this.
FROM scratch
WORKDIR /tmp
WORKDIR /
COPY bin/plan /usr/local/bin/plan
ENTRYPOINT ["/usr/local/bin/plan"]
