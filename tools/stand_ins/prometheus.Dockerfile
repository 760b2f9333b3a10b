# Stands in for docker.io/prom/prometheus where no registry can be reached: Debian's, as that image's user, with its
# folder of data.
ARG BASE
FROM ${BASE}
RUN apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends prometheus \
    && rm -rf /var/lib/apt/lists/* /etc/prometheus /var/lib/prometheus \
    && mkdir -p /prometheus /etc/prometheus && chown nobody:nogroup /prometheus
WORKDIR /prometheus
USER nobody
ENTRYPOINT ["/usr/bin/prometheus"]
