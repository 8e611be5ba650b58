import { listed } from '../rule';
import { citeFile, described, type FileRule, howChanged, shownPath } from './subject';

const SETUID = 0o4000;
const SETGID = 0o2000;
const WORLD_WRITE = 0o002;
const STICKY = 0o1000;
const EXECUTE = 0o111;

const setuid: FileRule = {
  id: 'fs.setuid',
  version: '1',
  title: 'A program that runs with the rights of its owner came into the container',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1548.001'],
  benign: 'Packages such as sudo bring setuid programs; the package that owns the file, if any, is in the claim.',
  check(subject) {
    return subject.changed
      .filter((file) => {
        const bits = file.mode & (SETUID | SETGID);
        if (file.type !== 'file' || bits === 0 || (file.mode & EXECUTE) === 0) return false;
        // of a file the image may have had, only one that no package owns says something
        if (file.state === 'unknown') return subject.view.packages.size > 0 && !subject.view.packages.has(file.path);
        return ((file.was?.mode ?? 0) & bits) !== bits || file.state === 'modified';
      })
      .map((file) => {
        const owner = subject.view.packages.get(file.path);
        const root = file.uid === 0 && (file.mode & SETUID) !== 0;
        return {
          severity: owner || !root || file.state === 'unknown' ? 'medium' : 'high',
          confidence: file.state === 'unknown' ? 'possible' : 'certain',
          claim: `${shownPath(file.path)} (${described(file)}) ${howChanged(file)}; it is set${(file.mode & SETUID) !== 0 ? 'uid' : 'gid'}${root ? ' root' : ''}. ${owner ? `The package database names ${owner.package} as its owner.` : 'No package owns it.'}`,
          cites: citeFile(subject, file),
        };
      });
  },
};

const CAPABILITY = 'security.capability';

const capability: FileRule = {
  id: 'fs.capability',
  version: '1',
  title: 'A program was given capabilities of root',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1548.001'],
  benign: 'Packages such as iputils give ping a capability; an own program that opens low ports may need one.',
  check(subject) {
    return subject.changed
      .filter((file) => {
        const own = file.xattrs?.[CAPABILITY];
        return (
          file.type === 'file' &&
          file.state !== 'unknown' &&
          own !== undefined &&
          own !== file.was?.xattrs?.[CAPABILITY]
        );
      })
      .map((file) => {
        const owner = subject.view.packages.get(file.path);
        const value = Buffer.from(file.xattrs?.[CAPABILITY] ?? '', 'latin1').toString('hex');
        return {
          severity: owner ? 'low' : 'high',
          claim: `${shownPath(file.path)} (${described(file)}) ${howChanged(file)}; its attribute ${CAPABILITY} is ${value.slice(0, 64)}.`,
          cites: citeFile(subject, file),
        };
      });
  },
};

/** What only root is meant to write. */
const SYSTEM = /^\/(?:etc|bin|sbin|lib|lib32|lib64|boot|root|usr|var\/spool\/cron)(?:\/|$)/;

const worldWritable: FileRule = {
  id: 'fs.world-writable',
  version: '1',
  title: 'Files of the system were made writable for everyone',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1222.002'],
  benign: 'Start scripts with a careless chmod 777 do it. Any process in the container can change these files.',
  check(subject) {
    const found = subject.changed.filter(
      (file) =>
        file.state !== 'unknown' &&
        (file.type === 'file' || (file.type === 'directory' && (file.mode & STICKY) === 0)) &&
        (file.mode & WORLD_WRITE) !== 0 &&
        ((file.was?.mode ?? 0) & WORLD_WRITE) === 0 &&
        SYSTEM.test(file.path),
    );
    if (found.length === 0) return [];
    const names = listed(
      found.map((file) => `${shownPath(file.path)} (${file.mode.toString(8).padStart(4, '0')})`),
      8,
    );
    return [
      {
        claim: `Everyone may write ${found.length === 1 ? 'a file' : `${found.length} files`} of the system that ${found.length === 1 ? 'is' : 'are'} not as in the image: ${names}.`,
        cites: found.flatMap((file) => citeFile(subject, file)),
      },
    ];
  },
};

const DEVICE_FOLDER = /^\/dev\//;

const devices: FileRule = {
  id: 'fs.device',
  version: '1',
  title: 'A device file was made outside /dev',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1611', 'T1006'],
  benign: 'Chroot environments have a few of their own (null, zero, urandom). A disk of the host never belongs here.',
  check(subject) {
    return subject.changed
      .filter(
        (file) =>
          (file.type === 'block device' || file.type === 'character device') &&
          file.state !== 'unknown' &&
          !DEVICE_FOLDER.test(file.path) &&
          // memory devices 1:3 null, 1:5 zero, 1:7 full, 1:8 random, 1:9 urandom, 5:x terminals (devices.txt of Linux)
          !(file.type === 'character device' && [1, 5].includes(file.device?.major ?? -1) && file.device?.minor !== 1),
      )
      .map((file) => ({
        claim: `${shownPath(file.path)}, a ${file.type} ${file.device?.major}:${file.device?.minor} (mode ${file.mode.toString(8)}), ${howChanged(file)}.`,
        cites: citeFile(subject, file),
      }));
  },
};

/** Rules on rights and kinds of files. */
export const rightsRules: readonly FileRule[] = [setuid, capability, worldWritable, devices];
