import { Button, Menu, SegmentedControl, Text, Title } from '@mantine/core';
import { IconContrast2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { orpc } from '../../client';
import { useTheme } from '../../useTheme';
import { NewCaseForm } from './NewCaseForm';
import { OpenCaseForm } from './OpenCaseForm';
import { RecentCases } from './RecentCases';
import { SampleForm } from './SampleForm';
import classes from './start.module.css';

/** Before a case is open: take up a recent one, begin a new one, or open one by its folder. */
export default function Screen() {
  const [way, setWay] = useState('new');
  const { data: info } = useQuery(orpc.app.info.queryOptions());
  const setTheme = useTheme();
  useEffect(() => {
    document.title = 'Lading';
  }, []);
  return (
    <main className={classes.start}>
      <header className={classes.head}>
        <div>
          <Title order={1} className={classes.name}>
            Lading
          </Title>
          <Text c="dimmed">Evidence from software containers, with an unbroken chain of custody.</Text>
        </div>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="subtle" leftSection={<IconContrast2 size={16} aria-hidden />}>
              Appearance
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => setTheme('auto')}>As the system</Menu.Item>
            <Menu.Item onClick={() => setTheme('light')}>Light</Menu.Item>
            <Menu.Item onClick={() => setTheme('dark')}>Dark</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <div className={classes.columns}>
        <RecentCases />
        <section className={classes.panel} aria-label="Begin">
          <SegmentedControl
            fullWidth
            size="sm"
            value={way}
            onChange={setWay}
            aria-label="New case, existing case, or the sample"
            data={[
              { value: 'new', label: 'New case' },
              { value: 'open', label: 'Open a case' },
              { value: 'sample', label: 'Sample case' },
            ]}
          />
          {way === 'new' && <NewCaseForm info={info} />}
          {way === 'open' && <OpenCaseForm info={info} />}
          {way === 'sample' && <SampleForm info={info} />}
        </section>
      </div>
      <footer className={classes.foot}>
        {info && `Lading ${info.version} · ${info.user} on ${info.workstation} · ${info.platform} · ${info.runtime}`}
      </footer>
    </main>
  );
}
