import { ActionIcon, Badge, Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconArrowUp, IconBriefcase, IconFile, IconFolder } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import { orpc } from '../client';
import { ErrorAlert } from './ErrorAlert';
import classes from './FolderPicker.module.css';
import { VisibleText } from './VisibleText';

interface Props {
  opened: boolean;
  title: string;
  /** 'folder': any folder; 'case': a folder that is a case; 'any': a file or a folder. */
  pick: 'folder' | 'case' | 'any';
  /** Where to begin; the home folder without it. */
  start?: string;
  onPick: (path: string) => void;
  onClose: () => void;
}

const ROW = 28;

/** Looks through the folders of this machine. In the window itself, because a browser tab has no dialog that gives a path. */
export function FolderPicker({ opened, title, pick, start, onPick, onClose }: Props) {
  const [path, setPath] = useState(start);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<string>();
  useEffect(() => {
    if (opened) setPath(start || undefined);
  }, [opened, start]);
  const { data, error } = useQuery(
    orpc.app.folders.queryOptions({
      input: { path, files: pick === 'any' || undefined },
      enabled: opened,
      staleTime: 0,
      placeholderData: (before) => before,
    }),
  );
  useEffect(() => {
    if (!data) return;
    setTyped(data.path);
    setChosen(undefined);
  }, [data]);

  const entries = data?.entries ?? [];
  const list = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => list.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const result = pick === 'case' ? chosen : (chosen ?? data?.path);
  const take = (picked: string | undefined) => {
    if (picked === undefined) return;
    onPick(picked);
    onClose();
  };

  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg">
      <Stack gap="xs">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            // React hands it on to the form that this chooser is opened from, which would be sent off.
            event.stopPropagation();
            setPath(typed.trim() || undefined);
          }}
        >
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <ActionIcon
              variant="default"
              size={30}
              aria-label="Parent folder"
              disabled={!data?.parent}
              onClick={() => data?.parent && setPath(data.parent)}
            >
              <IconArrowUp size={16} aria-hidden />
            </ActionIcon>
            <TextInput
              className={classes.path}
              label="Folder"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              spellCheck={false}
              data-autofocus
            />
            <Button type="submit" variant="default">
              Go
            </Button>
          </Group>
        </form>
        <ErrorAlert error={error} />
        <div ref={list} className={classes.list}>
          {!data && !error && <Skeleton height={ROW * 6} m="xs" />}
          {data && entries.length === 0 && (
            <Text size="sm" c="dimmed" p="sm">
              {pick === 'any' ? 'Nothing in here.' : 'No folders in here.'}
            </Text>
          )}
          <ul style={{ height: rows.getTotalSize() }} aria-label="Content of the folder">
            {rows.getVirtualItems().map((row) => {
              const entry = entries[row.index];
              if (!entry) return null;
              const Icon = entry.case ? IconBriefcase : entry.folder ? IconFolder : IconFile;
              const opens = entry.folder && !entry.case;
              return (
                <li key={entry.path} style={{ transform: `translateY(${row.start}px)`, height: ROW }}>
                  <button
                    type="button"
                    className={classes.row}
                    aria-current={chosen === entry.path || undefined}
                    onClick={() => (opens ? setPath(entry.path) : setChosen(entry.path))}
                    onDoubleClick={() => !opens && pick !== 'folder' && take(entry.path)}
                  >
                    <Icon size={16} stroke={1.6} aria-hidden />
                    <span className={classes.name}>
                      <VisibleText text={entry.name} />
                    </span>
                    {entry.case && <Badge>case</Badge>}
                  </button>
                </li>
              );
            })}
          </ul>
        </div>
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" c="dimmed" className={classes.name}>
            {result ? <VisibleText text={result} mono /> : 'Choose a folder marked as a case.'}
          </Text>
          <Group gap="xs" wrap="nowrap">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button disabled={result === undefined} onClick={() => take(result)}>
              Choose
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}
