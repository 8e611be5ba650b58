import { Badge, Button, Group, Modal, Text } from '@mantine/core';
import { IconPhoneOff, IconPlayerRecordFilled } from '@tabler/icons-react';
import type { Terminal as Xterm } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import { refusedText, terminalFilter } from '../../../shared/terminal-filter';
import { fromBase64, toBase64 } from '../../base64';
import { client } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { Terminal } from '../../components/Terminal';
import { VisibleText } from '../../components/VisibleText';
import { navigate, routeTo } from '../../navigate';

export interface Session {
  id: string;
  output: AsyncIterable<{ base64: string } | { exit: number | null }>;
  /** The collection that the shell is the only item of. */
  task: string;
  /** As it is shown. */
  name: string;
}

type State = { at: 'open' } | { at: 'ending' } | { at: 'ended'; exit: number | null; notes: string[]; error?: unknown };

/** Ctrl-] hangs up, as on the command line: everything else belongs to the shell, Escape and Tab too. */
const HANG_UP = 0x1d;

/** A shell under way, recorded. Leaving it hangs up; what came is kept. */
export function ShellWindow({ session, onClose }: { session: Session; onClose: () => void }) {
  const [terminal, setTerminal] = useState<Xterm>();
  const [state, setState] = useState<State>({ at: 'open' });
  const [refused, setRefused] = useState('');
  // One after the other: what is typed may not overtake itself.
  const sending = useRef(Promise.resolve<unknown>(undefined));
  const send = (call: () => Promise<unknown>) => {
    sending.current = sending.current.then(call).catch(() => undefined); // it ended meanwhile, which the output says
  };
  const hangUp = () => send(() => client.live.hangUp({ session: session.id }));

  useEffect(() => {
    if (!terminal) return undefined;
    const gone = new AbortController();
    attend(session, terminal, gone.signal, setRefused, (exit) => !gone.signal.aborted && setState(exit)).catch(
      (error: unknown) => !gone.signal.aborted && setState({ at: 'ended', exit: null, notes: [], error }),
    );
    return () => {
      gone.abort();
      void client.live.hangUp({ session: session.id }).catch(() => undefined); // it may have ended
    };
  }, [terminal, session]);

  const type = (bytes: Uint8Array) => {
    if (bytes.includes(HANG_UP)) hangUp();
    else send(() => client.live.shellInput({ session: session.id, base64: toBase64(bytes) }));
  };
  const ended = state.at === 'ended';
  return (
    <Modal
      opened
      fullScreen
      title={
        <Group gap="sm">
          <span>Shell: {session.name}</span>
          {state.at === 'open' && (
            <Badge color="red" variant="filled" leftSection={<IconPlayerRecordFilled size={11} aria-hidden />}>
              Recording
            </Badge>
          )}
          {ended && (
            <Badge color="gray" variant="light">
              {state.exit === null ? 'Ended' : `Ended with exit status ${state.exit}`}
            </Badge>
          )}
        </Group>
      }
      closeOnEscape={ended}
      closeOnClickOutside={false}
      withCloseButton={false}
      onClose={onClose}
      styles={{ body: { height: 'calc(100dvh - 60px)', display: 'flex', flexDirection: 'column', gap: 8 } }}
    >
      <div style={{ flex: 1, minHeight: 0 }}>
        <Terminal
          label={`Terminal of ${session.name}`}
          onReady={setTerminal}
          onBytes={type}
          onSize={(columns, rows) => send(() => client.live.shellSize({ session: session.id, columns, rows }))}
        />
      </div>
      <Group justify="space-between" role="status">
        <div>
          <Text size="sm">
            {state.at === 'open' && 'Every byte typed and shown is recorded. Ctrl-] hangs up.'}
            {state.at === 'ending' && 'The recording is written to the case…'}
            {ended && !state.error && state.notes.length === 0 && 'The session is recorded, with every byte.'}
            {ended && state.notes.map((note) => <VisibleText key={note} text={note} max={500} />)}
          </Text>
          {refused !== '' && (
            <Text size="xs" c="dimmed">
              Kept from this terminal, and in the recording: {refused}.
            </Text>
          )}
          {ended && <ErrorAlert error={state.error} title="The shell could not be recorded to its end" />}
        </div>
        <Group gap="xs">
          {state.at === 'open' && (
            <Button color="red" variant="light" leftSection={<IconPhoneOff size={14} aria-hidden />} onClick={hangUp}>
              Hang up
            </Button>
          )}
          {ended && (
            <>
              <Button variant="default" onClick={onClose}>
                Close
              </Button>
              <Button
                onClick={() => {
                  onClose();
                  navigate(routeTo('exhibits'));
                }}
              >
                To the exhibits
              </Button>
            </>
          )}
        </Group>
      </Group>
    </Modal>
  );
}

/** Shows, filtered, what the shell shows; then waits for its exhibit. */
async function attend(
  { output, task }: Session,
  terminal: Xterm,
  signal: AbortSignal,
  onRefused: (words: string) => void,
  onState: (state: State) => void,
): Promise<void> {
  const filter = terminalFilter();
  let exit: number | null = null;
  for await (const piece of output) {
    if (signal.aborted) return;
    if ('exit' in piece) {
      exit = piece.exit;
      break;
    }
    const text = filter.push(fromBase64(piece.base64));
    // Not the next before this one is on the screen: a flood waits in the container.
    await new Promise<void>((done) => terminal.write(text, done));
    if (filter.refused.size > 0) onRefused(refusedText(filter.refused));
  }
  terminal.options.disableStdin = true;
  onState({ at: 'ending' });
  for await (const now of await client.tasks.watch({ id: task }, { signal })) {
    if (now.state === 'running') continue;
    const notes = now.items.flatMap(({ note }) => (note ? [note] : []));
    onState({ at: 'ended', exit, notes, error: now.error });
    return;
  }
}
