import { Button } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { useState } from 'react';
import type { FileDetail } from '../../../shared/contract/files';
import { useCase } from '../../case';
import { client } from '../../client';
import { ConfirmReason } from '../../components/ConfirmReason';
import { PathInput } from '../../components/PathInput';
import { showDone } from '../../errors';

/** A name for the copy that no file system refuses: nothing of the container's name but letters, digits, dot and dash. */
function copyName(folder: string, file: FileDetail): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  const name = file.path
    .slice(file.path.lastIndexOf('/') + 1)
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 80);
  return `${folder.replace(/[/\\]+$/, '')}${separator}${file.content?.exhibit ?? file.exhibit}-${name}.evidence`;
}

/** Copies one file out of the case; where it went, its hash and the reason go into the ledger. */
export function ExportFile({ file }: { file: FileDetail }) {
  const { path, readOnly } = useCase();
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState('');
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFileExport size={15} aria-hidden />}
        disabled={readOnly !== undefined || !file.readable}
        title={readOnly ?? (file.readable ? undefined : 'No exhibit holds the content of this file')}
        onClick={() => setOpened(true)}
      >
        Export
      </Button>
      <ConfirmReason
        opened={opened}
        title="Export the file"
        description="The exhibit stays as it is. Where the copy went, its hash and your reason go into the ledger. The file may be harmful: it is saved under a name that nothing opens by itself."
        confirmLabel="Export"
        reasonLabel="Why the copy is made"
        required
        ready={to.trim() !== ''}
        onConfirm={async (reason) => {
          const input = { case: path, view: file.view, path: file.path, to: to.trim(), reason };
          const copy = await client.files.export(input);
          showDone(`${copy.path}\nSHA-256 ${copy.sha256}`, 'File exported');
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
          fromPick={(folder) => copyName(folder, file)}
        />
      </ConfirmReason>
    </>
  );
}
