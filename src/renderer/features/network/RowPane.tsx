import { ActionIcon, Group, Text, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { NetEnd } from '../../../shared/contract/network';
import { parseLocator } from '../../../shared/locator';
import { fromBase64 } from '../../base64';
import { client } from '../../client';
import { CiteLink } from '../../components/CiteLink';
import { VisibleText } from '../../components/VisibleText';
import { href, routeTo } from '../../navigate';
import shared from '../exhibits/exhibits.module.css';
import { createByteSource } from '../exhibits/model/source';
import { HexView } from '../exhibits/viewers/HexView';
import { Extract } from './Extract';
import classes from './network.module.css';
import type { NetRow } from './rows';

interface Props {
  path: string;
  row: NetRow;
  /** Size of the capture in bytes. */
  bytes: number;
  onClose: () => void;
}

/** Ends of a row, under the names of its columns. */
function endsOf(row: NetRow): [string, NetEnd][] {
  if ('a' in row)
    return [
      ['A', row.a],
      ['B', row.b],
    ];
  if ('client' in row)
    return [
      ['Client', row.client],
      ['Server', row.server],
    ];
  if (!('source' in row) || typeof row.source === 'string' || typeof row.destination === 'string') return [];
  return [
    ['From', row.source],
    ['To', row.destination],
  ];
}

/** One row: what is known of its ends, and its packet's bytes in the capture. */
export function RowPane({ path, row, bytes, onClose }: Props) {
  const { exhibit, locator } = row;
  const source = useMemo(
    () =>
      createByteSource(bytes, async (offset, length) =>
        fromBase64((await client.exhibits.read({ case: path, id: exhibit, offset, length })).base64),
      ),
    [path, exhibit, bytes],
  );
  const place = useMemo(() => parseLocator(locator), [locator]);
  return (
    <section className={`${shared.detail} ${classes.pane}`} aria-label="Packet">
      <Group justify="space-between" wrap="nowrap">
        <Title order={2} size="h4">
          The packet that says so
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label="Close" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </Group>
      <CiteLink exhibit={exhibit} locator={locator} />
      <Extract path={path} row={row} />
      <dl className={classes.facts}>
        {endsOf(row).flatMap(([name, end]) => [
          <dt key={`${name} t`}>{name}</dt>,
          <dd key={`${name} d`}>
            <End end={end} />
          </dd>,
        ])}
        {'answers' in row &&
          row.answers.map(({ name, type, ttl, value }) => [
            <dt key={`${name} ${type} ${value} t`}>{type}</dt>,
            <dd key={`${name} ${type} ${value} d`}>
              <VisibleText text={`${name} → ${value}, for ${ttl} s`} mono />
            </dd>,
          ])}
      </dl>
      <div className={classes.bytes}>
        <HexView path={path} id={exhibit} source={source} place={place} onPlace={() => {}} />
      </div>
    </section>
  );
}

function End({ end }: { end: NetEnd }) {
  const { address, port, containers, names, processes } = end;
  return (
    <>
      <VisibleText text={port === null ? address : `${address} port ${port}`} mono />
      {containers.length > 0 && (
        <Text size="xs">
          Container {containers.map(({ name }) => name).join(' or ')}, by inspect
          {containers.length > 1 ? ': several have the address' : ''}
        </Text>
      )}
      {names.length > 0 && (
        <Text size="xs">
          In DNS: <VisibleText text={names.join(', ')} max={300} mono />
        </Text>
      )}
      {processes.map(({ process, pid, comm, exhibit, locator }) => (
        <Text size="xs" key={process}>
          <a href={href(routeTo('processes', `process:${process}`))}>
            Process {pid} <VisibleText text={comm} />
          </a>{' '}
          held it: <CiteLink exhibit={exhibit} locator={locator} />
        </Text>
      ))}
      {port !== null && processes.length === 0 && (
        <Text size="xs" c="dimmed">
          Process unknown: no collected table of sockets has this connection at this end.
        </Text>
      )}
    </>
  );
}
