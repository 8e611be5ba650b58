import { Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ORPCError } from '@orpc/client';
import { ErrorData, LadingError } from '../shared/errors';
import { visible } from '../shared/visible';

/** What to show of anything that was thrown (or of a task's error): its own words, or an honest sentence about the rest. */
export function toErrorData(error: unknown): ErrorData {
  if (error instanceof LadingError) return error.toData();
  if (error instanceof ORPCError) {
    const ours = ErrorData.safeParse(error.data);
    if (ours.success) return ours.data;
    if (error.code === 'BAD_REQUEST') {
      return { code: 'BAD_INPUT', message: `Lading refused what was entered: ${issues(error.data) ?? error.message}.` };
    }
    return {
      code: 'INTERNAL',
      message: `Lading failed inside: ${error.message}`,
      advice: 'Nothing in the case was changed by this window. Please report it with what you did before.',
    };
  }
  const told = ErrorData.safeParse(error);
  if (told.success) return told.data;
  const text = error instanceof Error ? error.message : String(error);
  if (/not open|closed|aborted/i.test(text)) {
    return {
      code: 'CONNECTION_LOST',
      message: 'The connection between the window and Lading broke before the answer came.',
      advice: 'Look at the ledger for what was done, then try again.',
    };
  }
  return { code: 'INTERNAL', message: text };
}

/** The first complaints of a refused input, as zod tells them. */
function issues(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues)) return undefined;
  const words = data.issues.slice(0, 3).map((issue: unknown) => {
    if (typeof issue !== 'object' || issue === null) return '';
    const path = 'path' in issue && Array.isArray(issue.path) ? issue.path.join('.') : '';
    const message = 'message' in issue && typeof issue.message === 'string' ? issue.message : '';
    return path ? `${path}: ${message}` : message;
  });
  return words.filter(Boolean).join('; ') || undefined;
}

/** Says an error where no form or list is there to show it. Stays until it is closed. */
export function showError(error: unknown, title = 'It could not be done'): void {
  const data = toErrorData(error);
  notifications.show({
    title,
    color: 'red',
    autoClose: false,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close this message' },
    message: (
      <Stack gap={2}>
        <Text size="sm">{visible(data.message)}</Text>
        {data.advice && (
          <Text size="sm" c="dimmed">
            {visible(data.advice)}
          </Text>
        )}
      </Stack>
    ),
  });
}

/** Says that something was done, for a few seconds. */
export function showDone(message: string, title?: string): void {
  notifications.show({
    title,
    message,
    color: 'teal',
    autoClose: 5000,
    closeButtonProps: { 'aria-label': 'Close this message' },
  });
}
