import { Button, Tabs } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { useCase } from '../../case';
import { formatCount } from '../../components/Bytes';
import { PageHeader } from '../../components/PageHeader';
import { ByHand } from './ByHand';
import classes from './custody.module.css';
import { Handover } from './Handover';
import { LedgerTable } from './LedgerTable';
import { SealsPanel, useSeal } from './Seals';
import { useVerification, VerificationPanel } from './Verification';

/** The chain of custody: the ledger, its verification, seals and hand-overs. */
export default function Screen() {
  const { data, head } = useCase();
  const [tab, setTab] = useState<string | null>('ledger');
  const verification = useVerification();
  const seal = useSeal();
  const last = data.seals.at(-1);
  return (
    <div className={classes.screen}>
      <PageHeader
        title="Custody"
        subtitle={`Held by ${data.examiner}. ${formatCount(head.seq + 1)} ledger entries; ${last ? `sealed up to entry ${last.seq}` : 'never sealed'}.`}
      >
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={15} aria-hidden />}
          loading={verification.starting}
          disabled={verification.running !== undefined}
          onClick={() => {
            setTab('verification');
            verification.start();
          }}
        >
          Verify
        </Button>
        <Handover />
        {seal.button}
      </PageHeader>
      {seal.prompt}
      <Tabs value={tab} onChange={setTab} className={classes.tabs} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="ledger">Ledger</Tabs.Tab>
          <Tabs.Tab value="verification">Verification</Tabs.Tab>
          <Tabs.Tab value="seals">Seals and hand-overs</Tabs.Tab>
          <Tabs.Tab value="hand">Check without Lading</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="ledger" className={classes.panel}>
          <LedgerTable />
        </Tabs.Panel>
        <Tabs.Panel value="verification" className={classes.panel}>
          <VerificationPanel verification={verification} />
        </Tabs.Panel>
        <Tabs.Panel value="seals" className={`${classes.panel} ${classes.scrolling}`}>
          <SealsPanel signingKey={seal.key} />
        </Tabs.Panel>
        <Tabs.Panel value="hand" className={`${classes.panel} ${classes.scrolling}`}>
          <ByHand />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
