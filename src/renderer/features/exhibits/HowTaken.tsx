import { Badge, Stack, Text, Title } from '@mantine/core';
import type { Access, ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { Bytes, formatCount } from '../../components/Bytes';
import { Copyable } from '../../components/Copyable';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { formatOffset, formatUtc, Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import classes from './exhibits.module.css';

/** An argv for a person to read: each argument that a shell would split or expand in quotes. Shown, never run. */
export function commandText(argv: readonly string[]): string {
  return argv.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(' ');
}

function How({ how }: { how: ExhibitRecord['how'] }) {
  switch (how.kind) {
    case 'exec':
      return (
        <>
          <dt>Command</dt>
          <dd>
            <pre className={classes.command}>
              <VisibleText text={commandText(how.argv)} keepLines max={20_000} />
            </pre>
            <Copyable value={JSON.stringify(how.argv)} label="argv as JSON" text="copy the exact argv" />
          </dd>
          <dt>Run as</dt>
          <dd>{how.asRoot ? 'root' : 'the login user'}</dd>
          <dt>Exit</dt>
          <dd>
            {how.exit === null ? `none${how.signal ? `, ended by ${how.signal}` : ''}` : how.exit}
            {how.exit !== 0 && (
              <Badge ml="xs" color="yellow">
                not 0
              </Badge>
            )}
          </dd>
          <dt>Standard error</dt>
          <dd>
            {how.stderr === '' ? (
              'nothing'
            ) : (
              <pre className={classes.command}>
                <VisibleText text={how.stderr} keepLines max={65_536} />
              </pre>
            )}
            {how.stderrBytes > 65_536 && (
              <Text size="xs">{formatCount(how.stderrBytes)} bytes in all; the first 64 KiB are kept.</Text>
            )}
          </dd>
        </>
      );
    case 'inside':
      return (
        <>
          <dt>Run in the container</dt>
          <dd>
            <pre className={classes.command}>
              <VisibleText text={commandText(how.argv)} keepLines max={20_000} />
            </pre>
            <Copyable value={JSON.stringify(how.argv)} label="argv as JSON" text="copy the exact argv" />
            <Text size="xs" c="dimmed">
              The container's own program said this: it changes the evidence, and may lie.
            </Text>
          </dd>
          <dt>Run as</dt>
          <dd>{how.user === undefined ? "the container's own user" : <VisibleText text={how.user} mono />}</dd>
          <dt>Exit</dt>
          <dd>{how.exit ?? 'not known'}</dd>
          <dt>Standard error</dt>
          <dd>
            {how.stderr === '' ? (
              'nothing'
            ) : (
              <pre className={classes.command}>
                <VisibleText text={how.stderr} keepLines max={65_536} />
              </pre>
            )}
            {how.stderrBytes > 65_536 && (
              <Text size="xs">{formatCount(how.stderrBytes)} bytes in all; the first 64 KiB are kept.</Text>
            )}
          </dd>
          {how.inspect !== undefined && (
            <>
              <dt>What the engine says of it</dt>
              <dd>
                <pre className={classes.command}>
                  <VisibleText text={how.inspect} keepLines max={20_000} />
                </pre>
              </dd>
            </>
          )}
        </>
      );
    case 'api':
      return (
        <>
          <dt>Engine API call</dt>
          <dd>
            <pre className={classes.command}>
              {how.method} <VisibleText text={how.path} />
            </pre>
          </dd>
          <dt>Status</dt>
          <dd>{how.status}</dd>
          {how.contentType && (
            <>
              <dt>Content type</dt>
              <dd>
                <VisibleText text={how.contentType} mono />
              </dd>
            </>
          )}
          {how.note && (
            <>
              <dt>End</dt>
              <dd>
                <VisibleText text={how.note} />
              </dd>
            </>
          )}
        </>
      );
    case 'composed':
      return (
        <>
          <dt>Made from</dt>
          <dd>
            <VisibleText text={how.note} /> The calls are listed below.
          </dd>
        </>
      );
    case 'import':
      return (
        <>
          <dt>Imported from</dt>
          <dd>
            <VisibleText text={how.from} mono />
            {how.note && (
              <div>
                <VisibleText text={how.note} />
              </div>
            )}
          </dd>
        </>
      );
  }
}

const accessColumns: DataColumn<Access & { n: number }>[] = [
  { id: 'at', header: 'At', value: (row) => row.at, cell: (row) => <Time at={row.at} precise />, width: 210 },
  { id: 'kind', header: 'Kind', value: (row) => row.kind, width: 80 },
  { id: 'what', header: 'What', value: (row) => commandText(row.what), width: 320, grow: true, mono: true },
  { id: 'end', header: 'End', value: (row) => row.error ?? row.status ?? row.exit ?? '', width: 90 },
  { id: 'root', header: 'As root', value: (row) => row.asRoot, width: 80 },
  {
    id: 'bytes',
    header: 'Bytes',
    value: (row) => row.bytes,
    cell: (row) => <Bytes bytes={row.bytes} />,
    width: 90,
    align: 'end',
  },
  { id: 'ms', header: 'ms', value: (row) => row.ms, width: 70, align: 'end' },
];

/** How an exhibit was taken: its whole record, in words. */
export function HowTaken({ record }: { record: ExhibitRecord }) {
  const accesses = record.accesses.map((access, n) => ({ ...access, n }));
  return (
    <Stack gap="md">
      <dl className={classes.facts}>
        <How how={record.how} />
        <dt>Outcome</dt>
        <dd>
          {record.outcome}
          {record.partial && <span className={classes.partial}> ◐ only a part arrived</span>}
          {record.reason && (
            <div>
              <VisibleText text={record.reason} />
            </div>
          )}
        </dd>
        {record.follows && (
          <>
            <dt>Taken again</dt>
            <dd>from the start, after a lost connection had cut {record.follows} off</dd>
          </>
        )}
        <dt>Target</dt>
        <dd>
          {record.target.kind} <VisibleText text={record.target.name} />{' '}
          <Copyable value={record.target.id} label={`${record.target.kind} id`} short={12} />
        </dd>
        {record.host && (
          <>
            <dt>Host</dt>
            <dd>
              <VisibleText text={record.host.hostname} /> at <VisibleText text={record.host.address} mono />
            </dd>
          </>
        )}
        <dt>Begun</dt>
        <dd>
          <Clocks pair={record.started} />
        </dd>
        <dt>Finished</dt>
        <dd>
          <Clocks pair={record.finished} />
          {record.clockOffsetMs !== undefined && (
            <Text size="xs" c="dimmed">
              The host's clock was {formatOffset(record.clockOffsetMs)} from this workstation's.
            </Text>
          )}
        </dd>
        <dt>Collector</dt>
        <dd>
          <span style={{ fontFamily: 'var(--l-mono)', fontSize: 12 }}>{record.collector.id}</span> version{' '}
          {record.collector.version}, with {record.tool.name} {record.tool.version}
        </dd>
        <dt>Taken by</dt>
        <dd>
          <VisibleText text={record.examiner} /> on <VisibleText text={record.workstation} />
        </dd>
        <dt>File</dt>
        <dd>
          <Copyable value={`evidence/${record.id}/${record.file}`} label="path in the case" />
        </dd>
        <dt>Size</dt>
        <dd>{formatCount(record.bytes)} bytes</dd>
        <dt>SHA-256</dt>
        <dd>
          <Copyable value={record.sha256} label="SHA-256" />
        </dd>
      </dl>
      {accesses.length > 0 && (
        <section aria-label="Other touches of the host">
          <Title order={3} mb={4}>
            Other touches of the host for this exhibit
          </Title>
          <div style={{ height: Math.min(320, 48 + accesses.length * 26) }}>
            <DataTable
              label="touches of the host"
              bare
              rows={accesses}
              columns={accessColumns}
              rowId={(row) => String(row.n)}
              rowHeight={26}
            />
          </div>
        </section>
      )}
    </Stack>
  );
}

function Clocks({ pair }: { pair: ExhibitRecord['started'] }) {
  return (
    <>
      <Time at={pair.local} precise />{' '}
      <Text span size="xs" c="dimmed">
        this workstation
      </Text>
      {pair.host && (
        <>
          <br />
          <span style={{ fontVariantNumeric: 'tabular-nums' }}>{visible(formatUtc(pair.host, true))}</span>{' '}
          <Text span size="xs" c="dimmed">
            UTC by the host's clock
          </Text>
        </>
      )}
    </>
  );
}
