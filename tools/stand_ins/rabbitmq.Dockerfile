# Stands in for docker.io/library/rabbitmq:…-management where no registry can be reached: Debian's RabbitMQ under an
# entrypoint that does what that image's does.
ARG BASE
FROM ${BASE}
RUN apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends rabbitmq-server \
    && rm -rf /var/lib/apt/lists/* /var/lib/rabbitmq/* /var/log/rabbitmq/* \
    && mkdir -p /etc/rabbitmq/conf.d && chmod 755 /var/lib/rabbitmq /etc/rabbitmq \
    && echo '[rabbitmq_management,rabbitmq_prometheus].' >/etc/rabbitmq/enabled_plugins
ENV PATH=/usr/lib/rabbitmq/bin:/usr/local/bin:/usr/bin:/bin HOME=/var/lib/rabbitmq RABBITMQ_LOGS=-
COPY rabbitmq.sh /usr/local/bin/docker-entrypoint.sh
ENTRYPOINT ["sh", "/usr/local/bin/docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
