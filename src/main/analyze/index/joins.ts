import type { Db } from './db';
import { joinProcesses } from './joins-processes';

/**
 * What belongs together, once all rows are there: rows of one process, its parent and place in the tree; rows of one
 * socket; who holds it; names of users. Each step reads rows alone, so it gives the same each time.
 */
export function joinRows(db: Db): void {
  db.exec('BEGIN');
  joinProcesses(db);
  for (const sql of STEPS) db.exec(sql);
  db.exec('COMMIT');
}

const STEPS = [
  // one socket, read under a container and for the whole host: the container's row stands for it
  `CREATE TEMP TABLE one_socket AS
    SELECT s.id AS id, first_value(s.id) OVER (
      PARTITION BY e.collection, s.host, s.netns, s.protocol, s.inode, s.local_address, s.local_port,
        s.remote_address, s.remote_port, s.path, CASE WHEN s.inode = 0 THEN s.state END
      ORDER BY e.collector <> 'container.sockets', s.id) AS entity
    FROM sockets s JOIN exhibits e ON e.exhibit = s.exhibit`,
  'CREATE UNIQUE INDEX temp.one_socket_id ON one_socket (id)',
  'UPDATE sockets SET entity = (SELECT o.entity FROM one_socket o WHERE o.id = sockets.id)',

  // descriptors that were read beside a table of sockets: of the process of this number in the same collection
  `CREATE TEMP TABLE one_pid AS
    SELECT p.host AS host, p.pid AS pid, e.collection AS collection, max(p.id) AS process
    FROM processes p JOIN exhibits e ON e.exhibit = p.exhibit GROUP BY p.host, p.pid, e.collection`,
  'CREATE INDEX temp.one_pid_at ON one_pid (host, pid)',
  `UPDATE fds SET process = (
    SELECT o.process FROM one_pid o JOIN exhibits e ON e.exhibit = fds.exhibit
    WHERE o.host = fds.host AND o.pid = fds.pid AND o.collection IS e.collection)
    WHERE process IS NULL`,

  // an inode of sockfs names one socket of the whole host, at one time
  `CREATE TEMP TABLE by_inode AS
    SELECT s.host AS host, s.inode AS inode, e.collection AS collection, s.entity AS entity
    FROM sockets s JOIN exhibits e ON e.exhibit = s.exhibit WHERE s.inode > 0 AND s.id = s.entity`,
  'CREATE INDEX temp.by_inode_at ON by_inode (host, inode)',
  `INSERT INTO holders (exhibit, locator, target, socket, process, fd)
    SELECT exhibit, locator, target, socket, process, fd FROM (
      SELECT min(f.id), f.exhibit AS exhibit, f.locator AS locator, f.target AS target, s.entity AS socket,
        p.entity AS process, f.fd AS fd
      FROM fds f
        JOIN exhibits e ON e.exhibit = f.exhibit
        JOIN by_inode s ON s.host = f.host AND s.inode = f.inode AND s.collection IS e.collection
        JOIN processes p ON p.id = f.process
      WHERE f.kind = 'socket' AND f.inode > 0
      GROUP BY s.entity, p.entity, f.fd)
    ORDER BY socket, process, fd`,

  // a container's own list of users gives the names
  `CREATE TEMP TABLE one_user AS
    SELECT t.key AS container, f.uid AS uid, min(f.user) AS user
    FROM files f JOIN targets t ON t.id = f.target
    WHERE f.user IS NOT NULL AND f.uid IS NOT NULL AND t.kind = 'container' GROUP BY t.key, f.uid`,
  'CREATE INDEX temp.one_user_at ON one_user (container, uid)',
  `UPDATE processes SET user = (SELECT o.user FROM one_user o WHERE o.container = processes.container AND o.uid = processes.uid)
    WHERE user IS NULL AND container IS NOT NULL`,
  ...['one_socket', 'one_pid', 'by_inode', 'one_user'].map((table) => `DROP TABLE temp.${table}`),
];
