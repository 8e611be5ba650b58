import { type Change, type ChangeKind, type ChangeRule, eachPath, isPackageDatabase, together } from './changed';

const BIN = /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/;
const LIBRARY =
  /^\/(?:usr\/)?(?:local\/)?lib(?:32|64|x32)?\/(?:[a-z0-9_]{1,20}-linux-[a-z0-9]{1,20}\/)?[^/]+\.so(?:\.[\w.]+)?$/;

/** Files, not folders, whose path fits; of any kind of change unless some are named. */
function files(all: readonly Change[], pattern: RegExp, ...kinds: ChangeKind[]): Change[] {
  return all.filter(
    ({ path, kind, folder }) => !folder && pattern.test(path) && (kinds.length === 0 || kinds.includes(kind)),
  );
}

interface PathRule extends Omit<ChangeRule, 'check' | 'version' | 'confidence'> {
  pattern: RegExp;
  kinds: ChangeKind[];
  confidence?: ChangeRule['confidence'];
}

/** The rules that look at a path alone, with one finding for each. */
const BY_PATH: readonly PathRule[] = [
  {
    id: 'files.preload',
    title: 'A library was set to be loaded into every program',
    severity: 'high',
    techniques: ['T1574.006'],
    benign: 'Some memory allocators and sandboxes are set up so; hardly ever after the image was built.',
    pattern: /^\/etc\/ld\.so\.preload$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.accounts',
    title: 'The list of accounts was changed',
    severity: 'medium',
    techniques: ['T1136.001', 'T1098'],
    benign: 'Packages and start scripts add accounts. The content of the file says which account came.',
    pattern: /^\/etc\/(?:passwd|shadow|sudoers|sudoers\.d\/.+)$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.ssh-keys',
    title: 'Keys for SSH logins were changed',
    severity: 'high',
    techniques: ['T1098.004'],
    benign: 'Containers that offer SSH take their keys at the start.',
    pattern: /\/\.ssh\/authorized_keys2?$|^\/etc\/ssh\/authorized_keys(?:\/.+)?$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.sshd',
    title: "The SSH server's configuration was changed",
    severity: 'medium',
    techniques: ['T1556', 'T1021.004'],
    benign: 'Installing the SSH server does it.',
    pattern: /^\/etc\/ssh\/(?:sshd_config(?:\.d\/.+)?|sshrc)$|\/\.ssh\/rc$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.cron',
    title: 'Scheduled commands were changed',
    severity: 'medium',
    techniques: ['T1053.003'],
    benign: 'Packages and start scripts bring their own; cron must run in the container for it to matter.',
    pattern:
      /^\/(?:etc\/(?:anacrontab|crontab|cron\.(?:d|hourly|daily|weekly|monthly)\/.+)|var\/spool\/(?:cron|at)\/.+)$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.service',
    title: 'A service or a start script was changed',
    severity: 'medium',
    techniques: ['T1543.002', 'T1037'],
    benign: 'Packages bring their own; most containers start no services.',
    pattern:
      /^\/(?:(?:etc|lib|usr\/lib)\/systemd\/(?:system|user)\/.+|etc\/(?:init\.d\/.+|rc\.local|inittab|rc\d?\.d\/.+))$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.shell-start',
    title: 'What a shell runs at its start was changed',
    severity: 'medium',
    techniques: ['T1546.004'],
    benign: 'Adding a user copies such files; version managers write into them.',
    pattern:
      /^\/etc\/(?:profile|profile\.d\/.+|bash\.bashrc|bashrc|zsh\/.+|environment)$|\/\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zprofile|zshenv|kshrc|ashrc)$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.pam',
    title: 'The modules that check logins were changed',
    severity: 'high',
    techniques: ['T1556.003'],
    benign: 'Packages of the login system do it.',
    pattern: /^\/etc\/(?:pam\.d\/.+|pam\.conf)$|\/security\/pam_[^/]+\.so$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.history-deleted',
    title: 'A shell history was deleted',
    severity: 'high',
    techniques: ['T1070.003'],
    benign: 'Rare: the image would have to bring a history, and a clean-up to remove it.',
    pattern: /\/\.(?:\w{1,20}_)?history$|\/\.history$/,
    kinds: ['deleted'],
  },
  {
    id: 'files.history',
    title: 'A shell history was written',
    severity: 'low',
    techniques: ['T1059.004', 'T1070.003'],
    benign:
      'Somebody worked in the container by hand: an administrator, or another. The file says what; a link to /dev/null says that nothing was to be kept.',
    pattern: /\/\.(?:ash|bash|zsh|sh|python|mysql|psql|sqlite|rediscli|node_repl)_history$|\/\.history$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.key',
    title: 'A private key or an access file was written',
    severity: 'medium',
    techniques: ['T1552.001', 'T1552.004'],
    benign: 'Start scripts put keys in place for the program that the container is for.',
    pattern:
      /\/(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.aws\/credentials|\.kube\/config|\.docker\/config\.json|\.git-credentials|\.netrc|\.pgpass)$/,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.web-script',
    title: 'A script was written where a web server looks',
    severity: 'medium',
    techniques: ['T1505.003'],
    confidence: 'possible',
    benign: 'Applications that install or update themselves do it; uploads should hold no scripts.',
    pattern:
      /^\/(?:var\/www|srv|usr\/share\/nginx|usr\/local\/apache2\/htdocs|usr\/local\/tomcat\/webapps|opt\/[^/]+\/webapps|app\/public|www)\/.*\.(?:php\d?|phtml|phar|jspx?|aspx?|ashx|cgi|war)$/i,
    kinds: ['added', 'changed'],
  },
  {
    id: 'files.certificates',
    title: 'The list of trusted certificates was changed',
    severity: 'low',
    techniques: ['T1553.004'],
    benign: 'Firms add the certificate of their own authority.',
    pattern: /^\/usr\/local\/share\/ca-certificates\/.+|^\/etc\/pki\/ca-trust\/source\/anchors\/.+/,
    kinds: ['added', 'changed'],
  },
];

const byPath: readonly ChangeRule[] = BY_PATH.map(({ pattern, kinds, confidence, ...rule }) => ({
  ...rule,
  version: '1',
  confidence: confidence ?? 'certain',
  check: ({ all }) => eachPath(files(all, pattern, ...kinds)),
}));

const certain = { version: '1', confidence: 'certain' } as const;

const logsDeleted: ChangeRule = {
  ...certain,
  id: 'files.logs-deleted',
  title: 'Log files were deleted',
  severity: 'medium',
  techniques: ['T1070.002'],
  benign: 'Clean-up at the start of a container, or rotation of logs that the image brought.',
  check: ({ all }) => {
    const gone = files(all, /^\/var\/log\/.+|^\/(?:var\/)?run\/utmp$/, 'deleted');
    const logins = gone.some(({ path }) => /\/(?:wtmp|btmp|lastlog|utmp|auth\.log|secure|audit\.log)$/.test(path));
    return together(gone, ['log was', 'logs were'], 'deleted', { severity: logins ? 'high' : 'medium' });
  },
};

/** Sockets of X11 and the like, made by their programs; whatever else lies in such a folder hides there. */
const USUAL_HIDDEN =
  /^\/tmp\/\.(?:X11-unix(?:\/X\d{1,3})?|ICE-unix(?:\/\d{1,10})?|XIM-unix|font-unix|Test-unix|X\d{1,3}-lock)$/;
const TEMPORARY = /^\/(?:tmp|var\/tmp|dev\/shm|dev|run|var\/run|run\/lock)\//;

const hiddenTemporary: ChangeRule = {
  ...certain,
  id: 'files.hidden',
  title: 'Hidden files where temporary files or programs lie',
  severity: 'medium',
  techniques: ['T1564.001'],
  benign: 'Some programs keep locks and caches so; compare the name with what the container runs.',
  check: ({ all }) => {
    const hidden = all.filter(
      ({ path, kind, folder }) =>
        kind !== 'deleted' &&
        !folder &&
        (TEMPORARY.test(path) || BIN.test(path)) &&
        // a name of dots and blanks hides as well
        /\/(?:\.[^/]*|[\s\u00a0]+)(?:\/|$)/.test(path) &&
        !USUAL_HIDDEN.test(path),
    );
    return together(hidden, ['hidden file was', 'hidden files were'], 'written');
  },
};

const deviceFiles: ChangeRule = {
  ...certain,
  id: 'files.dev',
  title: 'Files were written under /dev',
  severity: 'medium',
  techniques: ['T1564.001'],
  benign:
    'In a running container /dev is not on the disk: files here were put there by the engine for a mount, or on purpose.',
  check: ({ all }) => {
    const usual = /^\/dev\/(?:console|pts|shm|mqueue|fd|stdin|stdout|stderr|core|ptmx|null|zero|full|tty|u?random)$/;
    const odd = files(all, /^\/dev\/.+/, 'added', 'changed').filter(
      ({ path }) => !usual.test(path) && !/\/\./.test(path),
    );
    return together(odd, ['file was', 'files were'], 'written under /dev');
  },
};

/** A package manager explains new programs; it does not prove them innocent. */
const withPackages = (packages: boolean) =>
  packages
    ? ({
        severity: 'low',
        confidence: 'possible',
        benign: 'The package database changed too: compare these files with its lists.',
      } as const)
    : {};

const newPrograms: ChangeRule = {
  ...certain,
  id: 'files.program-added',
  title: 'Programs were added where programs lie',
  severity: 'medium',
  techniques: ['T1105'],
  benign: 'Start scripts install tools; an image should bring what it runs.',
  check: ({ all, packages }) => {
    const added = files(all, BIN, 'added');
    return together(added, ['program was', 'programs were'], 'added', withPackages(packages));
  },
};

const changedPrograms: ChangeRule = {
  ...certain,
  id: 'files.program-changed',
  title: 'Programs of the image were changed',
  severity: 'high',
  techniques: ['T1554', 'T1036.005'],
  benign: 'An upgrade of packages inside the container does it, and so does a change of rights alone.',
  check: ({ all, packages }) => {
    const changed = files(all, BIN, 'changed');
    return together(changed, ['program was', 'programs were'], 'changed', withPackages(packages));
  },
};

const deletedPrograms: ChangeRule = {
  ...certain,
  id: 'files.program-deleted',
  title: 'Programs of the image were deleted',
  severity: 'medium',
  techniques: ['T1070.004', 'T1685'],
  benign: 'Removing a package does it; so do hardening scripts that take tools away.',
  check: ({ all, packages }) => {
    const deleted = files(all, BIN, 'deleted');
    return together(deleted, ['program was', 'programs were'], 'deleted', withPackages(packages));
  },
};

const libraries: ChangeRule = {
  ...certain,
  id: 'files.library',
  title: "Shared libraries were added or changed in the system's folders",
  severity: 'medium',
  techniques: ['T1574.006', 'T1554'],
  benign: 'Installing packages does it; rebuilding the cache of libraries alone does not.',
  check: ({ all, packages }) => {
    const found = files(all, LIBRARY, 'added', 'changed');
    return together(found, ['library was', 'libraries were'], 'added or changed', withPackages(packages));
  },
};

const packageManager: ChangeRule = {
  ...certain,
  id: 'files.packages',
  title: 'A package manager was run in the container',
  severity: 'low',
  techniques: ['T1072'],
  benign: 'Start scripts and administrators install what the image lacks.',
  check: ({ all }) =>
    together(
      all.filter(({ path, kind }) => kind !== 'deleted' && isPackageDatabase(path)),
      ['file of a package database was', 'files of a package database were'],
      'written',
    ),
};

/** Names of tools that intruders bring; a name alone proves little. */
const TOOL =
  /\/(?:nmap|masscan|zmap|zgrab2?|fscan|hydra|medusa|sqlmap|linpeas(?:\.sh)?|linenum(?:\.sh)?|pspy(?:32|64)?|deepce(?:\.sh)?|botb|amicontained|chisel|frpc|ngrok|gost|ligolo[\w-]*|rathole|proxychains\d?|gs-netcat|xmrig|xmr-stak[\w-]*|minerd|cpuminer|kinsing|kdevtmpfsi|kthreaddi|mimipenguin[\w.]*|laZagne[\w.]*|metasploit[\w-]*|msfconsole|sliver[\w-]*|reptile[\w-]*|diamorphine[\w.]*|libprocesshider[\w.]*)$/i;

const tools: ChangeRule = {
  ...certain,
  id: 'files.tool',
  title: "A file bears the name of an intruder's tool",
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1588.002'],
  benign: 'Testers and administrators use the same tools; the content decides, not the name.',
  check: ({ all }) => eachPath(files(all, TOOL, 'added', 'changed')),
};

/** Every rule on what changed in a container's files. */
export const changeRules: readonly ChangeRule[] = [
  ...byPath,
  logsDeleted,
  hiddenTemporary,
  deviceFiles,
  newPrograms,
  changedPrograms,
  deletedPrograms,
  libraries,
  packageManager,
  tools,
];
