import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matchPattern, matchPatternList } from '../../../src/main/hosts/patterns';
import { listSshHosts, readSshSettings } from '../../../src/main/hosts/sshconfig';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lading-ssh-'));
  mkdirSync(join(home, '.ssh', 'conf.d'), { recursive: true });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const write = (text: string, name = 'config') => writeFileSync(join(home, '.ssh', name), text);
const read = (alias: string, user?: string) => readSshSettings(alias, { home, user });

describe('~/.ssh/config', () => {
  it('takes the first value, and adds identity files up', () => {
    write(
      'User early\nHost web\n User late\n Port 1\n IdentityFile ~/a\nHost w*\n Port 2\n IdentityFile ~/b\n IdentitiesOnly no\nHost *\n IdentitiesOnly yes\n',
    );
    expect(read('web')).toMatchObject({
      user: 'early',
      port: '1',
      identityFiles: [join(home, 'a'), join(home, 'b')],
      identitiesOnly: false,
      named: true,
    });
    expect(read('other')).toMatchObject({ user: 'early', identitiesOnly: true, named: false });
  });

  it('knows quotes, equals signs, letter case, CRLF and negation', () => {
    write(
      'HOST web !web2 "quoted name"\r\n  hostname=10.0.0.1\r\n  IdentityFile "~/my key"\r\nHost * !web\r\n  Port 7\r\n',
    );
    expect(read('web')).toMatchObject({ hostName: '10.0.0.1', identityFiles: [join(home, 'my key')] });
    expect(read('web').port).toBeUndefined();
    expect(read('web2')).toMatchObject({ port: '7' });
  });

  it('follows Include, relative to ~/.ssh, with wildcards, but not in a circle', () => {
    write('Include conf.d/*.conf\nInclude config\nInclude missing\nHost web\n Port 9\n');
    write('Host web\n HostName inc\n', 'conf.d/a.conf');
    write('Host web\n HostName no\n', 'conf.d/.hidden.conf');
    expect(read('web')).toMatchObject({ hostName: 'inc', port: '9' });
    expect(listSshHosts({ home })).toEqual(['web']);
  });

  it('evaluates Match by host and user, and runs nothing', () => {
    const witness = join(home, 'ran');
    write(`Match exec "touch ${witness}"\n Port 1\nMatch user root host *.lan\n Port 2\nMatch all\n Port 3\n`);
    expect(read('a.lan', 'root').port).toBe('2');
    expect(read('a.lan', 'bob').port).toBe('3');
    expect(read('a.lan').notes.join()).toContain('runs no command');
    expect(existsSync(witness)).toBe(false);
  });

  it('that is broken, binary or not there gives no settings and no error', () => {
    expect(read('web')).toMatchObject({ named: false, identityFiles: [] });
    write('\u0000\u0001\u0002 "unclosed\nHost');
    expect(() => read('web')).not.toThrow();
  });

  it('expands ~ and tokens, and leaves environment variables', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a configuration
    write('Host web\n HostName %h.lan\n User deploy\n IdentityFile %d/.ssh/%r@%h\n IdentityFile ${HOME}/x\n');
    expect(read('web').identityFiles).toEqual([
      `${home}/.ssh/deploy@web.lan`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
      '${HOME}/x',
    ]);
  });
});

describe('patterns', () => {
  it('match as ssh_config(5) says, in time that does not explode', () => {
    expect(matchPattern('*.co.uk', 'a.b.co.uk')).toBe(true);
    expect(matchPattern('192.168.0.?', '192.168.0.10')).toBe(false);
    expect(matchPatternList(['*', '!bad'], 'bad')).toBe(false);
    expect(matchPatternList(['!bad'], 'good')).toBe(false);
    expect(matchPatternList(['A.Example'], 'a.eXAMPLE')).toBe(true);
    const began = performance.now();
    expect(matchPattern('*a'.repeat(500), 'a'.repeat(5000).concat('b'))).toBe(false);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
