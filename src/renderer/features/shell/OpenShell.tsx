import { Alert, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { HostSpec, Target } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client } from '../../client';
import { ConfirmReason } from '../../components/ConfirmReason';
import { type Session, ShellWindow } from './ShellWindow';

interface Props {
  spec: HostSpec;
  /** The container; without it the shell is one on the host. */
  target?: Target;
  onClose: () => void;
}

/** Warns, asks for a deliberate yes and a reason, and opens the shell. */
export function OpenShell({ spec, target, onClose }: Props) {
  const { path } = useCase();
  const [command, setCommand] = useState('sh');
  const [user, setUser] = useState('');
  const [session, setSession] = useState<Session>();
  const opened = useRef(false);
  const words = command.trim().split(/\s+/).filter(Boolean);
  const name = visible(target?.name ?? spec.address, { max: 100 });
  const collector = target ? 'container.shell' : 'host.shell';

  const open = async (reason: string) => {
    const wish = await client.live.wishForShell({
      command: words,
      ...(target && user.trim() !== '' && { user: user.trim() }),
      columns: 100,
      rows: 30,
    });
    const output = await client.live.shellOutput(wish);
    try {
      const { task } = await client.collect.start({
        case: path,
        hosts: [spec],
        collectors: [collector],
        ...(target && { targets: [target.id] }),
        inputs: { [collector]: wish },
        reason,
        acceptFootprint: true,
      });
      opened.current = true;
      setSession({ id: wish.session, output, task, name });
    } catch (thrown) {
      await client.live.hangUp(wish);
      throw thrown;
    }
  };

  if (session) return <ShellWindow session={session} onClose={onClose} />;
  return (
    <ConfirmReason
      opened
      required
      danger
      title={`Open a shell ${target ? 'in' : 'on'} ${name}`}
      confirmLabel="Open the shell"
      ready={words.length > 0}
      description={
        <Alert color="yellow" icon={<IconAlertTriangle size={16} aria-hidden />} title="It changes the evidence">
          {target
            ? 'It leaves a process and two events of the engine, access times, and whatever you do there. The memory of what has ended may be written over.'
            : 'It leaves a login that sshd writes down (wtmp, utmp, lastlog, its log), processes, access times, and whatever you do there.'}{' '}
          Take everything else first. Everything typed and shown is recorded, passwords too.
        </Alert>
      }
      onConfirm={open}
      // It closes as well when the shell is open: then the shell's window has taken its place.
      onClose={() => {
        if (!opened.current) onClose();
      }}
    >
      <TextInput
        label="Command"
        description="Words parted by blanks."
        value={command}
        onChange={(event) => setCommand(event.currentTarget.value)}
        maxLength={4000}
        required
      />
      {target && (
        <TextInput
          label="User"
          description="Name or number in the container; empty: the container's own."
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
          maxLength={256}
        />
      )}
    </ConfirmReason>
  );
}
