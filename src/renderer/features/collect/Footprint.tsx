import { Badge } from '@mantine/core';
import type { Footprint as Kind } from '../../../shared/domain';
import classes from './collect.module.css';
import { FOOTPRINT_WORDS, isDeep } from './draft';

const COLOURS: Record<Kind, string> = {
  none: 'gray',
  'reads host': 'gray',
  'engine event': 'yellow',
  'runs in container': 'orange',
  'pauses container': 'orange',
  'writes on host': 'red',
};

/** What taking it does to the target; what is beyond reading stands out. */
export function Footprint({ footprint }: { footprint: Kind }) {
  const words = footprint === 'none' ? 'no footprint' : footprint;
  if (!isDeep(footprint)) {
    return (
      <span className={classes.shallow} title={FOOTPRINT_WORDS[footprint]}>
        {words}
      </span>
    );
  }
  return (
    <Badge color={COLOURS[footprint]} title={FOOTPRINT_WORDS[footprint]} style={{ flex: 'none' }}>
      {words}
    </Badge>
  );
}
