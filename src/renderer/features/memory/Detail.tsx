import { Alert, CloseButton, Group, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { formatBytes } from '../../components/Bytes';
import { CiteLink } from '../../components/CiteLink';
import { Hex } from './Hex';
import classes from './memory.module.css';
import { parseAddress, type SpaceRow } from './model';
import { Search } from './Search';
import { Candidates, Carved, Commands, Regions } from './Tables';
import { Volatility } from './Volatility';

/** One address space: what it was, its regions, its bytes, what is in it. */
export function Detail({ row, onClose }: { row: SpaceRow; onClose: () => void }) {
  const [tab, setTab] = useState('regions');
  const [place, setPlace] = useState({ at: 0n, length: 0 });
  const { path } = useCase();
  const asked = { case: path, exhibit: row.exhibit.exhibit, space: row.space.id };
  const { data: regions } = useQuery(orpc.memory.regions.queryOptions({ input: asked }));
  const first = regions?.find(({ held }) => held > 0)?.start;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address space begins at its own first bytes.
  useEffect(() => setPlace({ at: parseAddress(first ?? '') ?? 0n, length: 0 }), [row.id, first]);
  const onAt = (address: string, length: number) => {
    setPlace({ at: parseAddress(address) ?? 0n, length });
    setTab('bytes');
  };
  const { space, exhibit } = row;
  const ofHost = space.kind === 'physical' && exhibit.target.kind === 'host';
  return (
    <div className={classes.detail}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600}>
          {visible(space.arguments?.join(' ') || space.comm || space.id, { max: 120 })}
          {space.pid === null ? '' : ` · PID ${space.pid}${exhibit.form === 'checkpoint' ? ' in the container' : ''}`}
        </Text>
        <CloseButton aria-label="Close" onClick={onClose} />
      </Group>
      <Joined row={row} />
      {exhibit.faults.length > 0 && (
        <Alert color="yellow" p="xs">
          {exhibit.faults
            .slice(0, 3)
            .map((fault) => visible(fault))
            .join(' ')}
        </Alert>
      )}
      <Tabs value={tab} onChange={(value) => setTab(value ?? 'regions')} className={classes.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="regions">Regions</Tabs.Tab>
          <Tabs.Tab value="bytes">Bytes</Tabs.Tab>
          <Tabs.Tab value="search">Search</Tabs.Tab>
          <Tabs.Tab value="candidates">Candidates</Tabs.Tab>
          {space.kind === 'process' && <Tabs.Tab value="commands">Typed commands</Tabs.Tab>}
          {space.kind !== 'physical' && <Tabs.Tab value="carved">Files</Tabs.Tab>}
          {ofHost && <Tabs.Tab value="volatility">Volatility</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="regions" className={classes.panel}>
          <Regions row={row} onAt={onAt} />
        </Tabs.Panel>
        <Tabs.Panel value="bytes" className={classes.panel}>
          <Hex row={row} at={place.at} length={place.length} onAt={(at) => setPlace({ at, length: 0 })} />
        </Tabs.Panel>
        <Tabs.Panel value="search" className={classes.panel}>
          <Search row={row} onHit={(hit) => onAt(hit.address, hit.length)} />
        </Tabs.Panel>
        <Tabs.Panel value="candidates" className={classes.panel}>
          <Candidates row={row} onAt={onAt} />
        </Tabs.Panel>
        {ofHost && (
          <Tabs.Panel value="volatility" className={classes.panel}>
            <Volatility row={row} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="commands" className={classes.panel}>
          <Commands row={row} onAt={onAt} />
        </Tabs.Panel>
        <Tabs.Panel value="carved" className={classes.panel}>
          <Carved row={row} onAt={onAt} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

/** What the index says of the process, with links to it. */
function Joined({ row }: { row: SpaceRow }) {
  const { path } = useCase();
  const asked = { case: path, exhibit: row.exhibit.exhibit, space: row.space.id };
  const { data } = useQuery(orpc.memory.process.queryOptions({ input: asked }));
  const { process } = data ?? {};
  return (
    <Group gap="md">
      <Text size="sm">
        {row.exhibit.exhibit}, {formatBytes(row.space.held)} of {formatBytes(row.space.size)}
      </Text>
      {process && (
        <Text size="sm">
          Process {process.pid} of {visible(process.containerName ?? 'the host itself')},{' '}
          {visible(process.exe ?? 'no executable')} <CiteLink exhibit={process.exhibit} locator={process.locator} />
        </Text>
      )}
      {data && data.sockets.length > 0 && (
        <Text size="sm">
          {data.sockets
            .slice(0, 4)
            .map(({ protocol, local, remote, state }) => visible(`${protocol} ${local} ${remote} ${state}`))
            .join(' · ')}
        </Text>
      )}
    </Group>
  );
}
