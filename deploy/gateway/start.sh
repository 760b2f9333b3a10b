#!/bin/sh
# nginx asks a name server by itself and knows no search list: what /etc/resolv.conf says becomes its configuration. With
# METRICS_SOCKET it tells delivery_center.gateway.metrics of every request, as well.
set -eu
awk -v socket="${METRICS_SOCKET:-}" '
    $1 == "nameserver" && $2 ~ /:/ { servers = servers " [" $2 "]"; six = 1 }
    $1 == "nameserver" && $2 !~ /:/ { servers = servers " " $2 }
    $1 == "search" && $2 ~ /\.svc\./ { domain = "." $2 } # that of a namespace of Kubernetes
    END {
        if (socket != "") {
            print "access_log syslog:server=unix:" socket ",nohostname metrics;"
        }
        if (servers == "") { print "no nameserver in /etc/resolv.conf" >"/dev/stderr"; exit 1 }
        print "resolver" servers " valid=5s" (six ? "" : " ipv6=off") ";"
        print "resolver_timeout 3s;"
        print "map $host $domain { default \"" domain "\"; }"
    }
' "${RESOLV_CONF:-/etc/resolv.conf}" >"${RESOLVER:-/tmp/resolver.conf}"
exec nginx -c "${NGINX_CONF:-/etc/delivery/nginx.conf}"
