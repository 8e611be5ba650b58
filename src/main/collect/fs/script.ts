import { PRELUDE } from '../frames-prelude';
import { LISTING } from '../host-files/script';

/**
 * Says what tar there is and sets TAR to 'gnu', 'busybox' or nothing. GNU tar as root opens without touching access times
 * (--atime-preserve=system is O_NOATIME), follows no link, and writes extended attributes, ACLs among them, and devices.
 */
const WHICH_TAR = `
TAR=
case $(tar --version 2>/dev/null) in
  *'GNU tar'*) TAR=gnu;;
  *) if tar --help 2>&1 | grep -qi busybox; then TAR=busybox; fi;;
esac
`;

const ENVIRONMENT = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
`;

/** How GNU tar reads a folder: without --sparse, so that each file's bytes are all there to be summed. */
const GNU = `--format=pax --pax-option=delete=comment --numeric-owner --one-file-system --atime-preserve=system --xattrs --xattrs-include='*' --acls -b 256`;

/** The names on standard input, NUL-terminated, of files of the folder $1, as a tar of GNU's own format, in that order. */
export const LISTED_TAR = `${ENVIRONMENT}${WHICH_TAR}
cd -P "$1" || exit 1
case $TAR in
  gnu) exec tar -c -f - --format=gnu --null --no-recursion --hard-dereference --numeric-owner --atime-preserve=system -b 256 -T -;;
esac
printf 'There is no GNU tar on this host.\\n' >&2
exit 3
`;

/**
 * The listing of the folder $1 (found by what $2 says) before its content: every entry; device numbers; what has no content as a tar, for
 * its extended attributes (opaque folders, whiteouts); and all extended attributes where getfattr is there. The same of the folder $3,
 * where it is given, in frames whose names begin with 'init.'. Frames of analyze/formats/frames.ts.
 */
export const FOLDER_LISTING = `${PRELUDE}${LISTING}${WHICH_TAR}
begin
born() { find . -xdev -exec stat --printf '%.9W\\0%n\\0' {} +; }
devices() { find . -xdev '(' -type c -o -type b ')' -exec stat -c '%t:%T %n' {} +; }
attributes() { find . -xdev -exec getfattr -h -d -m - -e hex -- {} +; }
bare() {
  find . -xdev '(' '!' -type f -o -size 0 ')' -print0 |
    tar -c -f - --null --no-recursion ${GNU} -T -
}
folder() {
  frame note - "$1path" 0 printf %s "$2"
  if [ -n "$3" ]; then frame note - "$1found.by" 0 printf %s "$3"; fi
  cd -P "$2" || return 1
  frame output - "$1real" 0 readlink /proc/self/cwd
  frame output - "$1list" 0 list_here 100000
  if stat -c %.9W / >/dev/null 2>&1 && stat --version >/dev/null 2>&1; then frame output - "$1births" 0 born; fi
  frame output - "$1devices" 0 devices
  if [ "$TAR" = gnu ]; then frame output - "$1bare.tar" 0 bare
  else frame note - "$1bare.tar.left" 0 printf 'there is no GNU tar: extended attributes of folders and whiteouts are not known'; fi
  if command -v getfattr >/dev/null 2>&1; then frame output - "$1getfattr" 0 attributes; fi
}
folder '' "$1" "$2" || exit 1
if [ -n "\${3:-}" ]; then folder init. "$3" ''; fi
printf '%s end\\n' "$B"
`;

/**
 * Of the layers whose chain ids follow $1, the layerdb: what the engine's disk says of each. The list of tar-split is as it lies there,
 * compressed.
 */
export const LAYERDB = `${PRELUDE}
begin
cd -P "$1" || exit 1
shift
for c; do
  case $c in *[!0-9a-f]*|'') exit 64;; esac
  for x in diff parent cache-id size tar-split.json.gz; do
    if [ -e "$c/$x" ]; then frame file - "$c/$x" 0 cat "$c/$x"
    elif [ "$x" != parent ]; then frame note - "$c/$x.absent" 0 printf 'nothing of this name'; fi
  done
done
printf '%s end\\n' "$B"
`;
