import { Badge } from '@mantine/core';
import { Fragment, useMemo } from 'react';
import { type Plan, type PlanItem, VOLATILITY } from '../../../shared/domain';
import { VisibleText } from '../../components/VisibleText';
import classes from './collect.module.css';
import { Footprint } from './Footprint';

/** One collector's part of a plan. */
interface Line {
  id: string;
  title: string;
  footprint: PlanItem['footprint'];
  replaces: string[];
  will: PlanItem[];
  wont: PlanItem[];
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

/** What will happen, in its order; what cannot, and why. */
export function PlanView({ plan }: { plan: Plan }) {
  const groups = useMemo(() => linesOf(plan), [plan]);
  const manyHosts = new Set(plan.items.map((item) => item.host)).size > 1;
  return (
    <table className={classes.plan}>
      <caption className="l-sr-only">The plan, in the order it runs</caption>
      <thead>
        <tr>
          <th scope="col" className={classes.what}>
            What
          </th>
          <th scope="col">Of</th>
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
            <th scope="rowgroup" colSpan={4}>
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
                  </th>
                  <td>
                    {line.will.length > 1 && <Badge color="gray">{line.will.length}</Badge>}{' '}
                    <Names items={line.will} manyHosts={manyHosts} />
                  </td>
                  <td className={classes.commands}>
                    {line.replaces.map((command) => (
                      <code key={command}>{command}</code>
                    ))}
                  </td>
                  <td>
                    <Footprint footprint={line.footprint} />
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
                  <td colSpan={2}>
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
  );
}
