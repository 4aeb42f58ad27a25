# Stand-ins for the official images, from Debian forky's packages: what our Dockerfiles use of each image,
# at the place where the official one has it. Used only where no registry answers (see images.sh).

FROM tertulia-standin-base:forky AS base
# The host's certificates: a closed network often has an authority of its own before the package registries.
COPY host-ca.crt /etc/ssl/certs/ca-certificates.crt
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# The index of the testing suite is dated; a mirror's copy may be past its date.
RUN echo 'Acquire::Check-Valid-Until "false";' >/etc/apt/apt.conf.d/99-stand-in \
 && echo 'APT::Install-Recommends "false";' >>/etc/apt/apt.conf.d/99-stand-in

FROM base AS python
# Debian's Python in a virtual environment at /usr/local, which is where the official image has its own.
RUN apt-get update \
 && apt-get install -y python3.14 python3.14-venv \
 && rm -rf /var/lib/apt/lists/* \
 && /usr/bin/python3.14 -m venv /usr/local

FROM base AS node
RUN apt-get update && apt-get install -y nodejs npm && rm -rf /var/lib/apt/lists/* \
 && ln -s /usr/bin/node /usr/bin/npm /usr/local/bin/

FROM base AS nginx
RUN apt-get update && apt-get install -y nginx curl && rm -rf /var/lib/apt/lists/*

FROM base AS redis
RUN apt-get update && apt-get install -y redis-server redis-tools && rm -rf /var/lib/apt/lists/* \
 && ln -s /usr/bin/redis-server /usr/bin/redis-cli /usr/local/bin/

FROM base AS valkey
RUN apt-get update && apt-get install -y valkey-server valkey-tools && rm -rf /var/lib/apt/lists/* \
 && ln -s /usr/bin/valkey-server /usr/bin/valkey-cli /usr/local/bin/

FROM base AS prometheus
RUN apt-get update && apt-get install -y prometheus && rm -rf /var/lib/apt/lists/*
