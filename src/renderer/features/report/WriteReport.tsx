import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconFileExport } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReportOptions } from '../../../shared/contract/report';
import { useCase } from '../../case';
import { client } from '../../client';
import { formatBytes } from '../../components/Bytes';
import { Copyable } from '../../components/Copyable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PathInput } from '../../components/PathInput';

/** A file name that every system takes. */
function reportName(number: string): string {
  return `${number.replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'case'}-report.pdf`;
}

/** Writes the report into the case, and a copy where it is wanted; path and hash go into the ledger. */
export function WriteReport({ options }: { options: ReportOptions }) {
  const { path, data, readOnly } = useCase();
  const [opened, setOpened] = useState(false);
  const [out, setOut] = useState('');
  const write = useMutation({
    mutationFn: () => client.report.write({ case: path, options, out: out.trim() === '' ? undefined : out.trim() }),
  });
  const close = () => {
    setOpened(false);
    write.reset();
  };
  return (
    <>
      <Button
        leftSection={<IconFileExport size={15} aria-hidden />}
        disabled={readOnly !== undefined}
        title={readOnly}
        onClick={() => setOpened(true)}
      >
        Write the report
      </Button>
      <Modal opened={opened} onClose={close} title="Write the report" size="lg">
        {write.data ? (
          <Stack gap="sm">
            <Alert color="teal" title="The report is written" role="status">
              <Stack gap={4}>
                <Text size="sm">
                  {write.data.pages} {write.data.pages === 1 ? 'page' : 'pages'}, {formatBytes(write.data.bytes)}
                </Text>
                <div>
                  <Copyable value={write.data.absolutePath} label="path of the report" />
                </div>
                {out.trim() !== '' && (
                  <div>
                    Copy: <Copyable value={out.trim()} label="path of the copy" />
                  </div>
                )}
                <div>
                  SHA-256 <Copyable value={write.data.sha256} label="SHA-256 of the report" />
                </div>
              </Stack>
            </Alert>
            <Text size="sm">Its path and hash are in the ledger. Seal the case to cover it with a signature.</Text>
            <Group justify="flex-end">
              <Button onClick={close} data-autofocus>
                Close
              </Button>
            </Group>
          </Stack>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              write.mutate();
            }}
          >
            <Stack gap="sm">
              <Text size="sm">
                The PDF is written into the case's folder “reports” under a new name; earlier reports stay. Its hash
                goes into the ledger.
              </Text>
              <PathInput
                label="A copy elsewhere"
                description="Optional: the whole path of the copy."
                value={out}
                onChange={setOut}
                pick="folder"
                pickTitle="Choose the folder for the copy"
                fromPick={(folder) => {
                  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
                  return `${folder.replace(/[/\\]+$/, '')}${separator}${reportName(data.number)}`;
                }}
              />
              <ErrorAlert error={write.error} title="The report was not written" />
              <Group justify="flex-end" gap="xs">
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button type="submit" loading={write.isPending}>
                  Write the report
                </Button>
              </Group>
            </Stack>
          </form>
        )}
      </Modal>
    </>
  );
}
