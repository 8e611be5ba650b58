import './zod';
import '@fontsource/noto-sans/latin-400.css';
import '@fontsource/noto-sans/latin-600.css';
import '@fontsource/noto-sans-mono/latin-400.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import './global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { CaseProvider } from './case';
import { queryClient } from './client';
import { connect } from './connection';
import { App } from './frame/App';
import { TasksProvider } from './tasks';
import { cssVariables, theme } from './theme';

connect();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <CaseProvider>
          <TasksProvider>
            <Notifications position="top-right" limit={4} />
            <App />
          </TasksProvider>
        </CaseProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
