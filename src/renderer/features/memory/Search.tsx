import { Button, Checkbox, Progress, Select, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { MemoryHit } from '../../../shared/contract/memory';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client } from '../../client';
import { formatCount } from '../../components/Bytes';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { showError } from '../../errors';
import classes from './memory.module.css';
import type { SpaceRow } from './model';

const KINDS = [
  { value: 'text', label: 'Text' },
  { value: 'hex', label: 'Bytes (hex, ?? any)' },
  { value: 'regex', label: 'Regular expression' },
];
type Kind = 'text' | 'hex' | 'regex';
/** Hits that the table holds; the command line gives all. */
const MOST = 10_000;

const plain = (hit: MemoryHit, text: string) =>
  visible((hit.encoding === 'utf16le' ? text.replaceAll('\0', '') : text).replaceAll(/[^\x20-\x7e]/g, '·'));

const columns: readonly DataColumn<MemoryHit>[] = [
  { id: 'address', header: 'Address', width: 150, mono: true, value: (hit) => hit.address },
  { id: 'where', header: 'Region', width: 170, value: (hit) => visible(`${hit.perms} ${hit.region}`) },
  {
    id: 'found',
    header: 'Found',
    width: 420,
    mono: true,
    value: (hit) => plain(hit, hit.found),
    cell: (hit) => (
      <>
        {plain(hit, hit.before.slice(-16))}
        <mark>{plain(hit, hit.found.slice(0, 120))}</mark>
        {plain(hit, hit.after.slice(0, 32))}
      </>
    ),
  },
  { id: 'encoding', header: 'As', width: 80, facet: true, value: (hit) => hit.encoding },
];

/** Looks for a text, bytes or a regular expression in one address space; a hit opens at its address. */
export function Search({ row, onHit }: { row: SpaceRow; onHit: (hit: MemoryHit) => void }) {
  const { path } = useCase();
  const [kind, setKind] = useState<Kind>('text');
  const [text, setText] = useState('');
  const [ignoreCase, setIgnoreCase] = useState(true);
  const [state, setState] = useState<{
    hits: MemoryHit[];
    done: number;
    total: number;
    running: boolean;
    more: boolean;
  }>();
  const running = useRef<AbortController>(undefined);
  // another address space, or the screen left: what is looked for there is of no use
  // biome-ignore lint/correctness/useExhaustiveDependencies: each space begins anew.
  useEffect(() => {
    setState(undefined);
    return () => running.current?.abort();
  }, [row.id]);

  const begin = async () => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const query =
      kind === 'text'
        ? { kind, terms: [text], ignoreCase, wide: true }
        : kind === 'hex'
          ? { kind, hex: text }
          : { kind, pattern: text, ignoreCase, wide: true };
    const hits: MemoryHit[] = [];
    setState({ hits: [], done: 0, total: 1, running: true, more: false });
    try {
      for (let from: number | undefined; hits.length < MOST; ) {
        const where = { case: path, exhibit: row.exhibit.exhibit, space: row.space.id, from, limit: 1000 };
        const page = await client.memory.search({ ...where, query }, { signal: abort.signal });
        hits.push(...page.hits);
        const more = page.next !== null && hits.length >= MOST;
        setState({ hits: [...hits], done: page.done, total: page.total, running: page.next !== null && !more, more });
        if (page.next === null) break;
        from = page.next;
      }
    } catch (thrown) {
      if (abort.signal.aborted) return;
      setState(undefined);
      showError(thrown, 'The memory could not be searched');
    }
  };

  return (
    <div className={classes.panel}>
      <form
        className={classes.bar}
        onSubmit={(event) => {
          event.preventDefault();
          if (text !== '') void begin();
        }}
      >
        <Select
          size="xs"
          w={170}
          aria-label="What is looked for"
          allowDeselect={false}
          data={KINDS}
          value={kind}
          onChange={(value) => setKind(value === 'hex' || value === 'regex' ? value : 'text')}
        />
        <TextInput
          size="xs"
          w={260}
          aria-label="Look for"
          placeholder={kind === 'hex' ? '7f 45 4c 46 ??' : 'Look for'}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {kind !== 'hex' && (
          <Checkbox
            size="xs"
            label="Letters of any case"
            checked={ignoreCase}
            onChange={(event) => setIgnoreCase(event.currentTarget.checked)}
          />
        )}
        <Button size="xs" type="submit" disabled={text === ''}>
          Search
        </Button>
        {state?.running && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              running.current?.abort();
              setState({ ...state, running: false, more: true });
            }}
          >
            Stop
          </Button>
        )}
      </form>
      {state?.running && <Progress value={(100 * state.done) / Math.max(1, state.total)} aria-label="Searched" />}
      {state && (
        <Text size="sm" role="status">
          {formatCount(state.hits.length)} found{state.more ? ' so far; not all of the memory was searched' : ''}
        </Text>
      )}
      {state && (
        <DataTable
          label="hits"
          rows={state.hits}
          columns={columns}
          rowId={(hit) => `${hit.offset} ${hit.term} ${hit.encoding}`}
          onOpen={onHit}
          onSelect={onHit}
          empty={state.running ? 'Searching…' : 'Not in this memory.'}
        />
      )}
    </div>
  );
}
