import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

/** Below a home: what shells, interpreters, database clients and editors keep of what was typed. */
const HISTORIES = [
  ...[
    '.bash_history',
    '.zsh_history',
    '.zhistory',
    '.zsh_sessions/*',
    '.ash_history',
    '.sh_history',
    '.ksh_history',
    '.history',
  ],
  ...['.local/share/fish/fish_history', '.config/fish/fish_history', '.tcsh_history'],
  ...['.python_history', '.node_repl_history', '.irb_history', '.php_history', '.rediscli_history'],
  ...[
    '.mysql_history',
    '.mariadb_history',
    '.psql_history',
    '.sqlite_history',
    '.dbshell',
    '.mongodb/mongosh/*_history',
  ],
  ...[
    '.lesshst',
    '.viminfo',
    '.local/state/nvim/shada/*',
    '.nano/search_history',
    '.local/share/nano/search_history',
    '.wget-hsts',
  ],
];
const PROFILES = [
  ...[
    '.bashrc',
    '.bash_profile',
    '.bash_login',
    '.bash_logout',
    '.bash_aliases',
    '.profile',
    '.zshrc',
    '.zshenv',
    '.zprofile',
  ],
  ...['.config/fish/config.fish', '.kshrc', '.inputrc'],
];

export default defineCollector({
  id: 'host.histories',
  version: '1.0.0',
  title: 'Shell histories of the host',
  answers: 'What did users of the host type, and was a history emptied, linked to /dev/null or switched off?',
  how: 'Reads history files and start files of shells in the home folder of each user; links are named, not followed.',
  replaces: ['history', 'cat ~/.bash_history', 'cat /home/*/.bash_history'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.histories',
      title: 'Shell histories of the host',
      nothing: 'No user of the host has a history or a start file of a shell.',
      parts: [
        { homes: [{ as: 'history', files: HISTORIES }] },
        { homes: [{ as: 'start', files: PROFILES }] },
        {
          as: 'start.all',
          files: [
            '/etc/profile',
            '/etc/profile.d/*',
            '/etc/bash.bashrc',
            '/etc/bashrc',
            '/etc/environment',
            '/etc/zsh/*',
            '/etc/ld.so.preload',
          ],
        },
      ],
    });
  },
});
