import { ActionIcon, Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import { PathInput } from '../../components/PathInput';
import { VisibleText } from '../../components/VisibleText';
import classes from './import.module.css';

declare global {
  interface Window {
    /** In Electron: where a dropped file lies. A browser tab is not told. */
    readonly ladingPathOf?: (file: File) => string;
  }
}

/** Files and folders of this machine: typed, chosen, or dropped. */
export function PathList({ paths, onChange }: { paths: string[]; onChange: (paths: string[]) => void }) {
  const [typed, setTyped] = useState('');
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState(false);
  const add = (more: string[]) => {
    const fresh = more.map((path) => path.trim()).filter((path) => path !== '');
    if (fresh.length > 0) onChange([...new Set([...paths, ...fresh])]);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const { ladingPathOf } = window;
    const dropped = [...event.dataTransfer.files].map((file) => ladingPathOf?.(file) ?? '');
    setRefused(dropped.some((path) => path === ''));
    add(dropped);
  };
  return (
    <section
      aria-label="Files and folders to import"
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Stack gap="xs">
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <PathInput
            style={{ flex: 1 }}
            label="File or folder"
            description={window.ladingPathOf ? 'Type it, choose it, or drop it here.' : 'Type it, or choose it.'}
            pick="any"
            pickTitle="Choose a file or folder"
            value={typed}
            onChange={setTyped}
            onPick={(path) => add([path])}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || typed.trim() === '') return;
              event.preventDefault();
              add([typed]);
              setTyped('');
            }}
          />
          <Button
            variant="default"
            leftSection={<IconPlus size={15} aria-hidden />}
            disabled={typed.trim() === ''}
            onClick={() => {
              add([typed]);
              setTyped('');
            }}
          >
            Add
          </Button>
        </Group>
        {refused && (
          <Alert color="yellow" p="xs" role="status" withCloseButton onClose={() => setRefused(false)}>
            Where a dropped file lies is not told to this window: type or choose its path.
          </Alert>
        )}
        {paths.length > 0 && (
          <ul className={classes.paths} aria-label="To be imported">
            {paths.map((path) => (
              <li key={path}>
                <Text size="sm" className={classes.path}>
                  <VisibleText text={path} mono max={500} />
                </Text>
                <ActionIcon
                  variant="subtle"
                  aria-label={`Leave out ${path}`}
                  onClick={() => onChange(paths.filter((one) => one !== path))}
                >
                  <IconX size={14} aria-hidden />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
      </Stack>
    </section>
  );
}
