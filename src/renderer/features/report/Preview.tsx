import { Alert, Button, Skeleton, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { ReportOptions } from '../../../shared/contract/report';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import classes from './report.module.css';

// The PDF reader is large and only needed here.
const PdfView = lazy(() => import('./PdfView'));

/** The PDF as it would be written now, made when it is asked for: it is work, and leaves no trace in the case. */
export function Preview({ options }: { options: ReportOptions }) {
  const { path, head } = useCase();
  const [asked, setAsked] = useState({ options, seq: head.seq });
  const input = { case: path, options: asked.options };
  const { data, error, isFetching } = useQuery({
    queryKey: [...orpc.report.preview.queryKey({ input }), asked.seq],
    queryFn: ({ signal }) => client.report.preview(input, { signal }),
    // A whole PDF in memory for each change of the case would add up.
    gcTime: 0,
  });
  const old = asked.seq !== head.seq || JSON.stringify(asked.options) !== JSON.stringify(options);
  const update = (
    <Button
      ml="auto"
      variant={old ? 'filled' : 'default'}
      leftSection={<IconRefresh size={14} aria-hidden />}
      loading={isFetching}
      onClick={() => setAsked({ options, seq: head.seq })}
      disabled={!old && error === null}
    >
      Update the preview
    </Button>
  );
  if (error) {
    return (
      <div className={classes.preview}>
        <ErrorAlert error={error} title="The preview could not be made" />
        <div className={classes.bar}>{update}</div>
      </div>
    );
  }
  return (
    <div className={classes.preview}>
      {old && data && (
        <Alert color="yellow" p="xs" role="status">
          <Text size="sm">The case or your choices changed since this preview was made.</Text>
        </Alert>
      )}
      <div style={{ flex: 1, minHeight: 0 }}>
        {data ? (
          <Suspense fallback={<Skeleton height={400} />}>
            <PdfView base64={data.base64} extra={update} />
          </Suspense>
        ) : (
          <div role="status" aria-label="The report is being made">
            <Skeleton height={30} mb="sm" />
            <Skeleton height={500} />
          </div>
        )}
      </div>
    </div>
  );
}
