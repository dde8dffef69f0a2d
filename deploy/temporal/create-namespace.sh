#!/bin/sh
# Creates the namespace that runs live in. Doing it again is harmless.
set -eu

# the port answers before the cluster does
until temporal operator cluster health; do sleep 2; done

until temporal operator namespace describe -n "$NAMESPACE" >/dev/null 2>&1; do
  temporal operator namespace create -n "$NAMESPACE" --retention "$RETENTION" || sleep 2
done
