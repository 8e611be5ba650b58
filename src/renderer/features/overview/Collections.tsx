import { Anchor, Badge, Table } from '@mantine/core';
import type { CaseHost, CollectionSummary } from '../../../shared/domain';
import { EmptyState } from '../../components/EmptyState';
import { Panel } from '../../components/Panel';
import { ScrollRegion } from '../../components/ScrollRegion';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { exhibitsRoute, href } from '../../navigate';
import classes from './overview.module.css';

const COLOURS: Record<CollectionSummary['state'], string> = {
  running: 'harbour',
  done: 'teal',
  failed: 'red',
  cancelled: 'gray',
  'cut off': 'orange',
};

/** Every run of a plan, newest first. */
export function Collections({ collections, hosts }: { collections: CollectionSummary[]; hosts: CaseHost[] }) {
  const name = (host: string) => {
    const known = hosts.find(({ facts }) => facts.id === host || facts.address === host);
    return known ? known.facts.hostname : host;
  };
  return (
    <Panel title="Collections">
      {collections.length === 0 ? (
        <EmptyState title="Nothing was collected yet" />
      ) : (
        <ScrollRegion className={classes.collections} label="Collections">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Id</Table.Th>
                <Table.Th scope="col">State</Table.Th>
                <Table.Th scope="col">Begun</Table.Th>
                <Table.Th scope="col">Took</Table.Th>
                <Table.Th scope="col">Profile</Table.Th>
                <Table.Th scope="col">Hosts</Table.Th>
                <Table.Th scope="col" className={classes.number}>
                  Exhibits
                </Table.Th>
                <Table.Th scope="col" className={classes.number}>
                  Not taken
                </Table.Th>
                <Table.Th scope="col">Reason</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {[...collections].reverse().map((collection) => (
                <Table.Tr key={collection.id}>
                  <Table.Td>
                    <Anchor href={href(exhibitsRoute({ collection: collection.id }))} inherit>
                      {collection.id}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    <Badge color={COLOURS[collection.state]}>{collection.state}</Badge>
                  </Table.Td>
                  <Table.Td>
                    <Time at={collection.begun} />
                  </Table.Td>
                  <Table.Td>
                    {collection.ended
                      ? `${((Date.parse(collection.ended) - Date.parse(collection.begun)) / 1000).toFixed(1)} s`
                      : '–'}
                  </Table.Td>
                  <Table.Td>{collection.profile ?? 'own choice'}</Table.Td>
                  <Table.Td>
                    <VisibleText text={collection.hosts.map(name).join(', ')} max={120} />
                  </Table.Td>
                  <Table.Td className={classes.number}>{collection.exhibits.length}</Table.Td>
                  <Table.Td className={classes.number}>{collection.misses.length}</Table.Td>
                  <Table.Td>
                    <VisibleText text={collection.reason ?? '–'} max={200} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollRegion>
      )}
    </Panel>
  );
}
