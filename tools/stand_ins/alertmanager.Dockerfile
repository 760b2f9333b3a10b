# Stands in for docker.io/prom/alertmanager where no registry can be reached: Debian's, as that image's user, with its
# folder of data.
ARG BASE
FROM ${BASE}
RUN apt-get -qq update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends prometheus-alertmanager \
    && rm -rf /var/lib/apt/lists/* /etc/prometheus /var/lib/prometheus \
    && mkdir -p /alertmanager /etc/alertmanager && chown nobody:nogroup /alertmanager
WORKDIR /alertmanager
USER nobody
ENTRYPOINT ["/usr/bin/prometheus-alertmanager"]
