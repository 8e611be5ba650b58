import { Badge, Button, Skeleton, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { CaseHost, HostSpec } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { orpc } from '../../client';
import { ErrorAlert } from '../../components/ErrorAlert';
import { VisibleText } from '../../components/VisibleText';
import { type ConnectedHost, specKey } from '../../hosts';
import classes from './hosts.module.css';

interface Props {
  connected: ConnectedHost[];
  before: CaseHost[];
  /** specKey of the host that is shown. */
  shown: string | undefined;
  /** specKey of the host that is being connected to. */
  connecting: string | undefined;
  canConnect: boolean;
  onShow: (key: string) => void;
  onConnect: (spec: HostSpec) => void;
}

/** Hosts that are connected, hosts of this case, and places that this machine knows. */
export function HostList({ connected, before, shown, connecting, canConnect, onShow, onConnect }: Props) {
  const { data: suggestions, error } = useQuery(orpc.hosts.suggestions.queryOptions());
  const live = new Set(connected.map(({ spec }) => specKey(spec)));
  const earlier = before.filter(({ spec }) => !live.has(specKey(spec)));
  const seen = new Set([...connected, ...before].map(({ spec }) => spec.address));
  const fresh = suggestions?.filter(({ address }) => !seen.has(address));

  const button = (spec: HostSpec) => (
    <Button
      size="compact-xs"
      variant="default"
      disabled={!canConnect || connecting !== undefined}
      loading={connecting === specKey(spec)}
      onClick={() => onConnect(spec)}
      aria-label={`Connect to ${visible(spec.address)}`}
    >
      Connect
    </Button>
  );

  return (
    <nav className={classes.list} aria-label="Hosts">
      {connected.length > 0 && <Title order={2}>Connected</Title>}
      <ul>
        {connected.map(({ spec, facts }) => (
          <li key={specKey(spec)}>
            <button
              type="button"
              className={classes.host}
              aria-current={shown === specKey(spec) || undefined}
              onClick={() => onShow(specKey(spec))}
            >
              <span className={classes.dot} aria-hidden />
              <span className={classes.hostText}>
                <b>
                  <VisibleText text={facts.hostname} max={80} />
                </b>
                <small>
                  <VisibleText text={spec.address} mono max={120} />
                </small>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {earlier.length > 0 && <Title order={2}>Of this case, not connected</Title>}
      <ul>
        {earlier.map(({ spec, facts }) => (
          <li key={specKey(spec)} className={classes.row}>
            <button
              type="button"
              className={classes.host}
              aria-current={shown === specKey(spec) || undefined}
              onClick={() => onShow(specKey(spec))}
            >
              <span className={classes.hostText}>
                <b>
                  <VisibleText text={facts.hostname} max={80} />
                </b>
                <small>
                  <VisibleText text={spec.address} mono max={120} />
                </small>
              </span>
            </button>
            {button(spec)}
          </li>
        ))}
      </ul>
      <Title order={2}>Known to this machine</Title>
      <ErrorAlert error={error} />
      {!suggestions && !error && <Skeleton height={60} />}
      {fresh?.length === 0 && (
        <p className={classes.why}>
          Nothing more: no other engine here, in ~/.ssh/config or among the Docker contexts.
        </p>
      )}
      <ul>
        {fresh?.map((suggestion) => (
          <li key={`${suggestion.source} ${suggestion.address}`} className={classes.row}>
            <span className={classes.hostText}>
              <b>
                <VisibleText text={suggestion.address} max={120} />
              </b>
              <small>
                <VisibleText text={suggestion.detail} max={160} />
              </small>
            </span>
            <Badge color="gray">{suggestion.source}</Badge>
            {button({ address: suggestion.address, sudo: false })}
          </li>
        ))}
      </ul>
    </nav>
  );
}
