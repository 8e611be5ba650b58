import { defineCollector } from '../collector';
import { captureHostFiles } from '../host-files';

const COLUMNS = 'NAME,KNAME,PKNAME,MAJ:MIN,TYPE,FSTYPE,LABEL,UUID,PARTUUID,SIZE,RO,MOUNTPOINT,MODEL,SERIAL,WWN';

export default defineCollector({
  id: 'host.disk',
  version: '1.0.0',
  title: 'Disks and mounts of the host',
  answers: 'Which disks and file systems does the host have, what is mounted where and how, and how full are they?',
  how: 'Reads mount tables and block devices in /proc and the disk’s settings, and asks df and lsblk.',
  replaces: ['df -h', 'df -i', 'mount', 'lsblk', 'cat /etc/fstab', 'findmnt'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['procfs', 'root'],
  async collect(ctx) {
    await captureHostFiles(ctx, {
      source: 'host.disk',
      title: 'Disks and mounts of the host',
      nothing: 'The host shows nothing of its disks.',
      parts: [
        {
          as: 'mounts',
          files: [
            '/proc/1/mountinfo',
            '/proc/partitions',
            '/proc/swaps',
            '/proc/mdstat',
            '/proc/diskstats',
            '/proc/filesystems',
          ],
        },
        { as: 'df', run: ['df', '-P', '-k'] },
        { as: 'df.inodes', run: ['df', '-P', '-i'] },
        { as: 'lsblk', run: ['lsblk', '-a', '-b', '-P', '-o', COLUMNS] },
        {
          as: 'stored',
          files: [
            '/etc/fstab',
            '/etc/crypttab',
            '/etc/mdadm/mdadm.conf',
            '/etc/lvm/backup/*',
            '/etc/exports',
            '/etc/auto.*',
          ],
        },
      ],
    });
  },
});
