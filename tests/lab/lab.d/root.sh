# What a lab host's root holds: made once with debootstrap, then furnished for each host. Sourced by ../lab.

# Throwaway secrets of throwaway hosts, documented in ../README.md. The hash is SHA-512 crypt of PASSWORD; root has none.
PASSWORD=lading-lab
PASSWORD_HASH='$6$ladinglab$3mSJI1Bws2PWy9le2smgvRjBHTYOgBd8vdKQ0it657hMTF8XIqab61XjHZS35HPI5ohfUpdJcOqPAYenYPQnY.'
PASSPHRASE=lading-lab-key

need() { # debian-package command
  command -v "$2" >/dev/null && return
  command -v apt-get >/dev/null || die "needs the command $2 and there is no apt-get here to install $1 with"
  [ -e /run/container-lab-apt ] || { apt-get update -qq >/dev/null 2>&1 </dev/null && touch /run/container-lab-apt; } || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 </dev/null || true
  command -v "$2" >/dev/null || die "needs the command $2, and 'apt-get install $1' failed"
}
tools() { need iproute2 ip; need util-linux unshare; need util-linux flock; need openssh-client ssh-keygen; }

# The package source this machine already uses; debootstrap has its own default where it is not Debian's.
mirror() { apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 2>/dev/null | grep -E '/debian/?$' | head -n 1 || true; }

told() { if [ -n "${LAB_PROGRESS:-}" ]; then sed -un 's/^I: /lab: /p' >&2; else cat >/dev/null; fi; }

base_root() { # one cached debootstrap for all hosts; prints its path
  local base=$LAB_HOME/base-$SUITE
  if [ ! -e "$base/.done" ]; then
    mkdir -p "$LAB_HOME"
    exec 7>"$LAB_HOME/.lock-base-$SUITE"; flock 7
    if [ ! -e "$base/.done" ]; then
      need debootstrap debootstrap
      echo "lab: making the base root with debootstrap (once, about a minute)" >&2
      rm -rf --one-file-system "$base"
      # shellcheck disable=SC2046
      debootstrap --variant=minbase --include="$PACKAGES" "$SUITE" "$base" $(mirror) 2>&1 </dev/null 7>&- | tee "$LAB_HOME/debootstrap.log" | told ||
        die "debootstrap failed: $(tail -n 1 "$LAB_HOME/debootstrap.log") (all of it in $LAB_HOME/debootstrap.log)"
      touch "$base/.done"
    fi
    exec 7>&-
  fi
  echo "$base"
}

more_packages() { # ROOT: what LAB_WITH names, from the sources of this machine, before the host is up and has no way out
  [ -n "${LAB_WITH:-}" ] || return 0
  cp /etc/resolv.conf "$1/etc/resolv.conf"
  # shellcheck disable=SC2086
  chroot "$1" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"' sh $LAB_WITH >"$LAB_HOME/packages.log" 2>&1 </dev/null 9>&- ||
    die "$LAB_WITH could not be installed: $(tail -n 1 "$LAB_HOME/packages.log")"
}

new_keys() { # ETC_SSH: other host keys of every kind
  local kind
  for kind in ed25519 ecdsa rsa; do
    rm -f "$1/ssh_host_${kind}_key" "$1/ssh_host_${kind}_key.pub"
    # 2048 bits: a lab's RSA key must be quick to make
    ssh-keygen -q -t "$kind" $([ $kind = rsa ] && echo -b 2048) -N '' -C lab -f "$1/ssh_host_${kind}_key"
  done
}

user() { # ETC NAME UID SHADOW: written as text, as a light host's root is not mounted yet
  grep -q "^$2:" "$1/passwd" || { echo "$2:x:$3:$3::/home/$2:/bin/bash" >>"$1/passwd"; echo "$2:x:$3:" >>"$1/group"; }
  sed -i "/^$2:/d" "$1/shadow"; echo "$2:$4:20000:0:99999:7:::" >>"$1/shadow"
}

authorize() { # HOME OWNER KEYS…: replaces authorized_keys
  mkdir -p "$1/.ssh"; cat "${@:3}" >"$1/.ssh/authorized_keys"
  chmod 700 "$1" "$1/.ssh"; chmod 600 "$1/.ssh/authorized_keys"; chown -R "$2:$2" "$1"
}

furnish() { # KIND NAME ROOT BASE: ROOT is the host's root, or the upper directory over BASE
  local kind=$1 name=$2 root=$3 base=$4 dir=$LAB_HOME/$2 f
  mkdir -p "$root/etc/ssh/sshd_config.d" "$root/etc/sudoers.d" "$root/etc/docker" "$root/root" "$root/home" "$root/usr/local/sbin" "$root/var/log"
  for f in passwd group shadow; do [ -e "$root/etc/$f" ] || cp -p "$base/etc/$f" "$root/etc/$f"; done
  install -m 755 "$HERE/lab.d/lab-init" "$root/usr/local/sbin/lab-init"
  if [ "$kind" = light ]; then install -m 755 "$HERE/lab.d/lab-sink" "$root/usr/local/sbin/lab-sink"; fi

  [ -e "$dir/id_ed25519" ] || ssh-keygen -q -t ed25519 -N '' -C "lab key" -f "$dir/id_ed25519"
  ssh-keygen -y -P "$PASSPHRASE" -f "$dir/id_ed25519_passphrase" >/dev/null 2>&1 || {
    rm -f "$dir/id_ed25519_passphrase" "$dir/id_ed25519_passphrase.pub"
    ssh-keygen -q -t ed25519 -N "$PASSPHRASE" -C "lab key with passphrase" -f "$dir/id_ed25519_passphrase"
  }
  [ -e "$dir/id_ed25519_foreign" ] || ssh-keygen -q -t ed25519 -N '' -C "a key that no lab user accepts" -f "$dir/id_ed25519_foreign"
  local uid=2001 who
  for who in examiner plain dockeruser sudoer; do
    user "$root/etc" "$who" "$uid" "$PASSWORD_HASH"
    authorize "$root/home/$who" "$uid" "$dir/id_ed25519.pub" "$dir/id_ed25519_passphrase.pub"
    uid=$((uid + 1))
  done
  authorize "$root/root" 0 "$dir/id_ed25519.pub" "$dir/id_ed25519_passphrase.pub"
  sed -i 's/^docker:x:\([0-9]*\):$/docker:x:\1:dockeruser/' "$root/etc/group"
  # No ticket is kept: a wrong sudo password is refused also right after a good one.
  printf '%s\n' 'Defaults timestamp_timeout=0' 'examiner ALL=(ALL) ALL' 'sudoer ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/lab"; chmod 440 "$root/etc/sudoers.d/lab"
  rm -f "$root/etc/sudoers.d/examiner"
  cat >"$root/etc/ssh/sshd_config.d/lab.conf" <<'CONF'
PermitRootLogin prohibit-password
PasswordAuthentication yes
KbdInteractiveAuthentication yes
MaxStartups 200
MaxSessions 100
MaxAuthTries 20
PerSourcePenalties no
UseDNS no
CONF
  # A host's own identity: in the shared base all would have the same keys and machine id.
  if [ ! -e "$dir/.identity" ]; then
    new_keys "$root/etc/ssh"
    rm -f "$root/etc/machine-id"; tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
    touch "$dir/.identity"
  fi
  if [ -d "$root/etc/ssh/first-keys" ]; then cp -p "$root"/etc/ssh/first-keys/* "$root/etc/ssh/"; rm -r "$root/etc/ssh/first-keys"; fi
  sed "s/^/$(addr "$name") /; s/ [^ ]*\$//" "$root"/etc/ssh/ssh_host_*_key.pub >"$dir/known_hosts"

  rm -f "$root/etc/hostname" "$root/etc/hosts" "$root/etc/resolv.conf"
  echo "$name" >"$root/etc/hostname"
  printf '127.0.0.1\tlocalhost\n%s\t%s\n' "$(addr "$name")" "$name" >"$root/etc/hosts"
  # The router answers no DNS: a lookup on a lab host fails at once, and none leaves the lab.
  echo "nameserver $LAB_NET.$(cat "$dir/index").1" >"$root/etc/resolv.conf"
  if [ "$kind" = full ]; then
    # The store stays that of the first start: in the other one the host's images would be unseen.
    [ -e "$dir/store" ] || echo "${LAB_STORE:-overlay2}" >"$dir/store"
    local store=false; if [ "$(cat "$dir/store")" = containerd ]; then store=true; fi
    echo "{\"experimental\": true, \"features\": {\"containerd-snapshotter\": $store}}" >"$root/etc/docker/daemon.json"
  fi
}
