import { visible } from '../../../../../shared/visible';
import { accountsOf } from '../../../files/accounts';
import type { Hit } from '../rule';
import { citeContent, citeFile, type FileRule, howChanged, shownPath } from './subject';
import { linesOf, texts, utf8 } from './text';

const uid0: FileRule = {
  id: 'fs.second-root',
  version: '1',
  title: 'An account beside root has all rights of root',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1136.001'],
  benign: 'A few old systems have a second account with UID 0 (toor); no image of today needs one.',
  async check(subject) {
    const hits: Hit[] = [];
    const passwd = subject.view.byPath.get('/etc/passwd');
    if (!passwd || passwd.state === 'deleted') return hits;
    for await (const { file, bytes } of texts(subject, [passwd])) {
      for (const { name, uid, shell, offset, length } of accountsOf(bytes)) {
        if (uid !== 0 || name === 'root') continue;
        hits.push({
          severity: file.state === 'image' ? 'medium' : 'high',
          claim: `/etc/passwd, which ${howChanged(file)}, gives the account ${visible(name, { max: 60 })} the UID 0 and the shell ${visible(shell, { max: 60 })}.`,
          cites: [citeContent(file.content, { offset, length }), ...citeFile(subject, file)],
        });
      }
    }
    return hits;
  },
};

const noPassword: FileRule = {
  id: 'fs.no-password',
  version: '1',
  title: 'An account can log in without a password',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1098'],
  benign: 'Only matters where something in the container offers a login (sshd, su). Some minimal images are built so.',
  async check(subject) {
    const hits: Hit[] = [];
    const shadow = subject.view.byPath.get('/etc/shadow');
    // an image that is built so says nothing of what happened to the container
    if (!shadow || !['added', 'modified'].includes(shadow.state)) return hits;
    for await (const { file, bytes } of texts(subject, [shadow])) {
      for (const { text, offset, length } of linesOf(bytes)) {
        const [name = '', password, ...rest] = text.split(':');
        if (name === '' || password !== '' || rest.length < 6) continue;
        hits.push({
          claim: `/etc/shadow, which ${howChanged(file)}, has no password for ${visible(utf8(name), { max: 60 })}.`,
          cites: [citeContent(file.content, { offset, length }), ...citeFile(subject, file)],
        });
      }
    }
    return hits;
  },
};

const KEYS = /\/\.ssh\/authorized_keys2?$|^\/etc\/ssh\/authorized_keys(?:\/.+)?$/;
const KEY_LINE =
  /(?:^|\s)((?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-\S{1,30}|sk-\S{1,60})\s+([A-Za-z0-9+/=]{40,}))\s*(.*)$/;

const sshKeys: FileRule = {
  id: 'fs.ssh-key',
  version: '1',
  title: 'A key may log in by SSH that the image does not have',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1098.004'],
  benign: 'Containers that offer SSH take their keys at the start.',
  async check(subject) {
    const hits: Hit[] = [];
    for await (const { file, bytes } of texts(
      subject,
      subject.changed.filter(({ path, state }) => KEYS.test(path) && state !== 'metadata'),
    )) {
      for (const { text, offset, length } of linesOf(bytes)) {
        const key = text.startsWith('#') ? null : KEY_LINE.exec(text.slice(0, 20_000));
        if (!key) continue;
        const comment = utf8(key[3] ?? '').trim();
        hits.push({
          confidence: file.state === 'unknown' ? 'likely' : 'certain',
          severity: file.state === 'unknown' ? 'medium' : 'high',
          claim: `${shownPath(file.path)}, which ${howChanged(file)}, admits a key ${key[1]?.split(/\s/)[0]} ending in …${key[2]?.slice(-12)}${comment ? ` (“${visible(comment, { max: 100 })}”)` : ''}.`,
          cites: [citeContent(file.content, { offset, length }), ...citeFile(subject, file)],
        });
      }
    }
    return hits;
  },
};

/** Rules on who may log in. */
export const accountRules: readonly FileRule[] = [uid0, noPassword, sshKeys];
