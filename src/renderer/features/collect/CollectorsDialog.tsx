import { Button, Checkbox, Group, Modal, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type CollectorInfo, VOLATILITY } from '../../../shared/domain';
import { orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { ScrollRegion } from '../../components/ScrollRegion';
import classes from './collect.module.css';
import { Footprint } from './Footprint';

interface Props {
  opened: boolean;
  chosen: string[];
  onChange: (chosen: string[]) => void;
  onClose: () => void;
}

function matches(info: CollectorInfo, words: string): boolean {
  const text = `${info.id} ${info.title} ${info.answers} ${info.how} ${info.replaces.join(' ')}`.toLowerCase();
  return words.split(/\s+/).every((word) => text.includes(word));
}

/** The catalogue of collectors, most volatile first, each with the question it answers and what it does on the target. */
export function CollectorsDialog({ opened, chosen, onChange, onClose }: Props) {
  const { data, error } = useQuery(orpc.collect.catalogue.queryOptions({ enabled: opened }));
  const [filter, setFilter] = useState('');
  const words = filter.trim().toLowerCase();
  const shown = (data ?? []).filter((info) => !words || matches(info, words));
  const picked = new Set(chosen);
  return (
    <Modal opened={opened} onClose={onClose} title="Collectors" size={860}>
      <Group mb="xs">
        <TextInput
          style={{ flex: 1 }}
          placeholder="Filter by question, name or command"
          aria-label="Filter collectors"
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
          data-autofocus
        />
        <Text size="sm" role="status">
          {chosen.length} chosen
        </Text>
        <Button variant="default" onClick={() => onChange([])}>
          None
        </Button>
      </Group>
      <ErrorAlert error={error} />
      {!data && !error && <Skeleton height={300} />}
      <ScrollRegion className={classes.catalogue} label="Catalogue of collectors">
        {VOLATILITY.map((volatility) => {
          const group = shown.filter((info) => info.volatility === volatility);
          if (group.length === 0) return null;
          return (
            <section key={volatility} aria-label={volatility}>
              <Title order={3} className={classes.volatility}>
                {volatility}
              </Title>
              {group.map((info) => (
                <div key={info.id} className={classes.collector}>
                  <Checkbox
                    className={classes.collectorName}
                    label={
                      <>
                        <b>{info.title}</b> <span className={classes.dim}>of each {info.scope}</span>
                      </>
                    }
                    description={`${info.answers} ${info.how}`}
                    checked={picked.has(info.id)}
                    onChange={(event) => {
                      const next = new Set(picked);
                      if (event.currentTarget.checked) next.add(info.id);
                      else next.delete(info.id);
                      onChange([...next]);
                    }}
                  />
                  <Footprint footprint={info.footprint} />
                </div>
              ))}
            </section>
          );
        })}
      </ScrollRegion>
      <Group justify="flex-end" mt="sm">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Modal>
  );
}
