import { Alert, Button, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { toErrorData } from '../errors';
import { VisibleText } from './VisibleText';

interface Props {
  /** Anything that was thrown; nothing is shown for null and undefined. */
  error: unknown;
  title?: string;
  onRetry?: () => void;
  children?: ReactNode;
}

/** An error in its place: what happened, to what, and what the examiner can do. Read out by screen readers when it appears. */
export function ErrorAlert({ error, title, onRetry, children }: Props) {
  if (error === null || error === undefined) return null;
  const data = toErrorData(error);
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} aria-hidden />} title={title}>
      <Text size="sm" component="div">
        <VisibleText text={data.message} />
      </Text>
      {data.advice && (
        <Text size="sm" component="div" mt={4}>
          <VisibleText text={data.advice} />
        </Text>
      )}
      {children}
      {onRetry && (
        <Button mt="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
