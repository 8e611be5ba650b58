import { Kbd, Modal, Table } from '@mantine/core';
import { isMac } from '../platform';
import { keysOf, screens } from '../screens';

/** Every key the frame knows. */
export function ShortcutsHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const keys: [string[], string][] = [
    [isMac ? ['⌘', 'K'] : ['Ctrl', 'K'], 'Go to a screen, action, container, exhibit, finding or note'],
    ...screens.map((screen, index): [string[], string] => [keysOf(index), screen.title]),
    [['Alt', 'T'], 'Tasks'],
    [['Alt', '←'], 'Back'],
    [['Alt', '→'], 'Forward'],
    [['?'], 'This list'],
    [['Esc'], 'Closes a dialog, a drawer or a menu'],
  ];
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" size="md">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Keys</Table.Th>
            <Table.Th scope="col">What they do</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map(([combination, words]) => (
            <Table.Tr key={words}>
              <Table.Td>
                {combination.map((key, index) => (
                  <span key={key}>
                    {index > 0 && ' + '}
                    <Kbd size="xs">{key}</Kbd>
                  </span>
                ))}
              </Table.Td>
              <Table.Td>{words}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
