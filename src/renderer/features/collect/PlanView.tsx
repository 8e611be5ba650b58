import { Badge, Button, Text } from '@mantine/core';
import { Fragment, useMemo } from 'react';
import { type Need, type Plan, type PlanItem, VOLATILITY } from '../../../shared/domain';
import { planTotals, totalsText } from '../../../shared/totals';
import { formatBytes } from '../../components/Bytes';
import { VisibleText } from '../../components/VisibleText';
import classes from './collect.module.css';
import { Footprint } from './Footprint';

/** One collector's part of a plan. */
interface Line {
  id: string;
  title: string;
  footprint: PlanItem['footprint'];
  replaces: string[];
  needs: Need[];
  /** What the examiner said for it; the same for each target. */
  told?: string;
  will: PlanItem[];
  wont: PlanItem[];
}

/** What a collector is told, as it was understood; undefined where that is nothing. */
function toldText(input: unknown): string | undefined {
  if (typeof input !== 'object' || input === null || Object.keys(input).length === 0) return undefined;
  return JSON.stringify(input);
}

/** A plan by volatility, most volatile first, then by collector. */
export function linesOf(plan: Plan): { volatility: string; lines: Line[] }[] {
  return VOLATILITY.map((volatility) => {
    const lines = new Map<string, Line>();
    for (const item of plan.items) {
      if (item.volatility !== volatility) continue;
      const line = lines.get(item.collector) ?? {
        id: item.collector,
        title: item.title,
        footprint: item.footprint,
        replaces: item.replaces,
        needs: item.needs,
        told: toldText(item.input),
        will: [],
        wont: [],
      };
      (item.impossible === undefined ? line.will : line.wont).push(item);
      lines.set(item.collector, line);
    }
    return { volatility, lines: [...lines.values()] };
  }).filter(({ lines }) => lines.length > 0);
}

const NAMES_SHOWN = 6;

function Names({ items, manyHosts }: { items: PlanItem[]; manyHosts: boolean }) {
  const name = (item: PlanItem) => {
    const own =
      item.target.kind === 'host' ? item.target.name || item.host : item.target.name || item.target.id.slice(0, 12);
    return manyHosts && item.target.kind !== 'host' ? `${own} on ${item.host}` : own;
  };
  const first = items.slice(0, NAMES_SHOWN);
  const rest = items.slice(NAMES_SHOWN);
  const list = (some: PlanItem[]) =>
    some.map((item, index) => (
      <Fragment key={item.key}>
        {index > 0 && ', '}
        <VisibleText text={name(item)} max={80} />
      </Fragment>
    ));
  return (
    <>
      {list(first)}
      {rest.length > 0 && (
        <details className={classes.more}>
          <summary>and {rest.length} more</summary>
          {list(rest)}
        </details>
      )}
    </>
  );
}

const NEED_WORDS: Record<Need, string> = {
  engine: 'the engine',
  procfs: 'the host’s /proc',
  ssh: 'a way over SSH',
  root: 'root on the host',
  running: 'a running container',
  kcore: 'a kernel that shows its memory',
  criu: 'CRIU on the host',
};

/** What is known beforehand of bytes and time; nothing where nothing is. */
function About({ items }: { items: PlanItem[] }) {
  const { known, unknown, bytes, ms } = planTotals({ items });
  const parts = [
    ...(known > 0 ? [`${formatBytes(bytes)}${unknown > 0 ? ` and ${unknown} unknown` : ''}`] : []),
    ...(ms > 0 ? [`${Math.ceil(ms / 1000)} s`] : []),
  ];
  return parts.length > 0 ? <span>{parts.join(', ')}</span> : <span className={classes.dim}>not known</span>;
}

interface Props {
  plan: Plan;
  /** Leaves a collector out of the choice; the plan is then to be made again. */
  onLeaveOut: (collector: string) => void;
}

/** What will happen, in its order; what cannot, and why. */
export function PlanView({ plan, onLeaveOut }: Props) {
  const groups = useMemo(() => linesOf(plan), [plan]);
  const manyHosts = new Set(plan.items.map((item) => item.host)).size > 1;
  return (
    <>
      <Text size="sm" className={classes.totals}>
        What it will give: {totalsText(planTotals(plan), formatBytes)}. Deepest footprint: {plan.footprint}.
      </Text>
      <table className={classes.plan}>
        <caption className="l-sr-only">The plan, in the order it runs</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.what}>
              What
            </th>
            <th scope="col">Of</th>
            <th scope="col" className={classes.about}>
              About
            </th>
            <th scope="col" className={classes.commands}>
              Instead of typing
            </th>
            <th scope="col" className={classes.footprint}>
              On the target
            </th>
          </tr>
        </thead>
        {groups.map(({ volatility, lines }, index) => (
          <tbody key={volatility}>
            <tr className={classes.group}>
              <th scope="rowgroup" colSpan={5}>
                {index + 1}. {volatility}
              </th>
            </tr>
            {lines.map((line) => (
              <Fragment key={line.id}>
                {line.will.length > 0 && (
                  <tr>
                    <th scope="row">
                      {line.title}
                      <div className={classes.id}>{line.id}</div>
                      {line.told && (
                        <div className={classes.id}>
                          told <VisibleText text={line.told} max={300} />
                        </div>
                      )}
                    </th>
                    <td>
                      {line.will.length > 1 && <Badge color="gray">{line.will.length}</Badge>}{' '}
                      <Names items={line.will} manyHosts={manyHosts} />
                    </td>
                    <td className={classes.about}>
                      <About items={line.will} />
                    </td>
                    <td className={classes.commands}>
                      {line.replaces.map((command) => (
                        <code key={command}>{command}</code>
                      ))}
                    </td>
                    <td>
                      <Footprint footprint={line.footprint} />
                      {line.needs.length > 0 && (
                        <div className={classes.needs}>
                          Needs {line.needs.map((need) => NEED_WORDS[need]).join(', ')}.
                        </div>
                      )}
                      <Button
                        variant="subtle"
                        size="compact-sm"
                        aria-label={`Leave out ${line.title}`}
                        onClick={() => onLeaveOut(line.id)}
                      >
                        Leave out
                      </Button>
                    </td>
                  </tr>
                )}
                {line.wont.length > 0 && (
                  <tr className={classes.wont}>
                    <th scope="row">
                      {line.title}
                      <div className={classes.id}>not possible</div>
                    </th>
                    <td>
                      {line.wont.length > 1 && <Badge color="gray">{line.wont.length}</Badge>}{' '}
                      <Names items={line.wont} manyHosts={manyHosts} />
                    </td>
                    <td colSpan={3}>
                      {[...new Set(line.wont.map((item) => item.impossible ?? ''))].map((why) => (
                        <div key={why}>
                          <VisibleText text={why} max={400} />
                        </div>
                      ))}
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        ))}
      </table>
    </>
  );
}
