import { Button, TextInput } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useState } from 'react';
import { useCase } from '../../case';
import { client } from '../../client';
import { ConfirmReason } from '../../components/ConfirmReason';
import { showDone } from '../../errors';

/** Hands the case over to another person: to whom and why, in the ledger. */
export function Handover() {
  const { path, data, head, readOnly } = useCase();
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState('');
  const unsealed = head.seq !== (data.seals.at(-1)?.seq ?? -1);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowsExchange size={15} aria-hidden />}
        disabled={readOnly !== undefined}
        title={readOnly}
        onClick={() => setOpened(true)}
      >
        Hand over
      </Button>
      <ConfirmReason
        opened={opened}
        title="Hand the case over"
        description={
          <>
            Released by {data.examiner}. From then on the ledger names the other person as holder.{' '}
            {unsealed && 'Seal the case afterwards, so that the seal covers the hand-over too, and verify it together.'}
          </>
        }
        confirmLabel="Hand over"
        required
        ready={to.trim() !== ''}
        onConfirm={async (reason) => {
          const { seq } = await client.custody.handover({ case: path, to: to.trim(), reason });
          showDone(`To ${to.trim()}, ledger entry ${seq}. Seal the case now.`, 'Handed over');
          setTo('');
        }}
        onClose={() => setOpened(false)}
      >
        <TextInput
          label="Received by"
          description="Name and function of the person who takes the case over."
          required
          maxLength={200}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </ConfirmReason>
    </>
  );
}
