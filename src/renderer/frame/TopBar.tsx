import { ActionIcon, Button, Kbd, Menu, Text, useMantineColorScheme } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { IconCheck, IconDots, IconSearch } from '@tabler/icons-react';
import { visible } from '../../shared/visible';
import { useCase, useCaseState } from '../case';
import { VisibleText } from '../components/VisibleText';
import { isMac } from '../platform';
import { useTheme } from '../useTheme';
import classes from './frame.module.css';
import { IntegrityBadge } from './IntegrityBadge';
import { TaskChip } from './TaskChip';

/** Which case this is, whether it is intact, what is running, and the way to everything. */
export function TopBar({ onTasks, onHelp }: { onTasks: () => void; onHelp: () => void }) {
  const { data } = useCase();
  const { leave } = useCaseState();
  const { colorScheme } = useMantineColorScheme();
  const setTheme = useTheme();
  return (
    <header className={classes.top}>
      <div className={classes.caseName}>
        <span className={classes.brand}>Lading</span>
        <span className={classes.caseNumber}>
          <VisibleText text={data.number} mono />
        </span>
        <Text component="span" size="sm" className={classes.caseTitle} title={visible(data.title)}>
          <VisibleText text={data.title} />
        </Text>
      </div>
      <TaskChip onOpen={onTasks} />
      <IntegrityBadge />
      <Button
        variant="default"
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={<Kbd size="xs">{isMac ? '⌘K' : 'Ctrl K'}</Kbd>}
        onClick={spotlight.open}
        aria-keyshortcuts={isMac ? 'Meta+K' : 'Control+K'}
      >
        Go to
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More" size={30}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onTasks} rightSection={<Kbd size="xs">Alt T</Kbd>}>
            Tasks
          </Menu.Item>
          <Menu.Item onClick={onHelp} rightSection={<Kbd size="xs">?</Kbd>}>
            Keyboard shortcuts
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>Appearance</Menu.Label>
          {(['auto', 'light', 'dark'] as const).map((scheme) => (
            <Menu.Item
              key={scheme}
              onClick={() => setTheme(scheme)}
              leftSection={
                <IconCheck size={14} aria-hidden visibility={colorScheme === scheme ? 'visible' : 'hidden'} />
              }
              aria-current={colorScheme === scheme || undefined}
            >
              {scheme === 'auto' ? 'As the system' : scheme === 'light' ? 'Light' : 'Dark'}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => void leave()}>Close the case</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </header>
  );
}
