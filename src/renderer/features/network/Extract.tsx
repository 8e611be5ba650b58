import { Group } from '@mantine/core';
import type { ExtractWhat } from '../../../shared/contract/network';
import { client } from '../../client';
import { formatBytes } from '../../components/Bytes';
import { CopyOut, safeName } from '../../components/CopyOut';
import type { NetRow } from './rows';

interface Carried {
  what: ExtractWhat;
  action: string;
  name: string;
  bytes: number;
}

/** What a row's connection carried that can be written to a file: bodies of HTTP, a file of FTP, each side of a conversation. */
function carriedBy(row: NetRow): Carried[] {
  if ('requestBytes' in row) {
    const name = safeName(row.target?.split(/[?#]/)[0]?.split('/').at(-1) ?? '');
    return (['request', 'response'] as const).map((part) => ({
      what: { kind: 'http', id: row.id, part },
      action: part === 'request' ? 'Save what was sent' : 'Save the answer',
      name: `http${row.id}-${part}-${name}`,
      bytes: part === 'request' ? row.requestBytes : row.responseBytes,
    }));
  }
  if ('listener' in row && 'way' in row)
    return row.conversation === null
      ? []
      : [
          {
            what: { kind: 'transfer', id: row.id },
            action: 'Save the file',
            name: `ftp${row.id}-${safeName(row.name.split('/').at(-1) ?? '')}`,
            bytes: row.bytes,
          },
        ];
  if (!('payloadAB' in row) || row.layer !== 'tcp') return [];
  return (['a', 'b'] as const).map((side) => ({
    what: { kind: 'stream', id: row.id, side },
    action: `Save what ${side.toUpperCase()} sent`,
    name: `tcp${row.id}-${side}`,
    bytes: side === 'a' ? row.payloadAB : row.payloadBA,
  }));
}

/** Buttons that write what a connection carried to files of their own, hashed and named in the ledger. */
export function Extract({ path, row }: { path: string; row: NetRow }) {
  const carried = carriedBy(row).filter(({ bytes }) => bytes > 0);
  if (carried.length === 0) return null;
  return (
    <Group gap="xs">
      {carried.map(({ what, action, name, bytes }) => (
        <CopyOut
          key={action}
          action={`${action} (${formatBytes(bytes)})`}
          title={action}
          description="It is written as it was transferred: what was compressed stays so. The file may be harmful: it is saved under a name that nothing opens by itself."
          confirmLabel="Save"
          done="Taken out of the capture"
          fileName={`${row.exhibit}-${name}.evidence`}
          copy={async (to, reason) => {
            const made = await client.network.extract({ case: path, exhibit: row.exhibit, what, to, reason });
            return { ...made, remark: made.whole ? undefined : 'Bytes of it are not in the capture.' };
          }}
        />
      ))}
    </Group>
  );
}
