import { Button } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useCase } from '../case';
import { showDone } from '../errors';
import { ConfirmReason } from './ConfirmReason';
import { PathInput } from './PathInput';

interface Props {
  /** On the button that opens the dialog, and its picture. */
  action: string;
  icon?: ReactNode;
  /** Why it cannot be done here; the case being open for reading only is said by itself. */
  refused?: string;
  title: string;
  /** What will happen, beyond that path, hash and reason go into the ledger. */
  description: string;
  confirmLabel: string;
  /** Heading of the notice that says where the copy lies. */
  done: string;
  /** A name for the copy in the chosen folder. */
  fileName: string;
  /** Makes the copy. A remark is shown beside its path and hash. */
  copy(to: string, reason: string): Promise<{ path: string; sha256: string; remark?: string }>;
}

/** `name` in `folder`, with the separator that the folder's own path has. */
function inFolder(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return `${folder.replace(/[/\\]+$/, '')}${separator}${name}`;
}

/** A name that no file system refuses: nothing of what evidence calls itself but letters, digits, dot and dash. */
export function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 80);
}

/** A button that writes something out of the case, with a place and a reason; path, hash and reason go into the ledger. */
export function CopyOut({ action, icon, refused, title, description, confirmLabel, done, fileName, copy }: Props) {
  const { readOnly } = useCase();
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState('');
  return (
    <>
      <Button
        variant="default"
        leftSection={icon ?? <IconFileExport size={15} aria-hidden />}
        disabled={readOnly !== undefined || refused !== undefined}
        title={readOnly ?? refused}
        onClick={() => setOpened(true)}
      >
        {action}
      </Button>
      <ConfirmReason
        opened={opened}
        title={title}
        description={`${description} Where the copy went, its hash and your reason go into the ledger.`}
        confirmLabel={confirmLabel}
        reasonLabel="Why the copy is made"
        required
        ready={to.trim() !== ''}
        onConfirm={async (reason) => {
          const made = await copy(to.trim(), reason);
          showDone(`${made.path}\nSHA-256 ${made.sha256}${made.remark ? `\n${made.remark}` : ''}`, done);
        }}
        onClose={() => setOpened(false)}
      >
        <PathInput
          label="Save as"
          description="The whole path of the new file; an existing file is not replaced."
          required
          value={to}
          onChange={setTo}
          pick="folder"
          pickTitle="Choose the folder for the copy"
          fromPick={(folder) => inFolder(folder, fileName)}
        />
      </ConfirmReason>
    </>
  );
}
