/**
 * Every program that Lading may run on a host, by name; the host's PATH says which file that is. A unit test compares the
 * list with the scripts and commands themselves. Builtins of a shell (printf, read, test) are that shell's.
 */
export const HOST_TOOLS: readonly string[] = [
  // the scripts of collectors
  ...['sh', 'head', 'cat', 'dd', 'find', 'grep', 'readlink', 'stat', 'sha256sum', 'timeout', 'cut', 'tr', 'tar', 'env'],
  // the connection: clock, identity, the way to root, the engine's socket
  ...['date', 'uname', 'hostname', 'id', 'sudo', 'true', 'socat', 'nc', 'docker', 'getconf', 'ls'],
  // package managers
  ...['dpkg-query', 'rpm', 'apk', 'pacman', 'setpriv', 'kill'],
  // commands that have the state of the kernel or of a service
  ...['auditctl', 'bpftool', 'chronyc', 'conntrack', 'df', 'dmesg', 'ip', 'ip6tables-save', 'ipset', 'iptables-save'],
  ...['last', 'lastb', 'lastlog', 'lsblk', 'lsns', 'nft', 'ntpq', 'ss', 'systemctl', 'timedatectl', 'journalctl', 'w'],
  ...['crictl', 'busybox'],
];

/**
 * Which files these names lead to (name TAB path TAB real path), what they are, their SHA-256, and whose package they are
 * of. Frames are made by the script of hostFilesCommand(): each of these is one command of it. Arguments: what, names.
 */
export const TOOLS_SCRIPT = `
what=$1; shift
nl='
'
list= real=
for t; do
  p=$(command -v "$t" 2>/dev/null) || continue
  case $p in /*) ;; *) p=$(IFS=:; for d in $PATH; do if [ -f "$d/$t" ] && [ -x "$d/$t" ]; then printf %s "$d/$t"; break; fi; done);; esac
  case $p in /*) ;; *) continue;; esac
  r=$(readlink -f "$p") || continue
  list="$list$t	$p	$r$nl"
  case $nl$real in *"$nl$r$nl"*) ;; *) real=$real$r$nl;; esac
done
set -f; IFS=$nl; set -- $real; unset IFS
if [ $# -eq 0 ]; then exit 1; fi
case $what in
  paths) printf %s "$list";;
  sha256) sha256sum "$@";;
  stat) stat -c '%d:%i %s %h %f %u %g %X %Y %Z %n' "$@";;
  owner)
    if command -v dpkg-query >/dev/null 2>&1; then
      # a merged /usr: the package may have its file under the other name
      for r; do set -- "$@" "\${r#/usr}"; done
      dpkg-query -S "$@" 2>/dev/null
      exit 0
    elif command -v rpm >/dev/null 2>&1; then setpriv --reuid=65534 --regid=65534 --clear-groups rpm -qf "$@"
    elif command -v apk >/dev/null 2>&1; then for r; do apk info -W "$r"; done
    elif command -v pacman >/dev/null 2>&1; then pacman -Qo "$@"
    else printf 'no package manager that Lading knows\\n' >&2; exit 1; fi;;
esac
`;
