import { type Frame, frameLocator } from '../../../formats/frames';
import { type detailsOf, type linksOf, nulWords } from '../../../formats/proc-frames';
import { parseMaps } from '../../../formats/proc-maps';
import type { RowWriter } from '../../rows';
import { linkPlace } from './fds';

/** Variables and maps of one process beyond this are not written: a process can have any number. */
const MAX = 4000;

/** Writes what a process has beside its row: environment, namespaces, folders, control group, memory maps that stand out. */
export function writeFacts(
  rows: RowWriter,
  of: { exhibit: string; process: number },
  frames: ReadonlyMap<string, Frame>,
  links: ReturnType<typeof linksOf>,
  details: ReturnType<typeof detailsOf>,
): void {
  const fact = (locator: string, kind: string, name: string, value: string, more?: string) =>
    rows.fact({ ...of, locator, kind, name, value, more });

  const environ = frames.get('environ');
  for (const word of environ ? nulWords(environ.body).slice(0, MAX) : []) {
    if (!environ || word.length === 0) continue;
    const at = word.text.indexOf('=');
    const place = frameLocator(environ, word);
    fact(place, 'environ', at < 0 ? word.text : word.text.slice(0, at), at < 0 ? '' : word.text.slice(at + 1));
    rows.text({ exhibit: of.exhibit, locator: place, kind: 'environ', ref: of.process, body: word.text });
  }
  for (const [name, link] of links) {
    if (link.length === 0) continue;
    if (name === 'cwd' || name === 'root') fact(linkPlace(link), name, name, link.target);
    else if (name.startsWith('ns/')) fact(linkPlace(link), 'ns', name.slice('ns/'.length), link.target);
  }
  const cgroup = frames.get('cgroup');
  if (cgroup && cgroup.length > 0) {
    fact(frameLocator(cgroup), 'cgroup', 'cgroup', cgroup.body.toString('utf8').trimEnd());
  }
  const detailsFrame = frames.get('details');
  for (const name of ['loginuid', 'sessionid']) {
    const one = details.get(name);
    if (one && detailsFrame) fact(frameLocator(detailsFrame, one), 'login', name, one.text.trim());
  }
  const maps = frames.get('maps');
  if (!maps) return;
  let written = 0;
  const seen = new Set<string>();
  for (const map of parseMaps(maps.body).maps) {
    const more = [
      map.deleted && !map.path.startsWith('/memfd:') && !map.path.startsWith('/SYSV') && 'deleted',
      map.path.startsWith('/memfd:') && 'memfd',
      map.writable && map.executable && 'writable and executable',
    ].filter((word) => typeof word === 'string');
    const library = map.executable && map.path.startsWith('/');
    if (more.length === 0 && !library) continue;
    // of a library one row, wherever its pieces lie
    if (more.length === 0 && seen.has(map.path)) continue;
    if (++written > MAX) break;
    seen.add(map.path);
    fact(
      frameLocator(maps, map),
      'map',
      map.path || `anonymous ${map.start}-${map.end}`,
      `${map.start}-${map.end} ${map.perms}`,
      more.join(', ') || undefined,
    );
  }
}
