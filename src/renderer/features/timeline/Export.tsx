import { Button, Select } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { useState } from 'react';
import { EXPORT_FORMATS, type ExportFormat, type TimelineFilter } from '../../../shared/contract/timeline';
import { useCase } from '../../case';
import { client } from '../../client';
import { ConfirmReason } from '../../components/ConfirmReason';
import { PathInput } from '../../components/PathInput';
import { showDone } from '../../errors';

const WORDS: Record<ExportFormat, { label: string; name: string }> = {
  timesketch: { label: 'Timesketch, JSON lines', name: 'timeline.jsonl' },
  csv: { label: 'CSV', name: 'timeline.csv' },
  bodyfile: { label: 'Bodyfile of files, for mactime', name: 'files.body' },
};

/** Writes the rows that fit the filters for other tools; where they went, their hash and the filters go into the ledger. */
export function Export({ filter, total }: { filter: TimelineFilter; total: number }) {
  const { path, readOnly } = useCase();
  const [opened, setOpened] = useState(false);
  const [format, setFormat] = useState<ExportFormat>('timesketch');
  const [to, setTo] = useState('');
  const rows =
    format === 'bodyfile' ? 'Times of files, of the chosen target or of all.' : `${total.toLocaleString('en')} rows.`;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFileExport size={15} aria-hidden />}
        disabled={readOnly !== undefined}
        title={readOnly}
        onClick={() => setOpened(true)}
      >
        Export
      </Button>
      <ConfirmReason
        opened={opened}
        title="Export the timeline"
        description={`${rows} Where the file went, its hash, the filters and your reason go into the ledger.`}
        confirmLabel="Export"
        reasonLabel="Why it is exported"
        ready={to.trim() !== ''}
        onConfirm={async (reason) => {
          const own = format === 'bodyfile' ? { targets: filter.targets } : filter;
          const written = await client.timeline.export({ case: path, filter: own, format, to: to.trim(), reason });
          showDone(
            `${written.path}\n${written.rows.toLocaleString('en')} rows, SHA-256 ${written.sha256}`,
            'Timeline exported',
          );
        }}
        onClose={() => setOpened(false)}
      >
        <Select
          label="Format"
          data={EXPORT_FORMATS.map((value) => ({ value, label: WORDS[value].label }))}
          value={format}
          onChange={(value) => {
            const chosen = EXPORT_FORMATS.find((one) => one === value);
            if (chosen) setFormat(chosen);
          }}
          allowDeselect={false}
        />
        <PathInput
          label="Save as"
          description="The whole path of the new file, outside the case; an existing file is not replaced."
          required
          value={to}
          onChange={setTo}
          pick="folder"
          pickTitle="Choose the folder for the file"
          fromPick={(folder) => {
            const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
            return `${folder.replace(/[/\\]+$/, '')}${separator}${WORDS[format].name}`;
          }}
        />
      </ConfirmReason>
    </>
  );
}
