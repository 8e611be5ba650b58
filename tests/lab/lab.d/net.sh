# The lab's network, sourced by ../lab. Each host has one veth into a router's network namespace, and this
# machine has one too; nothing of this machine's own forwarding or firewall is touched. The router has no
# default route, so what a lab host sends to any address outside the lab goes nowhere.
#
#   this machine  $LAB_NET.0.1 -- $LAB_NET.0.2  router  $LAB_NET.I.1 -- $LAB_NET.I.2  host I
ROUTER=lab-router-$LAB_NET
UPLINK=labr${LAB_NET//./}

lock_net() { mkdir -p /run/lock; exec 8>/run/lock/container-lab-net; flock -w 60 8 || die "another lab has held the network for a minute"; }
unlock_net() { exec 8>&-; }

netns() { # one machine can hold hosts of several LAB_HOMEs
  if [ "$LAB_HOME" = /var/cache/container-lab ]; then echo "lab-$1"; else echo "lab-$1-$(printf %s "$LAB_HOME" | cksum | cut -d' ' -f1)"; fi
}
addr() { [ -e "$LAB_HOME/$1/index" ] || die "there is no host $1"; echo "$LAB_NET.$(cat "$LAB_HOME/$1/index").2"; }
in_router() { nsenter --net="/run/netns/$ROUTER" "$@"; } # `ip netns exec` would remount /sys

router_up() {
  # A name in /run/netns without its mount is what a reboot leaves where /run is kept on disk.
  if ! in_router true 2>/dev/null; then ip netns del "$ROUTER" 2>/dev/null || true; ip netns add "$ROUTER"; fi
  if ! ip link show "$UPLINK" >/dev/null 2>&1; then ip link add "$UPLINK" type veth peer name uplink netns "$ROUTER"; fi
  ip addr replace "$LAB_NET.0.1/24" dev "$UPLINK"; ip link set "$UPLINK" up
  ip -n "$ROUTER" addr replace "$LAB_NET.0.2/24" dev uplink
  ip -n "$ROUTER" link set lo up; ip -n "$ROUTER" link set uplink up
  ip route replace "$LAB_NET.0.0/16" via "$LAB_NET.0.2" dev "$UPLINK"
  in_router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# No `… | grep -q` here: grep ends early, and under pipefail the writer's SIGPIPE would look like "not found".
links() { ip -n "$ROUTER" -o link show 2>/dev/null || true; }
has_link() { # NAME: its link into the router is there
  local i; i=$(cat "$LAB_HOME/$1/index" 2>/dev/null || true)
  [ -n "$i" ] && [[ $(ip -n "$ROUTER" -o link show "h$i" 2>/dev/null || true)$'\n' =~ "alias $(netns "$1")"[[:space:]\\] ]]
}

free_index() { # NAME: the number it had if that is free, else the smallest one that no link has and no other host here
  local i mine taken other
  taken=" $(links | sed -n 's/^[0-9]*: h\([0-9]*\)@.*/\1/p' | tr '\n' ' ') "
  mine=$(cat "$LAB_HOME/$1/index" 2>/dev/null || true)
  if [ -n "$mine" ] && [[ $taken != *" $mine "* ]]; then echo "$mine"; return; fi
  for other in "$LAB_HOME"/*/index; do if [ -e "$other" ] && [ "$other" != "$LAB_HOME/$1/index" ]; then taken+=" $(cat "$other") "; fi; done
  for ((i = 1; i <= 250; i++)); do case $taken in *" $i "*) ;; *) echo "$i"; return ;; esac; done
  die "there are 250 lab hosts (lab rm those that are not needed)"
}

net_up() { # NAME → its index in $LAB_HOME/NAME/index. A host that runs keeps its namespace and gets its link again.
  local name=$1 ns i
  lock_net
  ns=$(netns "$name"); router_up
  if ! running "$name"; then detach "$name"; ip netns add "$ns"; fi
  if ! has_link "$name"; then
    i=$(free_index "$name")
    if running "$name" && [ "$i" != "$(cat "$LAB_HOME/$name/index")" ]; then die "another host has the address of $name now (lab down $name, lab up $name)"; fi
    echo "$i" >"$LAB_HOME/$name/index"; echo "$LAB_NET" >"$LAB_HOME/net"
    ip -n "$ns" link del eth0 2>/dev/null || true
    ip -n "$ROUTER" link add "h$i" type veth peer name eth0 netns "$ns"
    ip -n "$ROUTER" link set "h$i" alias "$ns"
    ip -n "$ROUTER" addr add "$LAB_NET.$i.1/24" dev "h$i"; ip -n "$ROUTER" link set "h$i" up
    ip -n "$ns" addr add "$LAB_NET.$i.2/24" dev eth0
    ip -n "$ns" link set lo up; ip -n "$ns" link set eth0 up
    ip -n "$ns" route replace default via "$LAB_NET.$i.1"
  fi
  unlock_net
}

detach() { # NAME: remove its link and namespace, also those of a host that crashed
  local ns; ns=$(netns "$1")
  if has_link "$1"; then ip -n "$ROUTER" link del "h$(cat "$LAB_HOME/$1/index")"; fi
  ip netns del "$ns" 2>/dev/null || true
  rm -f "/run/netns/$ns"
}

net_down() { # NAME; the last host takes the router with it
  local left
  lock_net
  detach "$1"
  left=$(links)
  if [ -e "/run/netns/$ROUTER" ] && ! [[ $left =~ :\ h[0-9] ]]; then
    ip link del "$UPLINK" 2>/dev/null || true
    ip netns del "$ROUTER" 2>/dev/null || true
  fi
  unlock_net
}
