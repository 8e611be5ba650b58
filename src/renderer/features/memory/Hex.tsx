import { Button, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { CiteLink } from '../../components/CiteLink';
import { ErrorAlert } from '../../components/ErrorAlert';
import { showDone, showError } from '../../errors';
import classes from './memory.module.css';
import { hexRows, parseAddress, SHOWN, type SpaceRow, WIDTH } from './model';

const LAST = 2n ** 64n - BigInt(SHOWN);
const printable = (byte: number) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');

interface Props {
  row: SpaceRow;
  at: bigint;
  /** Bytes that are marked from `at` on. */
  length: number;
  onAt: (address: bigint) => void;
}

/** Bytes of an address space: go to an address, move by pages, keep a place as a note that cites it. */
export function Hex({ row, at, length, onAt }: Props) {
  const { path, readOnly } = useCase();
  const [goTo, setGoTo] = useState('');
  const start = at - (at % BigInt(WIDTH));
  const from = start < 0n ? 0n : start > LAST ? LAST : start;
  const asked = {
    case: path,
    exhibit: row.exhibit.exhibit,
    space: row.space.id,
    address: `0x${from.toString(16)}`,
    length: SHOWN,
  };
  const { data: read, error } = useQuery(orpc.memory.read.queryOptions({ input: asked }));
  useEffect(() => setGoTo(`0x${at.toString(16)}`), [at]);
  const wanted = parseAddress(goTo);
  const move = (by: number) => {
    const to = from + BigInt(by);
    onAt(to < 0n ? 0n : to > LAST ? LAST : to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { PageUp: -SHOWN, PageDown: SHOWN, ArrowUp: -WIDTH, ArrowDown: WIDTH };
    const step = event.altKey || event.metaKey ? undefined : steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(step);
  };
  const bookmark = async () => {
    const name = `${row.space.comm ?? row.space.id}${row.space.pid === null ? '' : ` (PID ${row.space.pid})`}`;
    const text = `@${row.exhibit.exhibit} memory of ${visible(name)}, address 0x${at.toString(16)}`;
    try {
      const note = await client.notes.add({ case: path, text });
      showDone(`${note.id} keeps this place.`);
    } catch (thrown) {
      showError(thrown, 'The note could not be saved');
    }
  };
  const bytes = read ? Uint8Array.from(atob(read.base64), (char) => char.charCodeAt(0)) : new Uint8Array(0);
  const rows = hexRows(from, bytes, read?.held ?? []);
  const marked = (address: bigint) => address >= at && address < at + BigInt(length);
  const [place] = read?.held ?? [];
  return (
    <div className={classes.panel}>
      <div className={classes.bar}>
        <TextInput
          w={200}
          size="xs"
          aria-label="Go to address, hexadecimal"
          value={goTo}
          error={goTo !== '' && wanted === undefined}
          onChange={(event) => setGoTo(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && wanted !== undefined) onAt(wanted);
          }}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconChevronUp size={14} aria-hidden />}
          onClick={() => move(-SHOWN)}
        >
          Before
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconChevronDown size={14} aria-hidden />}
          onClick={() => move(SHOWN)}
        >
          After
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={readOnly !== undefined}
          leftSection={<IconBookmark size={14} aria-hidden />}
          onClick={() => void bookmark()}
        >
          Bookmark as a note
        </Button>
        {place && <CiteLink exhibit={row.exhibit.exhibit} locator={place.locator} />}
      </div>
      <ErrorAlert error={error} title="The memory could not be read" />
      {read && read.held.length === 0 && (
        <Text size="sm" c="dimmed">
          The exhibit holds nothing of this stretch.
        </Text>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled and paged by keys. */}
      <section className={classes.hex} tabIndex={0} onKeyDown={onKeyDown} aria-label="Bytes with their addresses">
        {rows.map(({ address, bytes: cells }) => (
          <div key={address.toString()}>
            <span className={classes.address}>{address.toString(16).padStart(16, '0')}</span>
            {'  '}
            {cells.map((byte, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place.
              <span key={i} className={marked(address + BigInt(i)) ? classes.found : undefined}>
                {byte === undefined ? '--' : byte.toString(16).padStart(2, '0')}{' '}
              </span>
            ))}{' '}
            {cells.map((byte, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place.
              <span key={i} className={marked(address + BigInt(i)) ? classes.found : undefined}>
                {byte === undefined ? ' ' : printable(byte)}
              </span>
            ))}
          </div>
        ))}
      </section>
    </div>
  );
}
