import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect } from 'react';
import type { HostSpec } from '../../../shared/domain';

interface Props {
  opened: boolean;
  initial?: HostSpec;
  onConnect: (spec: HostSpec) => void;
  onClose: () => void;
}

const EMPTY = { address: '', identity: '', knownHosts: '', jump: '', toolbox: '', sudo: false };

/** How to reach a host, by hand. */
export function HostForm({ opened, initial, onConnect, onClose }: Props) {
  const form = useForm({
    initialValues: EMPTY,
    validateInputOnBlur: true,
    validate: {
      address: (value) => {
        if (!value.trim()) return 'Say which host: for example ssh://root@10.0.0.5.';
        return /\s/.test(value.trim()) ? 'An address has no spaces.' : null;
      },
      jump: (value) => (/\s/.test(value.trim()) ? 'user@host[:port], several with commas and no spaces.' : null),
    },
  });
  const { setValues, resetDirty, clearErrors } = form;
  useEffect(() => {
    if (!opened) return;
    setValues({
      address: initial?.address ?? '',
      identity: initial?.identity ?? '',
      knownHosts: initial?.knownHosts ?? '',
      jump: initial?.jump ?? '',
      toolbox: initial?.toolbox ?? '',
      sudo: initial?.sudo ?? false,
    });
    clearErrors();
    resetDirty();
  }, [opened, initial, setValues, resetDirty, clearErrors]);

  return (
    <Modal opened={opened} onClose={onClose} title="Connect to a host" size="lg">
      <form
        noValidate
        onSubmit={form.onSubmit((values) => {
          onConnect({
            address: values.address.trim(),
            identity: values.identity.trim() || undefined,
            knownHosts: values.knownHosts.trim() || undefined,
            jump: values.jump.trim() || undefined,
            toolbox: values.toolbox.trim() || undefined,
            sudo: values.sudo,
          });
          onClose();
        })}
      >
        <Stack gap="sm">
          <TextInput
            label="Address"
            description="ssh://user@host[:port], local, unix:///path/to/docker.sock, or a name from ~/.ssh/config or docker context ls"
            required
            spellCheck={false}
            autoComplete="off"
            data-autofocus
            {...form.getInputProps('address')}
          />
          <TextInput
            label="Private key file"
            description="Without it: the agent, the keys that ~/.ssh/config names, then a password."
            spellCheck={false}
            autoComplete="off"
            {...form.getInputProps('identity')}
          />
          <TextInput
            label="Jump host"
            description="user@host[:port]; several with commas, in the order they are passed"
            spellCheck={false}
            autoComplete="off"
            {...form.getInputProps('jump')}
          />
          <TextInput
            label="Known hosts file"
            description="Without it: ~/.ssh/known_hosts, and the keys trusted in Lading."
            spellCheck={false}
            autoComplete="off"
            {...form.getInputProps('knownHosts')}
          />
          <TextInput
            label="Toolbox"
            description="A static busybox on this machine, used there instead of the host’s own programs: sent into its memory, removed at the end."
            spellCheck={false}
            autoComplete="off"
            {...form.getInputProps('toolbox')}
          />
          <Checkbox
            label="Use sudo where root is needed"
            description="Its password is asked for if it wants one. Without root the host’s /proc and the engine’s files cannot be read."
            {...form.getInputProps('sudo', { type: 'checkbox' })}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Connect</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
