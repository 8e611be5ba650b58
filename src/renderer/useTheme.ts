import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { client, orpc } from './client';
import { showError } from './errors';

/** Sets light, dark or the system's choice, and keeps it in the settings. */
export function useTheme(): (scheme: MantineColorScheme) => void {
  const { setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  return useCallback(
    (scheme) => {
      setColorScheme(scheme);
      client.app.settings
        .set({ theme: scheme })
        .then((settings) => queries.setQueryData(orpc.app.settings.get.queryKey(), settings))
        .catch((error: unknown) => showError(error, 'The appearance could not be kept'));
    },
    [setColorScheme, queries],
  );
}
