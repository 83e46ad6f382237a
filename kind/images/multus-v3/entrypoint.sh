#!/usr/bin/env bash
# The entrypoint of the Multus 3 image that is built from the Go module: puts the plugin, its configuration and a
# kubeconfig on the node, says so in the words that Multus 3 is known by, and sleeps. It understands the arguments that
# the manifest gives, and warns of others, as Multus 3 did; it does not watch for a change of the first configuration.
set -euo pipefail

configuration=auto
configurations=/host/etc/cni/net.d
automatic=/host/etc/cni/net.d
programs=/host/opt/cni/bin
plugin=/usr/src/multus-cni/bin/multus
kubeconfig_on_host=/etc/cni/net.d/multus.d/multus.kubeconfig
version=""
account=/var/run/secrets/kubernetes.io/serviceaccount

say() { echo "$(date --iso-8601=seconds) $*"; }
fail() { say "ERR:  {$*}"; exit 1; }

for argument in "$@"; do
  value=${argument#*=}
  case "$argument" in
    --multus-conf-file=*) configuration=$value ;;
    --cni-conf-dir=*) configurations=$value ;;
    --multus-autoconfig-dir=*) automatic=$value ;;
    --cni-bin-dir=*) programs=$value ;;
    --multus-kubeconfig-file-host=*) kubeconfig_on_host=$value ;;
    --cni-version=*) version=$value ;;
    *) say "WARN: {unknown parameter \"${argument%%=*}\"}" ;;
  esac
done

# The runtime may run the plugin at any moment, so that it never sees half of a file.
install_plugin() {
  cp "$plugin" "$programs/.multus"
  mv "$programs/.multus" "$programs/multus"
}

write_kubeconfig() {
  local folder="$configurations/multus.d" authority
  mkdir -p "$folder"
  authority=$(base64 --wrap=0 < "$account/ca.crt")
  (
    umask 077
    jq --null-input --arg server "https://[$KUBERNETES_SERVICE_HOST]:$KUBERNETES_SERVICE_PORT" \
      --arg authority "$authority" --rawfile token "$account/token" '{
        apiVersion: "v1", kind: "Config",
        clusters: [{ name: "local", cluster: { server: $server, "certificate-authority-data": $authority } }],
        users: [{ name: "multus", user: { token: $token } }],
        contexts: [{ name: "multus-context", context: { cluster: "local", user: "multus" } }],
        "current-context": "multus-context" }' > "$folder/.multus.kubeconfig"
  )
  mv "$folder/.multus.kubeconfig" "$folder/multus.kubeconfig"
}

first_configuration() {
  find "$automatic" -maxdepth 1 -type f \( -name '*.conf' -o -name '*.conflist' \) ! -name '00-multus.conf' -printf '%f\n' | sort | head -n 1
}

# Multus in front of the configuration that is first on the node, with what that one can do.
write_configuration() {
  local first attempt
  for attempt in $(seq 600); do
    first=$(first_configuration)
    if [ -n "$first" ]; then break; fi
    say "Attempting to find master plugin configuration, attempt $attempt"
    sleep 1
  done
  if [ -z "$first" ]; then fail "Multus could not be configured: no master plugin was found."; fi
  jq --arg version "$version" --arg kubeconfig "$kubeconfig_on_host" '
    ([(.plugins // [.])[] | .capabilities // {} | with_entries(select(.value))] | add // {}) as $can
    | (if $version == "" then {} else { cniVersion: $version } end)
      + { name: "multus-cni-network", type: "multus" }
      + (if $can == {} then {} else { capabilities: $can } end)
      + { kubeconfig: $kubeconfig, delegates: [.] }' "$automatic/$first" > "$configurations/.00-multus.conf"
  mv "$configurations/.00-multus.conf" "$configurations/00-multus.conf"
  say "Config file created @ $configurations/00-multus.conf"
}

trap 'exit 0' TERM
install_plugin
if [ "$configuration" != auto ]; then
  [ -e "$configuration" ] || fail "$configuration does not exist"
  cp -f "$configuration" "$configurations"
fi
write_kubeconfig
if [ "$configuration" = auto ]; then write_configuration; fi
say "Entering sleep (success)..."
sleep infinity & wait
