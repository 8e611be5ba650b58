import { visible } from '../../../../../shared/visible';
import { commandSigns, gravest } from '../commands';
import type { Hit } from '../rule';
import { masked, secretsInText, shown } from '../secrets';
import { citeContent, citeFile, type FileRule, howChanged, shownPath } from './subject';
import { linesOf, texts, utf8 } from './text';

const preload: FileRule = {
  id: 'fs.preload',
  version: '1',
  title: 'A library is loaded into every program',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1574.006'],
  benign: 'Some memory allocators and sandboxes are set up so, when the image is built.',
  async check(subject) {
    const hits: Hit[] = [];
    const file = subject.view.byPath.get('/etc/ld.so.preload');
    if (!file || file.state === 'deleted') return hits;
    for await (const { file: found, bytes } of texts(subject, [file])) {
      const names = bytes
        .toString('utf8')
        .replace(/#.*$/gm, '')
        .split(/[\s:]+/)
        .filter((name) => name !== '');
      if (names.length === 0) continue;
      const libraries = names.slice(0, 10).map((name) => {
        const library = subject.view.byPath.get(name);
        return `${shownPath(name)}${library?.sha256 ? ` (SHA-256 ${library.sha256})` : ''}`;
      });
      const cited = names.flatMap((name) => {
        const library = subject.view.byPath.get(name);
        return library ? citeFile(subject, library) : [];
      });
      hits.push({
        severity: found.state === 'image' ? 'low' : 'high',
        claim: `/etc/ld.so.preload, which ${howChanged(found)}, names ${libraries.join(', ')}.`,
        cites: [citeContent(found.content), ...citeFile(subject, found), ...cited],
      });
    }
    return hits;
  },
};

/** Lines of these files are run by somebody else than who wrote them. */
const RUN_BY_OTHERS =
  /^\/(?:etc\/(?:crontab|anacrontab|cron\.(?:d|hourly|daily|weekly|monthly)\/.+|profile|profile\.d\/.+|bash\.bashrc|bashrc|rc\.local|inittab|init\.d\/.+|systemd\/.+)|var\/spool\/(?:cron|at)\/.+)$|\/\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|zshenv|kshrc|ashrc)$|\.(?:service|timer)$/;
const HISTORY = /\/\.(?:ash|bash|zsh|sh|python)_history$|\/\.history$/;

const commands: FileRule = {
  id: 'fs.command',
  version: '1',
  title: 'A file holds a command that intruders use',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1059.004'],
  benign: 'Administrators use such commands too; who wrote the line, and whether it ran, is to be found out.',
  async check(subject) {
    const hits: Hit[] = [];
    const wanted = subject.changed.filter(
      ({ path, state }) => state !== 'metadata' && (RUN_BY_OTHERS.test(path) || HISTORY.test(path)),
    );
    for await (const { file, bytes } of texts(subject, wanted)) {
      let told = 0;
      for (const { text, offset, length } of linesOf(bytes)) {
        if (/^\s*#/.test(text) || told >= 50) continue;
        const signs = commandSigns(utf8(text));
        if (signs.length === 0) continue;
        told++;
        const history = HISTORY.test(file.path);
        const where = history ? 'a history of a shell' : 'a file whose commands are run at set times or at a start';
        hits.push({
          title: history
            ? 'A shell history holds a command that intruders use'
            : 'A command that intruders use is run by itself',
          severity: gravest(
            signs.map(({ severity }) => severity),
            'high',
          ),
          techniques: [
            ...new Set([...signs.flatMap(({ techniques }) => [...techniques]), ...(history ? [] : ['T1053.003'])]),
          ].sort(),
          claim: `${shownPath(file.path)}, ${where} that ${howChanged(file)}, has a line that ${signs.map(({ does }) => does).join(' and ')}: ${shown(utf8(text))}`,
          cites: [citeContent(file.content, { offset, length }), ...citeFile(subject, file)],
        });
      }
    }
    return hits;
  },
};

const SCRIPT = /\.(?:php\d?|phtml|phar|inc|jspx?|aspx?|ashx|cgi|pl|py)$/i;
/** What of a web request is run as code or as a command. Repeats are bounded: hostile text costs linear time. */
const WEB_SHELLS: readonly { what: string; pattern: RegExp }[] = [
  {
    what: 'runs what a request brings',
    pattern:
      /\b(?:eval|assert|system|shell_exec|passthru|exec|popen|proc_open|pcntl_exec|create_function)\s{0,5}\(\s{0,5}@?(?:(?:base64_decode|gzinflate|str_rot13|urldecode|stripslashes|trim)\s{0,5}\(\s{0,5}){0,4}@?\$_(?:GET|POST|REQUEST|COOKIE|SERVER|FILES)\b/i,
  },
  {
    what: 'runs a command of a request in a shell',
    pattern: /`[^`\n]{0,200}\$_(?:GET|POST|REQUEST|COOKIE)\b[^`\n]{0,200}`/,
  },
  {
    what: 'unpacks hidden code and runs it',
    pattern: /\beval\s{0,5}\(\s{0,5}(?:gzinflate|gzuncompress|str_rot13|base64_decode|strrev)\s{0,5}\(/i,
  },
  {
    what: 'runs text as code by a regular expression',
    pattern: /\bpreg_replace\s{0,5}\(\s{0,5}['"](.)[^'"\n]{0,100}\1[a-z]{0,5}e[a-z]{0,5}['"]\s{0,5},/i,
  },
  {
    what: 'runs what a request brings',
    pattern: /\bgetRuntime\s{0,5}\(\s{0,5}\)\s{0,5}\.\s{0,5}exec\s{0,5}\([^;\n]{0,200}getParameter\b/,
  },
  {
    what: 'runs what a request brings',
    pattern: /\b(?:Process\.Start|eval)\s{0,5}\([^;\n]{0,100}Request(?:\.(?:Item|QueryString|Form))?\s{0,3}[[(]/i,
  },
  {
    what: 'runs what a request brings',
    pattern:
      /\b(?:os\.(?:system|popen)|subprocess\.\w{1,20})\s{0,5}\([^\n]{0,100}(?:request\.(?:args|form|values|GET|POST)|getvalue\s{0,3}\()/,
  },
];

const webShell: FileRule = {
  id: 'fs.web-shell',
  version: '1',
  title: 'A script of a web server runs what a request brings',
  severity: 'critical',
  confidence: 'likely',
  techniques: ['T1505.003'],
  benign:
    'Tools for administrators and teaching examples do it on purpose; either way whoever reaches the page has the container.',
  async check(subject) {
    const hits: Hit[] = [];
    const wanted = subject.changed.filter(
      ({ path, state }) => state !== 'metadata' && SCRIPT.test(path) && !subject.view.packages.has(path),
    );
    for await (const { file, bytes } of texts(subject, wanted)) {
      const text = bytes.toString('latin1');
      for (const { what, pattern } of WEB_SHELLS) {
        const match = pattern.exec(text);
        if (!match) continue;
        hits.push({
          claim: `${shownPath(file.path)}${file.sha256 ? ` (SHA-256 ${file.sha256})` : ''}, which ${howChanged(file)}, ${what}: ${visible(utf8(match[0]), { max: 200 })}`,
          cites: [
            citeContent(file.content, { offset: match.index, length: match[0].length }),
            ...citeFile(subject, file),
          ],
        });
        break;
      }
    }
    return hits;
  },
};

const MAY_HOLD_SECRETS =
  /\/\.(?:env(?:\.\w{1,20})?|npmrc|netrc|pgpass|my\.cnf|git-credentials|s3cfg|boto)$|\/\.(?:aws|kube|docker)\/[^/]+$|\/(?:id_(?:rsa|dsa|ecdsa|ed25519)|[^/]+\.(?:pem|key|env|conf|cnf|cfg|ini|ya?ml|toml|properties|json|sh))$/;

const secrets: FileRule = {
  id: 'fs.secret',
  version: '1',
  title: 'A file that came into the container holds a secret in the clear',
  severity: 'medium',
  confidence: 'likely',
  techniques: ['T1552.001'],
  benign: 'Programs need their secrets somewhere; it is to be changed if others could read the container.',
  async check(subject) {
    const hits: Hit[] = [];
    const wanted = subject.changed.filter(
      ({ path, state, size }) =>
        (state === 'added' || state === 'modified') &&
        size <= 64 * 1024 &&
        MAY_HOLD_SECRETS.test(path) &&
        !/\/(?:node_modules|site-packages|dist-packages)\//.test(path) &&
        !subject.view.packages.has(path),
    );
    for await (const { file, bytes } of texts(subject, wanted)) {
      const found = linesOf(bytes).flatMap((line) =>
        /^\s*(?:#|\/\/)/.test(line.text) ? [] : secretsInText(utf8(line.text)).map((secret) => ({ line, secret })),
      );
      if (found.length === 0) continue;
      const names = found
        .slice(0, 8)
        .map(({ secret }) => `${visible(secret.name, { max: 60 })} ${masked(secret.value)}`);
      hits.push({
        techniques: found.some(({ secret }) => secret.name === 'private key')
          ? ['T1552.001', 'T1552.004']
          : ['T1552.001'],
        claim: `${shownPath(file.path)}, which ${howChanged(file)}, holds ${found.length === 1 ? 'what looks like a secret' : `${found.length} texts that look like secrets`}: ${names.join(', ')}${found.length > 8 ? ', …' : ''}.`,
        cites: [
          ...found.map(({ line }) => citeContent(file.content, { offset: line.offset, length: line.length })),
          ...citeFile(subject, file),
        ],
      });
    }
    return hits;
  },
};

const emptied: FileRule = {
  id: 'fs.history-off',
  version: '1',
  title: 'A shell history was made to keep nothing',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1070.003'],
  benign: 'Hardened images link histories to /dev/null, but when they are built.',
  check(subject) {
    return subject.changed
      .filter(
        (file) =>
          HISTORY.test(file.path) &&
          (file.state === 'added' || file.state === 'modified') &&
          ((file.type === 'symbolic link' && file.link === '/dev/null') ||
            (file.type === 'file' && file.size === 0 && (file.was?.size ?? 0) > 0)),
      )
      .map((file) => ({
        claim: `${shownPath(file.path)} ${howChanged(file)}: it is ${file.type === 'file' ? 'empty, and was not in the image' : 'a link to /dev/null'}.`,
        cites: citeFile(subject, file),
      }));
  },
};

/** Rules on what stands in files. */
export const contentRules: readonly FileRule[] = [preload, commands, webShell, secrets, emptied];
