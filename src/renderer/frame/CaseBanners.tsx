import { Alert, List, Text } from '@mantine/core';
import { IconLock, IconRestore } from '@tabler/icons-react';
import { useState } from 'react';
import { useCase } from '../case';
import { VisibleText } from '../components/VisibleText';

/** What was special about opening this case: it can only be read, or a crash was set right. */
export function CaseBanners() {
  const { readOnly, recovered, path } = useCase();
  const [seen, setSeen] = useState<string>();
  return (
    <>
      {readOnly && (
        <Alert
          color="yellow"
          icon={<IconLock size={18} aria-hidden />}
          title="This case is open for reading only"
          mb="sm"
        >
          <VisibleText text={readOnly} />
        </Alert>
      )}
      {recovered.length > 0 && seen !== path && (
        <Alert
          color="yellow"
          icon={<IconRestore size={18} aria-hidden />}
          title="The last session ended in the middle of something; this was set right and is in the ledger"
          withCloseButton
          closeButtonLabel="Close this message"
          onClose={() => setSeen(path)}
          mb="sm"
        >
          <List size="sm">
            {recovered.map((line) => (
              <List.Item key={line}>
                <Text size="sm">
                  <VisibleText text={line} />
                </Text>
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}
