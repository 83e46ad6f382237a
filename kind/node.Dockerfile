# The node image of the registry source: kind's own node image with CRI-O in containerd's place. Built with this folder
# as its context; the catalogue gives the arguments.
ARG KUBERNETES

FROM golang:1.26 AS programs
COPY programs/node /source
RUN cd /source && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /node .

FROM kindest/node:${KUBERNETES}
ARG CRIO_REPOSITORY
RUN apt-get -qq update \
  && apt-get -qq install --yes --no-install-recommends ca-certificates curl gpg \
  && curl --fail --silent --show-error --location "${CRIO_REPOSITORY}/Release.key" | gpg --dearmor -o /usr/share/keyrings/cri-o.gpg \
  && echo "deb [signed-by=/usr/share/keyrings/cri-o.gpg] ${CRIO_REPOSITORY}/ /" > /etc/apt/sources.list.d/cri-o.list \
  && apt-get -qq update \
  && apt-get -qq install --yes --no-install-recommends cri-o \
  && rm -rf /var/lib/apt/lists/*
# The package brings a runtime and a monitor of its own; the node's configuration names the common places.
RUN ln -sf /usr/libexec/crio/crun /usr/bin/crun \
  && ln -sf /usr/libexec/crio/conmon /usr/bin/conmon \
  && rm -f /etc/cni/net.d/* \
  && systemctl disable containerd \
  && systemctl mask containerd \
  && systemctl enable crio
COPY --from=programs /node /usr/local/bin/node
RUN ln -s node /usr/local/bin/bounded-runtime && ln -s node /usr/local/bin/pinns
COPY node/usr/local/bin/start-node /usr/local/bin/start-node
COPY node/etc/crio /etc/crio
COPY node/etc/containers /etc/containers
COPY node/etc/crictl.yaml /etc/crictl.yaml
COPY node/etc/systemd/system.conf.d /etc/systemd/system.conf.d
ENTRYPOINT ["/usr/local/bin/start-node", "/sbin/init"]
